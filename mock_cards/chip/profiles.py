"""The chips there are to choose from: two Vietnamese ones, and others that the standard allows as well."""

from __future__ import annotations

from mock_cards.der import integer
from mock_cards.image import ChipProfile
from reader.iso7816 import encode

__all__ = ["PROFILES", "profile_by_name"]

_APPLICATION = bytes.fromhex("A0000002471001")

# Card capabilities (ISO/IEC 7816-4 §12.1.1.9): selection by full DF name, short EF identifiers; data units of a byte;
# command chaining, and in the second form extended length fields, their limits in EF.ATR/INFO.
_SHORT_CAPABILITIES = bytes.fromhex("840180")
_EXTENDED_CAPABILITIES = bytes.fromhex("8401E0")


def _contactless_atr(historical: bytes) -> bytes:
    """Build the ATR that a PC/SC reader makes for a contactless card (PC/SC part 3 §3.1.3.2.3)."""
    body = bytes((0x80 | len(historical), 0x80, 0x01)) + historical
    check = 0
    for byte in body:
        check ^= byte
    return b"\x3b" + body + bytes((check,))


def _atr_info(max_command: int, max_response: int) -> bytes:
    """Build EF.ATR/INFO: capabilities and extended length information (ICAO 9303-10 §3.11.1)."""
    return encode(0x47, _EXTENDED_CAPABILITIES) + encode(0x7F66, integer(max_command) + integer(max_response))


_SHORT_ATR = _contactless_atr(b"\x80\x73" + _SHORT_CAPABILITIES)
_EXTENDED_ATR = _contactless_atr(b"\x80\x73" + _EXTENDED_CAPABILITIES)

PROFILES: tuple[ChipProfile, ...] = (
    ChipProfile(
        name="vietnam-2021",
        about="SELECT MF answers 6D00, short length fields only, no EF.ATR/INFO, Active Authentication by ECDSA",
        atr=_SHORT_ATR,
    ),
    ChipProfile(
        name="vietnam-2024",
        about="SELECT MF answers 6D00, extended length announced in ATR and EF.ATR/INFO, RSA-2048 in DG15",
        atr=_EXTENDED_ATR,
        extended=True,
        max_command=1024,
        max_response=2048,
        atr_info=_atr_info(1024, 2048),
        active_key="rsa",
    ),
    ChipProfile(
        name="icao-extended",
        about="knows SELECT MF, has EF.ATR/INFO with large buffers and EF.DIR",
        atr=_EXTENDED_ATR,
        select_mf=True,
        extended=True,
        max_command=4096,
        max_response=65536,
        atr_info=_atr_info(4096, 65536),
        directory=encode(0x61, encode(0x4F, _APPLICATION)),
    ),
    ChipProfile(
        name="icao-bac",
        about="an early document: Basic Access Control only, no EF.CardAccess",
        atr=_SHORT_ATR,
        select_mf=True,
        pace=False,
    ),
    ChipProfile(
        name="icao-pace",
        about="a late document: PACE only, Basic Access Control refused",
        atr=_SHORT_ATR,
        select_mf=True,
        bac=False,
    ),
)


def profile_by_name(name: str) -> ChipProfile:
    """Return the profile ``name``; raise KeyError where there is none."""
    for profile in PROFILES:
        if profile.name == name:
            return profile
    raise KeyError(name)
