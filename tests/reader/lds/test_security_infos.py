"""SecurityInfos of EF.CardAccess and DG14: ICAO 9303-11 §9.2, and what a damaged file still gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader.errors import DataError
from reader.iso7816 import encode
from reader.lds import (
    ActiveAuthenticationInfo,
    ChipAuthenticationInfo,
    PaceInfo,
    StructureDefect,
    TerminalAuthenticationInfo,
    parse_dg14,
    parse_security_infos,
)

# ICAO 9303-11 App. G.1: PACE-ECDH-GM-AES-CBC-CMAC-128, version 2, parameter 13 (brainpoolP256r1).
PACE = bytes.fromhex("3012060A04007F0007020204020202010202010D")
# ICAO 9303-11 App. H.1 names the integrated mapping with the same parameters.
PACE_IM = bytes.fromhex("3012060A04007F0007020204040202010202010D")
CHIP = bytes.fromhex("3012060A04007F00070202030202020101020103")
ACTIVE = bytes.fromhex("301706066781080101050201 01060A04007F00070101040103".replace(" ", ""))
TERMINAL = bytes.fromhex("300D060804007F0007020202020101")
SPKI = encode(0x30, encode(0x30, bytes.fromhex("06072A8648CE3D0201")) + encode(0x03, b"\x00\x04" + bytes(64)))
KEY = encode(0x30, bytes.fromhex("060904007F000702020102") + SPKI + bytes.fromhex("020103"))
UNKNOWN = bytes.fromhex("3009060404007F2A020107")
EXPLICIT = encode(0x30, bytes.fromhex("060904007F000702020402") + encode(0x30, bytes.fromhex("06072A8648CE3D0201")))


def set_of(*infos: bytes) -> bytes:
    return encode(0x31, b"".join(infos))


def test_each_info_is_sorted_by_its_protocol_and_kept_as_bytes() -> None:
    infos = parse_security_infos(set_of(PACE, PACE_IM, CHIP, KEY, ACTIVE, TERMINAL, EXPLICIT, UNKNOWN))
    assert infos.pace == (
        PaceInfo("0.4.0.127.0.7.2.2.4.2.2", 2, 13, PACE),
        PaceInfo("0.4.0.127.0.7.2.2.4.4.2", 2, 13, PACE_IM),
    )
    assert infos.chip_authentication == (ChipAuthenticationInfo("0.4.0.127.0.7.2.2.3.2.2", 1, 3),)
    assert [(key.protocol_oid, key.spki, key.key_id) for key in infos.chip_public_keys] == [
        ("0.4.0.127.0.7.2.2.1.2", SPKI, 3)
    ]
    assert infos.active_authentication == ActiveAuthenticationInfo("0.4.0.127.0.7.1.1.4.1.3", 1)
    assert infos.terminal_authentication == (TerminalAuthenticationInfo("0.4.0.127.0.7.2.2.2", 1),)
    assert infos.pace_domain_parameters == (EXPLICIT,)
    assert infos.unknown == (UNKNOWN,)
    assert infos.infos == (PACE, PACE_IM, CHIP, KEY, ACTIVE, TERMINAL, EXPLICIT, UNKNOWN)
    assert infos.unreadable == ()


def test_an_info_without_parameter_id_has_none() -> None:
    info = bytes.fromhex("300F060A04007F00070202040202020102")
    assert parse_security_infos(set_of(info)).pace == (PaceInfo("0.4.0.127.0.7.2.2.4.2.2", 2, None, info),)


def test_ef_cvca_is_told_by_terminal_authentication() -> None:
    info = bytes.fromhex("3016060804007F0007020202020101300704 02011C04011C".replace(" ", ""))
    assert parse_security_infos(set_of(info)).terminal_authentication == (
        TerminalAuthenticationInfo("0.4.0.127.0.7.2.2.2", 1, bytes.fromhex("011C"), 0x1C),
    )


def test_the_bsi_reference_dg14_holds_one_key_and_chip_and_terminal_authentication(shared: Path) -> None:
    dg14 = parse_dg14((shared / "data/bsi2008/Datagroup14.bin").read_bytes())
    assert dg14.chip_authentication == (ChipAuthenticationInfo("0.4.0.127.0.7.2.2.3.2.1", 1, None),)
    assert [(key.protocol_oid, len(key.spki), key.key_id) for key in dg14.chip_public_keys] == [
        ("0.4.0.127.0.7.2.2.1.2", 279, None)
    ]
    assert dg14.terminal_authentication == (TerminalAuthenticationInfo("0.4.0.127.0.7.2.2.2", 1),)
    assert dg14.defects == (StructureDefect.NOT_ORDERED,)


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (encode(0x30, PACE), StructureDefect.NOT_A_SET),
        (set_of(PACE) + b"\x00\x00", StructureDefect.TRAILING_BYTES),
        (set_of(PACE, CHIP)[:-3], StructureDefect.CUT_SHORT),
        (set_of(PACE, b"\x30\x50\x06"), StructureDefect.CUT_SHORT),
        (set_of(PACE, b"\x30\x02\x05\x00"), StructureDefect.UNREADABLE_INFO),
        (set_of(PACE, PACE), StructureDefect.REPEATED_INFO),
        (set_of(PACE, CHIP), StructureDefect.NOT_ORDERED),
    ],
)
def test_a_damaged_file_still_gives_the_infos_that_can_be_read(raw: bytes, defect: StructureDefect) -> None:
    infos = parse_security_infos(raw)
    assert infos.pace[0] == PaceInfo("0.4.0.127.0.7.2.2.4.2.2", 2, 13, PACE)
    assert defect in infos.defects


def test_an_undamaged_file_has_no_defect() -> None:
    assert parse_security_infos(set_of(*sorted([PACE, CHIP, KEY]))).defects == ()
    assert parse_dg14(encode(0x6E, set_of(*sorted([PACE, CHIP, KEY])))).defects == ()


@pytest.mark.parametrize(
    "damaged",
    [
        "3012060A04007F0007020204020204010202010D",  # the version is an OCTET STRING
        "3012060A04007F000702020402020201FF02010D",  # a negative version
        "3000",  # nothing
        "3010060804007F0007020202020101020101",  # an INTEGER for the file of Terminal Authentication
        "3012060804007F00070202020201013003040101",  # a file identifier of one byte
        "3017060804007F0007020202020101300804020 11C04020000",  # a short identifier of two bytes
        "300C060A04007F00070202040202",  # no version
        "300D060904007F00070202010205 00",  # a key that is no SEQUENCE
    ],
)
def test_an_unreadable_info_is_kept_for_comparison(damaged: str) -> None:
    info = bytes.fromhex(damaged.replace(" ", ""))
    infos = parse_security_infos(set_of(PACE, info))
    assert infos.unreadable == (info,)
    assert infos.infos == (PACE, info)


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (encode(0x6E, set_of(PACE) + b"\x05\x00"), StructureDefect.TRAILING_BYTES),
        (encode(0x6E, set_of(PACE)) + b"\x00", StructureDefect.TRAILING_BYTES),
        (b"\x6e\x20" + set_of(PACE), StructureDefect.CUT_SHORT),
    ],
)
def test_dg14_says_what_is_wrong_around_the_set(raw: bytes, defect: StructureDefect) -> None:
    assert parse_dg14(raw).defects == (defect,)


@pytest.mark.parametrize("raw", [b"", b"\x31", b"\x04\x00", b"\x31\x80\x00\x00", set_of(*[PACE] * 65)])
def test_what_is_no_list_of_infos_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError):
        parse_security_infos(raw)


def test_another_file_is_not_dg14() -> None:
    with pytest.raises(DataError):
        parse_dg14(encode(0x6D, set_of(PACE)))


def test_card_access_and_dg14_compare_as_sets_of_bytes() -> None:
    card_access = parse_security_infos(set_of(PACE))
    dg14 = parse_dg14(encode(0x6E, set_of(PACE_IM, PACE, CHIP)))
    assert set(card_access.infos) <= set(dg14.infos)
    assert {info.raw for info in dg14.pace} - {info.raw for info in card_access.pace} == {PACE_IM}
