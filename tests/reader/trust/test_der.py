"""The pre-scan stops what a parser must never see, and lets through what real issuers make."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.iso7816 import encode
from reader.trust import DerLimits, scan
from reader.trust.der import (
    CERTIFICATE,
    SIGNED_DATA,
    children,
    expect,
    read_element,
    read_integer,
    read_oid,
    to_der,
)

SMALL = DerLimits(size=4_000, depth=4, elements=10)


def nested(levels: int) -> bytes:
    raw = b"\x05\x00"
    for _ in range(levels):
        raw = encode(0x30, raw)
    return raw


@pytest.mark.parametrize("levels", [0, 1, 4])
def test_nesting_up_to_the_limit_passes(levels: int) -> None:
    scan(nested(levels), SMALL)


def test_nesting_beyond_the_limit_is_refused() -> None:
    with pytest.raises(DataError, match="nested deeper"):
        scan(nested(5), SMALL)


def test_ten_thousand_levels_do_not_recurse() -> None:
    with pytest.raises(DataError, match="nested deeper"):
        scan(b"\x30\x80" * 10_000, SIGNED_DATA)


def test_elements_are_counted() -> None:
    scan(encode(0x30, b"\x05\x00" * 9), SMALL)
    with pytest.raises(DataError, match="more than 10 elements"):
        scan(encode(0x30, b"\x05\x00" * 10), SMALL)


def test_a_huge_object_identifier_is_refused() -> None:
    with pytest.raises(DataError, match="object identifier"):
        scan(encode(0x30, encode(0x06, b"\x81" * 15_000 + b"\x01")), CERTIFICATE)


def test_a_huge_integer_is_refused() -> None:
    with pytest.raises(DataError, match="integer"):
        scan(encode(0x02, b"\x01" * 2_049), CERTIFICATE)


def test_size_is_checked_first() -> None:
    with pytest.raises(DataError, match="more than 4000 bytes"):
        scan(bytes(4_001), SMALL)


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "tag missing"),
        (b"\x30", "length missing"),
        (b"\x30\x82\x01", "length cut short"),
        (b"\x30\x85\x00\x00\x00\x00\x00", "length of more than"),
        (b"\x30\x02\x05", "reaches beyond"),
        (b"\x30\x03\x04\x02\x00\x00", "reaches beyond"),
        (b"\x30\x00\x00", "after the end"),
        (b"\x30\x80\x05\x00\x00\x00", "indefinite"),
        (b"\x3f\x81\x81\x81\x01\x00", "tag of more than"),
        (b"\x3f\x81", "tag cut short"),
    ],
)
def test_lengths_that_do_not_add_up_are_refused(raw: bytes, what: str) -> None:
    with pytest.raises(DataError, match=what):
        scan(raw, SMALL)


def test_indefinite_lengths_pass_where_they_are_admitted() -> None:
    scan(b"\x30\x80\x30\x80\x05\x00\x00\x00\x04\x01\xaa\x00\x00", SIGNED_DATA)
    with pytest.raises(DataError):
        scan(b"\x30\x80\x05\x00\x00", SIGNED_DATA)
    with pytest.raises(DataError, match="indefinite"):
        scan(b"\x04\x80\x00\x00", SIGNED_DATA)


@given(st.binary(max_size=200))
def test_random_bytes_pass_or_raise_data_error(raw: bytes) -> None:
    with contextlib.suppress(DataError):
        scan(raw, SMALL)


STRICT = DerLimits(size=40, depth=2, elements=3, oid=3, integer=2)
LENIENT = replace(STRICT, indefinite=True)


@pytest.mark.parametrize(
    ("raw", "limits", "what"),
    [
        ("00" * 41, STRICT, "more than 40 bytes"),
        ("3002050000", STRICT, "bytes after the end at offset 4"),
        ("30080500050005000500", STRICT, "more than 3 elements at offset 6"),
        ("30030401", STRICT, "element reaches beyond what holds it at offset 0"),
        ("300430030402", STRICT, "element reaches beyond what holds it at offset 2"),
        ("3006300430020500", STRICT, "nested deeper than 2 at offset 4"),
        ("3006060401020304", STRICT, "object identifier of more than 3 bytes at offset 2"),
        ("30050203010203", STRICT, "integer of more than 2 bytes at offset 2"),
        ("308005000000", STRICT, "indefinite length at offset 0"),
        ("0480", LENIENT, "indefinite length at offset 0"),
        ("300404800000", LENIENT, "indefinite length at offset 2"),
        ("3081020500", STRICT, "length longer than needed at offset 1"),
        ("", STRICT, "tag missing at offset 0"),
        ("30800500", LENIENT, "tag missing at offset 4"),
        ("30021f81", STRICT, "tag cut short at offset 2"),
        ("1f818181810100", STRICT, "tag of more than 4 bytes at offset 0"),
        ("30", STRICT, "length missing at offset 1"),
        ("300105", STRICT, "length missing at offset 3"),
        ("30850000000001", STRICT, "length of more than 4 bytes at offset 1"),
        ("308201", STRICT, "length cut short at offset 2"),
        ("30800500000000", LENIENT, "bytes after the end at offset 6"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(raw: str, limits: DerLimits, what: str) -> None:
    with pytest.raises(DataError) as refused:
        scan(bytes.fromhex(raw), limits)
    assert str(refused.value) == what


@pytest.mark.parametrize(
    ("raw", "limits"),
    [
        ("3026" + "0424" + "00" * 36, STRICT),
        ("3005" + "0603" + "010203", STRICT),
        ("3004" + "0202" + "0102", STRICT),
        ("3004" + "05000500", STRICT),
        ("3004" + "3002" + "0500", STRICT),
        ("3f818101" + "00", STRICT),
        ("3084000000020500", LENIENT),
        ("308005000000", LENIENT),
        ("30803080000005000000", replace(LENIENT, elements=4)),
    ],
)
def test_what_reaches_a_limit_and_goes_no_further_passes(raw: str, limits: DerLimits) -> None:
    scan(bytes.fromhex(raw), limits)


def test_one_more_than_a_limit_is_refused() -> None:
    scan(encode(0x30, bytes.fromhex("05000500")), replace(STRICT, elements=3))
    with pytest.raises(DataError):
        scan(encode(0x30, bytes.fromhex("05000500")), replace(STRICT, elements=2))
    with pytest.raises(DataError):
        scan(bytes.fromhex("3002") + b"\x05\x00", replace(STRICT, size=3))
    with pytest.raises(DataError):
        scan(bytes.fromhex("3004") + b"\x30\x02\x05\x00", replace(STRICT, depth=1))


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: read_element(b"\x05\x00\x30\x80\x00\x00", 2), "indefinite length at offset 2"),
        (lambda: read_element(b"\x05\x00\x30\x05\x00", 2), "element reaches beyond what holds it at offset 2"),
        (lambda: read_element(b"\x05\x00", 2), "tag missing at offset 2"),
        (lambda: expect(b"\x04\x00", 0x02), "not one element of tag 02"),
        (lambda: expect(b"\x02\x01\x05\x00", 0x02), "not one element of tag 02"),
        (lambda: read_integer(read_element(b"\x02\x00")[0]), "not an integer"),
        (lambda: read_integer(read_element(b"\x04\x01\x05")[0]), "not an integer"),
        (lambda: read_oid(read_element(b"\x06\x00")[0]), "not an object identifier"),
        (lambda: read_oid(read_element(b"\x06\x01\x81")[0]), "not an object identifier"),
        (lambda: read_oid(read_element(b"\x04\x01\x05")[0]), "not an object identifier"),
    ],
)
def test_reading_says_what_is_wrong_too(call: Callable[[], object], what: str) -> None:
    with pytest.raises(DataError) as refused:
        call()
    assert str(refused.value) == what


def test_an_element_is_read_where_it_begins_and_the_next_one_after_it() -> None:
    raw = b"\x02\x01\x05\x04\x81\x80" + bytes(128) + b"\x1f\x81\x01\x01\xaa"
    first, place = read_element(raw)
    second, place = read_element(raw, place)
    third, end = read_element(raw, place)
    assert (first.tag, first.raw, first.value) == (2, b"\x02\x01\x05", b"\x05")
    assert (second.tag, len(second.raw), second.value) == (4, 131, bytes(128))
    assert (third.tag, third.value, end) == (0x1F, b"\xaa", len(raw))
    assert list(children(raw)) == [first, second, third]


@pytest.mark.parametrize(
    ("ber", "wanted"),
    [
        ("3080020105" + "0000", "3003020105"),
        ("30810302" + "0105", "3003020105"),
        ("3083000003020105", "3003020105"),
        ("24800402616204016300" + "00", "0403616263"),
        ("308024800401610000" + "020107" + "0000", "3006040161020107"),
        ("1f810103010203", "1f810103010203"),
        ("3f8101800201050000", "3f810103020105"),
    ],
)
def test_ber_is_rewritten_exactly(ber: str, wanted: str) -> None:
    assert to_der(bytes.fromhex(ber), replace(LENIENT, elements=9)).hex() == wanted


@pytest.mark.parametrize("size", [127, 128, 255, 256, 65_535, 65_536, 70_000])
def test_rewritten_lengths_are_the_shortest(size: int) -> None:
    limits = replace(LENIENT, size=100_000)
    assert to_der(b"\x30\x80" + encode(0x04, bytes(size)) + b"\x00\x00", limits) == encode(0x30, encode(4, bytes(size)))
