"""The corpus under tests/vectors/lds: what must be read, what must be refused, and every way to cut it short."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from reader.errors import DataError
from reader.lds import parse_card_security, parse_dg2, parse_directory, parse_other_group

CORPUS = Path(__file__).resolve().parents[2] / "vectors" / "lds"
PARSERS: dict[str, Callable[[bytes], object]] = {
    "card-security": parse_card_security,
    "dir": parse_directory,
    "dg2": parse_dg2,
    **{f"dg{number}": partial(parse_other_group, data_group=number) for number in (*range(3, 13), 16)},
}


def corpus(name: str) -> dict[str, tuple[str, bytes]]:
    with (CORPUS / name).open("rb") as file:
        entries = tomllib.load(file)["file"]
    return {f"{entry['parser']}-{entry['name']}": (entry["parser"], bytes.fromhex(entry["hex"])) for entry in entries}


WELL_FORMED = corpus("well_formed.toml")
MALFORMED = corpus("malformed.toml")


def test_every_parser_has_a_file_that_it_reads() -> None:
    assert {parser for parser, _ in WELL_FORMED.values()} == set(PARSERS)


@pytest.mark.parametrize("name", WELL_FORMED)
def test_a_well_formed_file_is_read(name: str) -> None:
    parser, raw = WELL_FORMED[name]
    assert getattr(PARSERS[parser](raw), "defects", ()) == ()


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_refused(name: str) -> None:
    parser, raw = MALFORMED[name]
    with pytest.raises(DataError):
        PARSERS[parser](raw)


@pytest.mark.parametrize("name", [name for name, (parser, _) in WELL_FORMED.items() if parser != "dir"])
def test_a_file_cut_short_anywhere_or_followed_by_a_byte_is_refused(name: str) -> None:
    parser, raw = WELL_FORMED[name]
    for end in range(len(raw)):
        with pytest.raises(DataError):
            PARSERS[parser](raw[:end])
    with pytest.raises(DataError):
        PARSERS[parser](raw + b"\x00")


@pytest.mark.parametrize("name", [*WELL_FORMED, *MALFORMED])
def test_one_changed_byte_anywhere_gives_a_value_or_a_data_error(name: str) -> None:
    parser, raw = {**WELL_FORMED, **MALFORMED}[name]
    for place in range(min(len(raw), 400)):
        for change in (0x01, 0x80, 0xFF):
            changed = bytearray(raw)
            changed[place] ^= change
            offset = None
            try:
                PARSERS[parser](bytes(changed))
            except DataError as error:
                offset = error.offset
            assert offset is None or 0 <= offset <= len(raw)
