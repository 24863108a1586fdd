"""DG2 in ISO/IEC 39794-5, DG3 and DG4 in both families of formats: position, kind and bytes; nothing is decoded."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.iso7816 import encode
from reader.lds import (
    BiometricImageKind,
    BiometricPosition,
    ImageKind,
    decode_portrait,
    parse_dg2,
    parse_dg3,
    parse_dg4,
)

JPEG = bytes.fromhex("FFD8FFE000104A46494600010100000100010000")
WSQ = bytes.fromhex("FFA0FFA40000")
VERSION = encode(0xA0, encode(0x80, b"\x03") + encode(0x81, b"\x07\xe3"))


def template(block: bytes, *, tag: int, subtype: int | None = None, format_type: int = 7) -> bytes:
    header = encode(0x81, b"\x08") + (encode(0x82, bytes((subtype,))) if subtype is not None else b"")
    header += encode(0x87, b"\x01\x01") + encode(0x88, format_type.to_bytes(2, "big"))
    return encode(0x7F60, encode(0xA1, header) + encode(tag, block))


def group(tag: int, *templates: bytes, filling: bytes = b"", beside: bytes = b"", count: int | None = None) -> bytes:
    number = encode(0x02, bytes((len(templates) if count is None else count,)))
    return encode(tag, encode(0x7F61, number + b"".join(templates) + filling) + beside)


def extensible(tag: int, *representations: bytes, version: bytes = VERSION) -> bytes:
    return encode(0xA1, encode(tag, version + encode(0xA1, b"".join(representations))))


def photograph(image: bytes, *, code: bytes = encode(0x80, b"\x02"), size: bytes = b"", more: bytes = b"") -> bytes:
    information = encode(0xA1, encode(0xA0, code) + size)
    flat = encode(0xA0, encode(0x80, image) + information + more)
    return encode(0x30, encode(0x80, b"\x00") + encode(0xA1, encode(0xA0, flat)) + more)


def face39794(*representations: bytes, version: bytes = VERSION) -> bytes:
    return group(0x75, template(extensible(0x65, *representations, version=version), tag=0x7F2E, format_type=0x2A))


def finger39794(image: bytes, position: bytes, more: bytes = b"") -> bytes:
    impression, data_format = encode(0xA1, encode(0x80, b"\x00")), encode(0xA2, encode(0x80, b"\x01"))
    return encode(0x30, encode(0xA0, position) + impression + data_format + encode(0x83, image) + more)


def finger_view(image: bytes, position: int, length: int | None = None) -> bytes:
    size = 14 + len(image) if length is None else length
    return struct.pack(">I5BHHB", size, position, 1, 1, 254, 0, 300, 400, 0) + image


def finger_record(*views: bytes, fingers: int | None = None) -> bytes:
    body = b"".join(views)
    count = len(views) if fingers is None else fingers
    length = (32 + len(body)).to_bytes(6, "big")
    return struct.pack(">4s4s6sHHBB4HBBH", b"FIR\0", b"010\0", length, 0, 31, count, 1, *[500] * 4, 8, 2, 0) + body


def iris_record(*eyes: tuple[int, tuple[bytes, ...]]) -> bytes:
    body = b""
    for eye, images in eyes:
        body += struct.pack(">BH", eye, len(images))
        for number, image in enumerate(images, 1):
            body += struct.pack(">HBHHI", number, 254, 0, 0, len(image)) + image
    header = struct.pack(
        ">4s4sIHB6H2B16s", b"IIR\0", b"010\0", 45 + len(body), 0, len(eyes), 45, 0, 0, 2, 640, 480, 8, 0, bytes(16)
    )
    return header + body


def iris39794(image: bytes, eye: int, *, with_range: bool = True) -> bytes:
    date = encode(0x80, b"\x07\xe8")
    tail = (
        encode(0xA7, encode(0x80, b"\x10")) + encode(0xA8, date) + encode(0x89, image)
        if with_range
        else encode(0xA7, date) + encode(0x88, image)
    )
    kind = encode(0xA1, encode(0x80, b"\x01")) + encode(0x82, b"\x08") + encode(0xA3, encode(0x80, b"\x02"))
    codes = b"".join(encode(0x80 | place, b"\x01") for place in (4, 5, 6))
    return encode(0x30, encode(0x80, bytes((eye,))) + kind + codes + tail)


def test_the_icao_sample_of_iso_39794_5_is_read_and_shown(shared: Path) -> None:
    """ICAO's application profile, mandatory elements only."""
    raw = (shared / "data/iso39794-5-dg2-mandatory-fields.bin").read_bytes()
    (face,) = parse_dg2(raw).faces
    assert (face.kind, face.declared_kind, len(face.image)) == (ImageKind.JPEG2000, ImageKind.JPEG2000, 15000)
    assert face.image in raw
    portrait = decode_portrait(face.image)
    assert (portrait.width, portrait.height) == (413, 531)


