"""The machine readable zone of the Vietnamese card: TD1, three lines of thirty (ICAO 9303-5 §4.2.2, 9303-3 §4.9).

The document number field holds the last nine digits of the personal number; the whole number follows in the optional
field, with a check digit of its own in position 30.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from mock_cards.personas import CardData

__all__ = ["NO_EXPIRY", "Mrz", "check_digit", "make_mrz", "mrz_name", "mrz_of"]

NO_EXPIRY = "991231"
"""What a card without expiry carries where a date must stand."""

_LINE = 30
_WEIGHTS = (7, 3, 1)
# Letters that decompose into no base letter and an accent (ICAO 9303-3 §6, table A).
_TRANSLITERATION = str.maketrans({"Đ": "D", "đ": "d", "'": "", "’": ""})


@dataclass(frozen=True, slots=True, repr=False)
class Mrz:
    """Hold the three lines, and the key fields by themselves."""

    lines: tuple[str, str, str]
    document_number: str
    date_of_birth: str
    date_of_expiry: str

    @property
    def information(self) -> bytes:
        """Return number, birth and expiry, each with its check digit (ICAO 9303-11 §4.3.2)."""
        number = self.document_number.ljust(9, "<")
        fields = (number, self.date_of_birth, self.date_of_expiry)
        return "".join(field + check_digit(field) for field in fields).encode("ascii")

    @property
    def text(self) -> str:
        """Return the lines as a scanner gives them, joined by newlines."""
        return "\n".join(self.lines)


def check_digit(field: str) -> str:
    """Return the check digit of ``field``: weights 7-3-1, modulo 10 (ICAO 9303-3 §4.9)."""
    total = sum(_value(character) * _WEIGHTS[position % 3] for position, character in enumerate(field))
    return str(total % 10)


def _value(character: str) -> int:
    return 0 if character == "<" else int(character, 36)


def mrz_name(full_name: str) -> str:
    """Write a Vietnamese name as the MRZ does: first word as primary identifier, then the others, no diacritics."""
    folded = unicodedata.normalize("NFD", full_name.translate(_TRANSLITERATION))
    letters = "".join(c for c in folded if not unicodedata.combining(c)).upper()
    words = ["".join(c for c in word if "A" <= c <= "Z") for word in letters.replace("-", " ").split()]
    primary, *others = [word for word in words if word]
    return f"{primary}<<{'<'.join(others)}"[:_LINE].ljust(_LINE, "<")


def make_mrz(
    personal_number: str, full_name: str, birth: date, sex: str, expiry: date | None, nationality: str = "VNM"
) -> Mrz:
    """Make the MRZ of one card; ``sex`` is M or F, ``expiry`` None for a card without expiry."""
    number = personal_number[-9:]
    upper = f"IDVNM{number}{check_digit(number)}{personal_number}<<{check_digit(personal_number)}"
    born = birth.strftime("%y%m%d")
    ends = expiry.strftime("%y%m%d") if expiry else NO_EXPIRY
    middle = f"{born}{check_digit(born)}{sex}{ends}{check_digit(ends)}{nationality:<<3}".ljust(_LINE - 1, "<")
    composite = check_digit(upper[5:] + middle[:7] + middle[8:15] + middle[18:29])
    return Mrz((upper, middle + composite, mrz_name(full_name)), number, born, ends)


def mrz_of(card: CardData) -> Mrz:
    """Make the MRZ that is printed on ``card`` and stands in its DG1."""
    expiry = date.fromisoformat(card.expiry) if card.expiry else None
    birth = date.fromisoformat(card.date_of_birth)
    return make_mrz(card.personal_number, card.full_name, birth, card.sex, expiry, card.nationality_code)
