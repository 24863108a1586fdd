"""Connections over a real pcscd: answers, and every way in which a card stops answering."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import pytest

from mock_cards.card import EmulatedCard
from mock_cards.pcsc import PrivatePcscd, VirtualSlot
from mock_cards.testing import READER_NAMES
from reader.errors import Cancelled, CardHeld, CardRemoved, MuteCard, NoCard, NoReader, PCSCError, ServiceUnavailable
from reader.iso7816 import CardLink, CommandAPDU, SlotState, reset_of
from reader.pcsc import PcscTerminal, diagnose

if TYPE_CHECKING:
    from tests.pcsc.conftest import EchoCard, Watcher

pytestmark = pytest.mark.pcsc

PutOn = Callable[[EmulatedCard], str]
READ = CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=256)

EXCLUSIVE, SHARED = 1, 2
HOLDER = """
import sys
from smartcard import scard
_, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
code, card, _ = scard.SCardConnect(context, sys.argv[1], int(sys.argv[2]), scard.SCARD_PROTOCOL_T1)
assert code == 0, hex(code)
assert scard.SCardBeginTransaction(card) == 0
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def _held_by_another_process(reader: str, share: int) -> Iterator[None]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, reader, str(share)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield
        assert holder.stdin is not None
        holder.stdin.close()
        holder.wait(10)


def _transmit_for_ever(link: CardLink) -> NoReturn:
    while True:
        link.transmit(READ)


def test_a_command_is_answered_and_the_card_is_reset_afterwards(put_on: PutOn, echo_card: type[EchoCard]) -> None:
    card = echo_card()
    with PcscTerminal().connect(put_on(card)) as link:
        assert link.transmit(CommandAPDU(0x00, 0xCA, 0x01, 0x02, b"abc", 256)).data == b"cba"
        card.events.clear()
    assert card.events[0] == "reset"


def test_a_card_is_reset_in_the_middle_of_the_work_and_answers_again(put_on: PutOn, echo_card: type[EchoCard]) -> None:
    card = echo_card()
    with PcscTerminal().connect(put_on(card)) as link:
        reset = reset_of(link)
        assert reset is not None
        for _ in range(3):
            card.events.clear()
            reset()
            assert card.events == ["reset"]
            assert link.transmit(CommandAPDU(0x00, 0xCA, 0x01, 0x02, b"abc", 256)).data == b"cba"


def test_the_next_connection_is_clean_after_an_exception(put_on: PutOn, echo_card: type[EchoCard]) -> None:
    reader = put_on(echo_card())
    with pytest.raises(KeyError), PcscTerminal().connect(reader):
        raise KeyError("anything")
    with PcscTerminal().connect(reader) as link:
        assert link.transmit(READ).sw == 0x9000


def test_extended_length_goes_both_ways(put_on: PutOn, echo_card: type[EchoCard]) -> None:
    longest_answer = bytes(range(251)) * 261 + bytes(22)
    card = echo_card(answer=lambda command: longest_answer if command.ins == 0xB0 else command.data[::-1])
    data = bytes(range(256)) * 250
    with PcscTerminal().connect(put_on(card)) as link:
        assert link.transmit(CommandAPDU(0x00, 0xCB, 0x3F, 0xFF, data, 65536)).data == data[::-1]
        answer = link.transmit(CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=65536)).data
    assert len(answer) == 65533
    assert answer == longest_answer


def test_commands_do_not_wait_for_delayed_acknowledgements(put_on: PutOn, echo_card: type[EchoCard]) -> None:
    command = CommandAPDU(0x0C, 0xB0, 0x81, 0x00, bytes(13), 256)
    times = []
    with PcscTerminal().connect(put_on(echo_card())) as link:
        for _ in range(100):
            begin = time.monotonic()
            link.transmit(command)
            times.append(time.monotonic() - begin)
    # A delayed acknowledgement costs 40 ms on every command; a busy machine costs that only now and then.
    assert sum(seconds > 0.03 for seconds in times) < 20


def test_pseudo_commands_for_the_reader_do_not_reach_the_card(put_on: PutOn, echo_card: type[EchoCard]) -> None:
    card = echo_card()
    with PcscTerminal().connect(put_on(card)) as link:
        assert link.transmit(CommandAPDU(0xFF, 0xCA, 0x00, 0x00, ne=256)).sw == 0x6A81
    assert not card.received.acquire(blocking=False)


