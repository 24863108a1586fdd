"""Object identifiers as MSE:Set AT and the authentication tokens carry them: the contents octets alone."""

from __future__ import annotations

from reader.errors import DataError

__all__ = ["encode_oid"]


def encode_oid(dotted: str) -> bytes:
    """Return the contents octets of a dotted object identifier (X.690 §8.19); raise DataError where it is not one."""
    parts = dotted.split(".")
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise DataError("not an object identifier")
    first, second, *rest = (int(part) for part in parts)
    if first > 2 or (first < 2 and second > 39):
        raise DataError("not an object identifier")
    return b"".join(_base128(arc) for arc in (40 * first + second, *rest))


def _base128(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.append(0x80 | arc & 0x7F)
    return bytes(reversed(octets))
