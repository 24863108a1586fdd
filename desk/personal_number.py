"""The personal number: PPP G YY NNNNNN, and how a register's number stands to the one on the chip.

PPP is the province (or country) of birth registration, G the century and sex of birth, YY the year. There is no check
digit. The rule does not hold for numbers given to foreigners, nor always after a number was set anew (Decree 70/2024
art. 11.7), so a number that does not fit is worth a remark and never an accusation.
"""

from __future__ import annotations

from dataclasses import dataclass

from desk.view import Match
from reader.lds.identity import CalendarDate, Sex

__all__ = ["PersonalNumber", "compare_numbers", "digits_of", "parse_personal_number"]

DIGITS = 12
_FIRST_CENTURY = 1900


@dataclass(frozen=True, slots=True, repr=False)
class PersonalNumber:
    """Hold what a personal number says: where birth was registered, year of birth, sex."""

    province: str
    year_of_birth: int
    sex: Sex

    def fits(self, date_of_birth: CalendarDate, sex: Sex) -> bool:
        """Tell whether the number follows from this birth; an unspecified sex fits every number."""
        return self.year_of_birth == date_of_birth.year and sex in (self.sex, Sex.UNSPECIFIED)

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return "PersonalNumber(…)"


def parse_personal_number(text: str) -> PersonalNumber | None:
    """Return what ``text`` says by the rule PPP G YY; None for anything but twelve digits."""
    digits = digits_of(text)
    if len(digits) != DIGITS or not digits.isdigit():
        return None
    generation = int(digits[3])
    year = _FIRST_CENTURY + 100 * (generation // 2) + int(digits[4:6])
    return PersonalNumber(digits[:3], year, Sex.FEMALE if generation % 2 else Sex.MALE)


def digits_of(text: str) -> str:
    """Return ``text`` without the blanks and stops that group digits."""
    return "".join(character for character in text if character not in " .\u00a0-")


def compare_numbers(chip: str, chip_old: str, register: str) -> tuple[Match, str]:
    """Compare a register's number with the chip's number and old number; ``register`` must be non-empty.

    A register that knows the citizen by the old number only is the same written otherwise, and the reason says so.
    """
    theirs = digits_of(register)
    if theirs == digits_of(chip):
        return Match.SAME, ""
    if chip_old and theirs == digits_of(chip_old):
        return Match.SAME_WRITTEN_OTHERWISE, "old-number"
    return Match.DIFFERENT, "other-number"
