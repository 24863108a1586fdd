"""DG5: the portrait as printed on the document (ICAO 9303-10 §4.7.5)."""

from __future__ import annotations

from dataclasses import dataclass

from reader.lds.displayed_image import DisplayedImage, parse_displayed_images

__all__ = ["Dg5", "parse_dg5"]

DG5_TAG = 0x65
IMAGE_TAG = 0x5F40


@dataclass(frozen=True, slots=True)
class Dg5:
    """Hold the images of DG5 in the order of the file."""

    portraits: tuple[DisplayedImage, ...]


def parse_dg5(raw: bytes) -> Dg5:
    """Parse DG5; raise DataError as ``parse_displayed_images`` does."""
    return Dg5(parse_displayed_images(raw, DG5_TAG, IMAGE_TAG))