def test_optional_elements_and_those_of_later_editions_are_passed_over() -> None:
    size = encode(0xA7, encode(0x80, b"\x01\x2c") + encode(0x81, b"\x01\x90"))
    later = encode(0xA2, encode(0x80, b"\x07\xe8")) + encode(0xAF, encode(0x80, b"whatever comes"))
    (face,) = parse_dg2(face39794(photograph(JPEG, size=size, more=later))).faces
    assert (face.image, face.kind, face.declared_kind, face.width, face.height) == (
        JPEG,
        ImageKind.JPEG,
        ImageKind.JPEG,
        300,
        400,
    )


def test_an_extended_code_falls_back_to_the_code_it_names() -> None:
    extension = encode(0xA1, encode(0x80, b"\x03") + encode(0x81, b"new"))
    (face,) = parse_dg2(face39794(photograph(JPEG, code=extension))).faces
    assert face.declared_kind is ImageKind.JPEG2000
    (face,) = parse_dg2(face39794(photograph(JPEG, code=encode(0xA1, encode(0x81, b"new"))))).faces
    assert face.declared_kind is None


def test_a_shape_in_three_dimensions_is_passed_over() -> None:
    shape = encode(0x30, encode(0x80, b"\x00") + encode(0xA1, encode(0xA0, encode(0xA1, encode(0x80, b"mesh")))))
    assert parse_dg2(face39794(shape)).faces == ()
    assert [face.image for face in parse_dg2(face39794(shape, photograph(JPEG))).faces] == [JPEG]


def test_several_faces_in_both_formats_come_in_the_order_of_the_file() -> None:
    images = [JPEG + bytes((number,)) for number in range(3)]
    information = struct.pack(">IH3B3s2s3s3s", 32 + len(images[2]), 0, 0, 0, 0, bytes(3), bytes(2), bytes(3), bytes(3))
    old_face = information + struct.pack(">BBHHBBHH", 1, 0, 300, 400, 1, 2, 0, 0) + images[2]
    old = struct.pack(">4s4sIH", b"FAC\0", b"010\0", 14 + len(old_face), 1) + old_face
    new = extensible(0x65, photograph(images[0]), photograph(images[1]))
    raw = group(0x75, template(new, tag=0x7F2E), template(old, tag=0x5F2E))
    assert [face.image for face in parse_dg2(raw).faces] == images


@pytest.mark.parametrize(
    "raw",
    [
        face39794(photograph(b"PK\x03\x04")),
        face39794(photograph(JPEG), version=b""),
        face39794(photograph(JPEG), version=encode(0xA0, encode(0x80, b"\x02") + encode(0x81, b"\x07\xe3"))),
        face39794(*[photograph(JPEG)] * 10),
        face39794(encode(0x30, encode(0x80, b"\x00"))),
        face39794(encode(0x31, b"")),
        face39794(photograph(JPEG, size=encode(0xA7, encode(0x80, b"\xff") + encode(0x81, b"\x01")))),
        group(0x75, template(extensible(0x64, photograph(JPEG)), tag=0x7F2E)),
        group(0x75, template(b"", tag=0x7F2E)),
        group(0x75, template(encode(0xA1, b""), tag=0x7F2E)),
        group(0x75, template(extensible(0x65, photograph(JPEG)), tag=0x5F2E)),
    ],
)
def test_what_is_no_face_block_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError):
        parse_dg2(raw)


