"""The finger image record of ISO/IEC 19794-4:2005 as DG3 holds it: a header, then the views of fingers."""

from __future__ import annotations

import struct

from reader.errors import DataError
from reader.lds.biometric_image import BiometricImage, BiometricPosition, biometric_image_kind

__all__ = ["FINGERS", "parse_finger_record"]

MAGIC = b"FIR\x00"
VERSION = b"010\x00"
MAX_VIEWS = 16

# Magic, version, length of six bytes, device, level, fingers, scale, scan and image resolution, depth, compression.
_HEADER = struct.Struct(">4s4s6sHHBB4HBBH")
# Length, position, views, number of this view, quality, impression, width, height, reserved.
_VIEW = struct.Struct(">I5BHHB")

# The codes of finger positions, the same in ISO/IEC 19794-4 and 39794-4.
FINGERS = (
    BiometricPosition.UNKNOWN,
    BiometricPosition.RIGHT_THUMB,
    BiometricPosition.RIGHT_INDEX,
    BiometricPosition.RIGHT_MIDDLE,
    BiometricPosition.RIGHT_RING,
    BiometricPosition.RIGHT_LITTLE,
    BiometricPosition.LEFT_THUMB,
    BiometricPosition.LEFT_INDEX,
    BiometricPosition.LEFT_MIDDLE,
    BiometricPosition.LEFT_RING,
    BiometricPosition.LEFT_LITTLE,
)


def parse_finger_record(raw: bytes, subtype: int | None = None) -> tuple[BiometricImage, ...]:
    """Return the images of one finger record; raise DataError for another format or lengths that lie."""
    if len(raw) < _HEADER.size:
        raise DataError("finger record cut short", len(raw))
    magic, version, length, _, _, fingers, *_ = _HEADER.unpack_from(raw)
    if magic != MAGIC or version != VERSION:
        raise DataError("not a finger record of ISO 19794-4", 0)
    if int.from_bytes(length, "big") != len(raw):
        raise DataError("finger record with a length that cannot be", 8)
    images: list[BiometricImage] = []
    seen: set[int] = set()
    offset = _HEADER.size
    while offset < len(raw):
        if len(images) >= MAX_VIEWS:
            raise DataError("finger record of too many views", offset)
        position, image, offset = _view(raw, offset, subtype)
        seen.add(position)
        images.append(image)
    # The header counts fingers, not views: a finger may be shown in several of them.
    if len(images) < fingers or len(seen) > max(1, fingers):
        raise DataError("finger record with another number of fingers than said", 18)
    return tuple(images)


def _view(raw: bytes, offset: int, subtype: int | None) -> tuple[int, BiometricImage, int]:
    if offset + _VIEW.size > len(raw):
        raise DataError("finger view cut short", offset)
    length, position, _, _, _, _, width, height, _ = _VIEW.unpack_from(raw, offset)
    begin, end = offset + _VIEW.size, offset + length
    if not begin <= end <= len(raw):
        raise DataError("finger view with a length that cannot be", offset)
    image = raw[begin:end]
    finger = FINGERS[position] if position < len(FINGERS) else BiometricPosition.UNKNOWN
    return position, BiometricImage(image, biometric_image_kind(image), finger, subtype, width, height), end
