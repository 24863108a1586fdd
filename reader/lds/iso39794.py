"""What the extensible formats of ISO/IEC 39794 have in common: version, representations, codes that may be extended.

The ASN.1 of parts 4, 5 and 6 tags every element with its place, so that an element that a later edition adds, or an
optional one that nobody here needs, is passed over by its tag (ISO/IEC 39794-1, ICAO 9303-10 §4.5.6).
"""

from __future__ import annotations

from dataclasses import replace

from reader.errors import DataError
from reader.lds.asn1 import INTEGER, SEQUENCE, Element, decode_natural

__all__ = ["code_at", "natural_at", "needed", "optional", "representations"]

STANDARDIZED_TAG = 0xA1
VERSION = 0
REPRESENTATIONS = 1
# Generation 3 is the first of the extensible formats.
FIRST_GENERATION = 3
MAX_ELEMENTS = 32


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
    fields = inner[0].expect(tag)
    version = needed(fields, VERSION)
    if natural_at(version, 0) < FIRST_GENERATION:
        raise DataError("generation that is not an extensible format", version.start)
    entries = needed(fields, REPRESENTATIONS).children(most)
    return tuple(entry.expect(SEQUENCE) for entry in entries)


def optional(parent: Element, place: int) -> Element | None:
    """Return the element at ``place`` (its context tag, primitive or constructed); None where it is absent."""
    found = [child for child in parent.children(MAX_ELEMENTS) if child.tag in (0x80 | place, 0xA0 | place)]
    if len(found) > 1:
        raise DataError(f"element {place} twice", found[1].start)
    return found[0] if found else None


def needed(parent: Element, place: int) -> Element:
    """Return the element at ``place``; raise DataError where it is absent."""
    found = optional(parent, place)
    if found is None:
        raise DataError(f"element {place} missing", parent.start)
    return found


def natural_at(parent: Element, place: int) -> int:
    """Return the INTEGER at ``place`` that is not negative."""
    return decode_natural(replace(needed(parent, place).expect(0x80 | place), tag=INTEGER), 4)


def code_at(parent: Element, place: int) -> int | None:
    """Return the code at ``place``: a CHOICE of a code, or an extension that names the code to fall back to."""
    choice = needed(parent, place)
    if choice.tag == 0x80 | place:  # profiles that leave extensions out tag the code itself
        return natural_at(parent, place)
    extension = optional(choice, 1)
    if extension is None:
        return natural_at(choice, 0)
    return natural_at(extension, 0) if optional(extension, 0) is not None else None
