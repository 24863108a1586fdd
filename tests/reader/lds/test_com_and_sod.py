"""EF.COM, EF.SOD and DG15."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader.errors import DataError
from reader.iso7816 import encode
from reader.lds import Com, cms_of_sod, parse_com, parse_dg15, parse_lds_security_object

SHA256 = bytes.fromhex("300D06096086480165030402010500")


def security_object(*hashes: tuple[int, bytes], version: int = 0, tail: bytes = b"") -> bytes:
    listed = b"".join(encode(0x30, encode(0x02, bytes((number,))) + encode(0x04, digest)) for number, digest in hashes)
    return encode(0x30, encode(0x02, bytes((version,))) + SHA256 + encode(0x30, listed) + tail)


def test_the_worked_example_of_9303_10_appendix_a_1() -> None:
    raw = bytes.fromhex("6016 5F0104 31353939 5F3606 303430303030 5C04 6175766C".replace(" ", ""))
    com = parse_com(raw)
    assert com == Com("15.99", "4.0.0", (0x61, 0x75, 0x76, 0x6C))
    assert com.data_groups == (1, 2, 4, 12)
    assert com.unknown_tags == ()


def test_the_bsi_reference_com_lists_four_data_groups(shared: Path) -> None:
    com = parse_com((shared / "data/bsi2008/EF_COM.bin").read_bytes())
    assert (com.lds_version, com.unicode_version, com.data_groups) == ("1.7", "4.0.0", (1, 2, 3, 14))


def test_a_foreign_tag_in_com_is_told_apart() -> None:
    com = parse_com(bytes.fromhex("6015 5F0104 30313037 5F3606 303430303030 5C03 61 6D 77".replace(" ", "")))
    assert (com.data_groups, com.unknown_tags) == ((1, 13), (0x77,))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes.fromhex("6100"),
        bytes.fromhex("6000"),
        bytes.fromhex("6014 5F0104 30313037 5F3606 303430303030 5C02 6161".replace(" ", "")),  # a tag twice
        bytes.fromhex("6013 5F0104 3031374A 5F3606 303430303030 5C01 61".replace(" ", "")),  # no version
        bytes.fromhex("6015 5F0104 30313037 5F3606 303430303030 5C01 61 5C00".replace(" ", "")),  # two lists
        bytes.fromhex("6013 5F0104 30313037 5F3606 303430303030 5C01 61 00".replace(" ", "")),  # bytes after the end
    ],
)
def test_what_is_no_com_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError):
        parse_com(raw)


def test_the_cms_comes_out_of_its_wrapper_and_passes_when_already_stripped() -> None:
    cms = encode(0x30, b"\x06\x01\x2a" + bytes(300))
    assert cms_of_sod(encode(0x77, cms)) == cms
    assert cms_of_sod(cms) == cms


@pytest.mark.parametrize("raw", [b"", b"\x77\x00", b"\x77\x02\x04\x00", b"\x77\x04\x30\x00\x30\x00", b"\x30\x00\x00"])
def test_what_is_no_sod_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError):
        cms_of_sod(raw)


def test_the_bsi_reference_sod_lists_its_four_data_groups(shared: Path) -> None:
    raw = (shared / "data/bsi2008/EF_SOD.bin").read_bytes()
    cms = cms_of_sod(raw)
    assert raw.endswith(cms)
    listed = parse_lds_security_object(cms[cms.index(bytes.fromhex("047E307C")) + 2 :][:0x7E])
    assert listed.data_groups == (1, 2, 3, 14)
    assert listed.digest_oid == "1.3.14.3.2.26"
    assert listed.version == 0


def test_digests_are_found_by_data_group() -> None:
    listed = parse_lds_security_object(security_object((1, b"\x01" * 32), (13, b"\x0d" * 32)))
    assert listed.digest_of(13) == b"\x0d" * 32
    assert listed.digest_of(2) is None
    assert listed.digest_oid == "2.16.840.1.101.3.4.2.1"
    assert listed.lds_version is None


def test_version_1_tells_the_lds_version() -> None:
    tail = encode(0x30, encode(0x13, b"1.8") + encode(0x13, b"4.0.0"))
    listed = parse_lds_security_object(security_object((1, bytes(32)), (2, bytes(32)), version=1, tail=tail))
    assert (listed.version, listed.lds_version, listed.unicode_version) == (1, "1.8", "4.0.0")


@pytest.mark.parametrize(
    "raw",
    [
        security_object((1, bytes(32)), (1, bytes(32))),
        security_object((1, bytes(32)), (17, bytes(32))),
        security_object((0, bytes(32))),
        security_object((1, b"")),
        security_object((1, bytes(65))),
        security_object(),
        security_object((1, bytes(32))) + b"\x00",
        security_object((1, bytes(32)), tail=encode(0x30, encode(0x13, b"1.8"))),
    ],
)
def test_a_list_that_is_ambiguous_or_malformed_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError):
        parse_lds_security_object(raw)


def test_the_bsi_reference_dg15_is_an_rsa_key(shared: Path) -> None:
    raw = (shared / "data/bsi2008/Datagroup15.bin").read_bytes()
    dg15 = parse_dg15(raw)
    assert (dg15.algorithm_oid, dg15.curve_oid) == ("1.2.840.113549.1.1.1", None)
    assert raw.endswith(dg15.spki)
    assert dg15.spki[0] == 0x30


def test_dg15_names_the_curve_of_an_ec_key() -> None:
    algorithm = encode(0x30, bytes.fromhex("06072A8648CE3D0201 06092B2403030208010107".replace(" ", "")))
    spki = encode(0x30, algorithm + encode(0x03, b"\x00\x04" + bytes(64)))
    dg15 = parse_dg15(encode(0x6F, spki))
    assert (dg15.spki, dg15.algorithm_oid, dg15.curve_oid) == (spki, "1.2.840.10045.2.1", "1.3.36.3.3.2.8.1.1.7")


@pytest.mark.parametrize(
    "raw", [b"", b"\x6f\x00", b"\x6f\x02\x30\x00", bytes.fromhex("6F0630043000 0400".replace(" ", ""))]
)
def test_what_is_no_dg15_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError):
        parse_dg15(raw)
