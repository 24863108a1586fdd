"""The walk over elements: bounded, by offset, and honest about where it stopped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.iso7816 import encode
from reader.lds.asn1 import decode_integer, decode_natural, decode_oid, decode_one, walk


def oid(value: str) -> str:
    return decode_oid(decode_one(encode(0x06, bytes.fromhex(value)), 0x06))


@pytest.mark.parametrize(
    ("value", "dotted"),
    [
        ("04007F00070202040202", "0.4.0.127.0.7.2.2.4.2.2"),
        ("2A8648CE3D0201", "1.2.840.10045.2.1"),
        ("67810801 0105".replace(" ", ""), "2.23.136.1.1.5"),
        ("883703", "2.999.3"),  # X.690 §8.19.5
        ("00", "0.0"),
        ("7F", "2.47"),
    ],
)
def test_an_object_identifier_is_dotted(value: str, dotted: str) -> None:
    assert oid(value) == dotted


@pytest.mark.parametrize("value", ["", "80", "2A80", "2A8001", "2A86", "01" * 65])
def test_an_object_identifier_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(DataError):
        oid(value)


@given(st.lists(st.integers(0, 2**60), min_size=0, max_size=6), st.integers(0, 2), st.integers(0, 39))
def test_object_identifiers_come_back(arcs: list[int], first: int, second: int) -> None:
    encoded = b""
    for number in (40 * first + second, *arcs):
        parts = [number & 0x7F]
        while number := number >> 7:
            parts.append(number & 0x7F | 0x80)
        encoded += bytes(reversed(parts))
    if len(encoded) <= 64:
        assert oid(encoded.hex()) == ".".join(map(str, (first, second, *arcs)))


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_come_back(number: int) -> None:
    size = ((number if number >= 0 else ~number).bit_length() // 8) + 1
    element = decode_one(encode(0x02, number.to_bytes(size, "big", signed=True)), 0x02)
    assert decode_integer(element) == number
    if number < 0:
        with pytest.raises(DataError):
            decode_natural(element)


@pytest.mark.parametrize("value", ["", "0001", "FF80", "01" * 9])
def test_an_integer_that_is_padded_or_too_long_is_refused(value: str) -> None:
    with pytest.raises(DataError):
        decode_integer(decode_one(encode(0x02, bytes.fromhex(value)), 0x02))


def test_an_error_names_the_offset_in_the_whole_file() -> None:
    outer = decode_one(bytes.fromhex("30 06 02 01 05 02 7F 01".replace(" ", "")), 0x30)
    with pytest.raises(DataError) as caught:
        outer.children()
    assert caught.value.offset == 5


def test_an_element_never_reaches_beyond_what_holds_it() -> None:
    # The inner length fits into the file but not into the SEQUENCE around it.
    with pytest.raises(DataError):
        decode_one(bytes.fromhex("31 09 30 03 02 04 01 02 03 04 00".replace(" ", "")), 0x31).children()[0].children()


def test_a_walk_stops_at_its_limit() -> None:
    met = []
    with pytest.raises(DataError):
        met.extend(element.start for element in walk(bytes.fromhex("0500") * 100_000, limit=5))
    walked = walk(bytes.fromhex("0500") * 100_000, limit=5)
    assert [next(walked).start for _ in range(5)] == [0, 2, 4, 6, 8]
    with pytest.raises(DataError):
        next(walked)


def test_bytes_after_the_end_are_refused() -> None:
    with pytest.raises(DataError):
        decode_one(bytes.fromhex("300000"), 0x30)


def test_a_representation_never_shows_the_value() -> None:
    assert "41" not in repr(decode_one(bytes.fromhex("0C0141"), 0x0C))
    assert "A" not in repr(decode_one(bytes.fromhex("0C0141"), 0x0C))