def test_fingers_of_19794_4_are_listed() -> None:
    """ICAO 9303-10 §4.7.3.2.4: each feature in a template of its own, left index before right index."""
    left, right = finger_record(finger_view(WSQ, 7)), finger_record(finger_view(JPEG, 2))
    raw = group(0x63, template(left, tag=0x5F2E, subtype=0x0A), template(right, tag=0x5F2E, subtype=0x09))
    first, second = parse_dg3(raw).fingers
    assert (first.image, first.kind, first.position, first.subtype) == (
        WSQ,
        BiometricImageKind.WSQ,
        BiometricPosition.LEFT_INDEX,
        0x0A,
    )
    assert (second.kind, second.position, second.width, second.height) == (
        BiometricImageKind.JPEG,
        BiometricPosition.RIGHT_INDEX,
        300,
        400,
    )


def test_a_finger_may_have_several_views() -> None:
    record = finger_record(finger_view(WSQ, 1), finger_view(WSQ, 1), finger_view(b"pixels", 6), fingers=2)
    found = parse_dg3(group(0x63, template(record, tag=0x5F2E))).fingers
    assert [image.kind for image in found] == [BiometricImageKind.WSQ, BiometricImageKind.WSQ, BiometricImageKind.RAW]


def test_fingers_of_39794_4_are_listed() -> None:
    plain = finger39794(b"\x89PNG\r\n\x1a\n", encode(0x80, b"\x06"))
    extended = finger39794(b"P5 1 1 255 x", encode(0xA1, encode(0x80, b"\x0a")), more=encode(0xA6, b""))
    raw = group(0x63, template(extensible(0x64, plain, extended), tag=0x7F2E, format_type=0x28))
    assert [(image.kind, image.position) for image in parse_dg3(raw).fingers] == [
        (BiometricImageKind.PNG, BiometricPosition.LEFT_THUMB),
        (BiometricImageKind.PNM, BiometricPosition.LEFT_LITTLE),
    ]


@pytest.mark.parametrize("with_range", [True, False])
def test_irises_of_both_formats_are_listed(with_range: bool) -> None:
    old = template(iris_record((1, (JPEG, b"raw")), (2, (JPEG,))), tag=0x5F2E, subtype=1)
    new = template(extensible(0x66, iris39794(b"\x89PNG\r\n\x1a\n", 2, with_range=with_range)), tag=0x7F2E)
    found = parse_dg4(group(0x76, old, new)).irises
    right, left = BiometricPosition.RIGHT_EYE, BiometricPosition.LEFT_EYE
    assert [image.position for image in found] == [right, right, left, left]
    assert [image.image for image in found] == [JPEG, b"raw", JPEG, b"\x89PNG\r\n\x1a\n"]
    assert (found[0].width, found[0].height, found[3].width) == (640, 480, 0)


@pytest.mark.parametrize(("parser", "tag"), [(parse_dg3, 0x63), (parse_dg4, 0x76)])
def test_a_citizen_without_features_has_an_empty_group(parser: object, tag: int) -> None:
    """ICAO 9303-10 §4.7.3.2.2 and §4.7.4.2.2: no instance, and tag 53 with content of the issuer's."""
    assert callable(parser)
    for raw in (
        encode(tag, b""),
        group(tag),
        group(tag, beside=encode(0x53, b"random")),
        group(tag, filling=encode(0x53, b"random")),
    ):
        assert not any(getattr(parser(raw), name) for name in ("fingers", "irises") if hasattr(parser(raw), name))


@pytest.mark.parametrize(
    "record",
    [
        b"",
        finger_record(finger_view(WSQ, 1))[:31],
        finger_record(finger_view(WSQ, 1)) + b"\x00",
        finger_record(finger_view(WSQ, 1), fingers=2),
        finger_record(finger_view(WSQ, 1), finger_view(WSQ, 2), fingers=1),
        finger_record(finger_view(WSQ, 1, length=13)),
        finger_record(finger_view(WSQ, 1, length=2**32 - 1)),
        finger_record(b"\x00" * 5),
        finger_record(*[finger_view(b"", 1)] * 17, fingers=1),
        b"FIR\x00020\x00" + finger_record()[8:],
        iris_record((1, (JPEG,))),
    ],
)
def test_what_is_no_finger_record_is_refused(record: bytes) -> None:
    with pytest.raises(DataError):
        parse_dg3(group(0x63, template(record, tag=0x5F2E)))


