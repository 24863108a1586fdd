"""The watch over a real pcscd: cards and service come and go, the watch stays."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from mock_cards.pcsc import PrivatePcscd, VirtualSlot
from mock_cards.testing import READER_NAMES
from reader.iso7816 import ReaderSnapshot, ServiceState, SlotState
from reader.pcsc import PcscWatch, diagnose, list_readers

if TYPE_CHECKING:
    from tests.pcsc.conftest import EchoCard, Watcher

pytestmark = pytest.mark.pcsc


def test_both_readers_show_at_once_as_emulated(watcher: Watcher) -> None:
    snapshot = watcher.until(lambda snapshot: len(snapshot.readers) == 2)
    assert tuple(reader.name for reader in snapshot.readers) == READER_NAMES
    assert all(reader.emulated for reader in snapshot.readers)


def test_a_card_shows_as_it_comes_and_goes(slot: VirtualSlot, watcher: Watcher, echo_card: type[EchoCard]) -> None:
    card = echo_card()
    slot.insert(card)
    state = watcher.until_slot(SlotState.PRESENT)
    assert (state.atr, state.insertions) == (card.atr, 1)
    assert [reader.atr for reader in list_readers()] == [card.atr, b""]
    slot.remove()
    assert watcher.until_slot(SlotState.EMPTY, insertions=1).atr == b""


def test_a_swap_shows_as_another_insertion(slot: VirtualSlot, watcher: Watcher, echo_card: type[EchoCard]) -> None:
    slot.insert(echo_card())
    watcher.until_slot(SlotState.PRESENT, insertions=1)
    slot.swap(echo_card())
    watcher.until_slot(SlotState.PRESENT, insertions=2)


def test_two_cards_lie_on_two_readers(
    virtual_slots: tuple[VirtualSlot, VirtualSlot], slot: VirtualSlot, watcher: Watcher, echo_card: type[EchoCard]
) -> None:
    other_atr = b"\x3b\x81\x80\x01\x55\x55"
    slot.insert(echo_card())
    virtual_slots[1].insert(echo_card(other_atr))
    watcher.until_slot(SlotState.PRESENT)
    assert watcher.until_slot(SlotState.PRESENT, READER_NAMES[1]).atr == other_atr
    slot.remove()
    watcher.until_slot(SlotState.EMPTY, insertions=1)
    assert watcher.seen[-1].readers[1].slot is SlotState.PRESENT


def test_a_mute_card_shows_as_mute_and_is_diagnosed(
    slot: VirtualSlot, watcher: Watcher, echo_card: type[EchoCard]
) -> None:
    slot.insert(echo_card(b""))
    assert watcher.until_slot(SlotState.MUTE).atr == b""
    assert [finding.code for finding in diagnose() if finding.reader == READER_NAMES[0]][-1] == "pcsc-mute-card"


def test_a_service_killed_and_started_again_shows_stopped_then_running_with_the_card(
    private_pcscd: PrivatePcscd, slot: VirtualSlot, watcher: Watcher, echo_card: type[EchoCard]
) -> None:
    slot.insert(echo_card())
    watcher.until_slot(SlotState.PRESENT, insertions=1)
    private_pcscd.kill_service()
    try:
        assert watcher.until(lambda snapshot: snapshot.service is ServiceState.STOPPED).readers == ()
        assert [finding.code for finding in diagnose()] == ["pcsc-no-service"]
    finally:
        private_pcscd.start_service()
    watcher.until_slot(SlotState.PRESENT, insertions=2)


def test_a_watch_that_began_without_a_service_finds_it_later(private_pcscd: PrivatePcscd) -> None:
    private_pcscd.kill_service()
    stopped, running = threading.Event(), threading.Event()

    def on_change(snapshot: ReaderSnapshot) -> None:
        (running if snapshot.readers else stopped).set()

    watch = PcscWatch()
    try:
        watch.start(on_change)
        assert stopped.wait(10)
    finally:
        private_pcscd.start_service()
    assert running.wait(10)
    watch.stop()


def test_stop_does_not_wait_for_the_end_of_a_wait(watcher: Watcher) -> None:
    watcher.until(lambda snapshot: len(snapshot.readers) == 2)
    times = []
    for _ in range(5):
        seen = threading.Event()
        watch = PcscWatch()
        watch.start(lambda _, seen=seen: seen.set())  # type: ignore[misc]  # mypy cannot infer a default's type
        assert seen.wait(10)
        begin = time.monotonic()
        watch.stop()
        times.append(time.monotonic() - begin)
    # One wait lasts a second, and has just begun: without the cancel none of the five would take much less.
    assert min(times) < 0.5
