"""T=0 by ISO/IEC 7816-3 §12.2: the four cases, 61xx and 6Cxx."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import BudgetExceeded, UnsupportedCard
from reader.iso7816 import CommandAPDU, ResponseAPDU
from reader.pcsc.t0 import exchange_t0


class Script:
    """Answer TPDUs in order and remember them."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.sent: list[str] = []

    def __call__(self, tpdu: bytes) -> ResponseAPDU:
        self.sent.append(tpdu.hex())
        return ResponseAPDU.from_bytes(self.answers.pop(0))


@pytest.mark.parametrize(
    ("command", "tpdu"),
    [
        (CommandAPDU(0, 0x44, 0, 0), "0044000000"),
        (CommandAPDU(0, 0xB0, 0x9E, 0, ne=16), "00b09e0010"),
        (CommandAPDU(0, 0xB0, 0x9E, 0, ne=256), "00b09e0000"),
        (CommandAPDU(0, 0xA4, 2, 0x0C, b"\x01\x1e"), "00a4020c02011e"),
        (CommandAPDU(0, 0xA4, 2, 0x0C, b"\x01\x1e", 256), "00a4020c02011e"),
    ],
)
def test_each_case_becomes_one_tpdu(command: CommandAPDU, tpdu: str) -> None:
    script = Script(b"\x90\x00")
    assert exchange_t0(script, command).sw == 0x9000
    assert script.sent == [tpdu]


def test_an_announced_answer_is_fetched_to_its_end() -> None:
    script = Script(b"\x61\x00", b"a" * 256 + b"\x61\x03", b"bbb\x90\x00")
    response = exchange_t0(script, CommandAPDU(0x0C, 0xCB, 0x3F, 0xFF, b"\x5c\x00", 256))
    assert response.data == b"a" * 256 + b"bbb"
    assert script.sent[1:] == ["00c0000000", "00c0000003"]


def test_a_wrong_length_is_corrected_once() -> None:
    script = Script(b"\x6c\x05", b"12345\x90\x00")
    assert exchange_t0(script, CommandAPDU(0, 0xB0, 0, 0, ne=256)).data == b"12345"
    assert script.sent == ["00b0000000", "00b0000005"]
    stubborn = Script(b"\x6c\x05", b"\x6c\x05")
    assert exchange_t0(stubborn, CommandAPDU(0, 0xB0, 0, 0, ne=256)).sw == 0x6C05


def test_the_channel_stays_in_get_response_and_secure_messaging_does_not() -> None:
    script = Script(b"\x61\x01", b"x\x90\x00")
    exchange_t0(script, CommandAPDU(0x0E, 0x88, 0, 0, b"\x00", 256))
    assert script.sent[1] == "02c0000001"


@pytest.mark.parametrize("part", [b"", b"a" * 256])
def test_a_card_that_never_stops_announcing_is_cut_off(part: bytes) -> None:
    with pytest.raises(BudgetExceeded):
        exchange_t0(lambda _: ResponseAPDU(part, 0x6100), CommandAPDU(0, 0xB0, 0, 0, ne=256))


def test_extended_command_data_is_refused_before_anything_is_sent() -> None:
    script = Script()
    with pytest.raises(UnsupportedCard):
        exchange_t0(script, CommandAPDU(0, 0xDA, 0, 0, bytes(256)))
    assert not script.sent


@given(st.lists(st.binary(min_size=2, max_size=258), min_size=1, max_size=20))
def test_whatever_the_card_answers_it_ends(answers: list[bytes]) -> None:
    endless = iter(answers)
    exchange_t0(lambda _: ResponseAPDU.from_bytes(next(endless, b"\x6f\x00")), CommandAPDU(0, 0xCB, 0, 0, b"\x01", 256))
