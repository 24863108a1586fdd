"""A slip from the first card to the last check: made by a command, signed by an enrolled device, judged by another."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RunMotcua = Callable[..., Any]
WholeDemo = Any  # lives in conftest.py, which cannot be imported from here


@pytest.fixture
def slip(whole_demo: WholeDemo, tmp_path: Path) -> Path:
    """Return a copy of the demo's slip, and of the record beside it."""
    assert whole_demo.ran.code == 0, whole_demo.ran.err
    for file in (whole_demo.slip, whole_demo.slip.with_suffix(".json")):
        shutil.copy(file, tmp_path)
    return tmp_path / whole_demo.slip.name


def test_the_demo_s_slip_is_signed_and_is_a_test_to_everybody(slip: Path, run_motcua: RunMotcua, poppler: Any) -> None:
    said = json.loads(slip.with_suffix(".json").read_bytes())
    assert (said["test"], said["matter"]["dossier"], said["subject"]["full_name"]) == (True, "HS-7", "Nguyễn Văn Mẫu")
    assert {one["register"]: one["verified"] for one in said["registers"]} == dict.fromkeys(
        ("population", "land", "housing"), True
    )
    judged = run_motcua("verify", str(slip), "--json", "--lang", "en")
    assert judged.code == 10, "a test never verifies as anything more"
    report = json.loads(judged.out)
    assert report["test"]
    assert report["signature"]["intact"]
    assert report["signature"]["whole"]
    assert "TEST" in judged.err
    assert all("TEST – NOT VALID" in " ".join(page.split()) for page in poppler.pages(slip.read_bytes()))
    assert "Nguyễn Văn Mẫu" not in judged.out + judged.err


def test_one_byte_of_the_page_or_its_twin_changed_is_refused(slip: Path, motcua_here: RunMotcua) -> None:
    record = slip.with_suffix(".json")
    genuine = record.read_bytes()
    record.write_bytes(genuine.replace(b'"test":true', b'"test":false'))
    assert motcua_here("verify", str(slip)).code == 20
    record.write_bytes(genuine)
    page = slip.read_bytes()
    place = page.index(b"stream", 2000) + 40
    slip.write_bytes(page[:place] + bytes([page[place] ^ 1]) + page[place + 1 :])
    assert motcua_here("verify", str(slip)).code == 20


def test_what_is_no_slip_and_what_is_no_authority_are_told(slip: Path, motcua_here: RunMotcua, tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.7\nhello\n")
    ended = motcua_here("verify", str(tmp_path / "letter.pdf"), "--lang", "en")
    assert ended.code == 4
    assert "no slip" in ended.err
    assert motcua_here("verify", str(slip), "--slip-authority", str(tmp_path / "letter.pdf")).code == 2
    assert motcua_here("verify", str(slip), "--slip-authority", str(tmp_path / "nothing.pem")).code == 2
