"""DG13 of the Vietnamese card: the prefixes of a real card first, then every form that readers have met."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.iso7816 import encode
from reader.lds import CalendarDate, Dg13, FieldDefect, Sex, TextFinding, parse_dg13

Build = Callable[..., bytes]


def utf8(text: str) -> bytes:
    return encode(0x0C, text.encode())


def printable(text: str) -> bytes:
    return encode(0x13, text.encode())


# Built by hand from the prefixes that public readers keep of a real card, with invented values of the same lengths.
BY_HAND = b"".join(
    [
        bytes.fromhex("301102010113 0C".replace(" ", "")) + b"099090000001",
        bytes.fromhex("301C0201020C17") + "Nguyễn Văn Mẫu Tư".encode(),
        bytes.fromhex("300F020103130A") + b"15/01/1990",
        bytes.fromhex("30080201040C03") + b"Nam",
        bytes.fromhex("300F0201050C0A") + unicodedata.normalize("NFC", "Việt Nam").encode(),
        bytes.fromhex("30090201060C04") + b"Kinh",
        bytes.fromhex("300B0201070C06") + "Không".encode(),
        bytes.fromhex("30260201080C21") + "Xã Mẫu Sơn, Tỉnh Giả Tâm".encode(),
        bytes.fromhex("303D0201090C38") + "Số 12, Thôn Đông, Xã Mẫu Sơn, Tỉnh Giả Tâm".encode(),
        bytes.fromhex("302802010A0C23") + "Nốt ruồi 2cm dưới mép trái".encode(),
        bytes.fromhex("300F02010B130A") + b"25/04/2021",
        bytes.fromhex("300F02010C0C0A") + b"15/01/2030",
        bytes.fromhex("303602010D30190C17") + "Nguyễn Văn Gốc Tư".encode(),
        bytes.fromhex("30160C14") + "Trần Thị Cội A".encode(),
        bytes.fromhex("300302010E"),
        bytes.fromhex("300E02010F1309") + b"099123456",
        bytes.fromhex("301502011013 10".replace(" ", "")) + b"0123456789ABCDEF",
    ]
)


@pytest.mark.parametrize("wrappers", [(0x6D, 0x30, 0x31), (0x6D, 0x30), (0x6D, 0x31), (0x6D,)])
def test_the_layout_of_a_real_card_is_read_whatever_stands_around_it(dg13_of: Build, wrappers: tuple[int, ...]) -> None:
    dg13 = parse_dg13(dg13_of(BY_HAND, wrappers=wrappers))
    assert dg13 == Dg13(
        personal_number="099090000001",
        full_name="Nguyễn Văn Mẫu Tư",
        date_of_birth=CalendarDate(1990, 1, 15),
        sex=Sex.MALE,
        nationality="Việt Nam",
        ethnicity="Kinh",
        religion="Không",
        place_of_origin="Xã Mẫu Sơn, Tỉnh Giả Tâm",
        residence="Số 12, Thôn Đông, Xã Mẫu Sơn, Tỉnh Giả Tâm",
        distinguishing_marks="Nốt ruồi 2cm dưới mép trái",
        issue_date=CalendarDate(2021, 4, 25),
        expiry=CalendarDate(2030, 1, 15),
        father="Nguyễn Văn Gốc Tư",
        mother="Trần Thị Cội A",
        old_number="099123456",
        other=((16, bytes.fromhex("1310") + b"0123456789ABCDEF"),),
        field_ids=tuple(range(1, 17)),
    )


@pytest.mark.parametrize(
    "ahead", [b"\x02\x01\x00", b"\x02\x01\x01", b"\x06\x03\x2a\x03\x04", b"\x02\x01\x00\x06\x01\x2a"]
)
@pytest.mark.parametrize("inner", [(0x31,), (0x30,), ()])
def test_a_version_or_an_oid_ahead_of_the_fields_is_passed_over(
    field: Build, ahead: bytes, inner: tuple[int, ...]
) -> None:
    content = field(1, printable("099090000001")) + field(2, utf8("Mẫu"))
    for tag in inner:
        content = encode(tag, content)
    dg13 = parse_dg13(encode(0x6D, encode(0x30, ahead + content)))
    assert (dg13.personal_number, dg13.full_name) == ("099090000001", "Mẫu")


def test_long_form_lengths_are_followed(field: Build, dg13_of: Build) -> None:
    residence = "Số 12, Thôn Đông, " * 20
    dg13 = parse_dg13(dg13_of(field(9, utf8(residence)), field(10, utf8("Sẹo"))))
    assert dg13.residence == residence.strip()
    assert dg13.distinguishing_marks == "Sẹo"


def test_values_that_look_like_prefixes_do_not_confuse_the_walk(field: Build, dg13_of: Build) -> None:
    dg13 = parse_dg13(dg13_of(field(9, utf8("0\x0f")), field(8, utf8("A0 0201 B")), field(2, utf8("Mẫu"))))
    assert (dg13.place_of_origin, dg13.full_name) == ("A0 0201 B", "Mẫu")


@pytest.mark.parametrize("values", [(), (b"\x0c\x00",), (b"\x13\x00",)])
def test_a_field_without_a_value_is_empty_and_no_defect(
    field: Build, dg13_of: Build, values: tuple[bytes, ...]
) -> None:
    dg13 = parse_dg13(dg13_of(*(field(number, *values) for number in range(1, 16))))
    assert dg13 == Dg13(field_ids=tuple(range(1, 16)))


@pytest.mark.parametrize(
    ("values", "father", "mother"),
    [
        ((encode(0x30, utf8("Cha")), encode(0x30, utf8("Mẹ"))), "Cha", "Mẹ"),
        ((encode(0x30, b""), encode(0x30, utf8("Mẹ"))), "", "Mẹ"),
        ((encode(0x30, utf8("")), encode(0x30, utf8("Mẹ"))), "", "Mẹ"),
        ((encode(0x30, utf8("Cha")),), "Cha", ""),
        ((utf8("Cha"), utf8("Mẹ")), "Cha", "Mẹ"),
        ((encode(0x30, encode(0x30, utf8("Cha")) + encode(0x30, utf8("Mẹ"))),), "Cha", "Mẹ"),
        ((), "", ""),
    ],
)
def test_a_missing_father_never_makes_the_mother_the_father(
    field: Build, dg13_of: Build, values: tuple[bytes, ...], father: str, mother: str
) -> None:
    dg13 = parse_dg13(dg13_of(field(13, *values)))
    assert (dg13.father, dg13.mother) == (father, mother)
    assert dg13.defects == ()


def test_spouses_may_be_none_one_or_several(field: Build, dg13_of: Build) -> None:
    for names in ([], ["Lê Thị Thử"], ["Lê Thị Thử", "Trần Thị Hai"]):
        dg13 = parse_dg13(dg13_of(field(14, *(encode(0x30, utf8(name)) for name in names))))
        assert dg13.spouses == tuple(names)


@pytest.mark.parametrize("text", ["Không thời hạn", "KHÔNG THỜI HẠN", unicodedata.normalize("NFD", "Không thời hạn")])
def test_a_card_without_expiry_says_so(field: Build, dg13_of: Build, text: str) -> None:
    dg13 = parse_dg13(dg13_of(field(12, utf8(text))))
    assert (dg13.expiry, dg13.no_expiry, dg13.defects) == (None, True, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("15/01/1990", CalendarDate(1990, 1, 15)), ("01/1950", CalendarDate(1950, 1)), ("1950", CalendarDate(1950)),
     ("00/00/1950", CalendarDate(1950)), ("00/02/1950", CalendarDate(1950, 2))],
)  # fmt: skip
def test_dates_of_elderly_people_may_be_partial(
    field: Build, dg13_of: Build, text: str, expected: CalendarDate
) -> None:
    assert parse_dg13(dg13_of(field(3, printable(text)))).date_of_birth == expected


@pytest.mark.parametrize("tag", [0x0C, 0x13, 0x16])
def test_each_string_type_is_read(field: Build, dg13_of: Build, tag: int) -> None:
    assert parse_dg13(dg13_of(field(6, encode(tag, b"Kinh")))).ethnicity == "Kinh"


@pytest.mark.parametrize(
    ("field_id", "value"),
    [
        (1, printable("99090000001")),
        (2, encode(0x04, b"octets")),
        (2, encode(0x0C, b"\xff\xfe")),
        (2, encode(0x13, "Mẫu".encode())),
        (2, utf8("A") + utf8("B")),
        (3, printable("31/02/1990")),
        (4, utf8("Khác")),
        (12, utf8("mãi mãi")),
        (13, encode(0x30, utf8("A")) * 3),
        (14, encode(0x30, utf8("A")) * 9),
        (2, b"\x0c\x7f"),  # a length that lies
        (8, b"\x30\x80\x00\x00"),  # an indefinite length
    ],
)
def test_an_unreadable_field_spoils_only_itself(field: Build, dg13_of: Build, field_id: int, value: bytes) -> None:
    dg13 = parse_dg13(dg13_of(field(field_id, value), field(7, utf8("Không"))))
    assert [defect.field_id for defect in dg13.defects] == [field_id]
    assert dg13 == Dg13(religion="Không", field_ids=(field_id, 7), defects=dg13.defects)


def test_a_stranger_between_the_fields_is_reported_by_its_offset(field: Build, dg13_of: Build) -> None:
    raw = dg13_of(field(6, utf8("Kinh")), encode(0x30, utf8("?")), field(7, utf8("Không")))
    dg13 = parse_dg13(raw)
    assert dg13.defects == (FieldDefect(0, raw.index(encode(0x30, utf8("?")))),)
    assert (dg13.ethnicity, dg13.religion) == ("Kinh", "Không")


def test_unknown_fields_are_kept_raw(field: Build, dg13_of: Build) -> None:
    dg13 = parse_dg13(dg13_of(field(1, printable("099090000001")), field(17, utf8("?"), utf8("!")), field(99)))
    assert dg13.other == ((17, utf8("?") + utf8("!")), (99, b""))


def test_text_that_hides_something_is_cleaned_and_reported(field: Build, dg13_of: Build) -> None:
    dg13 = parse_dg13(dg13_of(field(2, utf8("Mẫu\u202e gnùT\u200b")), field(6, utf8("Kinh"))))
    assert dg13.full_name == "Mẫu gnùT"
    assert dg13.altered == ((2, TextFinding.BIDI), (2, TextFinding.INVISIBLE))


def test_text_becomes_nfc(field: Build, dg13_of: Build) -> None:
    dg13 = parse_dg13(dg13_of(field(2, utf8(unicodedata.normalize("NFD", "Nguyễn Văn Mẫu")))))
    assert dg13.full_name == unicodedata.normalize("NFC", "Nguyễn Văn Mẫu")
    assert dg13.altered == ((2, TextFinding.NOT_NFC),)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x6d\x00",
        b"\x6d\x02\x30\x00",
        b"\x6d\x04\x30\x02\x31\x00",
        encode(0x6E, encode(0x30, BY_HAND)),
        encode(0x6D, encode(0x30, BY_HAND)) + b"\x00",
        encode(0x6D, encode(0x30, BY_HAND))[:-1],
        encode(0x6D, encode(0x30, encode(0x30, b"\x02\x01\x02") * 2)),
        encode(0x6D, encode(0x30, encode(0x30, b"\x02\x01\x02") * 65)),
        encode(0x6D, bytes(40_000)),
    ],
)
def test_what_is_no_dg13_or_names_a_field_twice_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError):
        parse_dg13(raw)


@given(st.dictionaries(st.integers(17, 200), st.binary(max_size=20).map(lambda value: encode(0x04, value)), min_size=1))
def test_unknown_fields_come_back(values: dict[int, bytes]) -> None:
    raw = encode(
        0x6D,
        encode(
            0x30,
            b"".join(
                encode(0x30, encode(0x02, number.to_bytes(2 if number > 127 else 1, "big")) + value)
                for number, value in values.items()
            ),
        ),
    )
    assert parse_dg13(raw).other == tuple(values.items())


VISIBLE = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạŏŭčNguyễn 0123456789,", max_size=60)


@given(VISIBLE, VISIBLE, VISIBLE)
def test_written_text_comes_back(name: str, origin: str, residence: str) -> None:
    fields = [encode(0x30, bytes((2, 1, key)) + utf8(text)) for key, text in ((2, name), (8, origin), (9, residence))]
    dg13 = parse_dg13(encode(0x6D, encode(0x30, encode(0x31, b"".join(fields)))))
    shown = [unicodedata.normalize("NFC", " ".join(text.split())) for text in (name, origin, residence)]
    assert [dg13.full_name, dg13.place_of_origin, dg13.residence] == shown


def test_dg13_never_shows_itself(dg13_of: Build) -> None:
    assert repr(parse_dg13(dg13_of(BY_HAND))) == "Dg13(16 fields)"
