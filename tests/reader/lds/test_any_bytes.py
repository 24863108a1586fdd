"""Every parser against any bytes: a value or DataError, and never more work than its limits allow.

Work is counted in headers read, not in seconds, so that a slow machine cannot fail these tests.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import reader.lds.asn1
from reader.errors import DataError
from reader.iso7816 import encode, read_header
from reader.lds import (
    cms_of_sod,
    parse_com,
    parse_dg1,
    parse_dg2,
    parse_dg13,
    parse_dg14,
    parse_dg15,
    parse_lds_security_object,
    parse_security_infos,
)
from reader.lds.face import parse_facial_record
from reader.lds.image_header import read_image_header

Parser = Callable[[bytes], object]
PARSERS: dict[str, tuple[Parser, int]] = {
    "com": (parse_com, 0x60),
    "sod": (cms_of_sod, 0x77),
    "security-object": (parse_lds_security_object, 0x30),
    "dg1": (parse_dg1, 0x61),
    "dg2": (parse_dg2, 0x75),
    "dg13": (parse_dg13, 0x6D),
    "dg14": (parse_dg14, 0x6E),
    "dg15": (parse_dg15, 0x6F),
    "card-access": (parse_security_infos, 0x31),
    "face": (parse_facial_record, 0x30),
    "image": (read_image_header, 0x30),
}
MOST_HEADERS = 2000


class Work:
    """Count the element headers that were read."""

    def __init__(self) -> None:
        self.headers = 0

    def read_header(self, raw: bytes, offset: int = 0) -> tuple[int, int, int]:
        self.headers += 1
        return read_header(raw, offset)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    counter = Work()
    monkeypatch.setattr(reader.lds.asn1, "read_header", counter.read_header)
    return counter


def value_or_data_error(parser: Parser, raw: bytes) -> None:
    offset = None
    try:
        parser(raw)
    except DataError as error:
        offset = error.offset
    assert offset is None or 0 <= offset <= len(raw)


TREES = st.recursive(
    st.builds(
        encode,
        st.sampled_from([0x02, 0x03, 0x04, 0x05, 0x06, 0x0C, 0x13, 0x5F01, 0x5F1F, 0x5F2E, 0x5F36, 0x5C]),
        st.binary(max_size=12),
    ),
    lambda inner: st.builds(
        lambda tag, parts: encode(tag, b"".join(parts)),
        st.sampled_from([0x30, 0x31, 0x7F61, 0x7F60, 0xA1]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("name", PARSERS)
@given(raw=st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_data_error(name: str, raw: bytes) -> None:
    value_or_data_error(PARSERS[name][0], raw)


@pytest.mark.parametrize("name", PARSERS)
@given(trees=st.lists(TREES, max_size=3))
def test_any_tree_of_elements_gives_a_value_or_a_data_error(name: str, trees: list[bytes]) -> None:
    parser, tag = PARSERS[name]
    value_or_data_error(parser, encode(tag, b"".join(trees)))


@pytest.mark.parametrize(
    ("name", "file"),
    [("com", "EF_COM"), ("sod", "EF_SOD"), ("dg1", "Datagroup1"), ("dg14", "Datagroup14"), ("dg15", "Datagroup15")],
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 1100), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_reference_file_gives_a_value_or_a_data_error(
    shared: Path, name: str, file: str, place: int, byte: int, cut: bool
) -> None:
    raw = bytearray((shared / f"data/bsi2008/{file}.bin").read_bytes())
    raw[place % len(raw)] = byte
    value_or_data_error(PARSERS[name][0], bytes(raw[: place % len(raw)] if cut else raw))


def deep(depth: int, tag: bytes = b"\x30") -> bytes:
    """Nest ``depth`` elements whose lengths are true."""
    raw = b""
    for _ in range(depth):
        raw = tag + (bytes((len(raw),)) if len(raw) < 128 else b"\x83" + len(raw).to_bytes(3, "big")) + raw
    return raw


def long_oid(size: int) -> bytes:
    return encode(0x06, b"\xff" * (size - 1) + b"\x7f")


BOMBS = {
    "depth of ten thousand": deep(10_000),
    "four gigabytes promised": b"\x30\x84\xff\xff\xff\xff\x00",
    "length of length 126": b"\x30\xfe" + b"\xff" * 126,
    "indefinite nesting": b"\x30\x80" * 5000,
    "200 kB object identifier": encode(0x30, long_oid(200_000)),
    "1 MB integer": encode(0x02, b"\x7f" * 1_000_000),
    "set of 300 000 elements": encode(0x31, b"\x05\x00" * 300_000),
    "set of 20 000 sequences": encode(0x31, b"\x30\x00" * 20_000),
    "fields without end": encode(0x30, b"\x30\x03\x02\x01\x02" * 6000),
    "info after info": b"\x31\x82\xff\x00" + bytes.fromhex("3012060A04007F0007020204020202010202010D") * 3264,
    "wide and deep": encode(0x30, encode(0x30, encode(0x30, encode(0x30, b"\x30\x03\x02\x01\x01" * 60) * 60))[:9000]),
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("name", PARSERS)
def test_a_bomb_is_refused_with_little_work(work: Work, name: str, bomb: str) -> None:
    parser, tag = PARSERS[name]
    for raw in (BOMBS[bomb], encode(tag, BOMBS[bomb])):
        work.headers = 0
        value_or_data_error(parser, raw)
        assert work.headers <= MOST_HEADERS


@pytest.mark.parametrize("bomb", ["set of 300 000 elements", "200 kB object identifier", "depth of ten thousand"])
def test_a_bomb_never_passes_for_security_infos(bomb: str) -> None:
    try:
        infos = parse_security_infos(BOMBS[bomb])
    except DataError:
        return
    assert infos.pace == ()
    assert infos.defects


def test_the_fullest_dg13_that_passes_is_read_with_little_work(work: Work) -> None:
    fields = [encode(0x30, bytes((2, 1, number)) + encode(0x30, b"\x0c\x00") * 8) for number in range(1, 65)]
    parse_dg13(encode(0x6D, encode(0x30, encode(0x31, b"".join(fields)))))
    assert work.headers <= MOST_HEADERS
