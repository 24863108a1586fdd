"""Each of the 111 verdicts that a reader must give is named by a test that shows it."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

ROWS = {"AC": 22, "SM": 10, "LF": 9, "LC": 15, "PA": 29, "CH": 20, "WH": 3}
BESIDE = ("SM-07b", "PA-11b", "CH-05b")


def test_every_required_verdict_is_named_where_it_is_tested() -> None:
    here = Path(__file__)
    texts = "\n".join(
        file.read_text(encoding="utf-8")
        for file in TESTS.rglob("test_*.py")
        # The catalogue of emulated cards lists the conditions; it does not judge them.
        if file not in (here, TESTS / "mock_cards" / "test_conditions.py")
    )
    named = set(re.findall(r"\b(?:AC|SM|LF|LC|PA|CH|WH)-\d\db?", texts))
    required = {f"{kind}-{number:02}" for kind, last in ROWS.items() for number in range(1, last + 1)} | set(BESIDE)
    assert len(required) == 111
    assert sorted(required - named) == []
    assert sorted(named - required) == []
