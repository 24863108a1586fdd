"""The rows of the fault catalogue that concern files, each by its number; C1 is in ``test_any_bytes``.

C4 to C6 are the proofs of the chip and are tested where those are made. What a row asks of the read engine, of trust
and of the decision is tested there too; here stands what the parsers owe to it.
"""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from reader.errors import DataError
from reader.iso7816 import encode
from reader.lds import (
    TextFinding,
    cms_of_sod,
    decode_portrait,
    make_safe,
    parse_card_qr,
    parse_com,
    parse_dg1,
    parse_dg2,
    parse_dg11,
    parse_dg13,
    parse_land_qr,
    parse_lds_security_object,
    parse_other_group,
)

SHA256 = bytes.fromhex("300B0609608648016503040201")


def lds_object(*groups: int, after: bytes = b"") -> bytes:
    hashes = b"".join(encode(0x30, encode(0x02, bytes((number,))) + encode(0x04, bytes(32))) for number in groups)
    return encode(0x30, b"\x02\x01\x00" + SHA256 + encode(0x30, hashes)) + after


def dg13(field_id: int, value: bytes, tag: int = 0x0C) -> bytes:
    return encode(0x6D, encode(0x30, encode(0x30, encode(0x02, bytes((field_id,))) + encode(tag, value))))


@pytest.mark.parametrize("tag", [0x60, 0x61, 0x63, 0x65, 0x66, 0x68, 0x6B, 0x6C, 0x6D, 0x70, 0x75, 0x76, 0x77])
def test_c2_a_file_whose_header_lies_about_its_length_is_refused(tag: int) -> None:
    numbers = {0x63: 3, 0x65: 5, 0x66: 6, 0x68: 8, 0x6B: 11, 0x6C: 12, 0x70: 16, 0x76: 4}
    others = {0x60: parse_com, 0x61: parse_dg1, 0x6D: parse_dg13, 0x75: parse_dg2, 0x77: cms_of_sod}
    for raw in (
        bytes((tag,)) + b"\x84\x01\x00\x00\x00" + bytes(40),  # sixteen megabytes promised
        bytes((tag, 0x03)) + b"\x02\x01",  # shorter than said
        bytes((tag, 0x03)) + b"\x02\x01\x00" + bytes(5),  # longer than said
        bytes((tag, 0x80)) + b"\x02\x01\x00\x00\x00",  # no end said
    ):
        with pytest.raises(DataError):
            others[tag](raw) if tag in others else parse_other_group(raw, numbers[tag])


def test_c3_a_signed_list_with_a_group_twice_beyond_sixteen_or_followed_by_bytes_is_refused() -> None:
    assert parse_lds_security_object(lds_object(1, 2, 13)).data_groups == (1, 2, 13)
    for raw in (lds_object(1, 1), lds_object(17), lds_object(0), lds_object(), lds_object(1, after=b"\x00")):
        with pytest.raises(DataError):
            parse_lds_security_object(raw)
    with pytest.raises(DataError):
        cms_of_sod(encode(0x77, encode(0x30, b"")) + b"\x00")


def codestream(mode: str) -> bytes:
    target = io.BytesIO()
    Image.new(mode, (64, 80), 120 if mode == "L" else (120, 90, 60)).save(target, "JPEG2000", no_jp2=True)
    return target.getvalue()


def jpeg(mode: str) -> bytes:
    target = io.BytesIO()
    Image.new(mode, (64, 80), 120 if mode == "L" else (120, 90, 60)).save(target, "JPEG")
    return target.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("writer", [codestream, jpeg])
def test_c7_a_bare_codestream_and_a_grey_image_are_portraits_too(writer: object, mode: str) -> None:
    assert callable(writer)
    image = writer(mode)
    assert image.startswith((bytes.fromhex("FF4FFF51"), bytes.fromhex("FFD8FF")))
    portrait = decode_portrait(image)
    assert (portrait.width, portrait.height) == (64, 80)
    with Image.open(io.BytesIO(portrait.png)) as shown:
        pixel = shown.getpixel((30, 30))
    assert isinstance(pixel, tuple)
    wanted = (120, 120, 120) if mode == "L" else (120, 90, 60)
    assert all(abs(one - other) <= 6 for one, other in zip(pixel, wanted, strict=True))


