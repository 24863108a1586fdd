"""DG15: the public key that Active Authentication is verified with (ICAO 9303-10 §4.7.15)."""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.lds.asn1 import OBJECT_IDENTIFIER, SEQUENCE, decode_oid, decode_one

__all__ = ["Dg15", "parse_dg15"]

DG15_TAG = 0x6F
BIT_STRING = 0x03
MAX_FILE_BYTES = 8 * 1024


@dataclass(frozen=True, slots=True)
class Dg15:
    """Hold the Active Authentication key: ``spki`` as it stands, and which kind of key it says it is.

    ``curve_oid`` is the named curve of an EC key; None for RSA and for explicit parameters.
    """

    spki: bytes
    algorithm_oid: str
    curve_oid: str | None


def parse_dg15(raw: bytes) -> Dg15:
    """Parse DG15; raise DataError for another file or something that is not a SubjectPublicKeyInfo."""
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("DG15 of more than 8 KiB")
    content = decode_one(raw, DG15_TAG).children(1)
    if len(content) != 1:
        raise DataError("DG15 is empty", 0)
    parts = content[0].expect(SEQUENCE).children(2)
    if len(parts) != 2:
        raise DataError("SubjectPublicKeyInfo with missing elements", content[0].start)
    parts[1].expect(BIT_STRING)
    algorithm = parts[0].expect(SEQUENCE).children(2)
    if not algorithm:
        raise DataError("key algorithm missing", parts[0].start)
    named = len(algorithm) == 2 and algorithm[1].tag == OBJECT_IDENTIFIER
    curve_oid = decode_oid(algorithm[1]) if named else None
    return Dg15(content[0].raw, decode_oid(algorithm[0]), curve_oid)
