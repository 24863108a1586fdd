"""What a certificate says, read leniently from strict DER: fields and extensions (RFC 5280 §4.1, §4.2)."""

from __future__ import annotations

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
    Element,
    children,
    expect,
)


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
