"""DG6 and DG8 to DG10: groups whose content the standard leaves open (ICAO 9303-10 §4.7.6, §4.7.8 to §4.7.10).

DG6 is reserved. DG8 to DG10 begin with the number of features; what a feature is, is the issuer's own affair. So the
frame is checked, and what stands in it is kept as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.files.layout import FileId
from reader.lds.asn1 import INTEGER, decode_natural, decode_one

__all__ = ["OpenGroup", "parse_open_group"]

MAX_FILE_BYTES = 64 * 1024
MAX_FEATURES = 9
RESERVED = 6
FEATURE_GROUPS = (8, 9, 10)


@dataclass(frozen=True, slots=True, repr=False)
class OpenGroup:
    """Hold the content of one group; ``features`` is how many it says it has, None for DG6 and for an empty group."""

    data_group: int
    features: int | None
    content: bytes

    def __repr__(self) -> str:
        """Show the group and its length, never the content."""
        return f"OpenGroup({self.data_group}, {len(self.content)} bytes)"


def parse_open_group(raw: bytes, data_group: int) -> OpenGroup:
    """Parse DG6, DG8, DG9 or DG10; raise DataError for another file, one of more than 64 KiB, or features uncounted.

    Raise ValueError for a data group that is not open.
    """
    if data_group != RESERVED and data_group not in FEATURE_GROUPS:
        raise ValueError("the open data groups are 6, 8, 9 and 10")
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("open data group of more than 64 KiB")
    tag = FileId.of_data_group(data_group).tag
    assert tag is not None  # noqa: S101  # every data group has one; only EF.ATR/INFO and EF.DIR have none
    outer = decode_one(raw, tag)
    if data_group == RESERVED or not len(outer):
        return OpenGroup(data_group, None, outer.value)
    number = outer.first()
    if number is None or number.tag != INTEGER:
        raise DataError("number of features missing", outer.begin)
    features = decode_natural(number, 1)
    if features > MAX_FEATURES:
        raise DataError("more features than nine", number.start)
    return OpenGroup(data_group, features, raw[number.end :])
