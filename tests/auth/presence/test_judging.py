"""A last day counts to its end, told in full or not; whom a proof speaks of is not shown."""

from __future__ import annotations

from datetime import date

import pytest

from auth.presence import Subject
from auth.presence.judging import _is_over


@pytest.mark.parametrize(
    ("last", "today", "over"),
    [
        ((2026, 3, 14), date(2026, 3, 14), False),
        ((2026, 3, 14), date(2026, 3, 15), True),
        ((2026, 3, 14), date(2026, 3, 13), False),
        ((2026, 3, None), date(2026, 3, 31), False),
        ((2026, 3, None), date(2026, 4, 1), True),
        ((2026, None, None), date(2026, 12, 31), False),
        ((2026, None, None), date(2027, 1, 1), True),
        ((2025, 12, 31), date(2026, 1, 1), True),
        ((2027, 1, 1), date(2026, 12, 31), False),
    ],
)
def test_a_card_is_over_the_day_after_its_last(
    last: tuple[int, int | None, int | None], today: date, over: bool
) -> None:
    assert _is_over(*last, today) is over


def test_a_subject_does_not_show_who_it_is() -> None:
    shown = repr(Subject(b"\x61\x5bI<VNM", "099090000001"))
    assert "Subject" in shown
    assert "099090000001" not in shown
    assert "VNM" not in shown
