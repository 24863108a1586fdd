"""DG1: the machine readable zone as the chip holds it (ICAO 9303-10 §4.7.1)."""

from __future__ import annotations

from reader.errors import DataError
from reader.lds.asn1 import decode_one
from reader.lds.mrz import Mrz, parse_mrz

__all__ = ["parse_dg1"]

DG1_TAG = 0x61
MRZ_TAG = 0x5F1F
MAX_FILE_BYTES = 256


def parse_dg1(raw: bytes) -> Mrz:
    """Parse DG1; raise DataError for another file or a zone that is none; offsets count from the zone's beginning."""
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("DG1 of more than 256 bytes")
    content = decode_one(raw, DG1_TAG).children(1)
    if len(content) != 1:
        raise DataError("DG1 is empty", 0)
    # Latin-1 gives every byte a character, so that a foreign one is reported by its place.
    return parse_mrz(content[0].expect(MRZ_TAG).value.decode("latin-1"))
