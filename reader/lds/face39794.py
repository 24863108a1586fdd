"""The face image block of ISO/IEC 39794-5:2019 as DG2 holds it from 2026 on (ICAO 9303-10 §4.5.6).

Only what leads to the image is read: version, representation, image, its format and its size. Capture device, quality,
landmarks and whatever a later edition adds are passed over.
"""

from __future__ import annotations

from reader.errors import DataError
from reader.lds.asn1 import Element
from reader.lds.face import FaceImage, ImageKind, image_kind
from reader.lds.iso39794 import read_fields, representations

__all__ = ["parse_face_block"]

FACE_TAG = 0x65

# Places in RepresentationBlock, ImageRepresentation2DBlock, ImageInformation2DBlock and ImageSizeBlock.
IMAGE_REPRESENTATION = 1
BASE = 0
TWO_DIMENSIONAL = 0
IMAGE_DATA = 0
IMAGE_INFORMATION = 1
DATA_FORMAT = 0
SIZE = 7
_KINDS = {2: ImageKind.JPEG, 3: ImageKind.JPEG2000, 4: ImageKind.JPEG2000}


def parse_face_block(block: Element, most: int) -> tuple[FaceImage, ...]:
    """Return the photographs in a data object 7F2E; a face that is a shape or an extension yields none.

    Raise DataError where it holds another format, another kind of image, or more than ``most`` representations.
    """
    return tuple(face for entry in representations(block, FACE_TAG, most) for face in _faces(entry))


def _faces(representation: Element) -> tuple[FaceImage, ...]:
    base = read_fields(read_fields(representation).needed(IMAGE_REPRESENTATION)).optional(BASE)
    flat = read_fields(base).optional(TWO_DIMENSIONAL) if base is not None else None
    return _photograph(flat) if flat is not None else ()


def _photograph(flat: Element) -> tuple[FaceImage, ...]:
    """Return the image of an ImageRepresentation2DBlock, none where it is empty."""
    fields = read_fields(flat)
    data = fields.needed(IMAGE_DATA).expect(0x80 | IMAGE_DATA)
    information = read_fields(fields.needed(IMAGE_INFORMATION))
    declared = _KINDS.get(information.code(DATA_FORMAT) or 0)
    size_block = information.optional(SIZE)
    size = read_fields(size_block) if size_block is not None else None
    width, height = (size.natural(0), size.natural(1)) if size is not None else (0, 0)
    if not len(data):
        return ()
    image = data.value
    kind = image_kind(image)
    if kind is None:
        raise DataError("image of a kind that DG2 never has", data.begin)
    return (FaceImage(image, kind, declared, width, height),)
