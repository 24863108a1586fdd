"""DG3 and DG4 with images of fingers and eyes that nobody has (ICAO 9303-10 §4.7.3, §4.7.4).

A finger record is ISO/IEC 19794-4:2005, an iris record 19794-6:2005. The pictures are drawn: ridges as waves bent
around a core, an eye as rings.
"""

from __future__ import annotations

import io
import math
import random
import struct

from PIL import Image, ImageDraw

from reader.iso7816 import encode

__all__ = ["make_dg3_with_fingers", "make_dg4_with_eyes"]

_FORMAT_OWNER = b"\x01\x01"  # ISO/IEC JTC 1/SC 37
_FINGER_FORMAT, _IRIS_FORMAT = b"\x00\x07", b"\x00\x09"
_FINGER_TYPE, _IRIS_TYPE = b"\x08", b"\x10"
_RIGHT_INDEX, _LEFT_INDEX = 2, 7
# What the subtype of a template says (CBEFF, ISO/IEC 19785-3): right or left, and which finger.
_FINGER_SUBTYPES = {_RIGHT_INDEX: b"\x09", _LEFT_INDEX: b"\x0a"}
_RIGHT_EYE, _LEFT_EYE = 1, 2
_EYE_SUBTYPES = {_RIGHT_EYE: b"\x01", _LEFT_EYE: b"\x02"}
_FINGER_SIZE, _EYE_SIZE = (160, 200), (240, 180)
_PIXELS_PER_CM = 197  # 500 dpi
_JPEG, _MONO_JPEG = 3, 0x06


def make_dg3_with_fingers(person: str) -> bytes:
    """Encode DG3 with both index fingers; ``person`` decides how they look."""
    templates = tuple(
        _template(_FINGER_TYPE, _FINGER_SUBTYPES[finger], _FINGER_FORMAT, _finger_record(person, finger))
        for finger in (_RIGHT_INDEX, _LEFT_INDEX)
    )
    return _group(0x63, templates)


def make_dg4_with_eyes(person: str) -> bytes:
    """Encode DG4 with both eyes."""
    templates = tuple(
        _template(_IRIS_TYPE, _EYE_SUBTYPES[eye], _IRIS_FORMAT, _iris_record(person, eye))
        for eye in (_RIGHT_EYE, _LEFT_EYE)
    )
    return _group(0x76, templates)


def _group(tag: int, templates: tuple[bytes, ...]) -> bytes:
    return encode(tag, encode(0x7F61, encode(0x02, bytes((len(templates),))) + b"".join(templates)))


def _template(kind: bytes, subtype: bytes, format_type: bytes, record: bytes) -> bytes:
    header = encode(
        0xA1,
        encode(0x80, b"\x01\x01")  # version of the patron header
        + encode(0x81, kind)
        + encode(0x82, subtype)
        + encode(0x87, _FORMAT_OWNER)
        + encode(0x88, format_type),
    )
    return encode(0x7F60, header + encode(0x5F2E, record))


def _finger_record(person: str, finger: int) -> bytes:
    """Build a record of one view: header of 32 bytes, view header of 14, image."""
    image = _jpeg(_draw_finger(person, finger))
    width, height = _FINGER_SIZE
    view = struct.pack(">I5BHHB", 14 + len(image), finger, 1, 1, 80, 0, width, height, 0) + image
    header = struct.pack(
        ">4s4s6sHHBB4HBBH",
        b"FIR\x00",
        b"010\x00",
        (32 + len(view)).to_bytes(6, "big"),
        0,  # capture device not given
        31,  # image acquisition level
        1,  # one finger
        2,  # pixels per centimetre
        *(_PIXELS_PER_CM,) * 4,
        8,  # bits a pixel
        _JPEG,
        0,
    )
    return header + view


def _iris_record(person: str, eye: int) -> bytes:
    """Build a record of one eye with one image: header of 45 bytes, eye header of 3, image header of 11."""
    image = _jpeg(_draw_eye(person, eye))
    width, height = _EYE_SIZE
    body = struct.pack(">BH", eye, 1) + struct.pack(">HBHHI", 1, 90, 0xFFFF, 0xFFFF, len(image)) + image
    header = struct.pack(
        ">4s4sIHB6H2B16s",
        b"IIR\x00",
        b"010\x00",
        45 + len(body),
        0,  # capture device not given
        1,  # one eye
        45,
        0,  # orientation, scan and occlusion not given
        0,  # diameter not given
        _MONO_JPEG,
        width,
        height,
        8,  # bits of intensity
        0,  # no transformation
        b"TEST" + bytes(12),
    )
    return header + body


def _draw_finger(person: str, finger: int) -> Image.Image:
    dice = random.Random(f"finger/{person}/{finger}")
    width, height = _FINGER_SIZE
    core_x, core_y = width * dice.uniform(0.4, 0.6), height * dice.uniform(0.35, 0.5)
    ridge, twist = dice.uniform(7.0, 9.0), dice.uniform(0.6, 1.4)
    picture = Image.new("L", _FINGER_SIZE, 255)
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            dx, dy = x - core_x, y - core_y
            phase = math.hypot(dx, dy * 0.8) + twist * ridge * math.atan2(dy, dx) / math.pi
            inside = (2 * x / width - 1) ** 2 + (2 * y / height - 1) ** 2 < 0.95
            pixels.append(int(128 + 100 * math.sin(2 * math.pi * phase / ridge)) if inside else 255)
    picture.frombytes(bytes(pixels))
    return picture


def _draw_eye(person: str, eye: int) -> Image.Image:
    dice = random.Random(f"eye/{person}/{eye}")
    width, height = _EYE_SIZE
    picture = Image.new("L", _EYE_SIZE, 205)
    pen = ImageDraw.Draw(picture)
    x, y = width / 2 + dice.uniform(-6, 6), height / 2 + dice.uniform(-4, 4)
    for radius in range(70, 26, -2):
        shade = dice.randrange(70, 150)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shade)
    for _ in range(60):
        angle, begin, end = dice.uniform(0, 2 * math.pi), dice.uniform(28, 45), dice.uniform(50, 69)
        line = [(x + math.cos(angle) * r, y + math.sin(angle) * r) for r in (begin, end)]
        pen.line(line, fill=dice.randrange(40, 190))
    pen.ellipse((x - 26, y - 26, x + 26, y + 26), fill=12)
    pen.ellipse((x + 6, y - 14, x + 12, y - 8), fill=250)
    return picture


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70)
    return out.getvalue()
