"""Elements of BER with definite lengths, walked by offset and bounded, and the few types that LDS files are made of.

The files of a chip have a known shape, so nothing here recurses: a parser walks down one level at a time and says how
many elements it is willing to meet. An ``Element`` is a window onto the bytes of the whole file; nothing is copied
until a value is asked for, and an error names the offset in the file. X.690 §8; no content ever reaches an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reader.errors import DataError
from reader.iso7816.tlv import read_header

__all__ = [
    "IA5_STRING",
    "INTEGER",
    "OBJECT_IDENTIFIER",
    "OCTET_STRING",
    "PRINTABLE_STRING",
    "SEQUENCE",
    "SET",
    "UTF8_STRING",
    "Element",
    "decode_integer",
    "decode_natural",
    "decode_oid",
    "decode_one",
    "walk",
]

INTEGER = 0x02
OCTET_STRING = 0x04
OBJECT_IDENTIFIER = 0x06
UTF8_STRING = 0x0C
PRINTABLE_STRING = 0x13
IA5_STRING = 0x16
SEQUENCE = 0x30
SET = 0x31

MAX_OID_BYTES = 64
MAX_INTEGER_BYTES = 8
MAX_CHILDREN = 64


@dataclass(frozen=True, slots=True, repr=False)
class Element:
    """Point at one element of ``source``: tag at ``start``, value from ``begin`` up to and without ``end``."""

    source: bytes
    tag: int
    start: int
    begin: int
    end: int

    @property
    def value(self) -> bytes:
        """Copy the value out."""
        return self.source[self.begin : self.end]

    @property
    def raw(self) -> bytes:
        """Copy the whole element out, header and value, exactly as it stands in the file."""
        return self.source[self.start : self.end]

    def children(self, limit: int = MAX_CHILDREN) -> tuple[Element, ...]:
        """Walk the value as elements; raise DataError where it is not made of them, or of more than ``limit``."""
        return tuple(walk(self.source, self.begin, self.end, limit))

    def first(self) -> Element | None:
        """Return the first element of the value, whatever follows it; None where it does not begin with one."""
        try:
            return next(walk(self.source, self.begin, self.end), None)
        except DataError:
            return None

    def expect(self, tag: int) -> Element:
        """Return this element if it bears ``tag``; raise DataError otherwise."""
        if self.tag != tag:
            raise DataError(f"tag {self.tag:02X} where {tag:02X} is needed", self.start)
        return self

    def __len__(self) -> int:
        """Return the length of the value in bytes."""
        return self.end - self.begin

    def __repr__(self) -> str:
        """Show tag and length, never the value."""
        return f"Element({self.tag:02X}, {len(self)} bytes)"


def walk(source: bytes, begin: int = 0, end: int | None = None, limit: int = MAX_CHILDREN) -> Iterator[Element]:
    """Yield the elements between ``begin`` and ``end``, one at a time; raise DataError after ``limit`` of them."""
    stop = len(source) if end is None else end
    offset = begin
    for _ in range(limit):
        if offset >= stop:
            return
        element = _element(source, offset, stop)
        yield element
        offset = element.end
    if offset < stop:
        raise DataError(f"more than {limit} elements", offset)


def _element(source: bytes, offset: int, stop: int) -> Element:
    tag, header, length = read_header(source, offset)
    begin = offset + header
    if begin + length > stop:
        raise DataError("element reaches beyond what holds it", offset)
    return Element(source, tag, offset, begin, begin + length)


def decode_one(source: bytes, tag: int) -> Element:
    """Return the one element that ``source`` is, of ``tag``; raise DataError for another tag or bytes after it."""
    element = _element(source, 0, len(source)).expect(tag)
    if element.end != len(source):
        raise DataError("bytes after the end", element.end)
    return element


def decode_oid(element: Element) -> str:
    """Return an OBJECT IDENTIFIER in dotted form; its value has at most 64 bytes (X.690 §8.19)."""
    element.expect(OBJECT_IDENTIFIER)
    if not 1 <= len(element) <= MAX_OID_BYTES:
        raise DataError("object identifier of a length none has", element.start)
    value = element.value
    if value[-1] & 0x80:
        raise DataError("object identifier cut short", element.end)
    arcs: list[int] = []
    arc = 0
    fresh = True
    for position, byte in enumerate(value):
        if fresh and byte == 0x80:
            raise DataError("object identifier with a padded arc", element.begin + position)
        arc = arc << 7 | byte & 0x7F
        fresh = not byte & 0x80
        if fresh:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(number) for number in (first, arcs[0] - 40 * first, *arcs[1:]))


def decode_integer(element: Element, max_bytes: int = MAX_INTEGER_BYTES) -> int:
    """Return an INTEGER of at most ``max_bytes``, encoded in the fewest bytes (X.690 §8.3)."""
    element.expect(INTEGER)
    if not 1 <= len(element) <= max_bytes:
        raise DataError("integer of a length this field never has", element.start)
    value = element.value
    if len(value) > 1 and (value[0], value[1] >> 7) in ((0x00, 0), (0xFF, 1)):
        raise DataError("integer with padding", element.begin)
    return int.from_bytes(value, "big", signed=True)


def decode_natural(element: Element, max_bytes: int = MAX_INTEGER_BYTES) -> int:
    """Return an INTEGER that is not negative: versions, key ids, parameter ids."""
    number = decode_integer(element, max_bytes)
    if number < 0:
        raise DataError("negative number", element.begin)
    return number
