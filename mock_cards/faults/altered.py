"""What can be wrong with the files of a card: lengths that lie, files cut short, no sense, endless structure.

The files keep their signature in EF.SOD: nobody signs them anew, so whatever can still be hashed does not match.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from mock_cards import der
from mock_cards.image import CardImage, ElementaryFile
from reader.iso7816 import encode, read_header

__all__ = ["Alter", "altered", "random_files"]

Alter = Callable[[CardImage], CardImage]

MEBIBYTE = 1 << 20
_CLAIMED_BEYOND = 1000
_DEPTH = 10_000
_MANY = 300_000


def random_files(image: CardImage) -> CardImage:
    """Replace every file of the application by as many bytes without sense, the same on every run."""
    return replace(image, application=tuple(_random_file(file) for file in image.application))


def _random_file(file: ElementaryFile) -> ElementaryFile:
    noise = hashlib.shake_256(f"noise/{file.fid:04X}".encode()).digest(len(file.content))
    return replace(file, content=noise)


def altered(fid: int, change: Callable[[bytes], bytes], *, in_master: bool = False) -> Alter:
    """Return what changes the content of one file; a card without that file stays as it is."""

    def alter(image: CardImage) -> CardImage:
        files = image.master if in_master else image.application
        changed = tuple(replace(file, content=change(file.content)) if file.fid == fid else file for file in files)
        return replace(image, master=changed) if in_master else replace(image, application=changed)

    return alter


def cut_short(content: bytes) -> bytes:
    """Leave out the last third."""
    return content[: len(content) * 2 // 3]


def longer_than_it_is(content: bytes) -> bytes:
    """Claim more bytes than there are."""
    return _with_length(content, _value_length(content) + _CLAIMED_BEYOND)


def of_sixteen_mebibytes(content: bytes) -> bytes:
    """Claim a length that no file of a card has."""
    return _with_length(content, 16 * MEBIBYTE - 1)


def of_indefinite_length(content: bytes) -> bytes:
    """Say 80 for the length, and end with 0000 as BER has it; DER and ICAO 9303-10 know no such length."""
    tag, header, _ = read_header(content)
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + b"\x80" + content[header:] + b"\x00\x00"


def of_five_length_bytes(content: bytes) -> bytes:
    """Spend five bytes on the length."""
    return _prefix(content) + b"\x85" + _value_length(content).to_bytes(5, "big") + _value(content)


def with_trailing_bytes(content: bytes) -> bytes:
    """Have bytes behind the end of the data object."""
    return content + bytes(16)


def as_sequence(content: bytes) -> bytes:
    """Be a SEQUENCE where a SET belongs."""
    return b"\x30" + content[1:]


def under_another_tag(content: bytes) -> bytes:
    """Say that it is another data group: EF.COM's tag in place of its own."""
    return b"\x60" + content[1:]


def two_mebibytes(content: bytes) -> bytes:
    """Go on for two mebibytes, as the header truly says."""
    return encode(_tag(content), _value(content).ljust(2 * MEBIBYTE, b"\x00"))


def nested_without_end(content: bytes) -> bytes:
    """Hold SEQUENCEs in SEQUENCEs, ten thousand deep, under its own tag."""
    inner = b""
    for _ in range(_DEPTH):
        inner = encode(0x30, inner)
    return encode(_tag(content), inner)


def of_many_members(content: bytes) -> bytes:
    """Hold a SET of three hundred thousand NULLs, under its own tag."""
    return encode(_tag(content), encode(0x31, der.NULL * _MANY))


def _with_length(content: bytes, length: int) -> bytes:
    return _prefix(content) + b"\x83" + length.to_bytes(3, "big") + _value(content)


def _tag(content: bytes) -> int:
    return read_header(content)[0]


def _prefix(content: bytes) -> bytes:
    tag = _tag(content)
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big")


def _value_length(content: bytes) -> int:
    return read_header(content)[2]


def _value(content: bytes) -> bytes:
    _, header, length = read_header(content)
    return content[header : header + length]
