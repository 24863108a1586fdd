"""The century that the six characters of an MRZ date leave out.

A Vietnamese personal number names the century of birth by its fourth digit (0 and 1: 19xx, 2 and 3: 20xx …). Elsewhere
a birth lies at most about a hundred years back, and an expiry within fifty years of today.
"""

from __future__ import annotations

import re
from datetime import date

from reader.errors import DataError
from reader.lds.identity import CalendarDate

__all__ = ["century_of_personal_number", "is_no_expiry", "resolve_birth", "resolve_expiry"]

EXPIRY_WINDOW_YEARS = 50
# What cards of holders over sixty bear in the field; it is nobody's day of expiry.
_NO_EXPIRY = ("991231", "<<<<<<")


def is_no_expiry(text: str) -> bool:
    """Tell whether six MRZ characters mean "Không thời hạn"."""
    return text in _NO_EXPIRY


def century_of_personal_number(number: str) -> int | None:
    """Return the first year of the century of birth, 1900 to 2300; None where ``number`` is not twelve digits."""
    if not re.fullmatch(r"[0-9]{12}", number):
        return None
    return 1900 + 100 * (int(number[3]) // 2)


def resolve_birth(text: str, today: date, personal_number: str = "") -> CalendarDate | None:
    """Return the date of birth that ``text`` (YYMMDD, unknown parts ``<<`` or 00) means on the day ``today``.

    The personal number decides the century where its two year digits are those of the date: foreigners' numbers do not
    follow the rule, and corrected births keep the old digits.
    """
    century = century_of_personal_number(personal_number)
    if century is not None and personal_number[4:6] == text[:2]:
        return _date(text, century)
    candidates = [found for start in (2000, 1900) if (found := _date(text, start)) is not None]
    return next((found for found in candidates if _earliest(found) <= today), None)


def resolve_expiry(text: str, today: date) -> CalendarDate | None:
    """Return the date of expiry that ``text`` means; None for no expiry and for what no calendar has."""
    if is_no_expiry(text):
        return None
    centuries = (today.year // 100 * 100 + shift for shift in (0, 100, -100))
    candidates = [found for start in centuries if (found := _date(text, start)) is not None]
    near = [found for found in candidates if abs(found.year - today.year) <= EXPIRY_WINDOW_YEARS]
    return min(near, key=lambda found: abs(found.year - today.year), default=None)


def _earliest(found: CalendarDate) -> date:
    return date(found.year, found.month or 1, found.day or 1)


def _date(text: str, century: int) -> CalendarDate | None:
    year, month, day = (0 if part == "<<" else int(part) for part in (text[0:2], text[2:4], text[4:6]))
    if text[0:2] == "<<":
        return None
    try:
        return CalendarDate(century + year, month, day if month else 0)
    except DataError:
        return None
