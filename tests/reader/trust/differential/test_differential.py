"""Five hundred certificates, security objects and lists before three judges; a table explains every disagreement."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from .cases import Case, Planned, Question, planned
from .judges import certvalidator, openssl, ours

Key = tuple[str, str, str]

TABLE = tomllib.loads((Path(__file__).parent / "disagreements.toml").read_text(encoding="utf-8"))["row"]
ROWS: dict[Key, str] = {(row["judge"], row["mark"], row["we"]): row["because"] for row in TABLE}
WORDS = {True: "accept", False: "refuse"}


def judged(cases: Iterable[Planned], folder: Path) -> tuple[list[str], Counter[Key]]:
    """Return the disagreements that no row explains, and how often each row explained one."""
    unexplained: list[str] = []
    used: Counter[Key] = Counter()
    for plan in cases:
        case = plan.make()
        we = ours(case)
        for judge, ask in others(case, folder).items():
            they, said = ask()
            if they is we:
                continue
            rows = [(judge, mark, WORDS[we]) for mark in case.marks if (judge, mark, WORDS[we]) in ROWS]
            used.update(rows)
            if not rows:
                unexplained.append(f"{plan.number} {case.marks}: we {WORDS[we]}, {judge} does not: {said[-200:]}")
    return unexplained, used


def others(case: Case, folder: Path) -> dict[str, Callable[[], tuple[bool, str]]]:
    """Return who else is asked: certvalidator knows nothing of signed data."""
    asked: dict[str, Callable[[], tuple[bool, str]]] = {"openssl": lambda: openssl(case, folder)}
    if case.question is not Question.SIGNED_DATA:
        asked["certvalidator"] = lambda: certvalidator(case)
    return asked


def test_there_are_five_hundred_and_every_row_says_why() -> None:
    assert len(planned()) == 500
    assert len(ROWS) == len(TABLE)
    assert all(row["because"] for row in TABLE)


@pytest.mark.logs  # certvalidator warns of PSS parameters that a case spoilt on purpose
def test_a_share_of_them_is_judged_alike_or_the_difference_explained(tmp_path: Path) -> None:
    unexplained, _ = judged(planned()[::5], tmp_path)
    assert unexplained == []


@pytest.mark.soak
@pytest.mark.logs  # certvalidator warns of PSS parameters that a case spoilt on purpose
def test_all_of_them_are_judged_alike_or_the_difference_explained(tmp_path: Path) -> None:
    unexplained, used = judged(planned(), tmp_path)
    assert unexplained == []
    assert [row for row in ROWS if row not in used] == [], "rows without a disagreement"


def test_a_disagreement_without_a_row_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test itself can fail: without its table it names every difference."""
    monkeypatch.setattr(f"{__name__}.ROWS", {})
    unexplained, used = judged(planned()[:2], tmp_path)
    assert len(unexplained) == 1
    assert "csca-expired" in unexplained[0]
    assert not used
