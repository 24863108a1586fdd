"""The facial record of ISO/IEC 19794-5:2005 as DG2 holds it: where the image is, and what kind it says it is.

Only the frame is read here. The image itself is decoded in a limited child process (``portrait_decoder``).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum

from reader.errors import DataError

__all__ = ["FaceImage", "ImageKind", "image_kind", "jpeg_begun_in", "parse_facial_record"]

MAGIC = b"FAC\x00"
VERSIONS = (b"010\x00",)
MAX_FACES = 9
MAX_FEATURE_POINTS = 1024
# Where an image begins at the latest: behind the headers of the file and as many feature points as there may be.
FURTHEST_IMAGE = 16 << 10

_HEADER = struct.Struct(">4s4sIH")
# Length of the block, feature points, gender, eyes, hair, properties, expression, pose, pose uncertainty.
_FACE = struct.Struct(">IH3B3s2s3s3s")
_POINT_BYTES = 8
# Face image type, image data type, width, height, colour space, source type, device type, quality.
_IMAGE = struct.Struct(">BBHHBBHH")

JP2_SIGNATURE = bytes.fromhex("0000000C6A5020200D0A870A")
J2K_SIGNATURE = bytes.fromhex("FF4FFF51")
JPEG_SIGNATURE = bytes.fromhex("FFD8FF")


class ImageKind(StrEnum):
    """Name the image kinds that DG2 may hold."""

    JPEG = "jpeg"
    JPEG2000 = "jpeg2000"


@dataclass(frozen=True, slots=True, repr=False)
class FaceImage:
    """Hold one face image as the chip has it; ``width`` and ``height`` are what the record declares, 0 for unknown.

    ``kind`` is what the image is by its first bytes; ``declared_kind`` what the record calls it.
    """

    image: bytes
    kind: ImageKind
    declared_kind: ImageKind | None
    width: int
    height: int

    def __repr__(self) -> str:
        """Show kind and length, never the image."""
        return f"FaceImage({self.kind}, {len(self.image)} bytes)"


def image_kind(image: bytes) -> ImageKind | None:
    """Tell JPEG and JPEG 2000 (file or bare codestream) by their first bytes; None for anything else."""
    if image.startswith(JPEG_SIGNATURE):
        return ImageKind.JPEG
    return ImageKind.JPEG2000 if image.startswith((JP2_SIGNATURE, J2K_SIGNATURE)) else None


def jpeg_begun_in(beginning: bytes) -> bytes | None:
    """Return what has come of the first JPEG in the beginning of a DG2, None where none has begun.

    For a first sight only: the place is found by the signature, not by the structure, which is not whole yet.
    """
    start = beginning.find(JPEG_SIGNATURE, 0, FURTHEST_IMAGE)
    return beginning[start:] if start >= 0 else None


def parse_facial_record(raw: bytes) -> tuple[FaceImage, ...]:
    """Return the images of one facial record; raise DataError for another format, lengths that lie, or another kind.

    A record without image bytes, as on cards of small children, yields no image.
    """
    if len(raw) < _HEADER.size:
        raise DataError("facial record cut short", len(raw))
    magic, version, length, count = _HEADER.unpack_from(raw)
    if magic != MAGIC or version not in VERSIONS:
        raise DataError("not a facial record of ISO 19794-5", 0)
    if length != len(raw) or count > MAX_FACES:
        raise DataError("facial record with a length or count that cannot be", 8)
    images: list[FaceImage] = []
    offset = _HEADER.size
    for _ in range(count):
        found, offset = _parse_face(raw, offset)
        images.extend(found)
    if offset != len(raw):
        raise DataError("bytes after the last face", offset)
    return tuple(images)


def _parse_face(raw: bytes, offset: int) -> tuple[list[FaceImage], int]:
    if offset + _FACE.size > len(raw):
        raise DataError("facial information cut short", offset)
    length, points = _FACE.unpack_from(raw, offset)[:2]
    begin = offset + _FACE.size + points * _POINT_BYTES
    end = offset + length
    if points > MAX_FEATURE_POINTS or begin + _IMAGE.size > end or end > len(raw):
        raise DataError("facial information with a length that cannot be", offset)
    _, data_type, width, height = _IMAGE.unpack_from(raw, begin)[:4]
    image = raw[begin + _IMAGE.size : end]
    if not image:
        return [], end
    kind = image_kind(image)
    if kind is None:
        raise DataError("image of a kind that DG2 never has", begin + _IMAGE.size)
    declared = {0: ImageKind.JPEG, 1: ImageKind.JPEG2000}.get(data_type)
    return [FaceImage(image, kind, declared, width, height)], end
