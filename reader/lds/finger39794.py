"""The finger image block of ISO/IEC 39794-4:2019 as DG3 may hold it (ICAO 9303-10 §4.5.6): position and image."""

from __future__ import annotations

from reader.lds.asn1 import Element
from reader.lds.biometric_image import BiometricImage, BiometricPosition, biometric_image_kind
from reader.lds.finger_record import FINGERS
from reader.lds.iso39794 import read_fields, representations

__all__ = ["parse_finger_block"]

FINGER_TAG = 0x64

# Places in RepresentationBlock.
POSITION = 0
IMAGE_DATA = 3


def parse_finger_block(block: Element, subtype: int | None, most: int) -> tuple[BiometricImage, ...]:
    """Return the images of a data object 7F2E; raise DataError where it holds another format or more than ``most``."""
    return tuple(_finger(entry, subtype) for entry in representations(block, FINGER_TAG, most))


def _finger(representation: Element, subtype: int | None) -> BiometricImage:
    fields = read_fields(representation)
    code = fields.code(POSITION) or 0
    image = fields.needed(IMAGE_DATA).expect(0x80 | IMAGE_DATA).value
    position = FINGERS[code] if code < len(FINGERS) else BiometricPosition.UNKNOWN
    return BiometricImage(image, biometric_image_kind(image), position, subtype)
