"""DG4: irises, in ISO/IEC 19794-6 or 39794-6, in nested templates (ICAO 9303-10 §4.7.4).

The chip keeps this group for terminals that authenticate themselves; here it is only listed. An issuer that has no
irises of a citizen stores a group without templates (§4.7.4.2.2).
"""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.lds.biometric_image import BiometricImage
from reader.lds.iris39794 import parse_iris_block
from reader.lds.iris_record import parse_iris_record
from reader.lds.templates import BiometricTemplate, parse_templates

__all__ = ["Dg4", "parse_dg4"]

DG4_TAG = 0x76
MAX_TEMPLATES = 4
MAX_IMAGES = 16


@dataclass(frozen=True, slots=True)
class Dg4:
    """Hold the images of DG4 in the order of the file."""

    irises: tuple[BiometricImage, ...]


def parse_dg4(raw: bytes) -> Dg4:
    """Parse DG4; raise DataError for another file or format, more than 1 MiB, four templates or sixteen images."""
    images: list[BiometricImage] = []
    for template in parse_templates(raw, DG4_TAG, MAX_TEMPLATES):
        images += _images(template, MAX_IMAGES - len(images))
        if len(images) > MAX_IMAGES:
            raise DataError("DG4 of too many images", template.block.start)
    return Dg4(tuple(images))


def _images(template: BiometricTemplate, most: int) -> tuple[BiometricImage, ...]:
    block = template.block
    if template.extensible:
        return parse_iris_block(block, template.subtype, most)
    try:
        return parse_iris_record(block.value, template.subtype)
    except DataError as error:
        raise DataError(error.what, block.begin + (error.offset or 0)) from None
