"""The machine readable zone: TD1, TD2 and TD3, and the Vietnamese TD1 (ICAO 9303-3 §4, -4 §4.2, -5 §4.2, -6 §4.2).

Check digits are verified one by one and reported, not raised: a wrong one is a finding of the inspection, and what the
zone says must still be seen beside it.

The Vietnamese ID card holds the last nine digits of the personal number as document number and all twelve in the
optional field, with a check digit of their own at position 30 of the upper line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from reader.errors import DataError
from reader.lds.identity import CalendarDate, Sex
from reader.lds.mrz_dates import is_no_expiry, resolve_birth, resolve_expiry

__all__ = ["CheckDigit", "Mrz", "MrzField", "MrzFormat", "MrzKeyFields", "check_digit", "mrz_key", "parse_mrz"]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WEIGHTS = (7, 3, 1)
_DATE = re.compile(r"(?:[0-9]{2}|<<){3}")
_VIETNAMESE_OPTIONAL = re.compile(r"([0-9]{12})<<([0-9])")


class MrzFormat(StrEnum):
    """Name the sizes of the zone."""

    TD1 = "TD1"
    TD2 = "TD2"
    TD3 = "TD3"


class MrzField(StrEnum):
    """Name what a check digit covers."""

    DOCUMENT_NUMBER = "document-number"
    DATE_OF_BIRTH = "date-of-birth"
    DATE_OF_EXPIRY = "date-of-expiry"
    OPTIONAL_DATA = "optional-data"
    PERSONAL_NUMBER = "personal-number"
    COMPOSITE = "composite"


@dataclass(frozen=True, slots=True)
class CheckDigit:
    """Say of one check digit whether it fits what it covers."""

    field: MrzField
    valid: bool


@dataclass(frozen=True, slots=True, repr=False)
class MrzKeyFields:
    """Hold what opens a chip by its MRZ: number without filler, birth and expiry as the six characters of the zone."""

    document_number: str
    date_of_birth: str
    date_of_expiry: str

    def __repr__(self) -> str:
        """Show nothing: these fields are a secret."""
        return "MrzKeyFields(******)"


@dataclass(frozen=True, slots=True, repr=False)
class Mrz:
    """Hold one parsed zone; text has fillers taken off, the two dates stay the six characters of the zone.

    ``personal_number`` is the twelve digits of a Vietnamese card, empty elsewhere.
    """

    format: MrzFormat
    document_code: str
    issuing_state: str
    nationality: str
    document_number: str
    birth: str
    sex: Sex
    expiry: str
    optional_data: tuple[str, ...]
    primary_name: str
    secondary_name: str
    check_digits: tuple[CheckDigit, ...]
    personal_number: str = ""

    @property
    def name(self) -> str:
        """Return both parts of the name in the order of the zone, which on a Vietnamese card is the spoken order."""
        return f"{self.primary_name} {self.secondary_name}".strip()

    @property
    def check_digits_valid(self) -> bool:
        """Tell whether every check digit fits."""
        return all(digit.valid for digit in self.check_digits)

    @property
    def has_no_expiry(self) -> bool:
        """Tell whether the zone says that the document never expires (991231, or nothing but filler)."""
        return is_no_expiry(self.expiry)

    def date_of_birth(self, today: date) -> CalendarDate | None:
        """Return the date of birth with its century, None where the zone does not know it or no calendar has it."""
        return resolve_birth(self.birth, today, self.personal_number)

    def date_of_expiry(self, today: date) -> CalendarDate | None:
        """Return the date of expiry with its century, None for a document without expiry or an impossible date."""
        return resolve_expiry(self.expiry, today)

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return f"Mrz({self.format}, …)"


def check_digit(text: str) -> str:
    """Return the check digit of ``text``: weights 7, 3, 1, modulo 10, filler counts 0 (ICAO 9303-3 §4.9)."""
    total = sum(max(_ALPHABET.find(letter), 0) * _WEIGHTS[place % 3] for place, letter in enumerate(text))
    return str(total % 10)


def parse_mrz(text: str) -> Mrz:
    """Parse a zone given as its characters without line breaks: 90 (TD1), 72 (TD2) or 88 (TD3).

    Raise DataError for another length, a character that no zone has, or a date or sex that is none.
    """
    for place, letter in enumerate(text[:91]):
        if letter not in _ALPHABET and letter != "<":
            raise DataError("character that no MRZ has", place)
    match len(text):
        case 90:
            return _td1(text)
        case 72:
            return _two_lines(MrzFormat.TD2, text[:36], text[36:])
        case 88:
            return _two_lines(MrzFormat.TD3, text[:44], text[44:])
        case length:
            raise DataError(f"MRZ of {length} characters where 90, 72 or 88 are needed")


def mrz_key(mrz: Mrz) -> MrzKeyFields:
    """Return the fields of ``mrz`` that open the chip (ICAO 9303-11 §4.3.2)."""
    return MrzKeyFields(mrz.document_number, mrz.birth, mrz.expiry)


def _td1(text: str) -> Mrz:
    upper, middle, lower = text[:30], text[30:60], text[60:]
    number, number_check, optional = _document_number(upper[5:14], upper[14], upper[15:])
    digits = [
        number_check,
        _check(MrzField.DATE_OF_BIRTH, middle[0:6], middle[6]),
        _check(MrzField.DATE_OF_EXPIRY, middle[8:14], middle[14]),
        _check(MrzField.COMPOSITE, upper[5:30] + middle[0:7] + middle[8:15] + middle[18:29], middle[29]),
    ]
    personal_number = ""
    vietnamese = _VIETNAMESE_OPTIONAL.fullmatch(upper[15:]) if _country(upper[2:5]) == "VNM" else None
    if vietnamese is not None:
        personal_number = vietnamese[1]
        optional = personal_number
        digits.append(_check(MrzField.PERSONAL_NUMBER, personal_number, vietnamese[2]))
    primary, secondary = _names(lower)
    return Mrz(
        format=MrzFormat.TD1,
        document_code=upper[0:2].rstrip("<"),
        issuing_state=_country(upper[2:5]),
        nationality=_country(middle[15:18]),
        document_number=number,
        birth=_date(middle[0:6], 30),
        sex=_sex(middle[7], 37),
        expiry=_date(middle[8:14], 38),
        optional_data=(optional, middle[18:29].rstrip("<")),
        primary_name=primary,
        secondary_name=secondary,
        check_digits=tuple(digits),
        personal_number=personal_number,
    )


def _two_lines(kind: MrzFormat, upper: str, lower: str) -> Mrz:
    start = len(upper)
    end = 35 if kind is MrzFormat.TD2 else 42
    number, number_check, optional = lower[0:9].rstrip("<"), _check(MrzField.DOCUMENT_NUMBER, lower[0:9], lower[9]), ""
    if kind is MrzFormat.TD2:
        number, number_check, optional = _document_number(lower[0:9], lower[9], lower[28:end])
    digits = [
        number_check,
        _check(MrzField.DATE_OF_BIRTH, lower[13:19], lower[19]),
        _check(MrzField.DATE_OF_EXPIRY, lower[21:27], lower[27]),
    ]
    if kind is MrzFormat.TD3:
        optional = lower[28:end].rstrip("<")
        digits.append(_check(MrzField.OPTIONAL_DATA, lower[28:end], lower[end]))
    last = len(lower) - 1
    digits.append(_check(MrzField.COMPOSITE, lower[0:10] + lower[13:20] + lower[21:last], lower[last]))
    primary, secondary = _names(upper[5:])
    return Mrz(
        format=kind,
        document_code=upper[0:2].rstrip("<"),
        issuing_state=_country(upper[2:5]),
        nationality=_country(lower[10:13]),
        document_number=number,
        birth=_date(lower[13:19], start + 13),
        sex=_sex(lower[20], start + 20),
        expiry=_date(lower[21:27], start + 21),
        optional_data=(optional,),
        primary_name=primary,
        secondary_name=secondary,
        check_digits=tuple(digits),
    )


def _document_number(nine: str, check: str, optional: str) -> tuple[str, CheckDigit, str]:
    """Return number, its check and what is left of the optional field.

    A number of more than nine characters has a filler where its check digit belongs; the rest and the check digit
    stand at the beginning of the optional field, closed by a filler (ICAO 9303-5 §4.2.2 note j).
    """
    rest, _, left = optional.partition("<")
    if check == "<" and len(rest) >= 2 and "<" not in nine:
        number = nine + rest[:-1]
        return number, _check(MrzField.DOCUMENT_NUMBER, number, rest[-1]), left.strip("<")
    return nine.rstrip("<"), _check(MrzField.DOCUMENT_NUMBER, nine, check), optional.rstrip("<")


def _check(field: MrzField, covered: str, digit: str) -> CheckDigit:
    # A field that is all filler may have a filler for its check digit.
    expected = check_digit(covered)
    return CheckDigit(field, digit == expected or (digit == "<" and not covered.strip("<")))


def _date(text: str, offset: int) -> str:
    if not _DATE.fullmatch(text):
        raise DataError("not a date of an MRZ", offset)
    return text


def _sex(letter: str, offset: int) -> Sex:
    match letter:
        case "M":
            return Sex.MALE
        case "F":
            return Sex.FEMALE
        case "<" | "X":
            return Sex.UNSPECIFIED
    raise DataError("not a sex marker", offset)


def _country(text: str) -> str:
    return text.rstrip("<")


def _names(text: str) -> tuple[str, str]:
    primary, _, secondary = text.rstrip("<").partition("<<")
    return " ".join(primary.split("<")).strip(), " ".join(secondary.replace("<", " ").split())
