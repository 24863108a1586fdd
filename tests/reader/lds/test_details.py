"""DG5 to DG12 and DG16: details, displayed images, open groups; an element that cannot be read spoils only itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.iso7816 import encode
from reader.lds import (
    CalendarDate,
    Dg5,
    Dg11,
    FieldDefect,
    ImageKind,
    OpenGroup,
    TextFinding,
    parse_dg5,
    parse_dg7,
    parse_dg11,
    parse_dg12,
    parse_dg16,
    parse_open_group,
    parse_other_group,
)

JPEG = bytes.fromhex("FFD8FFE000104A46494600010100000100010000")
J2K = bytes.fromhex("FF4FFF51") + bytes(20)


def text(tag: int, value: str) -> bytes:
    return encode(tag, value.encode())


def dg11(*elements: bytes) -> bytes:
    return encode(0x6B, encode(0x5C, b"\x5f\x0e") + b"".join(elements))


def names(tag: int, *values: str, count: int | None = None) -> bytes:
    number = encode(0x02, bytes((len(values) if count is None else count,)))
    return encode(0xA0, number + b"".join(text(tag, value) for value in values))


def test_every_element_of_dg11_is_read() -> None:
    """ICAO 9303-10 §4.7.11, table 71."""
    found = parse_dg11(
        dg11(
            text(0x5F0E, "NGUYỄN<<VĂN<MẪU"),
            names(0x5F0F, "NGUYEN<<MAU", "MẪU"),
            text(0x5F10, "099090000001"),
            encode(0x5F2B, b"19900115"),
            text(0x5F11, "Mẫu Sơn<Giả Định"),
            text(0x5F42, "Số 12<Thôn Đông<<Xã Mẫu Sơn"),
            text(0x5F12, "+84 90 000 0001"),
            text(0x5F13, "Nông dân"),
            text(0x5F14, "Ông"),
            text(0x5F15, "Không"),
            encode(0x5F16, JPEG),
            text(0x5F17, "B1234567<C7654321"),
            text(0x5F18, "Không có"),
            encode(0x5F7F, b"later"),
        )
    )
    assert (found.full_name, found.other_names) == ("NGUYỄN<<VĂN<MẪU", ("NGUYEN<<MAU", "MẪU"))
    assert (found.personal_number, found.date_of_birth) == ("099090000001", CalendarDate(1990, 1, 15))
    assert found.place_of_birth == ("Mẫu Sơn", "Giả Định")
    assert found.address == ("Số 12", "Thôn Đông", "Xã Mẫu Sơn")
    assert (found.telephone, found.profession, found.title) == ("+84 90 000 0001", "Nông dân", "Ông")
    assert (found.personal_summary, found.custody) == ("Không", "Không có")
    assert found.proof_of_citizenship is not None
    assert (found.proof_of_citizenship.image, found.proof_of_citizenship.kind) == (JPEG, ImageKind.JPEG)
    assert found.other_documents == ("B1234567", "C7654321")
    assert (found.unknown_tags, found.altered, found.defects) == ((0x5F7F,), (), ())


def test_every_element_of_dg12_is_read() -> None:
    """ICAO 9303-10 §4.7.12, table 73."""
    found = parse_dg12(
        encode(
            0x6C,
            encode(0x5C, b"\x5f\x19")
            + text(0x5F19, "Bộ Công an")
            + encode(0x5F26, b"20240701")
            + names(0x5F1A, "LÊ<<THỊ<TRẺ")
            + text(0x5F1B, "Không")
            + text(0x5F1C, "Miễn")
            + encode(0x5F1D, JPEG)
            + encode(0x5F1E, J2K)
            + encode(0x5F55, b"20240702093015")
            + text(0x5F56, "P-07"),
        )
    )
    assert (found.issuing_authority, found.date_of_issue) == ("Bộ Công an", CalendarDate(2024, 7, 1))
    assert (found.other_persons, found.endorsements) == (("LÊ<<THỊ<TRẺ",), "Không")
    assert (found.tax_exit_requirements, found.personalization_system) == ("Miễn", "P-07")
    assert found.front is not None
    assert found.rear is not None
    assert (found.front.kind, found.rear.kind) == (ImageKind.JPEG, ImageKind.JPEG2000)
    assert (found.personalized, found.defects) == ("20240702093015", ())


def test_a_date_may_be_eight_characters_or_four_bytes_of_bcd() -> None:
    """ICAO 9303-10 §4.7.12: inspection systems take both."""
    for value in (b"20240701", bytes.fromhex("20240701")):
        assert parse_dg12(encode(0x6C, encode(0x5F26, value))).date_of_issue == CalendarDate(2024, 7, 1)
    bcd = encode(0x5F55, bytes.fromhex("20240702093015"))
    assert parse_dg12(encode(0x6C, bcd)).personalized == "20240702093015"


def test_zeros_stand_for_what_is_not_known_of_a_birth() -> None:
    """ICAO 9303-10 §4.7.11.1, note."""
    for value, born in ((b"19400000", CalendarDate(1940)), (b"19400300", CalendarDate(1940, 3)), (b"00000000", None)):
        found = parse_dg11(dg11(encode(0x5F2B, value)))
        assert (found.date_of_birth, found.defects) == (born, ())


@pytest.mark.parametrize(
    "element",
    [
        encode(0x5F2B, b"19901315"),
        encode(0x5F2B, b"1990011"),
        encode(0x5F2B, bytes.fromhex("1990011A")),
        encode(0x5F2B, "１９９０".encode()),
        encode(0x5F0E, b"\xd4\xc2\xfe"),  # TCVN3 letters
        encode(0x5F0E, b"a" * 3001),
        encode(0x5F0E, b"a" * 2049),
        encode(0x5F16, b"PK\x03\x04"),
        names(0x5F0F, "A", "B", count=3),
        names(0x5F0F, *["A"] * 17),
        encode(0xA0, b""),
        encode(0xA0, b"\x02\x01\x01" + text(0x5F1A, "A")),
    ],
)
def test_an_element_that_cannot_be_read_spoils_only_itself(element: bytes) -> None:
    raw = dg11(text(0x5F12, "+84"), element)
    found = parse_dg11(raw)
    assert found.telephone == "+84"
    tag = element[0] if element[0] == 0xA0 else int.from_bytes(element[:2], "big")
    assert found.defects == (FieldDefect(tag, raw.index(element)),)


def test_text_is_safe_and_what_was_changed_is_named() -> None:
    found = parse_dg11(dg11(text(0x5F0E, "MẪU\u202eNÂV"), names(0x5F0F, "E\u0302")))
    assert (found.full_name, found.other_names) == ("MẪUNÂV", ("Ê",))
    assert found.altered == ((0x5F0E, TextFinding.BIDI), (0x5F0F, TextFinding.NOT_NFC))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        encode(0x6C, b""),
        dg11() + b"\x00",
        dg11(text(0x5F12, "1"), text(0x5F12, "2")),
        dg11(*[encode(0x5F60 + place, b"") for place in range(32)]),
        encode(0x6B, b"\x5f\x0e\x05A"),
    ],
)
def test_what_is_no_dg11_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError):
        parse_dg11(raw)


def test_displayed_images_are_listed() -> None:
    images = encode(0x5F40, JPEG) + encode(0x5F40, J2K)
    assert [image.kind for image in parse_dg5(encode(0x65, b"\x02\x01\x02" + images)).portraits] == [
        ImageKind.JPEG,
        ImageKind.JPEG2000,
    ]
    (signature,) = parse_dg7(encode(0x67, b"\x02\x01\x01" + encode(0x5F43, JPEG))).signatures
    assert repr(signature) == f"DisplayedImage(jpeg, {len(JPEG)} bytes)"
    assert parse_dg5(encode(0x65, b"")) == parse_dg5(encode(0x65, b"\x02\x01\x00")) == Dg5(())


@pytest.mark.parametrize(
    "content",
    [
        encode(0x5F40, JPEG),
        b"\x02\x01\x02" + encode(0x5F40, JPEG),
        b"\x02\x01\x01" + encode(0x5F43, JPEG),
        b"\x02\x01\x01" + encode(0x5F40, b""),
        b"\x02\x01\x01" + encode(0x5F40, b"<svg/>"),
        b"\x02\x01\x0a" + encode(0x5F40, JPEG) * 10,
    ],
)
def test_what_is_no_displayed_portrait_is_refused(content: bytes) -> None:
    with pytest.raises(DataError):
        parse_dg5(encode(0x65, content))


@pytest.mark.parametrize(("number", "tag"), [(8, 0x68), (9, 0x69), (10, 0x6A)])
def test_open_groups_keep_what_the_issuer_put_there(number: int, tag: int) -> None:
    content = encode(0x04, b"issuer's own")
    assert parse_open_group(encode(tag, b"\x02\x01\x01" + content), number) == OpenGroup(number, 1, content)
    assert parse_open_group(encode(tag, b""), number) == OpenGroup(number, None, b"")
    for wrong in (encode(tag, b"\x02\x01\x0a"), encode(tag, content), encode(tag, b"\xff"), encode(0x66, b"")):
        with pytest.raises(DataError):
            parse_open_group(wrong, number)


def test_dg6_is_reserved_and_kept() -> None:
    assert parse_open_group(encode(0x66, b"\xff anything"), 6) == OpenGroup(6, None, b"\xff anything")
    with pytest.raises(DataError):
        parse_open_group(encode(0x68, b""), 6)
    with pytest.raises(ValueError, match="open"):
        parse_open_group(encode(0x61, b""), 1)


def person(number: int, name: str = "TRẦN<<THỊ<CỘI", recorded: bytes = b"20240701") -> bytes:
    return encode(
        0xA0 + number,
        encode(0x5F50, recorded) + text(0x5F51, name) + text(0x5F52, "+84900000002") + text(0x5F53, "Xã Mẫu Sơn"),
    )


def test_persons_to_notify_are_read() -> None:
    """ICAO 9303-10 §4.7.16, table 80."""
    found = parse_dg16(encode(0x70, b"\x02\x01\x02" + person(1) + person(2, "LÊ", b"2024")))
    first, second = found.persons
    assert (first.recorded, first.name, first.telephone, first.address) == (
        CalendarDate(2024, 7, 1),
        "TRẦN<<THỊ<CỘI",
        "+84900000002",
        "Xã Mẫu Sơn",
    )
    assert (second.name, second.recorded) == ("LÊ", None)
    assert [defect.field_id for defect in found.defects] == [0x5F50]
    assert parse_dg16(encode(0x70, b"")).persons == ()
    assert repr(first) == "PersonToNotify(…)"


@pytest.mark.parametrize(
    "content",
    [
        person(1),
        b"\x02\x01\x02" + person(1),
        b"\x02\x01\x02" + person(1) + person(1),
        b"\x02\x01\x01" + person(2),
        b"\x02\x01\x10" + b"".join(person(1 + place % 15) for place in range(16)),
        b"\x02\x01\x01" + encode(0xA1, text(0x5F51, "A") * 2),
    ],
)
def test_what_is_no_dg16_is_refused(content: bytes) -> None:
    with pytest.raises(DataError):
        parse_dg16(encode(0x70, content))


def test_the_one_door_leads_to_each_group() -> None:
    for number, tag in ((3, 0x63), (4, 0x76), (5, 0x65), (6, 0x66), (7, 0x67), (8, 0x68), (9, 0x69), (10, 0x6A),
                        (11, 0x6B), (12, 0x6C), (16, 0x70)):  # fmt: skip
        found = parse_other_group(encode(tag, b""), number)
        assert type(found).__name__ == (f"Dg{number}" if number not in (6, 8, 9, 10) else "OpenGroup")
        with pytest.raises(DataError):
            parse_other_group(encode(0x61, b""), number)
    with pytest.raises(ValueError, match="open"):
        parse_other_group(b"", 13)


@pytest.mark.parametrize("parser", [parse_dg11, parse_dg12])
def test_details_larger_than_any_are_refused_unread(parser: Callable[[bytes], object]) -> None:
    with pytest.raises(DataError, match="more than"):
        parser(bytes(1024 * 1024 + 1))


@given(st.text(max_size=80), st.text(max_size=80), st.binary(max_size=12))
def test_any_text_is_held_safe_to_show(name: str, address: str, birth: bytes) -> None:
    encoded = [value.encode("utf-8", "surrogatepass") for value in (name, address)]
    found = parse_dg11(dg11(encode(0x5F0E, encoded[0]), encode(0x5F42, encoded[1]), encode(0x5F2B, birth)))
    assert isinstance(found, Dg11)
    assert all(character.isprintable() for character in found.full_name + "".join(found.address))


def test_no_detail_shows_itself() -> None:
    assert "MẪU" not in repr(parse_dg11(dg11(text(0x5F0E, "MẪU"))))
    assert "Công" not in repr(parse_dg12(encode(0x6C, text(0x5F19, "Bộ Công an"))))
