"""Every parser against any bytes: a value or DataError, and never more work than its limits allow.

Work is counted in headers read, letters made safe and bytes allocated, not in seconds, so that a slow machine cannot
fail these tests.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import reader.lds.asn1
import reader.lds.details
from reader.errors import DataError
from reader.iso7816 import encode, read_header
from reader.lds import (
    SafeText,
    cms_of_sod,
    make_safe,
    parse_card_security,
    parse_com,
    parse_dg1,
    parse_dg2,
    parse_dg3,
    parse_dg4,
    parse_dg5,
    parse_dg7,
    parse_dg11,
    parse_dg12,
    parse_dg13,
    parse_dg14,
    parse_dg15,
    parse_dg16,
    parse_directory,
    parse_lds_security_object,
    parse_open_group,
    parse_security_infos,
)
from reader.lds.face import parse_facial_record
from reader.lds.finger_record import parse_finger_record
from reader.lds.image_header import read_image_header
from reader.lds.iris_record import parse_iris_record

Parser = Callable[[bytes], object]
PARSERS: dict[str, tuple[Parser, int]] = {
    "com": (parse_com, 0x60),
    "sod": (cms_of_sod, 0x77),
    "security-object": (parse_lds_security_object, 0x30),
    "dg1": (parse_dg1, 0x61),
    "dg2": (parse_dg2, 0x75),
    "dg3": (parse_dg3, 0x63),
    "dg4": (parse_dg4, 0x76),
    "dg5": (parse_dg5, 0x65),
    "dg6": (partial(parse_open_group, data_group=6), 0x66),
    "dg7": (parse_dg7, 0x67),
    "dg8": (partial(parse_open_group, data_group=8), 0x68),
    "dg11": (parse_dg11, 0x6B),
    "dg12": (parse_dg12, 0x6C),
    "dg13": (parse_dg13, 0x6D),
    "dg14": (parse_dg14, 0x6E),
    "dg15": (parse_dg15, 0x6F),
    "dg16": (parse_dg16, 0x70),
    "card-access": (parse_security_infos, 0x31),
    "card-security": (parse_card_security, 0x30),
    "dir": (parse_directory, 0x61),
    "face": (parse_facial_record, 0x30),
    "finger": (parse_finger_record, 0x30),
    "iris": (parse_iris_record, 0x30),
    "image": (read_image_header, 0x30),
}
# What 50 ms and 5 MB (catalogue C1) come to: a header takes some 2 µs, a character made safe some 0.3 µs, and what a
# parser allocates is counted itself.
MOST_HEADERS = 2000
MOST_CHARACTERS = 80_000
MOST_BYTES = 5_000_000


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
        st.sampled_from(
            [*range(0x02, 0x07), 0x0C, 0x13, 0x5C, 0x80, 0x81, 0x83, 0x5F01, 0x5F0E, 0x5F1F, 0x5F2E, 0x5F36, 0x5F40]
        ),
        st.binary(max_size=12),
    ),
    lambda inner: st.builds(
        lambda tag, parts: encode(tag, b"".join(parts)),
        st.sampled_from([0x30, 0x31, 0x64, 0x65, 0x66, 0x7F61, 0x7F60, 0x7F2E, 0xA0, 0xA1]),
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


@pytest.mark.parametrize("name", PARSERS)
def test_c1_no_bomb_takes_more_memory_than_its_share(name: str) -> None:
    """C1 of the fault catalogue; the bomb's own bytes are not counted, since the read engine has bounded them."""
    parser, tag = PARSERS[name]
    for bomb in BOMBS.values():
        for raw in (bomb, encode(tag, bomb), encode(tag, encode(0x7F61, bomb)), LARGEST.get(name, b"")):
            tracemalloc.start()
            try:
                value_or_data_error(parser, raw)
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
            assert peak <= MOST_BYTES


