"""The pre-scan stops what a parser must never see, and lets through what real issuers make."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.iso7816 import encode
from reader.trust import DerLimits, scan
from reader.trust.der import CERTIFICATE, SIGNED_DATA

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


def test_a_huge_object_identifier_is_refused_at_once() -> None:
    begin = time.monotonic()
    with pytest.raises(DataError, match="object identifier"):
        scan(encode(0x30, encode(0x06, b"\x81" * 15_000 + b"\x01")), CERTIFICATE)
    assert time.monotonic() - begin < 0.1


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
