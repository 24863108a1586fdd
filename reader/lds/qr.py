"""The QR code of the Vietnamese ID card: fields between ``|``, unsigned, good for prefilling only.

The card of 2021 has seven: number, old nine-digit number (often empty), name, birth, sex, residence, issue. The card of
2024 keeps these seven places and adds more whose order is not published; a twelve-digit one among them is a cancelled
personal number. Dates are ddMMyyyy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reader.errors import DataError
from reader.lds.identity import CalendarDate, Sex
from reader.lds.safe_text import make_safe

__all__ = ["CardQr", "parse_card_qr"]

MAX_CHARACTERS = 1024
MIN_FIELDS = 7
MAX_FIELDS = 24

_TWELVE_DIGITS = re.compile(r"[0-9]{12}")
_OLD_NUMBER = re.compile(r"[0-9]{9}|[0-9]{12}")
_DATE = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_SEXES = {"nam": Sex.MALE, "nữ": Sex.FEMALE}


@dataclass(frozen=True, slots=True, repr=False)
class CardQr:
    """Hold what a QR code says; ``extras`` are the fields after the seventh, as they stand but safe to show.

    ``damaged`` says that some field came through unreadable, as happens when a scanner types Vietnamese text like a
    keyboard; the digits are then still right, the letters may not be.
    """

    personal_number: str
    old_number: str
    full_name: str
    date_of_birth: CalendarDate | None
    sex: Sex | None
    residence: str
    issue_date: CalendarDate | None
    cancelled_number: str = ""
    extras: tuple[str, ...] = ()
    damaged: bool = False

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return "CardQr(…)"


def parse_card_qr(text: str) -> CardQr:
    """Parse the text of a card's QR code; raise DataError where it is not one, or is larger than one can be."""
    if len(text) > MAX_CHARACTERS:
        raise DataError(f"QR code of more than {MAX_CHARACTERS} characters")
    parts = text.strip().split("|")
    if not MIN_FIELDS <= len(parts) <= MAX_FIELDS:
        raise DataError(f"QR code of {len(parts)} fields where an ID card has seven or more")
    safe = [make_safe(part) for part in parts]
    fields = [part.text for part in safe]
    if not _TWELVE_DIGITS.fullmatch(fields[0]):
        raise DataError("QR code that does not begin with a personal number")
    born, issued = _date(fields[3]), _date(fields[6])
    sex = _SEXES.get(fields[4].casefold())
    extras = tuple(fields[7:])
    return CardQr(
        personal_number=fields[0],
        old_number=fields[1],
        full_name=fields[2],
        date_of_birth=born,
        sex=sex,
        residence=fields[5],
        issue_date=issued,
        cancelled_number=next((item for item in extras if _is_cancelled(item, fields[0])), ""),
        extras=extras,
        damaged=(
            born is None
            or sex is None
            or (issued is None and bool(fields[6]))
            or bool(fields[1] and not _OLD_NUMBER.fullmatch(fields[1]))
            or any("?" in part for part in (fields[2], fields[5]))
            or any(part.misleading for part in safe)
        ),
    )


def _is_cancelled(text: str, personal_number: str) -> bool:
    return bool(_TWELVE_DIGITS.fullmatch(text)) and text != personal_number


def _date(text: str) -> CalendarDate | None:
    """Return a ddMMyyyy date, of which day and month may be 00; None for an empty field and for what is no date."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    day, month, year = (int(part) for part in found.groups())
    try:
        return CalendarDate(year, month, day)
    except DataError:
        return None
