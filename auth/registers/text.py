"""Text as it may enter the house: one Unicode form, one line, nothing invisible."""

from __future__ import annotations

import unicodedata

__all__ = ["clean_text", "plain_serial", "same_serial"]

# Control, format (bidi overrides, zero width), surrogate, private use and unassigned characters say nothing in a name
# or an address; line and paragraph separators become spaces.
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SEPARATORS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")


def clean_text(text: str) -> str:
    """Return ``text`` in NFC on one line, without invisible characters and doubled spaces."""
    visible = (
        " " if character in _SEPARATORS else character
        for character in text
        if character in _SEPARATORS or unicodedata.category(character) not in _UNWANTED
    )
    return " ".join(unicodedata.normalize("NFC", "".join(visible)).split())


def same_serial(one: str, other: str) -> bool:
    """Tell whether two serials name one certificate; blanks and small letters do not matter."""
    return plain_serial(one) == plain_serial(other)


def plain_serial(serial: str) -> str:
    """Return ``serial`` in the one form in which all ways of writing it are the same."""
    return "".join(serial.split()).upper()
