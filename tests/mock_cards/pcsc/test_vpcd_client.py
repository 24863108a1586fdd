"""vpcd's protocol from the card's side, over a plain loopback connection in the place of vpcd."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_cards.pcsc import VirtualSlot
from reader.errors import CardRemoved, MuteCard, ServiceUnavailable
from reader.iso7816 import CommandAPDU, ResponseAPDU

POWER_OFF, POWER_ON, RESET, GET_ATR = b"\x00", b"\x01", b"\x02", b"\x04"
ATR = b"\x3b\x80\x80\x01\x01"


class Card:
    """Answer with the data that came; remember what was done to it."""

    def __init__(self, atr: bytes = ATR) -> None:
        self.atr = atr
        self.events: list[str] = []
        self.answer: Callable[[CommandAPDU], ResponseAPDU] = lambda command: ResponseAPDU(command.data, 0x9000)

    def power_on(self) -> None:
        self.events.append("on")

    def power_off(self) -> None:
        self.events.append("off")

    def reset(self) -> None:
        self.events.append("reset")

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.events.append("apdu")
        return self.answer(command)


class Vpcd:
    """Be the side of vpcd: accept the card's connection and speak first."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(10)
        self.connection: socket.socket | None = None

    def connect(self) -> socket.socket:
        return socket.create_connection(self.listener.getsockname())

    def accept(self) -> None:
        self.hang_up()
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(10)

    def hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()

    def send(self, payload: bytes) -> None:
        assert self.connection is not None
        self.connection.sendall(len(payload).to_bytes(2, "big"))
        self.connection.sendall(payload)

    def ask(self, payload: bytes) -> bytes:
        self.send(payload)
        return self.read(int.from_bytes(self.read(2), "big"))

    def read(self, size: int) -> bytes:
        assert self.connection is not None
        received = b""
        while len(received) < size and (part := self.connection.recv(size - len(received))):
            received += part
        return received


@pytest.fixture
def vpcd() -> Iterator[Vpcd]:
    vpcd = Vpcd()
    yield vpcd
    vpcd.hang_up()
    vpcd.listener.close()


@pytest.fixture
def slot(vpcd: Vpcd) -> Iterator[VirtualSlot]:
    slot = VirtualSlot(vpcd.connect)
    yield slot
    slot.remove()


def test_controls_reach_the_card_and_only_the_atr_is_answered(vpcd: Vpcd, slot: VirtualSlot) -> None:
    card = Card()
    slot.insert(card)
    vpcd.accept()
    assert vpcd.ask(GET_ATR) == ATR
    for control in (POWER_ON, RESET, POWER_OFF, POWER_OFF, RESET):
        vpcd.send(control)
    assert vpcd.ask(GET_ATR) == ATR
    assert card.events == ["on", "reset", "off", "on"]


def test_a_card_is_found_when_its_atr_is_asked_for_after_power_on(vpcd: Vpcd, slot: VirtualSlot) -> None:
    assert not slot.wait_until_powered(0)
    slot.insert(Card())
    vpcd.accept()
    vpcd.ask(GET_ATR)
    assert not slot.wait_until_powered(0)
    vpcd.send(POWER_ON)
    vpcd.ask(GET_ATR)
    assert slot.wait_until_powered(10)


def test_a_command_is_answered_even_where_nobody_switched_the_power_on(vpcd: Vpcd, slot: VirtualSlot) -> None:
    card = Card()
    slot.insert(card)
    vpcd.accept()
    assert vpcd.ask(b"\x00\xa4\x04\x0c\x02\xab\xcd") == b"\xab\xcd\x90\x00"
    assert card.events == ["on", "apdu"]


def test_a_mute_card_has_an_atr_that_pcsc_cannot_take(vpcd: Vpcd, slot: VirtualSlot) -> None:
    slot.insert(Card(b""))
    vpcd.accept()
    assert len(vpcd.ask(GET_ATR)) > 33


