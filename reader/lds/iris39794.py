"""The iris image block of ISO/IEC 39794-6:2021 as DG4 may hold it (ICAO 9303-10 §4.5.6): eye and image."""

from __future__ import annotations

from reader.errors import DataError
from reader.lds.asn1 import Element
from reader.lds.biometric_image import BiometricImage, BiometricPosition, biometric_image_kind
from reader.lds.iris_record import EYES
from reader.lds.iso39794 import read_fields, representations

__all__ = ["parse_iris_block"]

IRIS_TAG = 0x66

# Places in RepresentationBlock. The image is the ninth element; encoders that leave the range of the eye out count one
# less. What stands at the lower place is then an OCTET STRING, and a date, which is constructed, where nothing is left
# out: so the two cannot be confused.
EYE = 0
IMAGE_DATA = (9, 8)


def parse_iris_block(block: Element, subtype: int | None, most: int) -> tuple[BiometricImage, ...]:
    """Return the images of a data object 7F2E; raise DataError where it holds another format or more than ``most``."""
    return tuple(_iris(entry, subtype) for entry in representations(block, IRIS_TAG, most))


def _iris(representation: Element, subtype: int | None) -> BiometricImage:
    fields = read_fields(representation)
    code = fields.natural(EYE)
    for place in IMAGE_DATA:
        data = fields.optional(place)
        if data is not None and data.tag == 0x80 | place:
            image = data.value
            eye = EYES[code] if code < len(EYES) else BiometricPosition.UNKNOWN
            return BiometricImage(image, biometric_image_kind(image), eye, subtype)
    raise DataError("iris image missing", representation.start)
