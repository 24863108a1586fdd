"""The process that decodes one portrait: kind and image on standard input, size and RGB pixels on standard output.

The kind is one byte: ``j`` a JPEG, ``2`` a JPEG 2000, ``p`` the beginning of a JPEG, of which what is there is drawn.

It is run as a file of its own by ``portrait_decoder`` and imports nothing of this program. Where the system can limit a
process, it gives up files, children, memory and time before it looks at the first byte. It answers with pixels and not
with another image file, so that even an image that took it over could do no more than paint.

Exit codes: 0 decoded, 2 refused by size, 3 not decodable.
"""

from __future__ import annotations

import io
import struct
import sys
import warnings

from PIL import Image, ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile

MAX_INPUT_BYTES = 1024 * 1024
MAX_PIXELS = 6_000_000
MAX_SIDE = 1024
MEMORY_BYTES = 512 * 1024 * 1024

REFUSED = 2
NOT_DECODABLE = 3


def give_up_rights(cpu_seconds: int) -> None:
    """Limit this process where the platform knows how (POSIX); the parent's deadline holds everywhere."""
    try:
        import resource
    except ImportError:
        return
    for name, limit in (
        ("RLIMIT_AS", MEMORY_BYTES),
        ("RLIMIT_CPU", cpu_seconds),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_NOFILE", 0),
        ("RLIMIT_NPROC", 0),
    ):
        # Not every system has every limit, and some refuse to lower one; each that holds is a gain.
        try:
            resource.setrlimit(getattr(resource, name), (limit, limit))
        except (AttributeError, OSError, ValueError):
            continue


def decode(raw: bytes, kind: bytes) -> tuple[int, int, bytes] | None:
    """Return width, height and RGB pixels, at most 1024 a side; None where the image is larger than a portrait is."""
    source = io.BytesIO(raw)
    image: ImageFile.ImageFile = Jpeg2KImageFile(source) if kind == b"2" else JpegImageFile(source)
    with image:
        if not 0 < image.width * image.height <= MAX_PIXELS:
            return None
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))
        pixels = image.convert("RGB")
    pixels.thumbnail((MAX_SIDE, MAX_SIDE))
    return pixels.width, pixels.height, pixels.tobytes()


def main() -> int:
    """Decode standard input; the argument is the seconds of CPU allowed."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error")
    give_up_rights(int(sys.argv[1]))
    # Started ahead of its image, so that its own start costs the clerk nothing.
    kind = sys.stdin.buffer.read(1)
    raw = sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
    if len(raw) > MAX_INPUT_BYTES:
        return REFUSED
    ImageFile.LOAD_TRUNCATED_IMAGES = kind == b"p"
    try:
        decoded = decode(raw, kind)
    except Exception:  # whatever a hostile image raises, the answer is the same and says nothing of it
        return NOT_DECODABLE
    if decoded is None:
        return REFUSED
    width, height, pixels = decoded
    sys.stdout.buffer.write(struct.pack(">II", width, height) + pixels)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
