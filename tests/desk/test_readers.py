"""From snapshots to events: which card is the visit's, and when it came and went."""

from __future__ import annotations

import pytest

from desk.readers import ReaderTracker
from desk.visit import Event
from reader.iso7816 import ReaderSnapshot, ReaderState, ServiceState, SlotState

EMPTY, PRESENT, MUTE, HELD = SlotState.EMPTY, SlotState.PRESENT, SlotState.MUTE, SlotState.HELD


def snapshot(*slots: tuple[str, SlotState, int], service: ServiceState = ServiceState.RUNNING) -> ReaderSnapshot:
    return ReaderSnapshot(service, tuple(ReaderState(name, slot, b"", count) for name, slot, count in slots))


def events(tracker: ReaderTracker, *slots: tuple[str, SlotState, int]) -> list[Event]:
    return [told.event for told in tracker.update(snapshot(*slots))]


@pytest.fixture
def tracker() -> ReaderTracker:
    tracker = ReaderTracker()
    assert events(tracker, ("A", EMPTY, 0)) == [Event.READER_FOUND]
    return tracker


def test_a_card_comes_and_goes(tracker: ReaderTracker) -> None:
    assert events(tracker, ("A", PRESENT, 1)) == [Event.CARD_IN]
    assert events(tracker, ("A", PRESENT, 1)) == []
    assert events(tracker, ("A", EMPTY, 1)) == [Event.CARD_OUT]


def test_a_card_swapped_between_two_snapshots_is_seen(tracker: ReaderTracker) -> None:
    events(tracker, ("A", PRESENT, 1))
    assert events(tracker, ("A", PRESENT, 2)) == [Event.CARD_OUT, Event.CARD_IN]


def test_a_second_card_waits_until_the_first_has_gone(tracker: ReaderTracker) -> None:
    events(tracker, ("A", PRESENT, 1))
    assert events(tracker, ("A", PRESENT, 1), ("B", PRESENT, 1)) == []
    assert tracker.card is not None
    assert tracker.card.name == "A"
    assert events(tracker, ("A", EMPTY, 1), ("B", PRESENT, 1)) == [Event.CARD_OUT, Event.CARD_IN]
    assert tracker.card.name == "B"


def test_the_readers_last_card_gone_with_its_reader_is_named_so(tracker: ReaderTracker) -> None:
    events(tracker, ("A", PRESENT, 1), ("B", EMPTY, 0))
    (told,) = tracker.update(snapshot(("B", EMPTY, 0)))
    assert (told.event, told.failure) == (Event.CARD_OUT, "pcsc-reader-gone")


def test_no_reader_left_is_lost_once(tracker: ReaderTracker) -> None:
    assert events(tracker) == [Event.READER_LOST]
    assert events(tracker) == []
    assert tracker.trouble == "pcsc-no-reader"


def test_a_service_that_stops_takes_its_readers_along(tracker: ReaderTracker) -> None:
    events(tracker, ("A", PRESENT, 1))
    (told,) = tracker.update(snapshot(("A", PRESENT, 1), service=ServiceState.STOPPED))
    assert (told.event, told.failure) == (Event.READER_LOST, "pcsc-no-service")
    assert tracker.card is None
    assert [told.event for told in tracker.update(snapshot(("A", PRESENT, 1)))] == [Event.READER_FOUND]
    assert [told.event for told in tracker.look()] == [Event.CARD_IN]


def test_a_card_that_is_let_go_by_another_program_comes_in(tracker: ReaderTracker) -> None:
    assert events(tracker, ("A", HELD, 1)) == [Event.CARD_UNREADABLE]
    assert events(tracker, ("A", PRESENT, 1)) == [Event.CARD_IN]


def test_a_mute_card_that_is_lifted_is_gone(tracker: ReaderTracker) -> None:
    assert events(tracker, ("A", MUTE, 1)) == [Event.CARD_UNREADABLE]
    assert events(tracker, ("A", MUTE, 1)) == []
    assert events(tracker, ("A", EMPTY, 1)) == [Event.UNREADABLE_GONE]


def test_a_card_in_use_that_looks_held_or_mute_for_a_moment_stays_the_visits(tracker: ReaderTracker) -> None:
    events(tracker, ("A", PRESENT, 1))
    assert events(tracker, ("A", HELD, 1)) == []
    assert events(tracker, ("A", MUTE, 1)) == []


def test_looking_tells_of_the_card_that_lies_there_again(tracker: ReaderTracker) -> None:
    assert tracker.look() == ()
    events(tracker, ("A", PRESENT, 1))
    assert [told.event for told in tracker.look()] == [Event.CARD_IN]


def test_a_preferred_reader_is_the_only_one() -> None:
    tracker = ReaderTracker("B")
    assert events(tracker, ("A", PRESENT, 1)) == []
    assert events(tracker, ("A", PRESENT, 1), ("B", EMPTY, 0)) == [Event.READER_FOUND]
    assert events(tracker, ("A", PRESENT, 1), ("B", PRESENT, 1)) == [Event.CARD_IN]
