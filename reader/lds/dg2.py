"""DG2: the face, in ISO/IEC 19794-5 or 39794-5, in nested templates (ICAO 9303-10 §4.7.2)."""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.lds.face import FaceImage, parse_facial_record
from reader.lds.face39794 import parse_face_block
from reader.lds.templates import BiometricTemplate, parse_templates

__all__ = ["Dg2", "parse_dg2"]

DG2_TAG = 0x75
MAX_TEMPLATES = 9
MAX_FACES = 9


@dataclass(frozen=True, slots=True)
class Dg2:
    """Hold the face images of DG2 in the order of the file; there may be none on the card of a small child."""

    faces: tuple[FaceImage, ...]


def parse_dg2(raw: bytes) -> Dg2:
    """Parse DG2; raise DataError for another file, more than 1 MiB or nine faces, or a format DG2 never has.

    The issuer's most recent image comes first (§4.7.2).
    """
    faces: list[FaceImage] = []
    for template in parse_templates(raw, DG2_TAG, MAX_TEMPLATES):
        faces += _faces(template, MAX_FACES - len(faces))
        if len(faces) > MAX_FACES:
            raise DataError("DG2 of too many faces", template.block.start)
    return Dg2(tuple(faces))


def _faces(template: BiometricTemplate, most: int) -> tuple[FaceImage, ...]:
    block = template.block
    if template.extensible:
        return parse_face_block(block, most)
    if not len(block):
        return ()
    try:
        return parse_facial_record(block.value)
    except DataError as error:
        raise DataError(error.what, block.begin + (error.offset or 0)) from None