def test_a_card_pulled_in_the_middle_is_a_removed_card_and_the_next_connect_is_clean(
    put_on: PutOn, slot: VirtualSlot, watcher: Watcher, echo_card: type[EchoCard]
) -> None:
    card = echo_card()
    reader = put_on(card)

    def pull() -> None:
        for _ in range(20):
            card.received.acquire(timeout=10)
        slot.remove()

    puller = threading.Thread(target=pull)
    with PcscTerminal().connect(reader) as link:
        puller.start()
        with pytest.raises(CardRemoved):
            _transmit_for_ever(link)
    puller.join()
    watcher.until_slot(SlotState.EMPTY, insertions=1)
    slot.insert(echo_card())
    watcher.until_slot(SlotState.PRESENT, insertions=2)
    with PcscTerminal().connect(reader) as link:
        assert link.transmit(READ).sw == 0x9000


def test_a_card_that_takes_itself_away_is_a_removed_card(put_on: PutOn, echo_card: type[EchoCard]) -> None:
    def leave(_: CommandAPDU) -> bytes:
        raise CardRemoved("fault")

    with PcscTerminal().connect(put_on(echo_card(answer=leave))) as link, pytest.raises(CardRemoved):
        link.transmit(READ)


def test_a_card_that_loses_contact_comes_back_by_itself(
    put_on: PutOn, watcher: Watcher, echo_card: type[EchoCard]
) -> None:
    def fall_silent(_: CommandAPDU) -> bytes:
        card.answer = lambda command: b"back"
        raise MuteCard("fault")

    card = echo_card(answer=fall_silent)
    reader = put_on(card)
    with PcscTerminal().connect(reader) as link, pytest.raises((CardRemoved, PCSCError)):
        link.transmit(READ)
    watcher.until_slot(SlotState.PRESENT, insertions=2)
    with PcscTerminal().connect(reader) as link:
        assert link.transmit(READ).data == b"back"


def test_a_service_killed_in_the_middle_is_an_unavailable_service(
    private_pcscd: PrivatePcscd, put_on: PutOn, watcher: Watcher, echo_card: type[EchoCard]
) -> None:
    reader = put_on(echo_card())
    with PcscTerminal().connect(reader) as link:
        link.transmit(READ)
        private_pcscd.kill_service()
        try:
            with pytest.raises(ServiceUnavailable):
                link.transmit(READ)
        finally:
            private_pcscd.start_service()
    watcher.until_slot(SlotState.PRESENT, insertions=2)
    with PcscTerminal().connect(reader) as link:
        assert link.transmit(READ).sw == 0x9000


def test_a_mute_card_is_a_mute_card(slot: VirtualSlot, watcher: Watcher, echo_card: type[EchoCard]) -> None:
    slot.insert(echo_card(b""))
    watcher.until_slot(SlotState.MUTE)
    with pytest.raises(MuteCard), PcscTerminal().connect(READER_NAMES[0]):
        pass


def test_an_empty_reader_is_no_card(slot: VirtualSlot) -> None:
    with pytest.raises(NoCard), PcscTerminal().connect(READER_NAMES[0]):
        pass


def test_an_unknown_reader_is_no_reader(private_pcscd: PrivatePcscd) -> None:
    with pytest.raises(NoReader), PcscTerminal().connect("No such reader"):
        pass


def test_a_card_held_exclusively_by_another_process_is_held_and_shows_so(
    put_on: PutOn, watcher: Watcher, echo_card: type[EchoCard]
) -> None:
    reader = put_on(echo_card())
    hints: list[str] = []
    with _held_by_another_process(reader, EXCLUSIVE):
        with pytest.raises(CardHeld), PcscTerminal(on_held=hints.append, patience=0.5).connect(reader):
            pass
        assert watcher.until_slot(SlotState.HELD).insertions == 1
        assert [finding.code for finding in diagnose() if finding.reader == reader][-1] == "pcsc-card-held"
    assert hints == [reader]
    with PcscTerminal().connect(reader) as link:
        assert link.transmit(READ).sw == 0x9000


def test_a_transaction_of_another_process_is_waited_for_but_not_for_ever(
    put_on: PutOn, echo_card: type[EchoCard]
) -> None:
    reader = put_on(echo_card())
    cancel = threading.Event()
    with _held_by_another_process(reader, SHARED):
        with pytest.raises(CardHeld), PcscTerminal(patience=0.3).connect(reader):
            pass
        waiting = PcscTerminal(on_held=lambda _: cancel.set(), cancel=cancel, patience=60)
        with pytest.raises(Cancelled), waiting.connect(reader):
            pass
    with PcscTerminal().connect(reader) as link:
        assert link.transmit(READ).sw == 0x9000
