"""Names and times as issuers write them, and how they are compared (RFC 5280 §4.1.2)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mock_cards import der
from reader.errors import DataError
from reader.iso7816 import encode
from reader.trust import Period
from reader.trust.der import (
    Element,
    read_element,
)
from reader.trust.names import DistinguishedName
from reader.trust.times import read_generalized, read_time


def element(raw: bytes) -> Element:
    return read_element(raw)[0]


@pytest.mark.parametrize(
    ("tag", "text", "moment"),
    [
        (0x17, "260301120005Z", datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)),
        (0x17, "2603011200Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        (0x17, "260301120005", datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)),
        (0x17, "491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (0x17, "500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (0x17, "260301120000+0730", datetime(2026, 3, 1, 4, 30, tzinfo=UTC)),
        (0x17, "260301120000-0100", datetime(2026, 3, 1, 13, tzinfo=UTC)),
        (0x18, "20260301120005Z", datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)),
        (0x18, "202603011200", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        (0x18, "20260301120005.25Z", datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)),
        (0x18, "20610101000000Z", datetime(2061, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_as_real_certificates_write_them(tag: int, text: str, moment: datetime) -> None:
    assert read_time(element(encode(tag, text.encode()))) == moment


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (0x17, "20260301120005Z"),
        (0x18, "2603011200Z"),
        (0x17, "261301120005Z"),
        (0x17, "260230120005Z"),
        (0x17, "260301120005X"),
        (0x17, "2603011200٣٤Z"),
        (0x17, "260301120000+9900"),
        (0x18, "00010101000000+2300"),
        (0x18, "99991231235959-2300"),
        (0x18, "00000101000000Z"),
        (0x0C, "260301120005Z"),
    ],
)
def test_what_is_no_time_is_an_error(tag: int, text: str) -> None:
    with pytest.raises(DataError):
        read_time(element(encode(tag, text.encode())))


def test_a_time_under_an_implicit_tag() -> None:
    assert read_generalized(b"20260301120005Z") == datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


def test_a_period_holds_both_its_ends() -> None:
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    assert [Period(begin, end).holds(moment) for moment in (begin, end, datetime(2026, 2, 2, tzinfo=UTC))] == [
        True,
        True,
        False,
    ]
    assert not Period(begin, end).holds(datetime(2025, 12, 31, tzinfo=UTC))
    assert Period(None, None).holds(begin)


def name(*attributes: tuple[str, bytes]) -> DistinguishedName:
    raw = der.sequence(*(der.set_of(der.sequence(der.object_identifier(oid), value)) for oid, value in attributes))
    return DistinguishedName.parse(raw)


CN, C = "2.5.4.3", "2.5.4.6"


@pytest.mark.parametrize(
    "value",
    [
        encode(0x13, b"csca  VIETNAM "),
        encode(0x0C, b"CSCA Vietnam"),
        encode(0x1E, "CSCA Vietnam".encode("utf-16-be")),
        encode(0x1C, "CSCA Vietnam".encode("utf-32-be")),
        encode(0x14, b"CSCA Vietnam"),
        encode(0x16, b" CSCA vietnam"),
    ],
)
def test_names_are_compared_by_their_letters(value: bytes) -> None:
    """RFC 5280 §7.1: case, spaces and the kind of string make no difference."""
    wanted = name((C, der.printable("VN")), (CN, der.utf8("CSCA Vietnam")))
    found = name((C, der.printable("vn")), (CN, value))
    assert found.matches(wanted)
    assert found.folded == wanted.folded
    assert found.country == "VN"


def test_other_names_do_not_match() -> None:
    wanted = name((C, der.printable("VN")), (CN, der.utf8("CSCA")))
    for other in (
        name((CN, der.utf8("CSCA")), (C, der.printable("VN"))),
        name((C, der.printable("VN")), (CN, der.utf8("CSCA 2"))),
        name((C, der.printable("VN"))),
        name(),
    ):
        assert not wanted.matches(other)
        assert wanted.folded != other.folded
    assert not name().matches(name())
    assert name().folded == b""


def test_a_value_that_is_no_text_is_kept_as_its_bytes() -> None:
    assert name((CN, encode(0x03, b"\x00\x01"))).common_name == "0001"
    assert name((CN, encode(0x0C, b"\xff"))).common_name == "ff"


@pytest.mark.parametrize("code", ["V", "VNMM", "V1", "Việt", ""])
def test_a_country_is_two_or_three_letters(code: str) -> None:
    assert name((C, der.utf8(code))).country == ""


@pytest.mark.parametrize(
    "raw",
    [
        b"\x30\x02\x02\x00",
        der.sequence(der.sequence(der.object_identifier(CN), der.utf8("x"))),
        der.sequence(der.set_of(der.sequence(der.object_identifier(CN)))),
        der.sequence(der.set_of(der.sequence(der.utf8("x"), der.utf8("x")))),
        der.set_of(),
    ],
)
def test_what_is_no_name_is_an_error(raw: bytes) -> None:
    with pytest.raises(DataError):
        DistinguishedName.parse(raw)


def test_a_name_has_a_bounded_number_of_attributes() -> None:
    many = name(*[(CN, der.utf8(str(number))) for number in range(100)])
    assert len(many.parts) == 64
