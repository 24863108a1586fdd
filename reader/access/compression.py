"""Compressed public keys: the short form of an ephemeral key that Terminal Authentication signs (9303-11 §7.1.4)."""

from __future__ import annotations

import hashlib

from reader.crypto import Curve, ModpGroup, decode_point, x_bytes

__all__ = ["compress_public_key"]


def compress_public_key(domain: Curve | ModpGroup, key: bytes) -> bytes:
    """Return Comp(PK): the x-coordinate of a point in full length, or SHA-1 of a public value as it is exchanged.

    Raise DataError for a point that is not one of the curve (§7.1.4.1.3, §7.1.4.2.3).
    """
    if isinstance(domain, Curve):
        return x_bytes(domain, decode_point(domain, key))
    return hashlib.sha1(key, usedforsecurity=False).digest()
