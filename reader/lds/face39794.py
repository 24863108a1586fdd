"""The face image block of ISO/IEC 39794-5:2019 as DG2 holds it from 2026 on (ICAO 9303-10 §4.5.6).

Only what leads to the image is read: version, representation, image, its format and its size. Capture device, quality,
landmarks and whatever a later edition adds are passed over.
"""

from __future__ import annotations

from reader.errors import DataError
from reader.lds.asn1 import Element
from reader.lds.face import FaceImage, ImageKind, image_kind
from reader.lds.iso39794 import code_at, natural_at, needed, optional, representations

__all__ = ["parse_face_block"]

FACE_TAG = 0x65
MAX_FACES = 9

# Places in RepresentationBlock, ImageRepresentation2DBlock, ImageInformation2DBlock and ImageSizeBlock.
IMAGE_REPRESENTATION = 1
BASE = 0
TWO_DIMENSIONAL = 0
IMAGE_DATA = 0
IMAGE_INFORMATION = 1
DATA_FORMAT = 0
SIZE = 7
_KINDS = {2: ImageKind.JPEG, 3: ImageKind.JPEG2000, 4: ImageKind.JPEG2000}


def parse_face_block(block: Element) -> tuple[FaceImage, ...]:
    """Return the photographs in a data object 7F2E; a face that is a shape or an extension yields none.

    Raise DataError where it holds another format or another kind of image.
    """
    entries = representations(block, FACE_TAG, MAX_FACES)
    flat = [found for entry in entries if (found := _photograph(entry)) is not None]
    return tuple(face for found in flat for face in _face(found))


def _photograph(representation: Element) -> Element | None:
    """Return the ImageRepresentation2DBlock of a representation; None where it is a shape or an extension."""
    base = optional(needed(representation, IMAGE_REPRESENTATION), BASE)
    return optional(base, TWO_DIMENSIONAL) if base is not None else None


def _face(flat: Element) -> tuple[FaceImage, ...]:
    data = needed(flat, IMAGE_DATA).expect(0x80 | IMAGE_DATA)
    information = needed(flat, IMAGE_INFORMATION)
    declared = _KINDS.get(code_at(information, DATA_FORMAT) or 0)
    size = optional(information, SIZE)
    width, height = (natural_at(size, 0), natural_at(size, 1)) if size is not None else (0, 0)
    if not len(data):
        return ()
    image = data.value
    kind = image_kind(image)
    if kind is None:
        raise DataError("image of a kind that DG2 never has", data.begin)
    return (FaceImage(image, kind, declared, width, height),)
