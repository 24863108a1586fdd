"""A portrait from the chip, decoded where it can do no harm.

The image file is the attacker's. Its header is read first and anything larger than a portrait is refused; then a child
process with limited memory, time and rights decodes it (``portrait_child``) and hands back pixels, from which a fresh
PNG is written here. No metadata, no colour profile and no byte of the chip's file reaches a window.
"""

from __future__ import annotations

import math
import os
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

from reader.errors import DataError
from reader.lds.image_header import read_image_header, without_metadata
from reader.lds.portrait import Portrait

__all__ = ["decode_portrait"]

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


def decode_portrait(image: bytes, *, deadline_s: float = 3.0) -> Portrait:
    """Decode a JPEG or JPEG 2000 portrait in a child process within ``deadline_s`` seconds.

    The result is at most 1024 pixels a side. Raise DataError for another kind of file, an image larger than a portrait
    is, one that cannot be decoded, or one that takes too long.
    """
    if len(image) > MAX_IMAGE_BYTES:
        raise DataError("portrait of more than 1 MiB")
    header = read_image_header(image)
    if header.width > MAX_SIDE or header.height > MAX_SIDE or header.width * header.height > MAX_PIXELS:
        raise DataError("portrait with more pixels than a portrait has")
    if header.components > MAX_COMPONENTS or header.tiles > MAX_TILES:
        raise DataError("portrait with more components or tiles than a portrait has")
    answer = _run_child(without_metadata(image), header.kind.value, deadline_s)
    if len(answer) < _SIZE.size:
        raise DataError("portrait decoder gave no pixels")
    width, height = _SIZE.unpack_from(answer)
    pixels = answer[_SIZE.size :]
    if not (0 < width <= MAX_DECODED_SIDE and 0 < height <= MAX_DECODED_SIDE and len(pixels) == width * height * 3):
        raise DataError("portrait decoder gave other pixels than it said")
    return Portrait(_png(width, height, pixels), width, height, header.kind.value)


def _run_child(image: bytes, kind: str, deadline_s: float) -> bytes:
    """Return what the child wrote; it is killed at the deadline, which ends every wait on its pipes."""
    command = [sys.executable, "-I", str(_CHILD), kind, str(max(1, math.ceil(deadline_s)))]
    try:
        child = subprocess.Popen(  # noqa: S603  # our own interpreter and our own file
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError:
        raise DataError("portrait decoder could not be started") from None
    late = threading.Event()

    def end_child() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(deadline_s, end_child)
    timer.start()
    try:
        answer = _talk(child, image)
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


def _talk(child: subprocess.Popen[bytes], image: bytes) -> bytes | None:
    """Send the image, read a bounded answer, and wait for the child; None where it ended with an error."""
    with child:
        if child.stdin is None or child.stdout is None:
            return None
        try:
            child.stdin.write(image)
            child.stdin.close()
        except OSError:
            return None
        answer = child.stdout.read(_SIZE.size + MAX_DECODED_SIDE * MAX_DECODED_SIDE * 3)
        if child.stdout.read(1):
            child.kill()
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
