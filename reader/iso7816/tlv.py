"""BER-TLV data objects with definite lengths, bounded before they are believed (ISO/IEC 7816-4 §5.2.2, X.690 §8.1).

Tags are the integers their bytes spell: 0x7C, 0x5F1F, 0x7F61. Every function raises ``DataError`` with an offset and
never reads past the bytes it was given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reader.errors import DataError

__all__ = ["TLV", "encode", "find", "parse", "parse_all", "read_header"]

MAX_TAG_BYTES = 3
MAX_LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True, repr=False)
class TLV:
    """Hold one data object; ``start`` is the offset of its tag and ``header`` the bytes before its value."""

    tag: int
    value: bytes
    start: int = 0
    header: int = 0

    @property
    def end(self) -> int:
        """Return the offset after the last byte of the value."""
        return self.start + self.header + len(self.value)

    @property
    def constructed(self) -> bool:
        """Tell whether the value is itself made of data objects (bit 6 of the first tag byte)."""
        first = self.tag
        while first > 0xFF:
            first >>= 8
        return bool(first & 0x20)

    def children(self) -> tuple[TLV, ...]:
        """Parse the value as data objects; raise DataError where it is not."""
        return tuple(parse_all(self.value))

    def child(self, tag: int) -> TLV:
        """Return the one child with ``tag``; raise DataError where it is missing or there twice."""
        found = [tlv for tlv in parse_all(self.value) if tlv.tag == tag]
        if len(found) != 1:
            raise DataError(f"{len(found)} data objects {tag:02X} where one is needed", self.start)
        return found[0]

    def __repr__(self) -> str:
        """Show tag and length, never the value."""
        return f"TLV({self.tag:02X}, {len(self.value)} bytes)"


def read_header(raw: bytes, offset: int = 0) -> tuple[int, int, int]:
    """Return ``(tag, header length, value length)`` of the data object that begins at ``offset``.

    The value itself need not be there yet: this is how a file's size is learnt from its first bytes. Raise DataError
    for a tag of more than three bytes, an indefinite length, or a header that is cut short.
    """
    tag, position = _read_tag(raw, offset)
    if position >= len(raw):
        raise DataError("length missing", position)
    first = raw[position]
    position += 1
    if first < 0x80:
        return tag, position - offset, first
    count = first & 0x7F
    if count == 0:
        raise DataError("indefinite length", position - 1)
    if count > MAX_LENGTH_BYTES:
        raise DataError("length of more than four bytes", position - 1)
    if position + count > len(raw):
        raise DataError("length cut short", position)
    length = int.from_bytes(raw[position : position + count], "big")
    return tag, position + count - offset, length


def _read_tag(raw: bytes, offset: int) -> tuple[int, int]:
    if offset >= len(raw):
        raise DataError("tag missing", offset)
    tag = raw[offset]
    position = offset + 1
    if tag & 0x1F != 0x1F:
        return tag, position
    for _ in range(MAX_TAG_BYTES - 1):
        if position >= len(raw):
            raise DataError("tag cut short", offset)
        tag = tag << 8 | raw[position]
        position += 1
        if not raw[position - 1] & 0x80:
            return tag, position
    raise DataError("tag of more than three bytes", offset)


def parse(raw: bytes, offset: int = 0) -> TLV:
    """Return the data object at ``offset``; what follows it is left alone."""
    tag, header, length = read_header(raw, offset)
    begin = offset + header
    if begin + length > len(raw):
        raise DataError("value cut short", begin)
    return TLV(tag, bytes(raw[begin : begin + length]), offset, header)


def parse_all(raw: bytes) -> Iterator[TLV]:
    """Yield the data objects that ``raw`` is made of, to its very end."""
    offset = 0
    while offset < len(raw):
        tlv = parse(raw, offset)
        yield tlv
        offset = tlv.end


def find(raw: bytes, *path: int) -> bytes:
    """Return the value reached by following ``path`` of tags from the outside in; each must be there just once."""
    value = raw
    for tag in path:
        value = TLV(0, value).child(tag).value
    return value


def encode(tag: int, value: bytes) -> bytes:
    """Encode one data object with the shortest definite length."""
    tag_bytes = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")
    size = len(value)
    if size < 0x80:
        return tag_bytes + bytes((size,)) + value
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return tag_bytes + bytes((0x80 | len(length),)) + length + value
