"""DG2: the face, in nested biometric information templates (ICAO 9303-10 §4.7.2, CBEFF)."""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.lds.asn1 import INTEGER, Element, decode_natural, decode_one
from reader.lds.face import FaceImage, parse_facial_record

__all__ = ["Dg2", "UnreadFormat", "parse_dg2"]

DG2_TAG = 0x75
GROUP_TAG = 0x7F61
TEMPLATE_TAG = 0x7F60
HEADER_TAG = 0xA1
FORMAT_OWNER_TAG = 0x87
FORMAT_TYPE_TAG = 0x88
# A biometric data block is primitive in ISO 19794 and constructed in ISO 39794.
PRIMITIVE_BLOCK_TAG = 0x5F2E
CONSTRUCTED_BLOCK_TAG = 0x7F2E
ISO_39794_5 = bytes.fromhex("002A")
MAX_FILE_BYTES = 1024 * 1024
MAX_TEMPLATES = 9


class UnreadFormat(DataError):
    """Say that a file is in a format which the standard has and this reader does not read: nothing is wrong with it."""


@dataclass(frozen=True, slots=True)
class Dg2:
    """Hold the face images of DG2 in the order of the file; there may be none on the card of a small child."""

    faces: tuple[FaceImage, ...]


def parse_dg2(raw: bytes) -> Dg2:
    """Parse DG2; raise DataError for another file, or more than 1 MiB or nine templates; UnreadFormat for ISO 39794."""
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("DG2 of more than 1 MiB")
    outer = decode_one(raw, DG2_TAG)
    groups = outer.children(1)
    if not groups:
        return Dg2(())
    members = groups[0].expect(GROUP_TAG).children(1 + MAX_TEMPLATES)
    if not members or members[0].tag != INTEGER:
        raise DataError("number of templates missing", groups[0].start)
    templates = members[1:]
    if decode_natural(members[0], 1) != len(templates):
        raise DataError("another number of templates than said", members[0].start)
    return Dg2(tuple(face for template in templates for face in _faces(template.expect(TEMPLATE_TAG))))


def _faces(template: Element) -> tuple[FaceImage, ...]:
    parts = template.children(4)
    blocks = [part for part in parts if part.tag in (PRIMITIVE_BLOCK_TAG, CONSTRUCTED_BLOCK_TAG)]
    if len(blocks) != 1:
        raise DataError(f"{len(blocks)} biometric data blocks where one is needed", template.start)
    if blocks[0].tag == CONSTRUCTED_BLOCK_TAG or _format_type(parts) == ISO_39794_5:
        raise UnreadFormat("39794-5 not read yet", blocks[0].start)
    if not len(blocks[0]):
        return ()
    try:
        return parse_facial_record(blocks[0].value)
    except DataError as error:
        raise DataError(error.what, blocks[0].begin + (error.offset or 0)) from None


def _format_type(parts: tuple[Element, ...]) -> bytes | None:
    headers = [part for part in parts if part.tag == HEADER_TAG]
    if not headers:
        return None
    return next((entry.value for entry in headers[0].children(16) if entry.tag == FORMAT_TYPE_TAG), None)
