"""DG3: fingers, in ISO/IEC 19794-4 or 39794-4, in nested templates (ICAO 9303-10 §4.7.3).

The chip keeps this group for terminals that authenticate themselves; here it is only listed. An issuer that has no
fingers of a citizen stores a group without templates (§4.7.3.2.2).
"""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.lds.biometric_image import BiometricImage
from reader.lds.finger39794 import parse_finger_block
from reader.lds.finger_record import parse_finger_record
from reader.lds.templates import BiometricTemplate, parse_templates

__all__ = ["Dg3", "parse_dg3"]

DG3_TAG = 0x63
MAX_TEMPLATES = 16
MAX_IMAGES = 16


@dataclass(frozen=True, slots=True)
class Dg3:
    """Hold the images of DG3 in the order of the file."""

    fingers: tuple[BiometricImage, ...]


def parse_dg3(raw: bytes) -> Dg3:
    """Parse DG3; raise DataError for another file, more than 1 MiB or sixteen images, or a format DG3 never has."""
    images: list[BiometricImage] = []
    for template in parse_templates(raw, DG3_TAG, MAX_TEMPLATES):
        images += _images(template, MAX_IMAGES - len(images))
        if len(images) > MAX_IMAGES:
            raise DataError("DG3 of too many images", template.block.start)
    return Dg3(tuple(images))


def _images(template: BiometricTemplate, most: int) -> tuple[BiometricImage, ...]:
    block = template.block
    if template.extensible:
        return parse_finger_block(block, template.subtype, most)
    try:
        return parse_finger_record(block.value, template.subtype)
    except DataError as error:
        raise DataError(error.what, block.begin + (error.offset or 0)) from None
