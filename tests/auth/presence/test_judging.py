"""A last day counts to its end, told in full or not; whom a proof speaks of is not shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from auth.presence import PresenceRefused, Reason, Subject
from auth.presence.document import judge_document
from auth.presence.judging import _is_over, judge_person
from reader.lds import parse_dg1


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
    assert repr(Subject(b"\x61\x5bI<VNM", "099090000001")) == "Subject()"


@pytest.mark.parametrize(
    ("day", "over"), [(date(2030, 1, 14), False), (date(2030, 1, 15), False), (date(2030, 1, 16), True)]
)
def test_a_person_is_judged_by_the_last_day_that_the_card_itself_names(
    desk_with: Callable[..., Any], register: Any, day: date, over: bool
) -> None:
    desk = desk_with("vietnam-2021")
    document = judge_document(desk.files, register.trust, register.now, ("VN",))
    subject = Subject(desk.dg1, desk.built.personal_number)
    asked: list[str] = []

    def is_valid(number: str, person: str) -> bool:
        assert person == desk.built.personal_number
        asked.append(number)
        return True

    given = (document.security, subject, datetime.combine(day, time(12), UTC), is_valid, {"VN": "VNM"})
    if over:
        with pytest.raises(PresenceRefused) as refused:
            judge_person(*given)
        assert (refused.value.reason, asked) == (Reason.DOCUMENT_EXPIRED, [])
    else:
        judge_person(*given)
        assert asked == [parse_dg1(desk.dg1).document_number]
