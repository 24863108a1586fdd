"""Dates that may be partial, and values that never show themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.lds import CalendarDate, Identity, Portrait, Sex


@pytest.mark.parametrize(
    ("day", "iso", "vietnamese"),
    [
        (CalendarDate(1990, 1, 15), "1990-01-15", "15/01/1990"),
        (CalendarDate(1950, 3), "1950-03", "03/1950"),
        (CalendarDate(1945), "1945", "1945"),
    ],
)
def test_a_date_is_written_both_ways_and_comes_back(day: CalendarDate, iso: str, vietnamese: str) -> None:
    assert (day.isoformat(), day.vietnamese()) == (iso, vietnamese)
    assert CalendarDate.from_iso(iso) == CalendarDate.from_vietnamese(vietnamese) == day
    assert day.is_complete == (iso.count("-") == 2)


@pytest.mark.parametrize(
    ("year", "month", "day"), [(0, 1, 1), (10_000, 1, 1), (1990, 13, 1), (1990, 2, 30), (1990, 0, 1)]
)
def test_what_no_calendar_has_is_refused(year: int, month: int, day: int) -> None:
    with pytest.raises(DataError):
        CalendarDate(year, month, day)


@pytest.mark.parametrize(
    "text", ["", "90-01-15", "1990-1-15", "1990-01-15-", "1990/01/15", "１９９０-01-15", "1990-01-15T"]
)
def test_other_ways_of_writing_a_date_are_refused(text: str) -> None:
    with pytest.raises(DataError):
        CalendarDate.from_iso(text)


@given(st.dates())
def test_every_day_comes_back(day: object) -> None:
    assert CalendarDate.from_iso(str(day)).isoformat() == str(day)


def test_values_of_a_person_never_show_themselves() -> None:
    identity = Identity("099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990), Sex.MALE, "Việt Nam")
    assert repr(identity) == "Identity(…)"
    assert repr(Portrait(b"pixels", 3, 4, "jpeg")) == "Portrait(3x4, jpeg)"
