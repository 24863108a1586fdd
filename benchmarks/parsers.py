"""How long a parser holds out against a hostile file: the structures of catalogue row C1 (goal: 50 ms, 5 MB).

Each structure stands under the tag of each file, so that every parser meets each of them; the slowest counts. Tests
bound the same work by counting headers and bytes (``tests/reader/lds/test_any_bytes.py``); seconds are measured here.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks.figure import Figure
from reader.errors import DataError
from reader.iso7816 import encode
from reader.lds import (
    cms_of_sod,
    parse_card_security,
    parse_com,
    parse_dg1,
    parse_dg2,
    parse_dg13,
    parse_dg14,
    parse_dg15,
    parse_directory,
    parse_lds_security_object,
    parse_other_group,
    parse_security_infos,
)
from reader.trust.cms import embedded_certificates
from reader.trust.der import SIGNED_DATA

__all__ = ["figures"]

GOAL_MS, GOAL_MB = 50.0, 5.0
ROUNDS = 3
SEQUENCE, SET, INTEGER, OCTETS, OID = 0x30, 0x31, 0x02, 0x04, 0x06

PARSERS: dict[int, tuple[Callable[[bytes], object], ...]] = {
    0x60: (parse_com,),
    0x61: (parse_dg1, parse_directory),
    0x6D: (parse_dg13,),
    0x6E: (parse_dg14,),
    0x6F: (parse_dg15,),
    0x75: (parse_dg2,),
    0x77: (cms_of_sod,),
    SEQUENCE: (parse_lds_security_object, parse_card_security, partial(embedded_certificates, limits=SIGNED_DATA)),
    SET: (parse_security_infos,),
    **{
        tag: (partial(parse_other_group, data_group=number),)
        for tag, number in ((0x63, 3), (0x76, 4), (0x65, 5), (0x6B, 11), (0x6C, 12), (0x70, 16))
    },
}


def figures() -> list[Figure]:
    """Time and weigh the worst parser for each structure."""
    return [figure for name, inside in _structures() for figure in _worst(name, inside)]


def _structures() -> Iterator[tuple[str, bytes]]:
    nested = b"\x05\x00"
    for _ in range(10_000):
        nested = encode(SEQUENCE, nested)
    yield "10,000 levels deep", nested
    yield "10,000 levels without an end", b"\x30\x80" * 10_000
    yield "four gigabytes promised", b"\x30\x84\xff\xff\xff\xff" + bytes(64)
    yield "a length of 126 bytes", b"\x30\xfe" + bytes(200)
    yield "an arc of 200 kB", encode(SEQUENCE, encode(OID, b"\x2a" + b"\xff" * 200_000 + b"\x01"))
    yield "an INTEGER of 1 MB", encode(SEQUENCE, encode(INTEGER, b"\x01" + bytes(1_000_000)))
    yield "300,000 elements", encode(SET, b"\x05\x00" * 300_000)
    # What still keeps within most limits, so that it is walked to its end.
    yield "3,900 elements", encode(SEQUENCE, b"\x05\x00" * 3_900)
    yield "900 elements with a value", encode(SEQUENCE, encode(SEQUENCE, encode(INTEGER, b"\x01")) * 900)
    yield "100,000 elements with a value", encode(SET, encode(SEQUENCE, encode(INTEGER, b"\x01")) * 100_000)


def _worst(name: str, inside: bytes) -> tuple[Figure, Figure]:
    seconds, most = 0.0, 0
    for tag, parsers in PARSERS.items():
        raw = encode(tag, inside)
        for parser in parsers:
            seconds = max(seconds, min(_seconds(parser, raw) for _ in range(ROUNDS)))
            most = max(most, _bytes(parser, raw))
    return Figure(f"{name}: slowest parser", seconds * 1000, "ms", GOAL_MS), Figure(
        f"{name}: most memory", most / 1e6, "MB", GOAL_MB
    )


def _seconds(parser: Callable[[bytes], object], raw: bytes) -> float:
    begin = time.thread_time()
    _parse(parser, raw)
    return time.thread_time() - begin


def _bytes(parser: Callable[[bytes], object], raw: bytes) -> int:
    tracemalloc.start()
    try:
        _parse(parser, raw)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _parse(parser: Callable[[bytes], object], raw: bytes) -> None:
    try:
        parser(raw)
    except DataError:
        return
