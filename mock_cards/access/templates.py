"""Reading the data fields of MSE and GENERAL AUTHENTICATE, strictly (ICAO 9303-11 §4.4.4, §6.2.4)."""

from __future__ import annotations

from mock_cards.refusal import Refused
from reader.errors import DataError
from reader.iso7816 import SW, TLV, parse_all, read_header

__all__ = ["control_objects", "dynamic_data", "is_cut_short", "one_object"]


def control_objects(data: bytes, clause: str) -> dict[int, bytes]:
    """Return the data objects of an MSE by tag; raise Refused 6A80 for malformed ones and for one given twice."""
    found: dict[int, bytes] = {}
    for tlv in _parse(data, clause):
        if tlv.tag in found:
            raise Refused(SW.WRONG_DATA, clause, "a data object is there twice")
        found[tlv.tag] = tlv.value
    return found


def dynamic_data(data: bytes, clause: str) -> tuple[TLV, ...]:
    """Return what object 7C holds; raise Refused 6A80 where the data field is not exactly one such object."""
    outer = _parse(data, clause)
    if len(outer) != 1 or outer[0].tag != 0x7C:
        raise Refused(SW.WRONG_DATA, clause, "the data field is not one object 7C")
    return _parse(outer[0].value, clause)


def one_object(data: bytes, tag: int, clause: str) -> bytes:
    """Return the value of the one object ``tag`` inside 7C; raise Refused 6A80 for anything else."""
    inner = dynamic_data(data, clause)
    if len(inner) != 1 or inner[0].tag != tag:
        raise Refused(SW.WRONG_DATA, clause, f"object {tag:02X} alone is expected in this step")
    return inner[0].value


def is_cut_short(data: bytes, tag: int) -> bool:
    """Tell whether ``data`` is the beginning of one object ``tag`` whose end is still to come."""
    try:
        found, header, length = read_header(data)
    except DataError:
        return False
    return found == tag and len(data) < header + length


def _parse(data: bytes, clause: str) -> tuple[TLV, ...]:
    try:
        return tuple(parse_all(data))
    except DataError:
        raise Refused(SW.WRONG_DATA, clause, "malformed data objects") from None
