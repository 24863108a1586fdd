"""A portrait from the chip, decoded where it can do no harm.

The image file is the attacker's. Its header is read first and anything larger than a portrait is refused; then a child
process with limited memory, time and rights decodes it (``portrait_child``) and hands back pixels, from which a fresh
PNG is written here. No metadata, no colour profile and no byte of the chip's file reaches a window.
"""

from __future__ import annotations

import contextlib
import math
import os
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path
from types import TracebackType

from reader.errors import DataError
from reader.lds.face import ImageKind
from reader.lds.image_header import read_image_header, without_metadata
from reader.lds.portrait import Portrait

__all__ = ["PortraitDecoder", "decode_portrait"]

# Most of it is for starting a Python on a slow or busy computer; decoding itself takes a tenth of a second.
DEADLINE_SECONDS = 10.0
MAX_IMAGE_BYTES = 1024 * 1024
MAX_SIDE = 4096
MAX_PIXELS = 6_000_000
MAX_COMPONENTS = 4
MAX_TILES = 256
MAX_DECODED_SIDE = 1024

_CHILD = Path(__file__).with_name("portrait_child.py")
_SIZE = struct.Struct(">II")
_REFUSED = 2
# What a Python needs to start at all; nothing else of our environment is the child's business.
_KEPT_ENVIRONMENT = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def decode_portrait(image: bytes, *, deadline_s: float = DEADLINE_SECONDS) -> Portrait:
    """Decode a JPEG or JPEG 2000 portrait in a child process within ``deadline_s`` seconds.

    The result is at most 1024 pixels a side. Raise DataError for another kind of file, an image larger than a portrait
    is, one that cannot be decoded, or one that takes too long.
    """
    # Looked at first: what is no portrait is refused without a process.
    kind = _bounded_kind(image)
    with PortraitDecoder(deadline_s) as decoder:
        return decoder.finish(image, kind)


class PortraitDecoder:
    """Be one child process that waits for its image, decodes it, and is gone; started ahead of time it costs no wait.

    ``close`` ends it, from any thread and at any time: a ``decode`` that waits then raises.
    """

    def __init__(self, deadline_s: float = DEADLINE_SECONDS) -> None:
        """Start the child, which gives up its rights; raise DataError where it cannot be started."""
        self._deadline_s = deadline_s
        try:
            self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and our own file
                [sys.executable, "-I", str(_CHILD), str(max(1, math.ceil(deadline_s)))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            raise DataError("portrait decoder could not be started") from None

    def decode(self, image: bytes) -> Portrait:
        """Decode a whole image; raise DataError as ``decode_portrait`` does."""
        return self.finish(image, _bounded_kind(image))

    def decode_part(self, beginning: bytes) -> Portrait:
        """Decode what there is of a JPEG whose beginning has come; raise DataError where nothing can be drawn of it.

        What is still missing is grey. The decoder in use draws no part of a JPEG 2000.
        """
        if _bounded_kind(beginning) is not ImageKind.JPEG:
            raise DataError("a part of a JPEG 2000 cannot be drawn")
        return self._decode(beginning, b"p", ImageKind.JPEG)

    def finish(self, image: bytes, kind: ImageKind) -> Portrait:
        """Decode a whole image whose header was looked at."""
        return self._decode(image, b"j" if kind is ImageKind.JPEG else b"2", kind)

    def close(self) -> None:
        """End the child and take it off the system's table."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def __enter__(self) -> PortraitDecoder:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self.close()

    def _decode(self, image: bytes, way: bytes, kind: ImageKind) -> Portrait:
        answer = self._ask(way + without_metadata(image))
        if len(answer) < _SIZE.size:
            raise DataError("portrait decoder gave no pixels")
        width, height = _SIZE.unpack_from(answer)
        pixels = answer[_SIZE.size :]
        if not (0 < width <= MAX_DECODED_SIDE and 0 < height <= MAX_DECODED_SIDE and len(pixels) == width * height * 3):
            raise DataError("portrait decoder gave other pixels than it said")
        return Portrait(_png(width, height, pixels), width, height, kind.value)

    def _ask(self, question: bytes) -> bytes:
        """Return what the child wrote; it is killed at the deadline, which ends every wait on its pipes."""
        child = self._child
        late = threading.Event()

        def end_child() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self._deadline_s, end_child)
        timer.start()
        try:
            answer = _talk(child, question)
        finally:
            timer.cancel()
            child.kill()
            code = child.wait()
        if late.is_set():
            raise DataError("portrait took too long to decode")
        if code == _REFUSED:
            raise DataError("portrait with more pixels than a portrait has")
        if answer is None:
            raise DataError("portrait could not be decoded")
        return answer


def _bounded_kind(image: bytes) -> ImageKind:
    """Return the kind of an image whose header keeps within what a portrait is; raise DataError for any other."""
    if len(image) > MAX_IMAGE_BYTES:
        raise DataError("portrait of more than 1 MiB")
    header = read_image_header(image)
    if header.width > MAX_SIDE or header.height > MAX_SIDE or header.width * header.height > MAX_PIXELS:
        raise DataError("portrait with more pixels than a portrait has")
    if header.components > MAX_COMPONENTS or header.tiles > MAX_TILES:
        raise DataError("portrait with more components or tiles than a portrait has")
    return header.kind


def _talk(child: subprocess.Popen[bytes], image: bytes) -> bytes | None:
    """Send the image, read a bounded answer, and wait for the child; None where it ended with an error."""
    if child.stdin is None or child.stdout is None:
        return None
    try:
        child.stdin.write(image)
        child.stdin.close()
        answer = child.stdout.read(_SIZE.size + MAX_DECODED_SIDE * MAX_DECODED_SIDE * 3)
        if child.stdout.read(1):
            return None
    except (OSError, ValueError):  # a child that ended, and pipes that were closed under us
        return None
    return answer if child.wait() == 0 else None


def _png(width: int, height: int, pixels: bytes) -> bytes:
    """Write RGB pixels as a PNG (ISO/IEC 15948) of the three chunks it must have."""
    stride = width * 3
    rows = b"".join(b"\x00" + pixels[start : start + stride] for start in range(0, len(pixels), stride))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
