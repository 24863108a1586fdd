"""From password to key material: the MRZ information, the seed of BAC and the password encodings of PACE."""

from __future__ import annotations

import hashlib
import re

from reader.access.password import MrzKey, Password
from reader.crypto import COUNTER_PACE, CipherSuite, derive_key
from reader.errors import DataError
from reader.lds import check_digit

__all__ = ["bac_seed", "mrz_information", "numbered_document", "pace_key", "password_reference"]

# BSI TR-03110-3 §B.11.1 adds PIN and PUK to the two of ICAO 9303-11 §4.4.4.1.
_REFERENCES = {"mrz": 1, "can": 2, "pin": 3, "puk": 4}

_NUMBER = re.compile(r"[0-9A-Z<]{1,30}")
_DATE = re.compile(r"[0-9<]{6}")


def mrz_information(key: MrzKey) -> bytes:
    """Return document number, birth and expiry, each with its check digit (ICAO 9303-11 §4.3.2, appendix D.2).

    A number of fewer than nine characters is filled up with ``<``; a longer one stands there whole. Raise DataError
    for characters that no MRZ has.
    """
    number = key.document_number.rstrip("<").ljust(9, "<")
    if not _NUMBER.fullmatch(number):
        raise DataError("document number with characters that no MRZ has")
    if not (_DATE.fullmatch(key.date_of_birth) and _DATE.fullmatch(key.date_of_expiry)):
        raise DataError("a date of the MRZ is six digits or fillers")
    fields = (number, key.date_of_birth, key.date_of_expiry)
    return "".join(field + check_digit(field) for field in fields).encode("ascii")


def numbered_document(key: MrzKey) -> bytes:
    """Return the document number with its check digit: how a chip opened by BAC is named (§7.1.2)."""
    information = mrz_information(key)
    return information[: -2 * (len(key.date_of_birth) + 1)]


def _digest(key: MrzKey) -> bytes:
    return hashlib.sha1(mrz_information(key), usedforsecurity=False).digest()


def bac_seed(key: MrzKey) -> bytes:
    """Return K_seed of BAC: the first 16 bytes of SHA-1 over the MRZ information (§4.3.2)."""
    return _digest(key)[:16]


def pace_key(password: Password, suite: CipherSuite) -> bytes:
    """Return K_π, which opens the nonce of PACE (§9.7.3, table 14)."""
    secret = _digest(password) if isinstance(password, MrzKey) else password.digits.encode("latin-1")
    return derive_key(secret, COUNTER_PACE, suite)


def password_reference(password: Password) -> int:
    """Return the number by which MSE:Set AT names the kind of password (§4.4.4.1)."""
    return _REFERENCES[password.kind]
