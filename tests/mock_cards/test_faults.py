"""Faults as scripts: what is done to an answer, and when; and that the names in the table are scripts that work."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_cards.build import CardFactory
from mock_cards.card import EmulatedCard
from mock_cards.faults import ACTIONS, FAULTS, Trigger, check_fault, disturb, fault_by_name, parse_script, parse_trigger
from mock_cards.faults.protected import OBJECTS
from mock_cards.faults.scripted import Scripted
from mock_cards.faults.trigger import Moment
from reader.errors import CardRemoved, MuteCard
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, parse_all

READ = CommandAPDU(0x00, 0xB0, 0x9C, 0x00, ne=256)
SELECT = CommandAPDU(0x00, 0xA4, 0x04, 0x0C, bytes.fromhex("A0000002471001"))
PROTECTED = encode(0x87, b"\x01" + bytes(16)) + encode(0x99, b"\x90\x00") + encode(0x8E, bytes(8))


class Echo:
    """Answer every command with the same data and count what reaches it."""

    def __init__(self, data: bytes = b"\x01\x02\x03", name: str = "") -> None:
        self.data, self.name, self.received, self.powered = data, name, 0, False

    @property
    def atr(self) -> bytes:
        return b"\x3b\x80\x80\x01\x01"

    def power_on(self) -> None:
        self.powered = True

    def power_off(self) -> None:
        self.powered = False

    def reset(self) -> None:
        self.powered = True

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.received += 1
        return ResponseAPDU(self.data + bytes((self.received,)), 0x9000)


def no_cards(name: str) -> EmulatedCard:
    raise KeyError(name)


def spoilt(script: str, card: Echo | None = None, cards=no_cards) -> EmulatedCard:
    made = parse_script(script).disturb(card or Echo(), cards)
    made.power_on()
    return made


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("15", Trigger(15)),
        ("15+", Trigger(15, lasting=True)),
        ("ins=B0", Trigger(1, ins=0xB0)),
        ("ins=b0#3+", Trigger(3, ins=0xB0, lasting=True)),
        ("sfi=02#2", Trigger(2, sfi=2)),
        ("time=1.5", Trigger(seconds=1.5)),
    ],
)
def test_a_time_is_a_number_an_instruction_a_file_or_seconds(text: str, trigger: Trigger) -> None:
    assert parse_trigger(text) == trigger


@pytest.mark.parametrize(
    "text", ["", "0", "ins=", "ins=B", "ins=B0#0", "sfi=20", "time=-1", "soon", "1 ", "1++", "9" * 9]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"when is|counted"):
        parse_trigger(text)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_trigger(text)


def test_each_trigger_counts_its_own_and_fires_once_unless_it_lasts() -> None:
    def fires(trigger: Trigger, *commands: CommandAPDU) -> list[bool]:
        card = Scripted(Echo(), lambda command, scripted: ResponseAPDU(b"", 0x6F00), trigger)
        card.power_on()
        return [card.transmit(command).sw == 0x6F00 for command in commands]

    first, second = READ, CommandAPDU(0x00, 0xB0, 0x00, 0x10, ne=256)
    other = CommandAPDU(0x00, 0xB0, 0x82, 0x00, ne=256)
    assert fires(Trigger(2), SELECT, READ, READ) == [False, True, False]
    assert fires(Trigger(2, lasting=True), SELECT, READ, READ) == [False, True, True]
    assert fires(Trigger(2, ins=0xB0), SELECT, READ, SELECT, READ) == [False, False, False, True]
    assert fires(Trigger(2, sfi=2), first, second, other, second, second) == [False, False, False, True, False]
    assert fires(Trigger(2, sfi=2), other, SELECT, second) == [False, False, False], "SELECT leaves the file"


def test_seconds_are_counted_from_power_on() -> None:
    now = [10.0]
    card = Scripted(Echo(), lambda command, scripted: ResponseAPDU(b"", 0x6F00), Trigger(seconds=1.0), lambda: now[0])
    card.power_on()
    assert card.transmit(READ).sw == 0x9000
    now[0] = 11.0
    assert card.transmit(READ).sw == 0x6F00
    card.reset()
    assert card.transmit(READ).sw == 0x9000
    assert Trigger(seconds=1.0).reached(Moment(1, 0xB0, 1, None, 0, 1.0))


def test_a_reset_counts_from_the_beginning() -> None:
    card = spoilt("status:6F00@2")
    for _ in range(2):
        assert [card.transmit(READ).sw for _ in range(3)] == [0x9000, 0x6F00, 0x9000]
        card.reset()


def test_a_bare_status_never_reaches_the_chip() -> None:
    echo = Echo()
    assert spoilt("status:6A82", echo).transmit(READ) == ResponseAPDU(b"", 0x6A82)
    assert echo.received == 0


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ("other-status:6282", ResponseAPDU(b"\x01\x02\x03\x01", 0x6282)),
        ("empty", ResponseAPDU(b"", 0x9000)),
        ("flip", ResponseAPDU(b"\x01\x02\x03\x00", 0x9000)),
        ("flip:31", ResponseAPDU(b"\x81\x02\x03\x01", 0x9000)),
        ("flip:32", ResponseAPDU(b"\x01\x02\x03\x01", 0x9000)),
        ("truncate:2", ResponseAPDU(b"\x01\x02", 0x9000)),
        ("truncate:0", ResponseAPDU(b"", 0x9000)),
        ("delay:1", ResponseAPDU(b"\x01\x02\x03\x01", 0x9000)),
        ("resend", ResponseAPDU(b"\x01\x02\x03\x02", 0x9000)),
        ("replay", ResponseAPDU(b"\x01\x02\x03\x01", 0x9000)),
    ],
)
def test_an_action_does_what_its_name_says(script: str, answer: ResponseAPDU) -> None:
    assert spoilt(script).transmit(READ) == answer


def test_a_replay_is_the_answer_before() -> None:
    card = spoilt("replay@2")
    assert card.transmit(READ).data == card.transmit(READ).data == b"\x01\x02\x03\x01"
    assert card.transmit(READ).data == b"\x01\x02\x03\x03", "the chip had the command all the same"


def test_a_lost_card_has_no_power_and_a_silent_one_stays() -> None:
    echo = Echo()
    with pytest.raises(CardRemoved):
        spoilt("lost-field", echo).transmit(READ)
    assert not echo.powered
    with pytest.raises(MuteCard):
        spoilt("no-answer").transmit(READ)


def test_a_swapped_card_answers_from_then_on_even_after_a_reset() -> None:
    first, other = Echo(b"A"), Echo(b"B")
    card = spoilt("swap:somebody@2", first, lambda name: other)
    assert [card.transmit(READ).data[:1] for _ in range(3)] == [b"A", b"B", b"B"]
    card.reset()
    assert card.transmit(READ).data[:1] == b"B"
    assert other.powered
    assert not first.powered


@pytest.mark.parametrize("how", OBJECTS)
def test_spoilt_objects_differ_from_what_the_chip_sent_and_are_objects_still(how: str) -> None:
    class Chip(Echo):
        def transmit(self, command: CommandAPDU) -> ResponseAPDU:
            return ResponseAPDU(PROTECTED, 0x9000)

    answer = spoilt(f"objects:{how}", Chip()).transmit(READ)
    assert answer.data != PROTECTED
    assert list(parse_all(answer.data))
    plain = spoilt(f"objects:{how}").transmit(READ)
    assert plain == ResponseAPDU(b"\x01\x02\x03\x01", 0x9000), "what is not protected stays as it is"


@pytest.mark.parametrize(
    "text",
    ["status", "status:67", "status:GGGG", "flip:-1", "flip:9999999", "truncate:", "delay:60001", "swap", "empty:3",
     "objects:upside-down", "lost-field@", "status:6700@never", "status:6700@" + "1" * 300],
)  # fmt: skip
def test_a_script_that_cannot_be_says_what_is_wanted(text: str) -> None:
    with pytest.raises(ValueError, match=r".{10}"):
        check_fault(text, no_cards)


@pytest.mark.parametrize("text", ["fire", "mute-card:3", "slow-chip:2", "swap:nobody", "", ":", "@3"])
def test_what_has_no_name_is_a_key_error(text: str) -> None:
    with pytest.raises(KeyError):
        check_fault(text, no_cards)


def test_a_numbered_fault_takes_another_command_for_its_time() -> None:
    assert fault_by_name("lost-field").scripts == ("lost-field@15",)
    assert fault_by_name("lost-field:7").scripts == ("lost-field@7",)


def test_the_names_that_were_public_stay() -> None:
    assert {"lost-field", "mute-card", "slow-chip", "random-files"} <= {fault.name for fault in FAULTS}
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert len({action.name for action in ACTIONS}) == len(ACTIONS)


def test_every_named_fault_is_one_that_can_be(factory: CardFactory) -> None:
    for fault in FAULTS:
        check_fault(fault.name, lambda persona: factory.build(persona).card)
        assert fault.scripts or fault.alter or fault.wrap or fault.tamper, fault.name


def test_faults_stack() -> None:
    echo = Echo()
    card = disturb(echo, ("truncate:2@2", "other-status:6282@2"), no_cards)
    card.power_on()
    assert card.transmit(READ) == ResponseAPDU(b"\x01\x02\x03\x01", 0x9000)
    assert card.transmit(READ) == ResponseAPDU(b"\x01\x02", 0x6282)
