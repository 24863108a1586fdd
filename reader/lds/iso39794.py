"""What the extensible formats of ISO/IEC 39794 have in common: version, representations, codes that may be extended.

The ASN.1 of parts 4, 5 and 6 tags every element with its place, so that an element that a later edition adds, or an
optional one that nobody here needs, is passed over by its tag (ISO/IEC 39794-1, ICAO 9303-10 §4.5.6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from reader.errors import DataError
from reader.lds.asn1 import INTEGER, SEQUENCE, Element, decode_natural

__all__ = ["Fields", "read_fields", "representations"]

STANDARDIZED_TAG = 0xA1
VERSION = 0
REPRESENTATIONS = 1
# Generation 3 is the first of the extensible formats.
FIRST_GENERATION = 3
# The longest SEQUENCE of parts 4 to 6 has seventeen elements.
MAX_ELEMENTS = 20


@dataclass(frozen=True, slots=True)
class Fields:
    """Hold the elements of one SEQUENCE or CHOICE by their places, each walked once."""

    parent: Element
    elements: dict[int, Element]

    def optional(self, place: int) -> Element | None:
        """Return the element at ``place``, None where it is absent."""
        return self.elements.get(place)

    def needed(self, place: int) -> Element:
        """Return the element at ``place``; raise DataError where it is absent."""
        found = self.elements.get(place)
        if found is None:
            raise DataError(f"element {place} missing", self.parent.start)
        return found

    def natural(self, place: int) -> int:
        """Return the INTEGER at ``place`` that is not negative."""
        return decode_natural(replace(self.needed(place).expect(0x80 | place), tag=INTEGER), 4)

    def code(self, place: int) -> int | None:
        """Return the code at ``place``: a CHOICE of a code, or an extension that may name one to fall back to."""
        element = self.needed(place)
        if element.tag == 0x80 | place:  # profiles that leave extensions out tag the code itself
            return self.natural(place)
        choice = read_fields(element)
        extension = choice.optional(1)
        if extension is None:
            return choice.natural(0)
        fallback = read_fields(extension)
        return fallback.natural(0) if fallback.optional(0) is not None else None


def read_fields(parent: Element) -> Fields:
    """Walk ``parent`` as elements with context tags; raise DataError for one of another class or one twice."""
    elements: dict[int, Element] = {}
    for child in parent.children(MAX_ELEMENTS):
        place = child.tag & 0x1F
        if child.tag not in (0x80 | place, 0xA0 | place) or place in elements:
            raise DataError(f"element {child.tag:02X} twice or out of place", child.start)
        elements[place] = child
    return Fields(parent, elements)


def representations(block: Element, tag: int, most: int) -> tuple[Element, ...]:
    """Return the representations in a block of ``tag`` (64 finger, 65 face, 66 iris), at most ``most`` of them.

    ``block`` is the data object 7F2E. Raise DataError where it holds another format or no version.
    """
    outer = block.children(1)
    if len(outer) != 1:
        raise DataError("biometric data block is empty", block.start)
    inner = outer[0].expect(STANDARDIZED_TAG).children(1)
    if len(inner) != 1:
        raise DataError("biometric data block is empty", outer[0].start)
    fields = read_fields(inner[0].expect(tag))
    version = fields.needed(VERSION)
    if read_fields(version).natural(0) < FIRST_GENERATION:
        raise DataError("generation that is not an extensible format", version.start)
    return tuple(entry.expect(SEQUENCE) for entry in fields.needed(REPRESENTATIONS).children(most))
