"""One biometric image of DG3 or DG4: what it shows, which finger or eye, and its bytes as the chip has them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reader.lds.face import ImageKind, image_kind

__all__ = ["BiometricImage", "BiometricImageKind", "BiometricPosition", "biometric_image_kind"]

_WSQ_SIGNATURE = bytes.fromhex("FFA0")
_PNG_SIGNATURE = bytes.fromhex("89504E470D0A1A0A")


class BiometricImageKind(StrEnum):
    """Name what an image is by its first bytes; ``RAW`` are pixels without a header."""

    RAW = "raw"
    WSQ = "wsq"
    JPEG = "jpeg"
    JPEG2000 = "jpeg2000"
    PNG = "png"
    PNM = "pnm"


class BiometricPosition(StrEnum):
    """Name a finger or an eye; ``UNKNOWN`` where the chip does not say, or names several at once."""

    UNKNOWN = "unknown"
    RIGHT_THUMB = "right-thumb"
    RIGHT_INDEX = "right-index"
    RIGHT_MIDDLE = "right-middle"
    RIGHT_RING = "right-ring"
    RIGHT_LITTLE = "right-little"
    LEFT_THUMB = "left-thumb"
    LEFT_INDEX = "left-index"
    LEFT_MIDDLE = "left-middle"
    LEFT_RING = "left-ring"
    LEFT_LITTLE = "left-little"
    RIGHT_EYE = "right-eye"
    LEFT_EYE = "left-eye"


@dataclass(frozen=True, slots=True, repr=False)
class BiometricImage:
    """Hold one image; ``subtype`` is what the template's header says of its place, None where it is silent.

    ``width`` and ``height`` are what the record declares, 0 where it declares none.
    """

    image: bytes
    kind: BiometricImageKind
    position: BiometricPosition
    subtype: int | None = None
    width: int = 0
    height: int = 0

    def __repr__(self) -> str:
        """Show kind and length only: whose image it is is nobody's business."""
        return f"BiometricImage({self.kind}, {len(self.image)} bytes)"


def biometric_image_kind(image: bytes) -> BiometricImageKind:
    """Tell the kind of an image by its first bytes; what none of the headers fits is raw pixels."""
    if image.startswith(_WSQ_SIGNATURE):
        return BiometricImageKind.WSQ
    if image.startswith(_PNG_SIGNATURE):
        return BiometricImageKind.PNG
    if image[:2] in (b"P5", b"P6"):
        return BiometricImageKind.PNM
    match image_kind(image):
        case ImageKind.JPEG:
            return BiometricImageKind.JPEG
        case ImageKind.JPEG2000:
            return BiometricImageKind.JPEG2000
        case _:
            return BiometricImageKind.RAW
