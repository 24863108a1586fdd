"""Dates as civil records have them: a register that holds only a year does not contradict a full date."""

from __future__ import annotations

from desk.view import Match
from reader.lds.identity import CalendarDate

__all__ = ["compare_dates"]


def compare_dates(chip: CalendarDate, register: CalendarDate) -> tuple[Match, str]:
    """Return how a register's date stands to the chip's, and the reason where they are not plainly the same.

    A date of which the parts known on both sides agree is the same written otherwise, whichever side knows less.
    """
    if chip == register:
        return Match.SAME, ""
    if chip.year != register.year:
        return Match.DIFFERENT, "other-date"
    months_differ = chip.month and register.month and chip.month != register.month
    days_differ = chip.day and register.day and chip.day != register.day
    if months_differ or days_differ:
        return Match.DIFFERENT, "other-date"
    return Match.SAME_WRITTEN_OTHERWISE, "partial-date"
