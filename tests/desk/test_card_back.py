"""Waiting for a lost card without a desk: one that left and came, and one that only lost contact."""

from __future__ import annotations

from collections.abc import Callable

from desk.card_back import wait_for_card
from reader.iso7816 import ReaderSnapshot, ReaderState, ServiceState, SlotState

READER = "Reader 0"


class Script:
    """Tell the snapshots of a script at once, each when the last was taken."""

    def __init__(self, *slots: SlotState | None) -> None:
        self.slots = slots
        self.stopped = False

    def start(self, on_change: Callable[[ReaderSnapshot], None]) -> None:
        for slot in self.slots:
            readers = (ReaderState(READER, slot),) if slot is not None else ()
            on_change(ReaderSnapshot(ServiceState.RUNNING, readers))

    def stop(self) -> None:
        self.stopped = True


def wait(script: Script, seconds: float = 30.0) -> bool:
    back = wait_for_card(script, READER, seconds, contact_seconds=0.01)
    assert script.stopped
    return back


def test_a_card_that_left_and_came_is_back_at_once() -> None:
    assert wait(Script(SlotState.PRESENT, SlotState.EMPTY, SlotState.PRESENT))
    assert wait(Script(SlotState.EMPTY, SlotState.MUTE, SlotState.PRESENT))


def test_a_reader_that_was_pulled_and_plugged_in_counts_as_away() -> None:
    assert wait(Script(SlotState.PRESENT, None, SlotState.EMPTY, SlotState.PRESENT))


def test_a_card_that_stays_has_only_lost_contact() -> None:
    assert wait(Script(SlotState.PRESENT))


def test_a_card_that_does_not_come_is_given_up() -> None:
    assert not wait(Script(SlotState.EMPTY), seconds=0.01)
    assert not wait(Script(SlotState.PRESENT, SlotState.MUTE), seconds=0.02)
    assert not wait(Script(), seconds=0.01)
