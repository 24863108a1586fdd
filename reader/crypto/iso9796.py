"""Signatures with message recovery: ISO/IEC 9796-2 scheme 1 with partial recovery, as Active Authentication uses it.

The chip signs M1‖M2 and sends a number from which M1 and the hash come back out; M2 is the challenge that the terminal
knows already (ICAO 9303-11 §6.1.2.2).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import Enum

__all__ = ["Recovery", "RecoveryFault", "recover"]

MAX_MODULUS_BITS = 8192
MAX_EXPONENT_BITS = 64

_HASH_OF_TRAILER = {0x33: "sha1", 0x34: "sha256", 0x35: "sha512", 0x36: "sha384", 0x38: "sha224"}
_IMPLICIT_TRAILER = 0xBC
_EXPLICIT_TRAILER = 0xCC


class RecoveryFault(Enum):
    """Say why a signature did not verify."""

    KEY = "key"
    LENGTH = "length"
    TRAILER = "trailer"
    HEADER = "header"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Recovery:
    """Tell the outcome: ``fault`` is None exactly when the signature verified; ``hash_name`` as its trailer says."""

    fault: RecoveryFault | None
    hash_name: str | None = None

    @property
    def verified(self) -> bool:
        """Tell whether the signature belongs to the key and covers the challenge."""
        return self.fault is None


def recover(modulus: int, exponent: int, signature: bytes, known: bytes) -> Recovery:
    """Verify ``signature`` over the recovered part followed by ``known`` (ISO/IEC 9796-2 §8; ICAO 9303-11 §6.1.2.2).

    Trailers BC (SHA-1) and 33CC, 34CC, 35CC, 36CC, 38CC are understood; both forms of the signature, the number itself
    and the smaller of it and its complement, are taken. Nothing is raised: a wrong signature is an answer. The header
    must announce partial recovery, since otherwise the challenge would not be covered.
    """
    bits = modulus.bit_length()
    if not 512 <= bits <= MAX_MODULUS_BITS or bits % 8 or not 1 < exponent < 1 << MAX_EXPONENT_BITS:
        return Recovery(RecoveryFault.KEY)
    number = int.from_bytes(signature, "big")
    if len(signature) != bits // 8 or number >= modulus:
        return Recovery(RecoveryFault.LENGTH)
    representative = pow(number, exponent, modulus)
    if representative % 16 != 0xC:
        representative = modulus - representative
    return _check(representative.to_bytes(bits // 8, "big"), known)


def _check(representative: bytes, known: bytes) -> Recovery:
    hash_name, trailer = _read_trailer(representative)
    if hash_name is None:
        return Recovery(RecoveryFault.TRAILER)
    digest_length = hashlib.new(hash_name).digest_size
    begin = _after_header(representative)
    end = len(representative) - trailer - digest_length
    if begin is None or begin > end:
        return Recovery(RecoveryFault.HEADER, hash_name)
    digest = representative[end : end + digest_length]
    expected = hashlib.new(hash_name, representative[begin:end] + known).digest()
    return Recovery(None if hmac.compare_digest(digest, expected) else RecoveryFault.DIGEST, hash_name)


def _read_trailer(representative: bytes) -> tuple[str | None, int]:
    if representative[-1] == _IMPLICIT_TRAILER:
        return "sha1", 1
    if representative[-1] == _EXPLICIT_TRAILER:
        return _HASH_OF_TRAILER.get(representative[-2]), 2
    return None, 0


def _after_header(representative: bytes) -> int | None:
    """Return where M1 begins: behind 6A, or behind 6B, any number of BB, and BA when M1 does not fill its place."""
    if representative[0] == 0x6A:
        return 1
    if representative[0] != 0x6B:
        return None
    position = 1
    while position < len(representative) and representative[position] == 0xBB:
        position += 1
    if position < len(representative) and representative[position] == 0xBA:
        return position + 1
    return None
