"""How a chip announces what it can: the answer to reset, EF.ATR/INFO and EF.DIR."""

from __future__ import annotations

from collections.abc import Iterable

from mock_cards.der import integer
from reader.iso7816 import encode

__all__ = ["announcing_atr", "atr_info", "directory"]

_APPLICATION = bytes.fromhex("A0000002471001")

# Card capabilities (ISO/IEC 7816-4 §12.1.1.9): selection by full DF name, short EF identifiers; data units of a byte;
# command chaining, and in the second form extended length fields, their limits in EF.ATR/INFO.
_SHORT_CAPABILITIES = bytes.fromhex("840180")
_EXTENDED_CAPABILITIES = bytes.fromhex("8401E0")


def announcing_atr(*, extended: bool) -> bytes:
    """Build the ATR that a PC/SC reader makes for a contactless card (PC/SC part 3 §3.1.3.2.3)."""
    historical = b"\x80\x73" + (_EXTENDED_CAPABILITIES if extended else _SHORT_CAPABILITIES)
    body = bytes((0x80 | len(historical), 0x80, 0x01)) + historical
    check = 0
    for byte in body:
        check ^= byte
    return b"\x3b" + body + bytes((check,))


def atr_info(max_command: int, max_response: int) -> bytes:
    """Build EF.ATR/INFO: capabilities and extended length information (ICAO 9303-10 §3.11.1)."""
    return encode(0x47, _EXTENDED_CAPABILITIES) + encode(0x7F66, integer(max_command) + integer(max_response))


def directory(others: Iterable[bytes] = ()) -> bytes:
    """Build EF.DIR: a template for the eMRTD application and each of the others (ICAO 9303-10 §3.11.2)."""
    return b"".join(encode(0x61, encode(0x4F, name)) for name in (_APPLICATION, *others))
