"""What a clerk types or scans to open a chip: the number, the CAN, the MRZ, or the QR code.

Which kind it is shows from the text itself. The result is plain fields; ``reader.access`` makes a password of them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from reader.errors import DataError
from reader.lds.identity import CalendarDate
from reader.lds.land_qr import LAND_QR_SCANNED, is_land_qr
from reader.lds.mrz import Mrz, MrzField, MrzKeyFields, mrz_key, parse_mrz
from reader.lds.qr import CardQr, parse_card_qr

__all__ = ["KeyInput", "KeyInputKind", "mrz_key_of", "parse_key_input"]

MAX_CHARACTERS = 2048
NO_EXPIRY = "991231"

_ZONE = re.compile(r"[A-Z0-9<]+")
_TYPED_KEY = re.compile(r"([A-Z0-9<]{5,20})[\s,;]+([0-9]{6})[\s,;]+([0-9]{6})")
_KEY_DIGITS = (MrzField.DOCUMENT_NUMBER, MrzField.DATE_OF_BIRTH, MrzField.DATE_OF_EXPIRY)
# What people and scanners write for digits in OCR-B.
_LOOK_ALIKES = str.maketrans("OQDILZSGB", "000112568")
# What they write for the filler.
_FILLERS = str.maketrans({"‹": "<", "«": "<<"})
# Places that hold digits or filler, by length of the whole zone; the number itself only on the Vietnamese card.
_DIGIT_PLACES = {
    90: ((14, 15), (30, 37), (38, 45), (59, 60)),
    72: ((45, 46), (49, 56), (57, 64), (71, 72)),
    88: ((53, 54), (57, 64), (65, 72), (86, 88)),
}
_VIETNAMESE_DIGIT_PLACES = ((5, 27), (29, 30))


class KeyInputKind(StrEnum):
    """Name what the text turned out to be."""

    CAN = "can"
    PERSONAL_NUMBER = "personal-number"
    MRZ = "mrz"
    QR = "qr"


@dataclass(frozen=True, slots=True, repr=False)
class KeyInput:
    """Hold what opens the chip; ``can`` and ``personal_number`` are empty and ``mrz`` is None where the text has none.

    On the Vietnamese card the CAN is the last six of the twelve digits, so a number, a QR code and a Vietnamese MRZ
    each give one.
    """

    kind: KeyInputKind
    can: str = ""
    personal_number: str = ""
    mrz: MrzKeyFields | None = None
    qr: CardQr | None = None

    def __repr__(self) -> str:
        """Show the kind only: the rest is secret."""
        return f"KeyInput({self.kind})"


def parse_key_input(text: str) -> KeyInput:
    """Tell what ``text`` is and take the key fields out of it.

    Understood are: twelve digits, six digits (blanks, dots and hyphens between them do not matter), a card's QR code,
    an MRZ in one or several lines in any case (the two upper lines of a card or the lower one of a passport are
    enough), and ``NUMBER YYMMDD YYMMDD`` with document number, birth and expiry. Raise DataError for anything else, and
    for an MRZ whose key digits are wrong even after letters that look like digits were put right. A land certificate's
    QR code opens no chip: its refusal says ``LAND_QR_SCANNED``.
    """
    if len(text) > MAX_CHARACTERS:
        raise DataError("more text than a key can have")
    if "|" in text:
        if is_land_qr(text):
            raise DataError(LAND_QR_SCANNED)
        qr = parse_card_qr(text)
        return KeyInput(KeyInputKind.QR, qr.personal_number[-6:], qr.personal_number, qr=qr)
    plain = unicodedata.normalize("NFKC", text).upper().strip().translate(_FILLERS)
    typed = _TYPED_KEY.fullmatch(plain)
    if typed:
        return _from_fields(typed[1], typed[2], typed[3])
    digits = re.sub(r"[\s.\-]", "", plain)
    if re.fullmatch(r"[0-9]{12}", digits):
        return KeyInput(KeyInputKind.PERSONAL_NUMBER, digits[-6:], digits)
    if re.fullmatch(r"[0-9]{6}", digits):
        return KeyInput(KeyInputKind.CAN, digits)
    zone = re.sub(r"\s", "", plain)
    if len(zone) >= 36 and _ZONE.fullmatch(zone):
        return _from_zone(zone)
    raise DataError("neither six digits, twelve digits, an MRZ nor a QR code")


def mrz_key_of(document_number: str, date_of_birth: CalendarDate, expiry: CalendarDate | None) -> MrzKeyFields:
    """Make MRZ key fields of what is printed; a personal number stands for its last nine digits.

    No ``expiry`` means a card without one. Raise DataError for a birth that is not a full date.
    """
    if not date_of_birth.is_complete or (expiry and not expiry.is_complete):
        raise DataError("a date of the MRZ needs day, month and year")
    number = document_number.strip().upper()
    if re.fullmatch(r"[0-9]{12}", number):
        number = number[-9:]
    if not re.fullmatch(r"[A-Z0-9<]{1,22}", number):
        raise DataError("document number that no MRZ can have")
    return MrzKeyFields(number.rstrip("<"), _six(date_of_birth), _six(expiry) if expiry else NO_EXPIRY)


def _six(day: CalendarDate) -> str:
    return f"{day.year % 100:02d}{day.month:02d}{day.day:02d}"


def _from_fields(number: str, birth: str, expiry: str) -> KeyInput:
    personal_number = number if re.fullmatch(r"[0-9]{12}", number) else ""
    for six in (birth, expiry):
        # Only refuses what no calendar has; 2000 was a leap year, so 29 February stands in every fourth year.
        CalendarDate(2000 + int(six[:2]), int(six[2:4]), int(six[4:6]))
    fields = MrzKeyFields(personal_number[-9:] or number.rstrip("<"), birth, expiry)
    return KeyInput(KeyInputKind.MRZ, personal_number[-6:], personal_number, fields)


def _from_zone(zone: str) -> KeyInput:
    complete = _complete(zone)
    mrz = _readable(complete) or _readable(_put_right(complete))
    if mrz is None:
        raise DataError("MRZ whose check digits are wrong")
    return KeyInput(KeyInputKind.MRZ, mrz.personal_number[-6:], mrz.personal_number, mrz_key(mrz))


def _complete(zone: str) -> str:
    """Fill up lines that hold no key field and were left out."""
    match len(zone):
        case 60:
            return zone + "<" * 30
        case 36 | 44:
            return "<" * len(zone) + zone
        case 72 | 88 | 90:
            return zone
        case length:
            raise DataError(f"MRZ of {length} characters")


def _readable(zone: str) -> Mrz | None:
    """Return the parsed zone where there is a number, and it, birth and expiry fit their check digits."""
    try:
        mrz = parse_mrz(zone)
    except DataError:
        return None
    fits = all(digit.valid for digit in mrz.check_digits if digit.field in _KEY_DIGITS)
    return mrz if fits and mrz.document_number else None


def _put_right(zone: str) -> str:
    vietnamese = len(zone) == 90 and zone[2:5] == "VNM"
    places = (*_DIGIT_PLACES[len(zone)], *(_VIETNAMESE_DIGIT_PLACES if vietnamese else ()))
    letters = list(zone)
    for begin, end in places:
        letters[begin:end] = zone[begin:end].translate(_LOOK_ALIKES)
    return "".join(letters)
