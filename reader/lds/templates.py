"""The nested biometric information templates that DG2, DG3 and DG4 share (ICAO 9303-10 §4.7.2.1, ISO/IEC 7816-11).

``7F61`` holds the number of templates and each template in ``7F60``: a header that says what it is, and one block of
data. The tag of the block tells the family of its format: ``5F2E`` for ISO/IEC 19794, ``7F2E`` for ISO/IEC 39794.
What the header calls the format decides nothing; the block is read by what it holds (§4.5.6).
"""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.lds.asn1 import INTEGER, Element, decode_natural, decode_one

__all__ = ["BiometricTemplate", "parse_templates"]

GROUP_TAG = 0x7F61
TEMPLATE_TAG = 0x7F60
HEADER_TAG = 0xA1
TYPE_TAG = 0x81
SUBTYPE_TAG = 0x82
FORMAT_TYPE_TAG = 0x88
# What an issuer adds so that empty groups differ from card to card (§4.7.3.2.2).
FILLING_TAG = 0x53
# A biometric data block is primitive in ISO 19794 and constructed in ISO 39794.
PRIMITIVE_BLOCK_TAG = 0x5F2E
CONSTRUCTED_BLOCK_TAG = 0x7F2E
MAX_FILE_BYTES = 1024 * 1024
MAX_HEADER_ENTRIES = 10


@dataclass(frozen=True, slots=True, repr=False)
class BiometricTemplate:
    """Hold one template; ``type`` and ``subtype`` are what its header says, None where it is silent."""

    block: Element
    type: int | None
    subtype: int | None

    @property
    def extensible(self) -> bool:
        """Tell whether the block is an extensible one, of ISO/IEC 39794."""
        return self.block.tag == CONSTRUCTED_BLOCK_TAG

    def __repr__(self) -> str:
        """Show the length, never the data."""
        return f"BiometricTemplate({len(self.block)} bytes)"


def parse_templates(raw: bytes, tag: int, most: int) -> tuple[BiometricTemplate, ...]:
    """Parse the file of ``tag`` as a group of at most ``most`` templates; there may be none.

    Raise DataError for another file, one of more than 1 MiB, or another number of templates than it says.
    """
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("biometric data group of more than 1 MiB")
    parts = decode_one(raw, tag).children(2)
    if not parts:
        return ()
    if len(parts) == 2:
        parts[1].expect(FILLING_TAG)
    group = parts[0].expect(GROUP_TAG)
    members = group.children(2 + most)
    if not members or members[0].tag != INTEGER:
        raise DataError("number of templates missing", group.start)
    templates = members[1:]
    if templates and templates[-1].tag == FILLING_TAG:
        templates = templates[:-1]
    if len(templates) > most or decode_natural(members[0], 1) != len(templates):
        raise DataError("another number of templates than said", members[0].start)
    return tuple(_template(template.expect(TEMPLATE_TAG)) for template in templates)


def _template(template: Element) -> BiometricTemplate:
    parts = template.children(4)
    blocks = [part for part in parts if part.tag in (PRIMITIVE_BLOCK_TAG, CONSTRUCTED_BLOCK_TAG)]
    if len(blocks) != 1:
        raise DataError(f"{len(blocks)} biometric data blocks where one is needed", template.start)
    headers = [part for part in parts if part.tag == HEADER_TAG]
    entries = headers[0].children(MAX_HEADER_ENTRIES) if headers else ()
    return BiometricTemplate(blocks[0], _number(entries, TYPE_TAG, 3), _number(entries, SUBTYPE_TAG, 1))


def _number(entries: tuple[Element, ...], tag: int, most_bytes: int) -> int | None:
    """Return the value of the header's entry ``tag`` as a number, None where it has none."""
    entry = next((entry for entry in entries if entry.tag == tag), None)
    if entry is None:
        return None
    if not 1 <= len(entry) <= most_bytes:
        raise DataError("biometric header with an entry of a length it never has", entry.start)
    return int.from_bytes(entry.value, "big")
