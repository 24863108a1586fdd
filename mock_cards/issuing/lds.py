"""The small files of the logical data structure: EF.COM, DG1, DG3, DG11 (ICAO 9303-10 §4.6, §4.7)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from mock_cards.issuing.mrz import Mrz
from reader.iso7816 import encode

__all__ = ["make_com", "make_dg1", "make_dg3", "make_dg11"]

_TAGS = {
    1: 0x61, 2: 0x75, 3: 0x63, 4: 0x76, 5: 0x65, 6: 0x66, 7: 0x67, 8: 0x68,
    9: 0x69, 10: 0x6A, 11: 0x6B, 12: 0x6C, 13: 0x6D, 14: 0x6E, 15: 0x6F, 16: 0x70,
}  # fmt: skip


def make_com(numbers: Iterable[int]) -> bytes:
    """Encode EF.COM: LDS 1.7, Unicode 4.0.0, and the tags of the data groups there are."""
    tags = bytes(_TAGS[number] for number in sorted(numbers))
    return encode(0x60, encode(0x5F01, b"0107") + encode(0x5F36, b"040000") + encode(0x5C, tags))


def make_dg1(mrz: Mrz) -> bytes:
    """Encode DG1."""
    return encode(0x61, encode(0x5F1F, "".join(mrz.lines).encode("ascii")))


def make_dg3(salt: str) -> bytes:
    """Encode a DG3 without a fingerprint: no instance, and filling that is another on each card (§4.7.3.2.2)."""
    filling = hashlib.sha256(f"DG3/{salt}".encode()).digest()
    return encode(0x63, encode(0x7F61, encode(0x02, b"\x00") + encode(0x53, filling)))


def make_dg11(name: str) -> bytes:
    """Encode a DG11 with a full name: what a Vietnamese card does not have (§4.7.11)."""
    return encode(0x6B, encode(0x5C, b"\x5f\x0e") + encode(0x5F0E, name.encode()))
