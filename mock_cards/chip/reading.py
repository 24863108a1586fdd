"""Cutting an answer out of a file: lengths of READ BINARY and manners of chips (ICAO 9303-10 §3.6.3, §3.6.6)."""

from __future__ import annotations

from mock_cards.profile import LongRead, Manners, PastEnd
from mock_cards.refusal import NakedRefusal, Refused
from reader.errors import DataError
from reader.iso7816 import SW, ResponseAPDU, encode, parse_all

__all__ = ["cut_out", "cut_out_object", "read_offset"]

_READ = "ICAO 9303-10 §3.6.3"
_READ_ODD = "ICAO 9303-10 §3.6.6"
_LE = "ISO/IEC 7816-4 §5.6"
_ALL = (256, 65536)
_LONGEST_OFFSET = 4


def cut_out(content: bytes, offset: int, ne: int, room: int, manners: Manners) -> ResponseAPDU:
    """Return at most ``room`` bytes from ``offset``, and 6282 where the file ends before as many as asked for.

    Le of zeros asks for all there is, so that the end of the file is no warning then (ISO/IEC 7816-4 §11.3.3).
    """
    if offset >= len(content):
        raise Refused(SW.WRONG_OFFSET, _READ, "the offset lies behind the end of the file")
    room = min(room, _longest(ne, manners))
    data = content[offset : offset + min(ne, room)]
    if ne in _ALL or len(data) == ne or offset + len(data) < len(content):
        return ResponseAPDU(data, SW.OK)
    if manners.past_end is PastEnd.EXACT_LENGTH:
        raise Refused(0x6C00 | len(data) & 0xFF, _LE, "Le is not what is left of the file")
    return ResponseAPDU(data, SW.OK if manners.past_end is PastEnd.OK else SW.END_OF_FILE)


def cut_out_object(content: bytes, offset: int, ne: int, room: int, manners: Manners) -> ResponseAPDU:
    """Return the same as one object 53, whose header counts against Le too."""
    limit = min(room, ne)
    inner = max(min(limit - 2, 127), min(limit - 3, 255), min(limit - 4, 65535))
    if inner <= 0:
        raise Refused(SW.WRONG_LENGTH, _READ_ODD, "Le leaves no room for object 53")
    part = cut_out(content, offset, ne if ne in _ALL else inner, inner, manners)
    return ResponseAPDU(encode(0x53, part.data), part.sw)


def _longest(ne: int, manners: Manners) -> int:
    """Return the most that this chip gives in one read; raise Refused where it answers a longer Le otherwise."""
    longest = manners.longest_read
    if not longest or ne <= longest or manners.long_read is LongRead.SHORTEN:
        return longest or ne
    if manners.long_read is LongRead.EXACT_LENGTH:
        raise Refused(0x6C00 | longest & 0xFF, _LE, "Le is more than this chip gives")
    if manners.long_read is LongRead.NAKED:
        raise NakedRefusal(SW.WRONG_LENGTH, _LE, "Le is more than this chip gives; it says so outside the session")
    raise Refused(SW.WRONG_LENGTH, _LE, "Le is more than this chip gives")


def read_offset(data: bytes) -> int:
    """Read object 54 of the odd instruction."""
    try:
        objects = tuple(parse_all(data))
    except DataError:
        objects = ()
    if len(objects) != 1 or objects[0].tag != 0x54 or not 1 <= len(objects[0].value) <= _LONGEST_OFFSET:
        raise Refused(SW.WRONG_DATA, _READ_ODD, "the offset is one object 54")
    return int.from_bytes(objects[0].value, "big")