@pytest.mark.parametrize(
    "record",
    [
        b"",
        iris_record((1, (JPEG,)))[:44],
        iris_record((1, (JPEG,))) + b"\x00",
        iris_record((1, (JPEG,)), (2, ()), (1, ())),
        iris_record((1, (b"",) * 17)),
        iris_record((1, (JPEG,)))[:-1],
        finger_record(finger_view(WSQ, 1)),
    ],
)
def test_what_is_no_iris_record_is_refused(record: bytes) -> None:
    with pytest.raises(DataError):
        parse_dg4(group(0x76, template(record, tag=0x5F2E)))


def test_groups_and_templates_that_lie_are_refused() -> None:
    good = template(finger_record(finger_view(WSQ, 1)), tag=0x5F2E)
    for raw in (
        group(0x76, good),
        group(0x63, good, count=2),
        group(0x63, *[good] * 17),
        group(0x63, encode(0x7F60, b"")),
        group(0x63, template(b"", tag=0x5F2F)),
        group(0x63, good, beside=encode(0x54, b"")),
        encode(0x63, encode(0x7F61, b"")),
        group(0x63, encode(0x7F60, encode(0xA1, encode(0x82, b"\x01\x02")) + encode(0x5F2E, b""))),
    ):
        with pytest.raises(DataError):
            parse_dg3(raw)


def test_more_images_than_a_person_has_are_refused_over_all_templates() -> None:
    nine = template(extensible(0x64, *[finger39794(WSQ, encode(0x80, b"\x01"))] * 9), tag=0x7F2E)
    record = template(finger_record(*[finger_view(WSQ, 1)] * 9, fingers=1), tag=0x5F2E)
    assert len(parse_dg3(group(0x63, nine)).fingers) == 9
    for first, second in ((nine, nine), (record, record), (nine, record), (record, nine)):
        with pytest.raises(DataError):
            parse_dg3(group(0x63, first, second))
    irises = template(iris_record((1, (JPEG,) * 9)), tag=0x5F2E)
    with pytest.raises(DataError):
        parse_dg4(group(0x76, irises, irises))
    faces = template(extensible(0x65, *[photograph(JPEG)] * 5), tag=0x7F2E)
    with pytest.raises(DataError):
        parse_dg2(group(0x75, faces, faces))


def test_an_error_inside_a_record_names_the_offset_in_the_file() -> None:
    raw = group(0x63, template(finger_record(finger_view(WSQ, 1, length=13)), tag=0x5F2E))
    with pytest.raises(DataError) as caught:
        parse_dg3(raw)
    assert caught.value.offset == raw.index(b"FIR") + 32


def test_an_iris_without_an_image_is_refused() -> None:
    with pytest.raises(DataError, match="missing"):
        parse_dg4(group(0x76, template(extensible(0x66, encode(0x30, encode(0x80, b"\x01"))), tag=0x7F2E)))


@given(st.lists(st.tuples(st.binary(max_size=60), st.integers(0, 255)), min_size=1, max_size=4))
def test_finger_images_come_back(images: list[tuple[bytes, int]]) -> None:
    templates = [template(finger_record(finger_view(image, place)), tag=0x5F2E) for image, place in images]
    found = parse_dg3(group(0x63, *templates)).fingers
    assert [image.image for image in found] == [image for image, _ in images]


@given(st.lists(st.tuples(st.binary(max_size=60), st.integers(0, 2), st.booleans()), min_size=1, max_size=4))
def test_iris_images_come_back(images: list[tuple[bytes, int, bool]]) -> None:
    blocks = [extensible(0x66, iris39794(image, eye, with_range=which)) for image, eye, which in images]
    found = parse_dg4(group(0x76, *(template(block, tag=0x7F2E) for block in blocks))).irises
    assert [image.image for image in found] == [image for image, _, _ in images]


def test_no_image_shows_itself_or_whose_it_is() -> None:
    (finger,) = parse_dg3(group(0x63, template(finger_record(finger_view(WSQ, 7)), tag=0x5F2E))).fingers
    assert repr(finger) == f"BiometricImage(wsq, {len(WSQ)} bytes)"
