"""The sandbox: card events from a thread of its own, cards that vanish in the middle, and faults by name."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mock_cards.card import EmulatedCard
from mock_cards.sandbox import READER_NAME, InProcessSandbox, open_card_sandbox
from mock_cards.timing import TIMINGS, with_timing
from reader.errors import CardHeld, CardRemoved, MuteCard, NoCard, NoReader
from reader.iso7816 import CommandAPDU, ReaderSnapshot, ServiceState, SlotState

READ_CARD_ACCESS = CommandAPDU(0, 0xB0, 0x9C, 0, ne=256)


@dataclass(frozen=True)
class Order:
    persona: str = "nguyen-van-mau"
    forgeries: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@pytest.fixture
def sandbox() -> Iterator[InProcessSandbox]:
    with open_card_sandbox() as opened:
        yield opened


class Watcher:
    """Collect snapshots; ``next`` waits for one."""

    def __init__(self) -> None:
        self._seen: queue.Queue[ReaderSnapshot] = queue.Queue()
        self.threads: set[str] = set()

    def __call__(self, snapshot: ReaderSnapshot) -> None:
        self.threads.add(threading.current_thread().name)
        self._seen.put(snapshot)

    def until(self, slot: SlotState) -> ReaderSnapshot:
        while True:
            snapshot = self._seen.get(timeout=10)
            if snapshot.readers[0].slot is slot:
                return snapshot

    def is_quiet(self) -> bool:
        return self._seen.empty()


def test_the_watch_tells_the_state_at_once_and_each_change_from_its_own_thread(sandbox) -> None:
    watcher = Watcher()
    sandbox.watch.start(watcher)
    first = watcher.until(SlotState.EMPTY)
    assert first.service is ServiceState.RUNNING
    assert [reader.name for reader in first.readers] == [READER_NAME]
    assert first.readers[0].emulated
    assert sandbox.insert(Order()) == "099090000001"
    present = watcher.until(SlotState.PRESENT).readers[0]
    assert present.atr.startswith(b"\x3b")
    assert present.insertions == 1
    sandbox.remove()
    watcher.until(SlotState.EMPTY)
    assert threading.current_thread().name not in watcher.threads


def test_a_quick_swap_shows_in_the_count_of_insertions(sandbox) -> None:
    watcher = Watcher()
    sandbox.insert(Order())
    sandbox.insert(Order("pham-thi-mau"))
    sandbox.watch.start(watcher)
    assert watcher.until(SlotState.PRESENT).readers[0].insertions == 2


def test_a_stopped_watch_is_silent_and_can_be_started_again(sandbox) -> None:
    watcher = Watcher()
    sandbox.watch.start(watcher)
    watcher.until(SlotState.EMPTY)
    sandbox.watch.stop()
    sandbox.insert(Order())
    assert watcher.is_quiet()
    sandbox.watch.start(watcher)
    watcher.until(SlotState.PRESENT)
    with pytest.raises(RuntimeError):
        sandbox.watch.start(watcher)


def test_the_link_reaches_the_card_and_leaving_resets_it(sandbox) -> None:
    sandbox.insert(Order())
    with sandbox.terminal.connect(READER_NAME) as link:
        assert link.transmit(READ_CARD_ACCESS).sw == 0x9000
        assert link.transmit(CommandAPDU(0, 0xA4, 4, 0x0C, bytes.fromhex("A0000002471001"))).sw == 0x9000
    with sandbox.terminal.connect(READER_NAME) as link:
        assert link.transmit(READ_CARD_ACCESS).sw == 0x9000, "the master file is selected again"


def test_connecting_fails_by_its_name_where_there_is_nothing_to_connect_to(sandbox) -> None:
    with pytest.raises(NoCard), sandbox.terminal.connect(READER_NAME):
        pass
    with pytest.raises(NoReader), sandbox.terminal.connect("another reader"):
        pass
    sandbox.insert(Order(faults=("mute-card",)))
    with pytest.raises(MuteCard), sandbox.terminal.connect(READER_NAME):
        pass
    sandbox.insert(Order())
    with sandbox.terminal.connect(READER_NAME), pytest.raises(CardHeld), sandbox.terminal.connect(READER_NAME):
        pass


def test_a_card_taken_away_in_the_middle_raises_from_the_next_command(sandbox) -> None:
    sandbox.insert(Order())
    with sandbox.terminal.connect(READER_NAME) as link:
        link.transmit(READ_CARD_ACCESS)
        sandbox.remove()
        with pytest.raises(CardRemoved):
            link.transmit(READ_CARD_ACCESS)
        sandbox.insert(Order())
        with pytest.raises(CardRemoved):
            link.transmit(READ_CARD_ACCESS)


def test_a_lost_field_shows_in_the_watch_too(sandbox) -> None:
    watcher = Watcher()
    sandbox.watch.start(watcher)
    sandbox.insert(Order(faults=("lost-field:3",)))
    watcher.until(SlotState.PRESENT)
    with sandbox.terminal.connect(READER_NAME) as link:
        link.transmit(READ_CARD_ACCESS)
        link.transmit(READ_CARD_ACCESS)
        with pytest.raises(CardRemoved):
            link.transmit(READ_CARD_ACCESS)
    watcher.until(SlotState.EMPTY)


def test_a_mute_card_is_seen_as_mute(sandbox) -> None:
    watcher = Watcher()
    sandbox.watch.start(watcher)
    sandbox.insert(Order(faults=("mute-card",)))
    assert watcher.until(SlotState.MUTE).readers[0].atr == b""


def test_the_printed_mrz_belongs_to_the_card_on_the_reader(sandbox) -> None:
    assert sandbox.printed_mrz == ""
    sandbox.insert(Order("pham-thi-mau"))
    assert [len(line) for line in sandbox.printed_mrz.split("\n")] == [30, 30, 30]
    assert "148000003" in sandbox.printed_mrz


@pytest.mark.parametrize("order", [Order("nobody"), Order(forgeries=("perfect",)), Order(faults=("fire",))])
def test_a_name_that_there_is_not_is_a_value_error(sandbox, order: Order) -> None:
    with pytest.raises(ValueError, match="no persona, forgery or fault"):
        sandbox.insert(order)


def test_anchors_and_personas_are_handed_out(sandbox) -> None:
    assert len(sandbox.anchors) == 1
    assert len(sandbox.personas) >= 30


def test_random_files_are_as_long_as_the_real_ones_and_the_card_still_opens(factory, terminal, small_image) -> None:
    card = factory.build("nguyen-van-mau", (), ("random-files",)).card
    assert isinstance(card, EmulatedCard)
    card.power_on()
    assert card.transmit(READ_CARD_ACCESS).data.startswith(b"\x31\x14")


def test_timings_change_nothing_but_time(factory) -> None:
    for timing in TIMINGS:
        card = with_timing(factory.build("nguyen-van-mau").card, timing.name)
        card.power_on()
        assert card.transmit(READ_CARD_ACCESS).sw == 0x9000
    with pytest.raises(KeyError):
        with_timing(card, "warp")
