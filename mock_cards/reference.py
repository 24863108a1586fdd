"""The card that reads are measured on: files of fixed sizes without meaning, on a chip with the buffers asked for.

Its files are those of a usual passport by size: EF.COM 24, EF.SOD 2,000, DG1 95, DG2 20,480, DG13 1,024, DG14 300 and
DG15 320 bytes. What a read of them costs can be counted beforehand to the last command.
"""

from __future__ import annotations

from dataclasses import replace

from mock_cards.chip import Chip
from mock_cards.chip.profiles import profile_by_name
from mock_cards.image import ChipProfile, PaceOption, Passwords, image_from_files
from mock_cards.issuing.security_infos import PACE_ECDH_GM_OID, make_card_access, pace_info
from reader.crypto import CipherSuite, Rng, curve_by_name, system_rng
from reader.iso7816 import encode

__all__ = ["REFERENCE_CAN", "REFERENCE_MRZ_KEY", "REFERENCE_SIZES", "reference_chip", "reference_profile"]

REFERENCE_SIZES = {
    "EF.COM": (0x60, 24),
    "EF.SOD": (0x77, 2000),
    "DG1": (0x61, 95),
    "DG2": (0x75, 20480),
    "DG13": (0x6D, 1024),
    "DG14": (0x6E, 300),
    "DG15": (0x6F, 320),
}
"""The tag and the size in bytes of each file of the application."""

REFERENCE_CAN = "123456"
REFERENCE_MRZ_KEY = ("L898902C<", "690806", "940623")
"""Document number, birth and expiry of the worked example of ICAO 9303-11 appendix D.2."""

_MRZ_INFORMATION = b"L898902C<369080619406236"


def reference_profile(buffer: int | None = None, *, told_by_atr: bool = True, pace: bool = True) -> ChipProfile:
    """Return a chip whose EF.ATR/INFO states ``buffer`` bytes either way, or one with short length only.

    Of short length the answer to reset tells where ``told_by_atr``; else EF.ATR/INFO has to be asked, and is not there.
    """
    if buffer is None:
        short = replace(profile_by_name("vietnam-2021"), name="reference-short", pace=_pace(pace))
        return short if told_by_atr else replace(short, atr=b"\x3b\x80\x80\x01\x01")
    size = buffer.to_bytes(3, "big")
    info = encode(0x47, bytes.fromhex("8401E0")) + encode(0x7F66, encode(0x02, size) * 2)
    extended = profile_by_name("vietnam-2024")
    return replace(
        extended, name=f"reference-{buffer}", max_command=buffer, max_response=buffer, atr_info=info, pace=_pace(pace)
    )


def _pace(offered: bool) -> tuple[PaceOption, ...]:
    suite = CipherSuite.AES_128
    return (PaceOption(PACE_ECDH_GM_OID[suite], suite, curve_by_name("brainpoolP256r1")),) if offered else ()


def reference_chip(profile: ChipProfile, *, dg2_size: int | None = None, rng: Rng = system_rng) -> Chip:
    """Build the card on ``profile``, opened by PACE with AES-128 over brainpoolP256r1 or by BAC; it has no power yet.

    ``dg2_size`` puts another portrait size in the place of 20,480 bytes.
    """
    files = {name: _content(tag, size) for name, (tag, size) in REFERENCE_SIZES.items()}
    if dg2_size is not None:
        files["DG2"] = _content(0x75, dg2_size)
    if profile.pace:
        files["EF.CardAccess"] = make_card_access(*(pace_info(option) for option in profile.pace))
    image = image_from_files(files, profile, Passwords(_MRZ_INFORMATION, REFERENCE_CAN), pace=profile.pace)
    return Chip(image, rng)


def _content(tag: int, size: int) -> bytes:
    """Return one data object of exactly ``size`` bytes, header included."""
    around = 2 if size < 0x82 else 3 if size < 0x103 else 4 if size < 0x10004 else 5
    return encode(tag, bytes(place * 7 % 251 for place in range(size - around)))
