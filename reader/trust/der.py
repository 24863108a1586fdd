"""The pre-scan: how large, how deep and how many, before any parser sees the bytes; and a reader of plain DER.

A general ASN.1 parser can be made to work for seconds by one object identifier of 200 kB, or to recurse until it
breaks. So the bytes of a certificate, an EF.SOD or a key are walked here first, without recursion and without
building anything, and refused where they go beyond what such an object can be (X.690 §8).

What is read a thousand times, certificates and revocation lists, is then cut up by ``read_element`` and ``children``:
they do nothing but follow lengths, and keep the bytes as they came.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reader.errors import DataError

__all__ = [
    "CERTIFICATE",
    "KEY",
    "SIGNED_DATA",
    "SIGNED_LIST",
    "DerLimits",
    "Element",
    "children",
    "expect",
    "read_element",
    "read_integer",
    "read_oid",
    "scan",
    "to_der",
]

_INTEGER = 0x02
_OCTET_STRING = 0x04
_OBJECT_IDENTIFIER = 0x06
_CONSTRUCTED = 0x20
_HIGH_TAG = 0x1F
MAX_TAG_BYTES = 4
MAX_LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True)
class DerLimits:
    """Bound an encoded object: bytes, nesting, elements, bytes of one OBJECT IDENTIFIER and of one INTEGER.

    ``indefinite`` admits the lengths of BER, which some issuers' signed data use: indefinite ones, and longer forms
    than are needed (X.690 §8.1.3). Without it they are those of DER, definite and as short as can be (§10.1).
    """

    size: int
    depth: int
    elements: int
    oid: int = 64
    integer: int = 2048
    indefinite: bool = False


KEY = DerLimits(size=4 * 1024, depth=10, elements=64)
CERTIFICATE = DerLimits(size=16 * 1024, depth=16, elements=1_000)
SIGNED_DATA = DerLimits(size=64 * 1024, depth=20, elements=4_000, indefinite=True)
SIGNED_LIST = DerLimits(size=16 << 20, depth=24, elements=500_000, indefinite=True)


def scan(raw: bytes, limits: DerLimits) -> None:
    """Walk one object that fills ``raw`` to its last byte; raise DataError where it breaks a limit or its own lengths.

    Nothing inside an OCTET STRING or BIT STRING is looked at: whoever parses such contents scans them again.
    """
    if len(raw) > limits.size:
        raise DataError(f"more than {limits.size} bytes")
    ends: list[int | None] = []  # where each open element ends; None for an indefinite length
    position = _enter(raw, 0, len(raw), limits, ends)
    elements = 1
    while ends:
        end = ends[-1]
        if end is not None and position >= end:
            ends.pop()
            continue
        if end is None and raw[position : position + 2] == b"\x00\x00":
            position += 2
            ends.pop()
            continue
        elements += 1
        if elements > limits.elements:
            raise DataError(f"more than {limits.elements} elements", position)
        position = _enter(raw, position, _bound(ends, len(raw)), limits, ends)
    if position != len(raw):
        raise DataError("bytes after the end", position)


def _bound(ends: list[int | None], size: int) -> int:
    """Return where the innermost element of known length ends: nothing inside may reach beyond it."""
    return next((end for end in reversed(ends) if end is not None), size)


def _enter(raw: bytes, offset: int, bound: int, limits: DerLimits, ends: list[int | None]) -> int:
    """Read one header; return where to go on: inside a constructed element, behind a primitive one."""
    tag, position = _tag(raw, offset, bound)
    length, begin = _length(raw, position, bound)
    if not limits.indefinite and length is not None and not _is_shortest(length, begin - position):
        raise DataError("length longer than needed", position)
    position = begin
    constructed = bool(tag & _CONSTRUCTED)
    if length is None:
        if not (limits.indefinite and constructed):
            raise DataError("indefinite length", offset)
    elif position + length > bound:
        raise DataError("element reaches beyond what holds it", offset)
    if constructed:
        if len(ends) >= limits.depth:
            raise DataError(f"nested deeper than {limits.depth}", offset)
        ends.append(None if length is None else position + length)
        return position
    size = length or 0
    if tag == _OBJECT_IDENTIFIER and size > limits.oid:
        raise DataError(f"object identifier of more than {limits.oid} bytes", offset)
    if tag == _INTEGER and size > limits.integer:
        raise DataError(f"integer of more than {limits.integer} bytes", offset)
    return position + size


def _tag(raw: bytes, offset: int, bound: int) -> tuple[int, int]:
    """Return the first tag byte and where the length begins."""
    if offset >= bound:
        raise DataError("tag missing", offset)
    first = raw[offset]
    position = offset + 1
    if first & _HIGH_TAG != _HIGH_TAG:
        return first, position
    for _ in range(MAX_TAG_BYTES - 1):
        if position >= bound:
            raise DataError("tag cut short", offset)
        position += 1
        if not raw[position - 1] & 0x80:
            return first, position
    raise DataError(f"tag of more than {MAX_TAG_BYTES} bytes", offset)


def _length(raw: bytes, position: int, bound: int) -> tuple[int | None, int]:
    """Return the length, None for an indefinite one, and where the value begins."""
    if position >= bound:
        raise DataError("length missing", position)
    first = raw[position]
    position += 1
    if first < 0x80:
        return first, position
    count = first & 0x7F
    if count == 0:
        return None, position
    if count > MAX_LENGTH_BYTES:
        raise DataError(f"length of more than {MAX_LENGTH_BYTES} bytes", position - 1)
    if position + count > bound:
        raise DataError("length cut short", position)
    return int.from_bytes(raw[position : position + count], "big"), position + count


def _is_shortest(length: int, size: int) -> bool:
    """Tell whether ``size`` bytes are the fewest that can say ``length`` (X.690 §10.1)."""
    return size == (1 if length < 0x80 else 1 + (length.bit_length() + 7) // 8)


@dataclass(frozen=True, slots=True, repr=False)
class Element:
    """Hold one element: its first tag byte, its whole encoding and its contents, as they came."""

    tag: int
    raw: bytes
    value: bytes


def read_element(raw: bytes, offset: int = 0) -> tuple[Element, int]:
    """Return the element at ``offset`` and where the next one begins; raise DataError where it is cut short."""
    tag, position = _tag(raw, offset, len(raw))
    length, position = _length(raw, position, len(raw))
    if length is None:
        raise DataError("indefinite length", offset)
    end = position + length
    if end > len(raw):
        raise DataError("element reaches beyond what holds it", offset)
    return Element(tag, raw[offset:end], raw[position:end]), end


def children(value: bytes) -> Iterator[Element]:
    """Yield the elements that fill ``value`` to its last byte; raise DataError where they do not."""
    position = 0
    while position < len(value):
        element, position = read_element(value, position)
        yield element


def to_der(raw: bytes, limits: DerLimits) -> bytes:
    """Return ``raw`` with every length definite and as short as can be, and strings in one piece (X.690 §10.1, §10.2).

    Nothing is sorted: a set stays as it was stored. Raise DataError where ``raw`` goes beyond ``limits``.
    """
    scan(raw, limits)
    converted, _ = _convert(raw, 0)
    return converted


def _convert(raw: bytes, offset: int) -> tuple[bytes, int]:
    """Convert the element at ``offset``, which was scanned; return it and where the next one begins."""
    tag, position = _tag(raw, offset, len(raw))
    header = raw[offset:position]
    length, position = _length(raw, position, len(raw))
    end = None if length is None else position + length
    if not tag & _CONSTRUCTED:
        end = position + (length or 0)
        return header + _encode_length(end - position) + raw[position:end], end
    parts: list[bytes] = []
    while position != end:
        if end is None and raw[position : position + 2] == b"\x00\x00":
            position += 2
            break
        part, position = _convert(raw, position)
        parts.append(part)
    if tag == _OCTET_STRING | _CONSTRUCTED:
        header, parts = bytes((_OCTET_STRING,)), [expect(part, _OCTET_STRING).value for part in parts]
    value = b"".join(parts)
    return header + _encode_length(len(value)) + value, position


def _encode_length(length: int) -> bytes:
    if length < 0x80:
        return bytes((length,))
    size = (length.bit_length() + 7) // 8
    return bytes((0x80 | size,)) + length.to_bytes(size, "big")


def expect(raw: bytes, tag: int) -> Element:
    """Return the one element that fills ``raw``; raise DataError where it has another tag or something follows."""
    element, end = read_element(raw)
    if element.tag != tag or end != len(raw):
        raise DataError(f"not one element of tag {tag:02X}")
    return element


def read_integer(element: Element) -> int:
    """Return the value of an INTEGER, in two's complement; raise DataError where it is none."""
    if element.tag != _INTEGER or not element.value:
        raise DataError("not an integer")
    return int.from_bytes(element.value, "big", signed=True)


def read_oid(element: Element) -> str:
    """Return an OBJECT IDENTIFIER with dots (X.690 §8.19); raise DataError where it is none."""
    raw = element.value
    if element.tag != _OBJECT_IDENTIFIER or not raw or raw[-1] & 0x80:
        raise DataError("not an object identifier")
    arcs: list[int] = []
    arc = 0
    for byte in raw:
        arc = arc << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))
