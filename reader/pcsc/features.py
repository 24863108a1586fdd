"""What a reader's driver says of itself, asked through its control function (PC/SC part 10 §2.2, §2.6.14)."""

from __future__ import annotations

import sys

from reader.pcsc.codes import Result
from reader.pcsc.scard import Scard

__all__ = ["FEATURE_REQUEST", "longest_apdu"]

FEATURE_REQUEST = 3400 << 2 | 0x310000 if sys.platform == "win32" else 0x42000000 + 3400
"""The control code that asks for the list of features; Windows numbers it by its device type."""

GET_TLV_PROPERTIES = 0x12
MAX_APDU_DATA_SIZE = 0x0A
SHORT_DATA = 256
SHORT_APDU = 261
EXTENDED_DATA = 0x10000


def longest_apdu(scard: Scard, handle: int) -> int | None:
    """Return the longest APDU that reader and driver carry: 261 for short ones only; None where they do not tell.

    A value of zero means short APDUs only: that is what drivers of such readers give.
    """
    code, features = scard.control(handle, FEATURE_REQUEST, b"")
    control = _value(features, GET_TLV_PROPERTIES) if code == Result.SUCCESS else b""
    if len(control) != 4:
        return None
    code, properties = scard.control(handle, int.from_bytes(control, "big"), b"")
    size = _value(properties, MAX_APDU_DATA_SIZE) if code == Result.SUCCESS else b""
    if not size:
        return None
    # The list of features is big-endian, the properties are little-endian.
    data = int.from_bytes(size, "little")
    if data >= EXTENDED_DATA:
        return None
    return data if data > SHORT_DATA else SHORT_APDU


def _value(raw: bytes, tag: int) -> bytes:
    """Return the value of the first object ``tag`` in a row of one-byte tags and lengths; empty where there is none."""
    position = 0
    while position + 2 <= len(raw):
        found, length = raw[position], raw[position + 1]
        value = raw[position + 2 : position + 2 + length]
        if found == tag and len(value) == length:
            return value
        position += 2 + length
    return b""