def test_c7_a_small_file_that_claims_a_huge_image_is_refused_by_its_header() -> None:
    """Two hundred odd bytes of JPEG 2000 that say 60,000 by 60,000 pixels."""
    body = struct.pack(">H8IH", 0, 60_000, 60_000, 0, 0, 60_000, 60_000, 0, 0, 3) + b"\x07\x01\x01" * 3
    bomb = bytes.fromhex("FF4FFF51") + struct.pack(">H", len(body) + 2) + body + bytes(170)
    with pytest.raises(DataError, match="more pixels"):
        decode_portrait(bomb)
    for polyglot in (b"PK\x03\x04", b"<html>", b"%PDF-1.7", b"<svg/>", b""):
        with pytest.raises(DataError):
            decode_portrait(polyglot + bytes(100))


@pytest.mark.parametrize(
    ("hostile", "shown", "finding"),
    [
        ("Nguyễn \u202eVăn", "Nguyễn Văn", TextFinding.BIDI),
        ("Ngu\u200byễn", "Nguyễn", TextFinding.INVISIBLE),
        ("Nguyê\u0303n", "Nguyễn", TextFinding.NOT_NFC),
        ("N" + "\u0301" * 50, None, TextFinding.COMBINING_FLOOD),
        ("Nguyễn\x00Văn", "Nguyễn Văn", TextFinding.CONTROL),
    ],
)
def test_c8_text_that_misleads_is_made_safe_and_mentioned_in_every_file(
    hostile: str, shown: str | None, finding: TextFinding
) -> None:
    name13 = parse_dg13(dg13(2, hostile.encode()))
    name11 = parse_dg11(encode(0x6B, encode(0x5F0E, hostile.encode())))
    for found in (name13, name11):
        assert found.full_name == (shown if shown is not None else make_safe(hostile).text)
        assert finding in [what for _, what in found.altered]


@pytest.mark.parametrize("value", [b"\xd4\xc2\xfe", b"\xff\xfe", "Nguyễn".encode("utf-16"), b"a" * 65_536])
def test_c8_text_that_is_no_utf8_or_too_long_stays_empty_and_is_a_defect(value: bytes) -> None:
    found = parse_dg11(encode(0x6B, encode(0x5F0E, value)))
    assert (found.full_name, [defect.field_id for defect in found.defects]) == ("", [0x5F0E])
    if len(value) < 1000:
        assert [defect.field_id for defect in parse_dg13(dg13(2, value)).defects] == [2]


INJECTIONS = [
    "<script>alert(1)</script>",
    "=cmd()",
    "'; DROP TABLE x;--",
    "{{7*7}}",
    "%s%n",
    "${jndi:ldap://x}",
    "]]>&amp;",
    "../../etc/passwd",
    "C:\\NUL",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_c9_what_would_be_code_elsewhere_is_plain_text_here(text: str) -> None:
    assert parse_dg13(dg13(2, text.encode())).full_name == text
    assert parse_dg11(encode(0x6B, encode(0x5F0E, text.encode()))).full_name == text
    land = parse_land_qr(f"05-03-2025-09-41-07|{text}|ELIS||AA01234567|1||2")
    assert land.unit == text
    assert parse_card_qr(f"099090000001||{text}|15011990|Nam||25042021").full_name == text


def test_c9_lines_and_terminal_escapes_never_come_through() -> None:
    hostile = "Mẫu\r\n2026-01-01 ERROR\x1b[31m\u2028"
    for name in (
        parse_dg13(dg13(2, hostile.encode())).full_name,
        parse_dg11(encode(0x6B, encode(0x5F0E, hostile.encode()))).full_name,
    ):
        assert name == "Mẫu 2026-01-01 ERROR [31m"


@pytest.mark.parametrize("text", INJECTIONS)
def test_c9_no_error_repeats_what_it_refuses(text: str) -> None:
    for refused in (
        lambda: parse_dg1(encode(0x61, encode(0x5F1F, text.encode()))),
        lambda: parse_card_qr(f"{text}||||||"),
        lambda: parse_land_qr(f"{text}|||||||"),
    ):
        with pytest.raises(DataError) as caught:
            refused()
        assert text not in str(caught.value)