@pytest.mark.parametrize(
    "cut_short", [b"\x00\xa4\x04", b"\x00\xa4\x04\x0c\x07\xa0", b"\x00\xcb\x3f\xff\x00\xff\xff\x00"]
)
def test_a_malformed_command_is_a_wrong_length_and_does_not_reach_the_card(
    vpcd: Vpcd, slot: VirtualSlot, cut_short: bytes
) -> None:
    card = Card()
    slot.insert(card)
    vpcd.accept()
    assert vpcd.ask(cut_short) == b"\x67\x00"
    assert "apdu" not in card.events


def test_a_command_for_the_reader_is_not_supported(vpcd: Vpcd, slot: VirtualSlot) -> None:
    slot.insert(Card())
    vpcd.accept()
    assert vpcd.ask(b"\xff\xca\x00\x00\x00") == b"\x6a\x81"


def test_an_answer_too_long_for_vpcd_is_a_wrong_length(vpcd: Vpcd, slot: VirtualSlot) -> None:
    card = Card()
    card.answer = lambda _: ResponseAPDU(bytes(65534), 0x9000)
    slot.insert(card)
    vpcd.accept()
    assert vpcd.ask(b"\x00\xb0\x00\x00\x00\x00\x00") == b"\x67\x00"


def test_removal_closes_the_connection_at_once_and_powers_the_card_off(vpcd: Vpcd, slot: VirtualSlot) -> None:
    card = Card()
    slot.insert(card)
    vpcd.accept()
    vpcd.send(POWER_ON)
    vpcd.ask(GET_ATR)
    slot.remove()
    assert vpcd.read(1) == b""
    assert card.events == ["on", "off"]
    slot.remove()


def test_a_card_that_takes_itself_away_stays_away(vpcd: Vpcd, slot: VirtualSlot) -> None:
    def leave(_: CommandAPDU) -> ResponseAPDU:
        raise CardRemoved("fault")

    card = Card()
    card.answer = leave
    slot.insert(card)
    vpcd.accept()
    assert vpcd.ask(b"\x00\xb0\x00\x00") == b""
    vpcd.listener.settimeout(1)
    with pytest.raises(TimeoutError):
        vpcd.accept()


def test_a_card_that_falls_silent_loses_contact_and_is_found_again(vpcd: Vpcd, slot: VirtualSlot) -> None:
    def fall_silent(_: CommandAPDU) -> ResponseAPDU:
        raise MuteCard("fault")

    card = Card()
    card.answer = fall_silent
    slot.insert(card)
    vpcd.accept()
    assert vpcd.ask(b"\x00\xb0\x00\x00") == b""
    vpcd.accept()
    assert vpcd.ask(GET_ATR) == ATR


def test_a_card_stays_on_the_reader_while_the_service_is_away(vpcd: Vpcd) -> None:
    refusals = iter([True, True, False])

    def connect() -> socket.socket:
        if next(refusals, False):
            raise ServiceUnavailable("away")
        return vpcd.connect()

    slot = VirtualSlot(connect)
    slot.insert(Card())
    vpcd.accept()
    assert vpcd.ask(GET_ATR) == ATR
    slot.remove()


def test_inserting_takes_the_last_card_away(vpcd: Vpcd, slot: VirtualSlot) -> None:
    slot.insert(Card())
    vpcd.accept()
    slot.swap(Card(b"\x3b\x00"))
    assert vpcd.read(1) == b""
    vpcd.accept()
    assert vpcd.ask(GET_ATR) == b"\x3b\x00"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=st.binary(min_size=2, max_size=300))
def test_whatever_a_client_sends_gets_a_status_word(vpcd: Vpcd, slot: VirtualSlot, payload: bytes) -> None:
    if vpcd.connection is None:
        slot.insert(Card())
        vpcd.accept()
    assert len(vpcd.ask(payload)) >= 2
