"""docs/report.md and the program say the same: keys, vocabulary, bases, stations."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from desk.inspection_report import RESULTS
from desk.report import visit_report
from desk.slip import SlipReason
from desk.verifying import Station
from desk.visit_data import VisitData
from desk.words import evidence_words
from reader.inspection import Basis


@pytest.fixture
def page(project_root: Path) -> str:
    return (project_root / "docs" / "report.md").read_text(encoding="utf-8")


def test_every_key_of_a_report_is_explained(page: str) -> None:
    table = page.split("| key | |", 1)[1].split("\n\n", 1)[0]
    told = {
        key
        for line in table.splitlines()
        for key in re.findall(r"`([a-z_]+)`", line.split("|")[1] if "|" in line else "")
    }
    assert told | {"schema"} == set(visit_report(VisitData()))


def test_the_words_of_tr_03135_are_those_of_the_report(page: str) -> None:
    told = dict(re.findall(r"^\| `([a-z_]+)` \| `([A-Z_]+)` \|$", page, re.MULTILINE))
    assert told == {status.value: result for status, result in RESULTS.items()}


def test_every_basis_and_every_station_is_explained_and_has_words(page: str) -> None:
    for word in (*Basis, *Station):
        assert re.search(rf"^\| `{word}` \|", page, re.MULTILINE), word
    assert set(evidence_words.BASES) == set(Basis)
    assert {str(station) for station in Station} | {"report-differs"} == set(evidence_words.STATIONS)


def test_the_schema_says_where_it_is_explained(project_root: Path) -> None:
    schema = json.loads((project_root / "docs" / "schema" / "inspection.schema.json").read_text(encoding="utf-8"))
    assert "docs/report.md" in schema["description"]


def test_every_reason_of_a_slips_verification_is_explained(page: str) -> None:
    for reason in SlipReason:
        assert re.search(rf"^\| `{reason}` \| (stop|attention) \|", page, re.MULTILINE), reason


def test_every_key_of_a_slip_is_explained_and_in_its_schema(page: str, project_root: Path) -> None:
    schema = json.loads((project_root / "docs" / "schema" / "slip.schema.json").read_text(encoding="utf-8"))
    assert "docs/report.md" in schema["description"]
    told = set(re.findall(r"`([a-z_]+)`", page.split("## The slip", 1)[1].split("\n\n| reason", 1)[0]))
    assert set(schema["properties"]) - {"format", "version"} <= told
