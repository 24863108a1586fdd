"""Width, height and tiles of a JPEG or JPEG 2000 image from its header alone, before anything is decoded.

ISO/IEC 10918-1 §B.2 (JPEG), ISO/IEC 15444-1 §A.5.1 and annex I (JPEG 2000 codestream and JP2 file).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from reader.errors import DataError
from reader.lds.face import J2K_SIGNATURE, ImageKind, image_kind

__all__ = ["ImageHeader", "read_image_header", "without_metadata"]

MAX_SEGMENTS = 256
MAX_BOXES = 64

_END_OF_IMAGE = 0xD9
_START_OF_SCAN = 0xDA
_DRAWING = (0xE0, 0xEE)
# SOF0 to SOF15 without DHT (C4), JPG (C8) and DAC (CC).
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_FRAME = struct.Struct(">BHHB")
# Capabilities, size, image offset, tile size, tile offset, components.
_SIZ = struct.Struct(">H8IH")


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Hold what an image says of itself: pixels and number of tiles (1 for JPEG)."""

    kind: ImageKind
    width: int
    height: int
    components: int
    tiles: int = 1


def read_image_header(image: bytes) -> ImageHeader:
    """Read the header of ``image``; raise DataError for another kind, a header cut short, or no pixels at all."""
    kind = image_kind(image)
    if kind is None:
        raise DataError("neither JPEG nor JPEG 2000", 0)
    if kind is ImageKind.JPEG:
        header = _jpeg(image)
    else:
        header = _codestream(image, 0 if image.startswith(J2K_SIGNATURE) else _find_codestream(image))
    if not (header.width > 0 and header.height > 0 and header.components > 0):
        raise DataError("image without pixels")
    return header


def without_metadata(image: bytes) -> bytes:
    """Return a JPEG without the segments that do not draw: EXIF, colour profiles, comments; anything else unchanged.

    APP0 (JFIF) and APP14 (Adobe) stay, since they tell how the colours are coded. Raise DataError as the header does.
    """
    if image_kind(image) is not ImageKind.JPEG:
        return image
    kept = [image[:2]]
    end = 2
    for marker, start, end in _segments(image):
        if marker in _DRAWING or marker < 0xE0:
            kept.append(image[start:end])
    return b"".join(kept) + image[end:]


def _segments(image: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of the JPEG segments before the first scan."""
    offset = 2
    for _ in range(MAX_SEGMENTS):
        if offset + 4 > len(image) or image[offset] != 0xFF:
            raise DataError("JPEG segment missing", min(offset, len(image)))
        marker = image[offset + 1]
        if marker == 0xFF:  # a fill byte ahead of the marker
            offset += 1
            continue
        if marker in (_END_OF_IMAGE, _START_OF_SCAN):
            return
        length = int.from_bytes(image[offset + 2 : offset + 4], "big")
        if length < 2 or offset + 2 + length > len(image):
            raise DataError("JPEG segment cut short", offset)
        yield marker, offset, offset + 2 + length
        offset += 2 + length
    raise DataError("JPEG of too many segments", offset)


def _jpeg(image: bytes) -> ImageHeader:
    for marker, start, end in _segments(image):
        if marker in _FRAME_MARKERS:
            if start + 4 + _FRAME.size > end:
                raise DataError("JPEG frame header cut short", start)
            _, height, width, components = _FRAME.unpack_from(image, start + 4)
            return ImageHeader(ImageKind.JPEG, width, height, components)
    raise DataError("JPEG without a frame header")


def _find_codestream(image: bytes) -> int:
    offset = 0
    for _ in range(MAX_BOXES):
        if offset + 8 > len(image):
            break
        length = int.from_bytes(image[offset : offset + 4], "big")
        header = 8
        if length == 1:
            length = int.from_bytes(image[offset + 8 : offset + 16], "big")
            header = 16
        if image[offset + 4 : offset + 8] == b"jp2c":
            return offset + header
        if length < header:
            break
        offset += length
    raise DataError("JP2 without a codestream", min(offset, len(image)))


def _codestream(image: bytes, offset: int) -> ImageHeader:
    begin = offset + len(J2K_SIGNATURE) + 2
    if not image.startswith(J2K_SIGNATURE, offset) or begin + _SIZ.size > len(image):
        raise DataError("JPEG 2000 without image size", min(offset, len(image)))
    _, x1, y1, x0, y0, tile_width, tile_height, tile_x0, tile_y0, components = _SIZ.unpack_from(image, begin)
    if not (tile_width and tile_height):
        raise DataError("JPEG 2000 with tiles of no size", begin)
    across = -(-max(0, x1 - tile_x0) // tile_width)
    down = -(-max(0, y1 - tile_y0) // tile_height)
    return ImageHeader(ImageKind.JPEG2000, x1 - x0, y1 - y0, components, across * down)
