"""docs/checks.md and the program say the same: every check, reason, note and status, and nothing besides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desk.words import reason_words
from desk.words.check_words import CHECK_NAMES
from reader.inspection import NOTES, REASONS, CheckId, CheckStatus
from reader.inspection.policy import POLICY_REASONS

# What the policies make of the checks is held to them by test_policy_document.py.
OUTCOMES = "What a policy makes of them"
ROW = re.compile(r"^\| `([a-z_]+)` \| `([a-z0-9-]+)` \| (.+) \|$", re.MULTILINE)
NOTE = re.compile(r"^\| `([a-z0-9-]+)` \| ([a-z ]+) \| (.+) \|$", re.MULTILINE)


@pytest.fixture
def sections(project_root: Path) -> dict[str, str]:
    """Return the page's sections by heading."""
    page = (project_root / "docs" / "checks.md").read_text(encoding="utf-8")
    parts = re.split(r"^## ", page, flags=re.MULTILINE)
    return {"": parts[0]} | {part.split("\n", 1)[0].strip("`"): part for part in parts[1:]}


def test_every_check_has_a_section_in_the_order_of_a_report(sections: dict[str, str]) -> None:
    assert list(sections) == ["", "Reading a report", *(str(check) for check in CheckId), "Notes", OUTCOMES]


@pytest.mark.parametrize("check", list(CheckId))
def test_a_section_tells_the_name_what_is_proven_what_is_not_and_what_to_do(
    sections: dict[str, str], check: CheckId
) -> None:
    section = sections[check]
    assert f"*{CHECK_NAMES[check].vi}* · {CHECK_NAMES[check].en}\n" in section
    for heading in ("Proves", "Does not prove", "The clerk"):
        assert re.search(rf"^\*\*{heading}\.\*\* \S.+\.$", section, re.MULTILINE), heading


@pytest.mark.parametrize("check", list(CheckId))
def test_a_section_lists_exactly_the_reasons_there_are(sections: dict[str, str], check: CheckId) -> None:
    told = [(status, reason) for status, reason, _ in ROW.findall(sections[check])]
    there = [(str(status), str(reason)) for status, reasons in REASONS[check].items() for reason in reasons]
    assert sorted(told) == sorted(there)


def test_the_notes_and_their_severities_are_those_there_are(sections: dict[str, str]) -> None:
    told = {code: frozenset(severity.split(" or ")) for code, severity, _ in NOTE.findall(sections["Notes"])}
    assert told == {code: frozenset(str(severity) for severity in severities) for code, severities in NOTES.items()}


def test_the_beginning_explains_every_status_and_what_only_the_policy_says(sections: dict[str, str]) -> None:
    for word in (*CheckStatus, *POLICY_REASONS):
        assert f"`{word}`" in sections[""]


@pytest.mark.parametrize("check", list(CheckId))
def test_every_reason_on_the_page_has_words_for_the_clerk(sections: dict[str, str], check: CheckId) -> None:
    told = {reason for _, reason, _ in ROW.findall(sections[check])}
    assert told
    assert [one for one in told if one not in reason_words.REASONS and (check, one) not in reason_words.OF_CHECK] == []


def test_every_note_has_words_and_every_word_a_note(sections: dict[str, str]) -> None:
    assert {code for code, _, _ in NOTE.findall(sections["Notes"])} == set(reason_words.NOTES)


def test_what_is_to_be_said_of_a_card_names_checks_there_are(sections: dict[str, str]) -> None:
    table = [line for line in sections["Reading a report"].splitlines() if line.startswith("| ")]
    named = {word for line in table for word in re.findall(r"`([a-z.-]+)`", line)}
    assert {CheckId.SOD_SIGNATURE, CheckId.CHAIN, CheckId.HASHES} <= named <= set(CheckId)
    assert "no-trust-anchor" in sections["Reading a report"]
