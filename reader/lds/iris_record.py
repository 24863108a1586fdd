"""The iris image record of ISO/IEC 19794-6:2005 as DG4 holds it: a header, then eyes, then the images of each."""

from __future__ import annotations

import struct

from reader.errors import DataError
from reader.lds.biometric_image import BiometricImage, BiometricPosition, biometric_image_kind

__all__ = ["EYES", "MAX_IMAGES", "parse_iris_record"]

MAGIC = b"IIR\x00"
VERSION = b"010\x00"
MAX_EYES = 2
MAX_IMAGES = 16

# Magic, version, length, device, eyes, length of this header, properties, iris diameter, image format, raw width and
# height, intensity depth, transformation, device name.
_HEADER = struct.Struct(">4s4sIHB6H2B16s")
# Eye, number of its images.
_EYE = struct.Struct(">BH")
# Number of the image, quality, rotation, uncertainty of rotation, length of the image.
_IMAGE = struct.Struct(">HBHHI")

# The codes of eyes, the same in ISO/IEC 19794-6 and 39794-6.
EYES = (BiometricPosition.UNKNOWN, BiometricPosition.RIGHT_EYE, BiometricPosition.LEFT_EYE)


def parse_iris_record(raw: bytes, subtype: int | None = None) -> tuple[BiometricImage, ...]:
    """Return the images of one iris record; raise DataError for another format or lengths that lie."""
    if len(raw) < _HEADER.size:
        raise DataError("iris record cut short", len(raw))
    magic, version, length, _, eyes, header, _, _, _, width, height, *_ = _HEADER.unpack_from(raw)
    if magic != MAGIC or version != VERSION:
        raise DataError("not an iris record of ISO 19794-6", 0)
    if length != len(raw) or header != _HEADER.size or eyes > MAX_EYES:
        raise DataError("iris record with a length or count that cannot be", 8)
    images: list[BiometricImage] = []
    offset = _HEADER.size
    for _ in range(eyes):
        if offset + _EYE.size > len(raw):
            raise DataError("eye cut short", offset)
        code, count = _EYE.unpack_from(raw, offset)
        if len(images) + count > MAX_IMAGES:
            raise DataError("iris record of too many images", offset)
        eye = EYES[code] if code < len(EYES) else BiometricPosition.UNKNOWN
        offset += _EYE.size
        for _ in range(count):
            image, offset = _image(raw, offset)
            images.append(BiometricImage(image, biometric_image_kind(image), eye, subtype, width, height))
    if offset != len(raw):
        raise DataError("bytes after the last image", offset)
    return tuple(images)


def _image(raw: bytes, offset: int) -> tuple[bytes, int]:
    begin = offset + _IMAGE.size
    if begin > len(raw):
        raise DataError("iris image cut short", offset)
    end = begin + _IMAGE.unpack_from(raw, offset)[4]
    if end > len(raw):
        raise DataError("iris image with a length that cannot be", offset)
    return raw[begin:end], end
