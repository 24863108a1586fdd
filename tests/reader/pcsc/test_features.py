"""What reader and service tell beside APDUs: the longest one the reader carries, and the card's answer to reset."""

from __future__ import annotations

import pytest

from reader.iso7816 import atr_of, longest_apdu_of
from reader.pcsc import PcscTerminal
from reader.pcsc.fake import FakeScard
from reader.pcsc.features import FEATURE_REQUEST
from reader.pcsc.scard import CardProtocol

READER = "ACS ACR1252 1S CL Reader PICC 0"
PROPERTIES = 0x42000012
FEATURES = bytes.fromhex("06044200000612044200001213044200000A")


def with_card(protocol: CardProtocol = CardProtocol.T1) -> FakeScard:
    scard = FakeScard(protocol=protocol)
    scard.plug(READER)
    scard.insert(READER, b"\x3b\x88\x80\x01")
    return scard


def limit(scard: FakeScard) -> int | None:
    with PcscTerminal(scard).connect(READER) as link:
        return longest_apdu_of(link)


def test_the_link_knows_the_answer_to_reset() -> None:
    with PcscTerminal(with_card()).connect(READER) as link:
        assert atr_of(link) == b"\x3b\x88\x80\x01"


# PC/SC part 10 §2.6.14: dwMaxAPDUDataSize is property 0A, four bytes, little-endian; zero means short APDUs only.
@pytest.mark.parametrize(
    ("size", "longest"),
    [(0, 261), (256, 261), (0x0400, 0x0400), (0xFFFF, 0xFFFF), (0x10000, None)],
)
def test_the_reader_tells_its_longest_apdu(size: int, longest: int | None) -> None:
    scard = with_card()
    properties = bytes.fromhex("01020000") + b"\x0a\x04" + size.to_bytes(4, "little") + bytes.fromhex("0D0400000000")
    scard.controls = {FEATURE_REQUEST: FEATURES, PROPERTIES: properties}
    assert limit(scard) == longest


@pytest.mark.parametrize(
    "controls",
    [
        {},
        {FEATURE_REQUEST: b""},
        {FEATURE_REQUEST: FEATURES},
        {FEATURE_REQUEST: FEATURES, PROPERTIES: b""},
        {FEATURE_REQUEST: FEATURES, PROPERTIES: b"\x0a\x04\x00"},
        {FEATURE_REQUEST: b"\x12\x04\x42", PROPERTIES: b"\x0a\x04\x00\x00\x00\x00"},
        {FEATURE_REQUEST: b"\x12\xff" + bytes(20)},
    ],
)
def test_a_driver_that_does_not_tell_leaves_the_limit_open(controls: dict[int, bytes]) -> None:
    scard = with_card()
    scard.controls = controls
    assert limit(scard) is None


def test_over_t0_short_apdus_are_all_there_is() -> None:
    assert limit(with_card(CardProtocol.T0)) == 261
