"""What a certificate says, read leniently from strict DER: names, times, extensions (RFC 5280 §4.1, §4.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_cards import der
from reader.errors import DataError
from reader.iso7816 import encode
from reader.trust import Certificate, Period, parse_spki
from reader.trust.der import (
    CERTIFICATE,
    Element,
    children,
    expect,
    read_element,
    read_integer,
    read_oid,
    scan,
    to_der,
)
from reader.trust.names import DistinguishedName
from reader.trust.times import read_generalized, read_time


def element(raw: bytes) -> Element:
    return read_element(raw)[0]


# --- DER ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        bytes.fromhex("308103020100"),
        bytes.fromhex("30820003020100"),
        bytes.fromhex("0481020000"),
        bytes.fromhex("3080020100") + b"\x00\x00",
    ],
)
def test_lengths_are_as_short_as_can_be(raw: bytes) -> None:
    """X.690 §10.1; BER is admitted for signed data only, and made DER there."""
    with pytest.raises(DataError):
        scan(raw, CERTIFICATE)
    lenient = replace(CERTIFICATE, indefinite=True)
    scan(raw, lenient)
    scan(to_der(raw, lenient), CERTIFICATE)


@pytest.mark.parametrize("size", [0, 127, 128, 255, 256, 65_535, 65_536])
def test_shortest_lengths_pass_and_stay(size: int) -> None:
    raw = encode(0x30, encode(0x04, bytes(size)))
    limits = replace(CERTIFICATE, size=100_000)
    scan(raw, limits)
    assert to_der(raw, limits) == raw


def test_ber_becomes_der_and_nothing_is_sorted() -> None:
    pieces = b"\x24\x80" + der.octet_string(b"ab") + b"\x24\x81\x03" + der.octet_string(b"c") + b"\x00\x00"
    ber = b"\x31\x80" + der.integer(2) + der.integer(1) + pieces + b"\x00\x00"
    wanted = encode(0x31, der.integer(2) + der.integer(1) + der.octet_string(b"abc"))
    assert to_der(ber, replace(CERTIFICATE, indefinite=True)) == wanted
    with pytest.raises(DataError):
        to_der(b"\x24\x80" + der.integer(1) + b"\x00\x00", replace(CERTIFICATE, indefinite=True))


@given(raw=st.binary(max_size=60))
def test_any_bytes_are_one_element_or_an_error(raw: bytes) -> None:
    try:
        found, end = read_element(raw)
    except DataError:
        return
    assert found.raw == raw[:end]
    assert found.raw.endswith(found.value)


@pytest.mark.parametrize("raw", [b"", b"\x30", b"\x30\x05\x00", b"\x30\x80\x00\x00", b"\x3f\x81\x81\x81\x81\x00\x00"])
def test_an_element_that_is_cut_short_is_an_error(raw: bytes) -> None:
    with pytest.raises(DataError):
        read_element(raw)


def test_an_element_is_what_it_must_be_and_alone() -> None:
    assert expect(b"\x02\x01\x05", 2).value == b"\x05"
    for raw in (b"\x02\x01\x05\x00", b"\x04\x01\x05"):
        with pytest.raises(DataError):
            expect(raw, 2)
    assert [child.value for child in children(b"\x02\x01\x05\x04\x01\x06")] == [b"\x05", b"\x06"]


@given(number=st.integers(-(2**200), 2**200))
def test_integers_are_in_twos_complement(number: int) -> None:
    assert read_integer(element(der.integer(number))) == number


@pytest.mark.parametrize("raw", [b"\x02\x00", b"\x04\x01\x05"])
def test_what_is_no_integer_is_an_error(raw: bytes) -> None:
    with pytest.raises(DataError):
        read_integer(element(raw))


@pytest.mark.parametrize("dotted", ["0.4.0.127.0.7", "1.2.840.113549.1.1.10", "2.23.136.1.1.6.2", "2.999.3", "0.0"])
def test_object_identifiers(dotted: str) -> None:
    assert read_oid(element(der.object_identifier(dotted))) == dotted


@pytest.mark.parametrize("raw", [b"\x06\x00", b"\x06\x01\x81", b"\x02\x01\x05"])
def test_what_is_no_object_identifier_is_an_error(raw: bytes) -> None:
    with pytest.raises(DataError):
        read_oid(element(raw))


# --- times --------------------------------------------------------------------------------------------------------


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


# --- names --------------------------------------------------------------------------------------------------------


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


# --- certificates -------------------------------------------------------------------------------------------------


def parts(raw: bytes) -> tuple[list[Element], bytes, bytes]:
    tbs, algorithm, signature = children(expect(raw, 0x30).value)
    return list(children(tbs.value)), algorithm.raw, signature.raw


def rebuilt(raw: bytes, change: Any) -> bytes:
    """Put a certificate together again after its fields were changed; nobody signs it."""
    fields, algorithm, signature = parts(raw)
    changed = change([field.raw for field in fields])
    return der.sequence(der.sequence(*changed), algorithm, signature)


@pytest.fixture(scope="module")
def certificate(authority: Any) -> bytes:
    return authority.ds(authority.key(), authority.key())


def test_a_certificate_of_version_1_has_no_extensions(certificate: bytes) -> None:
    found = Certificate.parse(rebuilt(certificate, lambda fields: fields[1:-1]))
    assert found.extensions.key_usage is None
    assert found.serial == Certificate.parse(certificate).serial
    assert repr(found) == f"Certificate({found.fingerprint[:16]})"


def test_unique_ids_are_passed_over(certificate: bytes) -> None:
    ids = [encode(0x81, b"\x00\x01"), encode(0x82, b"\x00\x02")]
    found = Certificate.parse(rebuilt(certificate, lambda fields: [*fields[:-1], *ids, fields[-1]]))
    assert found.extensions == Certificate.parse(certificate).extensions


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: fields[:-2],
        lambda fields: [*fields, fields[-1]],
        lambda fields: [*fields[:-1], encode(0xA2, b"")],
        lambda fields: [*fields[:4], der.sequence(), *fields[5:]],
        lambda fields: [fields[0], der.utf8("7"), *fields[2:]],
        lambda fields: [],
        lambda fields: [*fields[:-1], encode(0xA3, der.sequence(der.sequence(der.integer(1))))],
        lambda fields: [*fields[:-1], encode(0xA3, der.sequence(der.sequence(der.object_identifier("1.2"))))],
        lambda fields: [*fields[:-1], encode(0xA3, der.sequence(*[extension("1.2.3", b"")] * 2))],
    ],
)
def test_fields_that_are_missing_or_others_are_an_error(certificate: bytes, change: Any) -> None:
    with pytest.raises(DataError):
        Certificate.parse(rebuilt(certificate, change))


def extension(oid: str, value: bytes, critical: bytes = b"") -> bytes:
    return der.sequence(der.object_identifier(oid), critical, der.octet_string(value))


def with_extensions(certificate: bytes, *extensions: bytes) -> Certificate:
    def change(fields: list[bytes]) -> list[bytes]:
        return [*fields[:-1], encode(0xA3, der.sequence(*extensions))]

    return Certificate.parse(rebuilt(certificate, change))


def test_a_signature_is_a_whole_number_of_bytes(certificate: bytes) -> None:
    fields, algorithm, _ = parts(certificate)
    for signature in (encode(0x03, b"\x01\x02"), encode(0x04, b"\x00\x02"), encode(0x03, b"")):
        with pytest.raises(DataError):
            Certificate.parse(der.sequence(der.sequence(*(field.raw for field in fields)), algorithm, signature))


FALSE, TRUE = b"\x01\x01\x00", b"\x01\x01\xff"


@pytest.mark.parametrize(
    ("constraints", "is_ca", "path_length"),
    [
        (der.sequence(), False, None),
        (der.sequence(TRUE), True, None),
        (der.sequence(FALSE), False, None),
        (der.sequence(TRUE, der.integer(0)), True, 0),
        (der.sequence(TRUE, der.integer(3)), True, 3),
        (der.sequence(der.integer(3)), False, 3),
    ],
)
def test_basic_constraints(certificate: bytes, constraints: bytes, is_ca: bool, path_length: int | None) -> None:
    found = with_extensions(certificate, extension("2.5.29.19", constraints)).extensions
    assert (found.is_ca, found.path_length) == (is_ca, path_length)


@pytest.mark.parametrize(
    ("bits", "usages"),
    [
        (b"\x07\x80", {"digital_signature"}),
        (b"\x01\x06", {"key_cert_sign", "crl_sign"}),
        (b"\x00", set()),
        (b"\x07\x00\x80", {"decipher_only"}),
        (b"\x00\xff\xff", None),
    ],
)
def test_key_usage(certificate: bytes, bits: bytes, usages: set[str] | None) -> None:
    found = with_extensions(certificate, extension("2.5.29.15", encode(0x03, bits))).extensions
    assert found.key_usage is not None
    assert found.key_usage == usages if usages is not None else len(found.key_usage) == 9


def test_the_other_extensions(certificate: bytes) -> None:
    period = encode(0x30, encode(0x80, b"20260101000000Z"))
    found = with_extensions(
        certificate,
        extension("2.5.29.14", der.octet_string(b"own")),
        extension("2.5.29.35", der.sequence(encode(0xA1, b""), encode(0x80, b"issuer's"))),
        extension("2.5.29.37", der.sequence(der.object_identifier("2.23.136.1.1.3"))),
        extension("2.5.29.16", period),
        extension("2.23.136.1.1.6.1", b"\x05\x00"),
        extension(
            "2.23.136.1.1.6.2", der.sequence(der.integer(0), der.set_of(der.printable("P<"), der.printable("ID")))
        ),
        extension("1.2.3.4", b"", TRUE),
        extension("1.2.3.5", b"", FALSE),
        extension("1.2.3.6", b""),
        extension("2.5.29.31", b"", TRUE),
    ).extensions
    assert (found.subject_key_id, found.authority_key_id) == (b"own", b"issuer's")
    assert found.extended_key_usage == {"2.23.136.1.1.3"}
    assert found.private_key_usage == Period(datetime(2026, 1, 1, tzinfo=UTC), None)
    assert found.name_change
    assert found.document_types == {"P", "ID"}
    assert found.unknown_critical == ("1.2.3.4",)
    nameless = with_extensions(certificate, extension("2.5.29.35", der.sequence(encode(0xA1, b"")))).extensions
    assert nameless.authority_key_id is None


@pytest.mark.parametrize(
    ("oid", "value"),
    [
        ("2.5.29.14", b"\x05\x00"),
        ("2.5.29.35", der.integer(1)),
        ("2.5.29.19", der.integer(1)),
        ("2.5.29.37", der.sequence(der.integer(1))),
        ("2.5.29.16", der.sequence(encode(0x80, b"yesterday"))),
        ("2.23.136.1.1.6.2", der.sequence(der.integer(0))),
        ("2.5.29.15", b""),
    ],
)
def test_a_malformed_extension_that_bears_on_trust_is_an_error(certificate: bytes, oid: str, value: bytes) -> None:
    with pytest.raises(DataError):
        with_extensions(certificate, extension(oid, value))


def test_extensions_are_bounded(certificate: bytes) -> None:
    many = [extension(f"1.2.3.{number}", b"") for number in range(33)]
    with pytest.raises(DataError):
        with_extensions(certificate, *many)
    assert with_extensions(certificate, *many[:32]).extensions.key_usage is None


@given(place=st.integers(0, 5_000), value=st.integers(0, 255))
def test_a_damaged_certificate_is_read_or_an_error(certificate: bytes, place: int, value: int) -> None:
    raw = bytearray(certificate)
    raw[place % len(raw)] = value
    try:
        found = Certificate.parse(bytes(raw))
        parse_spki(found.spki)
    except DataError:
        return
    assert found.raw == bytes(raw)
