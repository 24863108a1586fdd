"""The corpus under tests/vectors/lds: what must be read, what must be refused, and every way to cut it short."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from reader.errors import DataError
from reader.files import parse_atr_info
from reader.lds import (
    parse_card_qr,
    parse_card_security,
    parse_com,
    parse_dg1,
    parse_dg2,
    parse_dg13,
    parse_dg14,
    parse_dg15,
    parse_directory,
    parse_key_input,
    parse_land_qr,
    parse_lds_security_object,
    parse_other_group,
    parse_security_infos,
)

CORPUS = Path(__file__).resolve().parents[2] / "vectors" / "lds"
PARSERS: dict[str, Callable[[bytes], object]] = {
    "atr-info": parse_atr_info,
    "card-access": parse_security_infos,
    "card-security": parse_card_security,
    "com": parse_com,
    "dg1": parse_dg1,
    "dg13": parse_dg13,
    "dg14": parse_dg14,
    "dg15": parse_dg15,
    "security-object": parse_lds_security_object,
    "dir": parse_directory,
    "dg2": parse_dg2,
    **{f"dg{number}": partial(parse_other_group, data_group=number) for number in (*range(3, 13), 16)},
}


def corpus(name: str) -> dict[str, tuple[str, bytes]]:
    with (CORPUS / name).open("rb") as file:
        entries = tomllib.load(file)["file"]
    return {f"{entry['parser']}-{entry['name']}": (entry["parser"], bytes.fromhex(entry["hex"])) for entry in entries}


# Read as far as they go, what is wrong being told as a defect (AC-03); or rows of objects that end anywhere.
LENIENT = ("dir", "dg14", "card-access", "atr-info")
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


@pytest.mark.parametrize("name", [name for name, (parser, _) in WELL_FORMED.items() if parser not in LENIENT])
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


@pytest.mark.parametrize("name", [name for name, (parser, _) in WELL_FORMED.items() if parser in LENIENT])
def test_a_lenient_file_cut_short_anywhere_is_a_value_or_refused_and_nothing_else(name: str) -> None:
    parser, raw = WELL_FORMED[name]
    for end in range(len(raw)):
        with contextlib.suppress(DataError):
            PARSERS[parser](raw[:end])


def codes() -> dict[str, tuple[str, str]]:
    with (CORPUS / "qr.toml").open("rb") as file:
        return {entry["name"]: (entry["kind"], entry["text"]) for entry in tomllib.load(file)["code"]}


CODES = codes()


@pytest.mark.parametrize("name", CODES)
def test_a_scanned_code_is_a_card_s_a_certificate_s_or_refused(name: str) -> None:
    kind, text = CODES[name]
    if kind == "card":
        assert parse_card_qr(text).personal_number.startswith("099")
        assert parse_key_input(text).can == text[6:12]
    if kind == "land":
        assert parse_land_qr(text).serial == "AA01234567"
    if kind != "card":
        for parser in (parse_card_qr, parse_key_input):
            with pytest.raises(DataError):
                parser(text)
    if kind != "land":
        with pytest.raises(DataError):
            parse_land_qr(text)


def test_what_a_card_s_code_says_beyond_the_seventh_field() -> None:
    cancelled = parse_card_qr(CODES["card-of-2024-with-a-cancelled-number"][1])
    assert cancelled.cancelled_number == "099090000099"
    child = parse_card_qr(CODES["card-of-2024-of-a-child-with-its-parents"][1])
    assert child.extras[-2:] == ("Phạm Văn Cha", "Trần Thị Mẹ")
    assert parse_card_qr(CODES["card-typed-by-a-scanner-without-vietnamese"][1]).damaged
