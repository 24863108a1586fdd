"""EF.CardSecurity and EF.DIR, the files of the master file beside EF.CardAccess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.files import EMRTD_AID
from reader.iso7816 import encode
from reader.lds import parse_card_security, parse_directory, parse_security_infos

SIGNED_DATA = bytes.fromhex("06092A864886F70D010702")
SECURITY_OBJECT = bytes.fromhex("060804007F0007030201")
PACE_CAM = bytes.fromhex("3012060A04007F0007020204060202010202010D")
EF_DIR_OID = bytes.fromhex("06066781080101 0D".replace(" ", ""))
DIRECTORY = encode(0x61, encode(0x4F, EMRTD_AID))


def directory_info(*copies: bytes) -> bytes:
    return encode(0x30, EF_DIR_OID + b"".join(encode(0x04, copy) for copy in copies))


def card_security(
    *infos: bytes,
    content_type: bytes = SIGNED_DATA,
    inner_type: bytes = SECURITY_OBJECT,
    content_tag: int = 0x04,
    content: bytes | None = None,
    version: bytes = b"\x02\x01\x03",
) -> bytes:
    value = encode(0x31, b"".join(infos)) if content is None else content
    signed = encode(0x30, inner_type + encode(0xA0, encode(content_tag, value)))
    return encode(
        0x30, content_type + encode(0xA0, encode(0x30, version + encode(0x31, b"") + signed + encode(0x31, b"")))
    )


def test_the_signed_infos_are_read() -> None:
    raw = card_security(PACE_CAM, directory_info(DIRECTORY))
    found = parse_card_security(raw)
    assert found.cms == raw
    assert found.infos == parse_security_infos(found.content)
    assert [info.oid for info in found.infos.pace] == ["0.4.0.127.0.7.2.2.4.6.2"]
    assert found.ef_dir == DIRECTORY
    assert parse_card_security(card_security(PACE_CAM)).ef_dir is None
    assert repr(found) == "CardSecurity(2 infos)"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        encode(0x31, b""),
        encode(0x30, b""),
        encode(0x30, SIGNED_DATA),
        encode(0x30, SIGNED_DATA + encode(0xA0, b"")),
        encode(0x30, SIGNED_DATA + encode(0xA0, encode(0x30, b"\x02\x01\x03"))),
        card_security(PACE_CAM) + b"\x00",
        card_security(PACE_CAM)[:-1],
        card_security(PACE_CAM, content_type=SECURITY_OBJECT),
        card_security(PACE_CAM, inner_type=SIGNED_DATA),
        card_security(PACE_CAM, content_tag=0x24),
        card_security(PACE_CAM, version=b"\x02\x01\xff"),
        card_security(content=b""),
        card_security(content=b"\x02\x01\x00"),
        card_security(PACE_CAM, directory_info()),
        card_security(PACE_CAM, directory_info(DIRECTORY, DIRECTORY)),
        card_security(directory_info(DIRECTORY), directory_info(b"")),
        bytes(64 * 1024 + 1),
    ],
)
def test_what_is_no_card_security_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError):
        parse_card_security(raw)


def test_an_error_in_the_content_names_the_offset_in_the_file() -> None:
    raw = card_security(content=b"\x02\x01\x00")
    with pytest.raises(DataError) as caught:
        parse_card_security(raw)
    assert caught.value.offset == raw.rindex(b"\x04\x03\x02\x01\x00") + 2


def test_the_applications_of_the_standard_are_listed() -> None:
    """ICAO 9303-10 §3.11.2, table 31, byte for byte."""
    raw = bytes.fromhex(
        "61094F07A0000002471001 61094F07A0000002472001 61094F07A0000002472002 61094F07A0000002472003".replace(" ", "")
    )
    found = parse_directory(raw)
    assert [application.aid.hex().upper() for application in found.applications] == [
        "A0000002471001",
        "A0000002472001",
        "A0000002472002",
        "A0000002472003",
    ]
    assert found.has(EMRTD_AID)
    assert not found.has(EMRTD_AID[:-1])


@pytest.mark.parametrize("filling", [b"", bytes(20), b"\xff" * 20])
def test_a_file_of_fixed_size_may_be_filled_up(filling: bytes) -> None:
    labelled = encode(0x61, encode(0x4F, b"\xd2\x76") + encode(0x50, "Chữ ký\u202e".encode()) + encode(0x73, b"xx"))
    found = parse_directory(DIRECTORY + labelled + filling)
    assert [application.label for application in found.applications] == ["", "Chữ ký"]
    assert parse_directory(filling).applications == ()


@pytest.mark.parametrize(
    "raw",
    [
        DIRECTORY * 2,
        DIRECTORY + b"\x00\xff",
        DIRECTORY + b"\x00" + DIRECTORY,
        DIRECTORY[:-1],
        encode(0x62, encode(0x4F, EMRTD_AID)),
        encode(0x61, b""),
        encode(0x61, encode(0x4F, b"")),
        encode(0x61, encode(0x4F, bytes(17))),
        encode(0x61, encode(0x4F, EMRTD_AID) * 2),
        encode(0x61, encode(0x4F, EMRTD_AID) + encode(0x50, b"a") * 2),
        b"".join(encode(0x61, encode(0x4F, bytes((number, 1)))) for number in range(33)),
        bytes(4097),
    ],
)
def test_what_is_no_directory_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError):
        parse_directory(raw)


@given(st.lists(st.binary(min_size=1, max_size=16), max_size=32, unique=True))
def test_applications_come_back(aids: list[bytes]) -> None:
    raw = b"".join(encode(0x61, encode(0x4F, aid)) for aid in aids)
    assert [application.aid for application in parse_directory(raw).applications] == aids
