"""A simple card, and a watch to wait with, over the private pcscd (``mock_cards.pytest_plugin``)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from mock_cards.card import EmulatedCard
from mock_cards.pcsc import PrivatePcscd, VirtualSlot
from mock_cards.testing import READER_NAMES
from reader.iso7816 import CommandAPDU, ReaderSnapshot, ReaderState, ResponseAPDU, SlotState
from reader.pcsc import PcscWatch

# A contactless card without historical bytes (PC/SC part 3 §3.1.3.2.3), so T=1.
ATR_T1 = bytes.fromhex("3B80800101")


class EchoCard:
    """Answer a command's data backwards; ``answer`` may be put in the place of that."""

    def __init__(
        self, atr: bytes = b"\x3b\x80\x80\x01\x01", answer: Callable[[CommandAPDU], bytes] | None = None
    ) -> None:
        self.atr = atr
        self.answer = answer or (lambda command: command.data[::-1])
        self.events: list[str] = []
        self.received = threading.Semaphore(0)

    def power_on(self) -> None:
        self.events.append("on")

    def power_off(self) -> None:
        self.events.append("off")

    def reset(self) -> None:
        self.events.append("reset")

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.received.release()
        return ResponseAPDU(self.answer(command), 0x9000)


class Watcher:
    """Watch PC/SC and wait for what is to come; remember every snapshot."""

    def __init__(self) -> None:
        self.seen: list[ReaderSnapshot] = []
        self._changed = threading.Condition()
        self.watch = PcscWatch()
        self.watch.start(self._take)

    def _take(self, snapshot: ReaderSnapshot) -> None:
        with self._changed:
            self.seen.append(snapshot)
            self._changed.notify_all()

    def until(self, wanted: Callable[[ReaderSnapshot], bool], seconds: float = 20) -> ReaderSnapshot:
        """Return the first newest snapshot that is as wanted; fail where none comes."""
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self.seen) and wanted(self.seen[-1]), seconds), self.seen[-3:]
            return self.seen[-1]

    def until_slot(self, slot: SlotState, reader: str = READER_NAMES[0], insertions: int = 0) -> ReaderState:
        """Return the reader's state once it shows ``slot``, with at least so many insertions."""

        def wanted(snapshot: ReaderSnapshot) -> bool:
            return any(
                state.name == reader and state.slot is slot and state.insertions >= insertions
                for state in snapshot.readers
            )

        return next(state for state in self.until(wanted).readers if state.name == reader)


@pytest.fixture
def echo_card() -> type[EchoCard]:
    """Return the class of simple cards."""
    return EchoCard


@pytest.fixture
def watcher(private_pcscd: PrivatePcscd) -> Iterator[Watcher]:
    """Return a running watch that can be waited with."""
    watcher = Watcher()
    yield watcher
    watcher.watch.stop()


@pytest.fixture
def slot(virtual_slots: tuple[VirtualSlot, VirtualSlot], watcher: Watcher) -> VirtualSlot:
    """Return the first reader, which PC/SC sees as empty."""
    watcher.until_slot(SlotState.EMPTY)
    return virtual_slots[0]


@pytest.fixture
def put_on(slot: VirtualSlot, watcher: Watcher) -> Callable[[EmulatedCard], str]:
    """Return a function that puts a card on the first reader, waits until PC/SC has it, and returns the reader."""

    def put(card: EmulatedCard) -> str:
        before = watcher.seen[-1].readers[0].insertions
        slot.insert(card)
        watcher.until_slot(SlotState.PRESENT, insertions=before + 1)
        return READER_NAMES[0]

    return put
