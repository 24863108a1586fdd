"""DG7: the signature or usual mark as printed on the document (ICAO 9303-10 §4.7.7)."""

from __future__ import annotations

from dataclasses import dataclass

from reader.lds.displayed_image import DisplayedImage, parse_displayed_images

__all__ = ["Dg7", "parse_dg7"]

DG7_TAG = 0x67
IMAGE_TAG = 0x5F43


@dataclass(frozen=True, slots=True)
class Dg7:
    """Hold the images of DG7 in the order of the file."""

    signatures: tuple[DisplayedImage, ...]


def parse_dg7(raw: bytes) -> Dg7:
    """Parse DG7; raise DataError as ``parse_displayed_images`` does."""
    return Dg7(parse_displayed_images(raw, DG7_TAG, IMAGE_TAG))