def noisy(tag: int, size: int = 2000) -> bytes:
    """Return an element of text that has to be altered letter by letter."""
    return encode(tag, ("a\u0301\u202e" * size)[: size // 2].encode())


def image_of(tag: int, size: int) -> bytes:
    return encode(tag, b"\xff\xd8\xff" + bytes(size))


_FINGER = b"FIR\x00010\x00" + (32 + 14 + 1_000_000).to_bytes(6, "big") + bytes(4) + b"\x01" + bytes(13)
_VIEW = (14 + 1_000_000).to_bytes(4, "big") + bytes(10)
_TEMPLATE = encode(0x7F60, encode(0x5F2E, _FINGER + _VIEW + bytes(1_000_000)))


def crowded(tag: int, *wanted: bytes) -> bytes:
    """Return an element of twenty elements with context tags, of which all but ``wanted`` say nothing."""
    places = {element[0] & 0x1F for element in wanted}
    others = [bytes((0x80 | place, 0)) for place in range(31) if place not in places]
    return encode(tag, b"".join((*wanted, *others[: 20 - len(wanted)])))


def extensible(file: int, tag: int, representation: bytes, count: int) -> bytes:
    """Return a group with as many templates of ISO/IEC 39794 as there may be, each element full to its limit."""
    version = crowded(0xA0, b"\x80\x01\x03")
    block = encode(0x7F2E, encode(0xA1, crowded(tag, version, encode(0xA1, representation))))
    header = encode(0xA1, b"".join(bytes((0x80 | place, 1, 0)) for place in range(10)))
    templates = encode(0x7F60, header + block) * count
    return encode(file, encode(0x7F61, encode(0x02, bytes((count,))) + templates))


_CODE = crowded(0xA0, crowded(0xA1, b"\x80\x01\x02"))
_FACE = crowded(
    0x30,
    crowded(
        0xA1,
        crowded(
            0xA0,
            crowded(
                0xA0,
                encode(0x80, b"\xff\xd8\xff"),
                crowded(0xA1, _CODE, crowded(0xA7, b"\x80\x01\x02", b"\x81\x01\x02")),
            ),
        ),
    ),
)

# The most that each of these parsers accepts.
LARGEST = {
    "dg2": extensible(0x75, 0x65, _FACE, 9),
    "dg3-extensible": extensible(0x63, 0x64, crowded(0x30, _CODE, b"\x83\x01x"), 16),
    "dg4": extensible(0x76, 0x66, crowded(0x30, b"\x80\x01\x01", b"\x89\x01x"), 4),
    "dg3": encode(0x63, encode(0x7F61, b"\x02\x01\x01" + _TEMPLATE)),
    "dg5": encode(0x65, b"\x02\x01\x09" + image_of(0x5F40, 116_000) * 9),
    "dg11": encode(
        0x6B,
        b"".join(map(noisy, (0x5F0E, 0x5F10, 0x5F11, *range(0x5F12, 0x5F16), 0x5F17, 0x5F18, 0x5F42)))
        + encode(0xA0, b"\x02\x01\x10" + noisy(0x5F0F) * 16)
        + image_of(0x5F16, 960_000),
    ),
    "dg12": encode(
        0x6C,
        b"".join(map(noisy, (0x5F19, 0x5F1B, 0x5F1C, 0x5F56)))
        + encode(0xA0, b"\x02\x01\x10" + noisy(0x5F1A) * 16)
        + image_of(0x5F1D, 480_000)
        + image_of(0x5F1E, 480_000),
    ),
    "dg16": encode(
        0x70,
        b"\x02\x01\x0f"
        + b"".join(
            encode(0xA0 + x, b"".join(noisy(tag, 720) for tag in (0x5F51, 0x5F52, 0x5F53))) for x in range(1, 16)
        ),
    ),
}


@pytest.mark.parametrize("name", LARGEST)
def test_c1_the_fullest_file_that_passes_is_read_with_little_work(
    name: str, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    characters = 0

    def counted(text: str) -> SafeText:
        nonlocal characters
        characters += len(text)
        return make_safe(text)

    monkeypatch.setattr(reader.lds.details, "make_safe", counted)
    found = PARSERS[name.partition("-")[0]][0](LARGEST[name])
    assert getattr(found, "defects", ()) == ()
    assert work.headers <= MOST_HEADERS
    assert characters <= MOST_CHARACTERS


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
