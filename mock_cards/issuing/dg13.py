"""DG13 as the Vietnamese issuer fills it: sixteen numbered fields in Vietnamese.

There is no public specification; the encoding is what readers of real cards have recorded: 6D, a SEQUENCE, a SET in
field order, and for each field a SEQUENCE of its number and its value. Digits and dates are PrintableStrings, words
UTF8Strings in NFC; expiry is UTF8 because it may be words; a field without a value is the number alone.
"""

from __future__ import annotations

import unicodedata
from datetime import date

from mock_cards import der
from mock_cards.personas import CardData
from reader.iso7816 import encode

__all__ = ["NO_EXPIRY_WORDS", "make_dg13", "make_fields"]

NO_EXPIRY_WORDS = "Không thời hạn"
_SEX = {"M": "Nam", "F": "Nữ"}


def make_dg13(card: CardData) -> bytes:
    """Encode DG13 of ``card``."""
    return encode(0x6D, der.sequence(der.set_unsorted(*make_fields(card))))


def make_fields(card: CardData) -> tuple[bytes, ...]:
    """Encode the fields, 1 to 16 in this order."""
    values = (
        _digits(card.personal_number),
        _words(card.full_name),
        _digits(_day(card.date_of_birth)),
        _words(_SEX[card.sex]),
        _words(card.nationality),
        _words(card.ethnicity),
        _words(card.religion),
        _words(card.place_of_origin),
        _words(card.residence),
        _words(card.distinguishing_marks),
        _digits(_day(card.issue_date)),
        _words(_day(card.expiry) if card.expiry else NO_EXPIRY_WORDS),
        _relatives(card.father, card.mother) if card.father or card.mother else b"",
        _relatives(card.spouse) if card.spouse else b"",
        _digits(card.old_number),
        # Sixteen characters whose meaning nobody outside the issuer knows.
        _digits(f"TEST{card.personal_number}"),
    )
    return tuple(der.sequence(der.integer(number), value) for number, value in enumerate(values, start=1))


def _digits(text: str) -> bytes:
    return der.printable(text) if text else b""


def _words(text: str) -> bytes:
    return der.utf8(unicodedata.normalize("NFC", text)) if text else b""


def _relatives(*names: str) -> bytes:
    """Encode one SEQUENCE a name; an unknown parent keeps an empty string, so that the other keeps its place."""
    return b"".join(der.sequence(der.utf8(unicodedata.normalize("NFC", name))) for name in names)


def _day(iso: str) -> str:
    return date.fromisoformat(iso).strftime("%d/%m/%Y")
