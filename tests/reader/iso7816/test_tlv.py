from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.iso7816 import TLV, encode, find, parse, parse_all, read_header

TAGS = st.sampled_from([0x31, 0x5F1F, 0x61, 0x7C, 0x7F49, 0x7F61, 0x80, 0x87, 0x5F8101])


@pytest.mark.parametrize(
    ("raw", "header"),
    [
        ("8000", (0x80, 2, 0)),
        ("617F", (0x61, 2, 127)),
        ("618180", (0x61, 3, 128)),
        ("7F61820100", (0x7F61, 5, 256)),
        ("5F1F05", (0x5F1F, 3, 5)),
        ("7583010000", (0x75, 5, 65536)),
        ("7584FFFFFFFF", (0x75, 6, 0xFFFFFFFF)),
        ("5F810104", (0x5F8101, 4, 4)),
        ("618105", (0x61, 3, 5)),
    ],
)
def test_headers_tell_tag_and_length_before_the_value_is_there(raw: str, header: tuple[int, int, int]) -> None:
    assert read_header(bytes.fromhex(raw)) == header


@pytest.mark.parametrize(
    "raw", ["", "61", "6180", "6185", "61850000000001", "6182", "618201", "7F", "7F81", "7F818101", "61FF"]
)
def test_headers_that_are_cut_short_or_without_bound_are_refused(raw: str) -> None:
    with pytest.raises(DataError):
        read_header(bytes.fromhex(raw))


@given(TAGS, st.one_of(st.binary(max_size=300), st.integers(0, 70000).map(bytes)))
def test_data_objects_survive_encoding(tag: int, value: bytes) -> None:
    raw = encode(tag, value)
    tlv = parse(raw)
    assert (tlv.tag, tlv.value, tlv.end) == (tag, value, len(raw))


@pytest.mark.parametrize(
    ("size", "length"), [(0, "00"), (127, "7f"), (128, "8180"), (255, "81ff"), (256, "820100"), (65536, "83010000")]
)
def test_lengths_are_the_shortest(size: int, length: str) -> None:
    assert encode(0x61, bytes(size))[1 : 1 + len(length) // 2].hex() == length


@given(st.lists(st.tuples(TAGS, st.binary(max_size=50)), max_size=8))
def test_rows_of_objects_are_parsed_to_their_end(rows: list[tuple[int, bytes]]) -> None:
    raw = b"".join(encode(tag, value) for tag, value in rows)
    parsed = list(parse_all(raw))
    assert [(tlv.tag, tlv.value) for tlv in parsed] == rows
    assert [raw[tlv.start : tlv.end] for tlv in parsed] == [encode(tag, value) for tag, value in rows]
    assert parse(encode(0x7C, raw)).children() == tuple(parsed)


@given(st.binary(max_size=200))
def test_random_bytes_are_objects_or_malformed(raw: bytes) -> None:
    try:
        parsed = list(parse_all(raw))
    except DataError:
        return
    assert sum(tlv.header + len(tlv.value) for tlv in parsed) == len(raw)


def test_a_value_that_is_cut_short_is_refused() -> None:
    with pytest.raises(DataError):
        parse(bytes.fromhex("6105 01020304"))


def test_find_follows_a_path() -> None:
    raw = encode(0x7C, encode(0x80, b"nonce") + encode(0x82, b"key"))
    assert find(raw, 0x7C, 0x82) == b"key"
    for path in ((0x7D,), (0x7C, 0x81), (0x7C, 0x80, 0x80)):
        with pytest.raises(DataError):
            find(raw, *path)


def test_an_object_that_is_there_twice_is_refused() -> None:
    with pytest.raises(DataError):
        find(encode(0x7C, encode(0x80, b"1") + encode(0x80, b"2")), 0x7C, 0x80)


@pytest.mark.parametrize(
    ("tag", "constructed"), [(0x61, True), (0x80, False), (0x7F49, True), (0x5F1F, False), (0xBF21, True)]
)
def test_constructed_objects_are_told_by_their_first_tag_byte(tag: int, constructed: bool) -> None:
    assert TLV(tag, b"").constructed is constructed


def test_repr_shows_no_value() -> None:
    assert repr(TLV(0x5F1F, b"secret")) == "TLV(5F1F, 6 bytes)"
