"""DG2 and the facial record in it: frames are read and bounded, images are only pointed at."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.iso7816 import encode
from reader.lds import ImageKind, parse_dg2
from reader.lds.face import parse_facial_record
from reader.lds.image_header import read_image_header

JPEG = bytes.fromhex("FFD8FFE000104A46494600010100000100010000 FFC0000B08 0190 012C 01 011100".replace(" ", ""))
HEADER = bytes.fromhex("A10E 81 01 02 82 01 00 87 02 0101 88 02 0008".replace(" ", ""))


def face(image: bytes, points: int = 0, data_type: int = 0) -> bytes:
    length = 20 + 8 * points + 12 + len(image)
    information = struct.pack(">IH3B3s2s3s3s", length, points, 1, 0, 0, bytes(3), bytes(2), bytes(3), bytes(3))
    return information + bytes(8 * points) + struct.pack(">BBHHBBHH", 1, data_type, 300, 400, 1, 2, 0, 0) + image


def record(*faces: bytes) -> bytes:
    body = b"".join(faces)
    return struct.pack(">4s4sIH", b"FAC\x00", b"010\x00", 14 + len(body), len(faces)) + body


def dg2(*blocks: bytes, count: int | None = None, block_tag: int = 0x5F2E, header: bytes = HEADER) -> bytes:
    templates = b"".join(encode(0x7F60, header + encode(block_tag, block)) for block in blocks)
    number = encode(0x02, bytes((len(blocks) if count is None else count,)))
    return encode(0x75, encode(0x7F61, number + templates))


def test_the_bsi_reference_dg2_holds_one_jpeg_2000(shared: Path) -> None:
    raw = (shared / "data/bsi2008/Datagroup2.bin").read_bytes()
    (image,) = parse_dg2(raw).faces
    assert (image.kind, image.declared_kind, image.width, image.height) == (
        ImageKind.JPEG2000,
        ImageKind.JPEG2000,
        0x0151,
        0x01C1,
    )
    assert raw.endswith(image.image)
    header = read_image_header(image.image)
    assert (header.width, header.height, header.components, header.tiles) == (413, 531, 3, 1)


def test_an_image_is_what_its_first_bytes_say() -> None:
    (image,) = parse_dg2(dg2(record(face(JPEG, points=3, data_type=1)))).faces
    assert (image.image, image.kind, image.declared_kind) == (JPEG, ImageKind.JPEG, ImageKind.JPEG2000)
    bare = bytes.fromhex("FF4FFF51") + bytes(60)
    (image,) = parse_dg2(dg2(record(face(bare, data_type=1)))).faces
    assert (image.image, image.kind) == (bare, ImageKind.JPEG2000)


def test_several_templates_and_faces_come_in_the_order_of_the_file() -> None:
    images = [JPEG + bytes((number,)) for number in range(4)]
    found = parse_dg2(dg2(record(face(images[0]), face(images[1])), record(face(images[2])), record(face(images[3]))))
    assert [image.image for image in found.faces] == images


@pytest.mark.parametrize("raw", [b"\x75\x00", dg2(), dg2(b""), dg2(record()), dg2(record(face(b"")))])
def test_a_card_without_a_face_has_none(raw: bytes) -> None:
    assert parse_dg2(raw).faces == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x61\x00",
        dg2(record(face(JPEG)), count=2),
        dg2(*[record(face(JPEG))] * 10),
        dg2(record(*[face(JPEG)] * 10)),
        dg2(record(face(JPEG)))[:-1],
        dg2(record(face(JPEG)) + b"\x00"),
        dg2(record(face(b"<svg xmlns='http://www.w3.org/2000/svg'/>"))),
        dg2(record(face(b"PK\x03\x04"))),
        dg2(record(face(b"\x89PNG\r\n\x1a\n"))),
        dg2(b"FAC\x00020\x00" + record(face(JPEG))[8:]),
        dg2(record(face(JPEG)), block_tag=0x7F2E),
        encode(0x75, encode(0x7F61, b"")),
        encode(0x75, encode(0x7F61, b"\x02\x01\x01" + encode(0x7F60, HEADER))),
        encode(0x75, encode(0x7F61, b"\x02\x01\x00") * 2),
    ],
)
def test_what_is_no_dg2_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError):
        parse_dg2(raw)


def test_an_error_inside_the_record_names_the_offset_in_the_file() -> None:
    raw = dg2(record(face(b"PK\x03\x04")))
    with pytest.raises(DataError) as caught:
        parse_dg2(raw)
    assert caught.value.offset == raw.index(b"PK")


@pytest.mark.parametrize(
    "header",
    [
        struct.pack(">IH", 0, 0),
        struct.pack(">IH", 31, 0),
        struct.pack(">IH", 2**32 - 1, 0),
        struct.pack(">IH", 32, 65535),
    ],
)
def test_lengths_that_lie_are_refused(header: bytes) -> None:
    with pytest.raises(DataError):
        parse_facial_record(record(header + face(JPEG)[6:]))


@given(st.lists(st.tuples(st.binary(max_size=50), st.integers(0, 5)), max_size=9))
def test_images_come_back(images: list[tuple[bytes, int]]) -> None:
    raw = dg2(record(*(face(JPEG + tail, points) for tail, points in images)))
    assert [image.image for image in parse_dg2(raw).faces] == [JPEG + tail for tail, _ in images]


def test_an_image_never_shows_itself() -> None:
    assert repr(parse_dg2(dg2(record(face(JPEG)))).faces[0]) == f"FaceImage(jpeg, {len(JPEG)} bytes)"
