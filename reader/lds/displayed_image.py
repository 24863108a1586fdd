"""Images that a document shows and the chip repeats: DG5 and DG7, and single images in DG11 and DG12."""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.lds.asn1 import INTEGER, Element, decode_natural, decode_one
from reader.lds.face import ImageKind, image_kind

__all__ = ["DisplayedImage", "parse_displayed_images", "read_displayed_image"]

MAX_FILE_BYTES = 1024 * 1024
MAX_IMAGES = 9


@dataclass(frozen=True, slots=True, repr=False)
class DisplayedImage:
    """Hold one JPEG or JPEG 2000 image as the chip has it; ``decode_portrait`` makes it safe to show."""

    image: bytes
    kind: ImageKind

    def __repr__(self) -> str:
        """Show kind and length, never the image."""
        return f"DisplayedImage({self.kind}, {len(self.image)} bytes)"


def read_displayed_image(element: Element) -> DisplayedImage:
    """Return the image that ``element`` holds; raise DataError for one that is neither JPEG nor JPEG 2000."""
    image = element.value
    kind = image_kind(image)
    if kind is None:
        raise DataError("image that is neither JPEG nor JPEG 2000", element.begin)
    return DisplayedImage(image, kind)


def parse_displayed_images(raw: bytes, tag: int, image_tag: int) -> tuple[DisplayedImage, ...]:
    """Parse the file of ``tag``: a number, then as many images of ``image_tag``, at most nine (§4.7.5, §4.7.7).

    Raise DataError for another file, one of more than 1 MiB, another number of images, or an image of another kind.
    """
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("displayed images of more than 1 MiB")
    members = decode_one(raw, tag).children(1 + MAX_IMAGES)
    if not members:
        return ()
    if decode_natural(members[0].expect(INTEGER), 1) != len(members) - 1:
        raise DataError("another number of images than said", members[0].start)
    return tuple(read_displayed_image(member.expect(image_tag)) for member in members[1:])
