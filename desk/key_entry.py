"""From what a clerk typed or scanned to the password that opens the chip."""

from __future__ import annotations

from reader.access.password import Can, MrzKey, Password
from reader.lds.key_input import parse_key_input

__all__ = ["password_of"]


def password_of(text: str) -> Password:
    """Return the password in ``text``: an MRZ opens every chip, a number or QR code gives the CAN; raise DataError."""
    found = parse_key_input(text)
    if found.mrz is not None:
        return MrzKey(found.mrz.document_number, found.mrz.date_of_birth, found.mrz.date_of_expiry)
    return Can(found.can)
