"""DER as certificates need it: strict where a signature stands on it, lenient where issuers are (X.690)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_cards import der
from reader.errors import DataError
from reader.iso7816 import encode
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


def element(raw: bytes) -> Element:
    return read_element(raw)[0]


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
