"""A reading cut short: the desk shows nobody, asks for the card back, and goes on from where it stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from desk.place import MOST_FRUITLESS_RETURNS, Place, code_after_return, is_interruption
from desk.view import DeskState, DeskView, StepState
from reader.errors import CardRemoved, CardReset, DifferentDocument, MuteCard, NoCard, ServiceUnavailable, WrongPassword
from reader.files import FileId, FileRead, ReadCache, ReadOutcome
from reader.iso7816 import SlotState
from reader.lds import Identity, KeyInput, KeyInputKind, Portrait

Bench = Any  # the fixture's class lives in conftest.py, which cannot be imported from here
LeftSince = Callable[..., Callable[[], list[str]]]
S = DeskState


def cache(size: int) -> ReadCache:
    return ReadCache((FileRead(FileId.DG2, ReadOutcome.INTERRUPTED, bytes(size), 1000),))


def lose(bench: Bench, left: ReadCache | None = None) -> DeskView:
    """Read up to the portrait and take the card away."""
    bench.inspector.leaves = left
    bench.inspector.go_on.clear()
    bench.read()
    bench.wait_for(lambda view: view.portrait is not None)
    bench.watch.card_out()
    lost: DeskView = bench.wait_for(S.CARD_LOST)
    return lost


def test_a_lost_card_is_asked_back_and_nobody_is_shown_meanwhile(bench: Bench, left_since: LeftSince) -> None:
    left = left_since(Portrait)
    lost = lose(bench, cache(600))
    assert (lost.identity, lost.portrait, lost.checks, lost.comparison) == (None, None, (), ())
    assert lost.failure is None
    assert lost.progress is not None
    assert lost.progress.read == 95, "what was read already is told in bytes"
    assert lost.steps[0].state is StepState.RUNNING
    # The thread that told of the portrait may be a moment behind the one that shows the page.
    deadline = time.monotonic() + 5.0
    while left() and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert left() == []


def test_the_reading_goes_on_from_its_place_without_the_number_being_typed_again(bench: Bench) -> None:
    lose(bench, cache(600))
    bench.inspector.go_on.set()
    bench.watch.card()
    view = bench.wait_for(S.SHOWING)
    assert view.identity is not None
    assert bench.inspector.begun_from == [0, 600]
    assert S.NEED_KEY not in bench.states[bench.states.index(S.CARD_LOST) :]
    assert view.visit == 1


def test_the_worker_may_notice_the_missing_card_before_the_watch(bench: Bench) -> None:
    bench.inspector.trouble = CardRemoved
    bench.inspector.leaves = cache(10)
    bench.read()
    bench.wait_for(S.CARD_LOST)
    bench.watch.card_out()
    bench.wait_for(lambda view: view.readers[0].slot == "empty")
    bench.inspector.trouble = None
    bench.watch.card()
    assert bench.wait_for(S.SHOWING).failure is None
    assert bench.inspector.begun_from == [0, 10]


def test_a_card_that_only_lost_contact_is_tried_again_by_itself(bench: Bench) -> None:
    """A flicker is debounced by the watch, so no card is seen to leave or to come."""
    bench.inspector.trouble = CardReset
    bench.inspector.leaves = cache(10)
    bench.read()
    bench.wait_for(S.CARD_LOST)
    bench.inspector.trouble = None
    bench.clock.let_pass(1)
    assert bench.wait_for(S.SHOWING).failure is None


def test_a_card_that_never_gets_further_is_given_up(bench: Bench) -> None:
    bench.inspector.trouble = CardReset
    bench.inspector.leaves = cache(10)
    bench.read()
    for round in range(MOST_FRUITLESS_RETURNS + 1):
        bench.wait_for(lambda view, n=round + 1: view.state is S.CARD_LOST and len(bench.inspector.begun_from) == n)
        bench.clock.let_pass(1)
    view = bench.wait_for(S.FAULT)
    assert view.failure.code == "card-reset"
    assert len(bench.inspector.begun_from) == MOST_FRUITLESS_RETURNS + 2


def test_another_card_is_named_and_wiped(bench: Bench) -> None:
    lose(bench, cache(600))
    bench.inspector.trouble = lambda: DifferentDocument("another")
    bench.inspector.go_on.set()
    bench.watch.card()
    view = bench.wait_for(S.FAULT)
    assert view.failure.code == "different-document"
    assert view.identity is None
    assert view.visit == 2


def test_a_number_that_opened_the_chip_before_and_does_not_now_means_another_card(bench: Bench) -> None:
    lose(bench, cache(600))
    bench.inspector.trouble = lambda: WrongPassword("pace", 0x6300)
    bench.inspector.go_on.set()
    bench.watch.card()
    assert bench.wait_for(S.FAULT).failure.code == "different-document"


def test_a_card_put_back_wrongly_is_told_and_may_be_laid_down_again(bench: Bench) -> None:
    lose(bench, cache(600))
    bench.watch.card(SlotState.MUTE)
    view = bench.wait_for(lambda view: view.failure is not None)
    assert (view.state, view.failure.code) == (S.CARD_LOST, "pcsc-mute-card")
    bench.watch.card_out()
    bench.wait_for(lambda view: view.failure is None)
    bench.inspector.go_on.set()
    bench.watch.card()
    assert bench.wait_for(S.SHOWING).identity is not None


@pytest.mark.parametrize("how", ["cancel", "next", "idle", "reader", "in vain", "close"])
def test_however_the_wait_ends_nothing_of_the_citizen_is_left(bench: Bench, how: str, left_since: LeftSince) -> None:
    left = left_since(Identity, KeyInput, ReadCache)
    lose(bench, cache(600))
    bench.number = ""
    end = {
        "cancel": bench.desk.cancel,
        "next": bench.desk.next_citizen,
        "idle": lambda: bench.clock.let_pass(120),
        "reader": bench.watch.unplug,
        "in vain": lambda: bench.clock.let_pass(20),
        "close": bench.desk.close,
    }
    end[how]()
    if how != "close":
        bench.wait_for(lambda view: view.visit == 2)
    bench.desk.close()
    assert left() == ["ReadCache"], "the one that the fake inspector holds itself"


def test_a_late_end_of_the_wait_does_not_touch_the_next_visit(bench: Bench) -> None:
    lose(bench, cache(600))
    bench.inspector.go_on.set()
    bench.watch.card()
    bench.wait_for(S.SHOWING)
    bench.clock.let_pass(30)
    assert bench.view.state is S.SHOWING


def test_what_is_an_interruption_depends_on_whether_the_card_was_there_before() -> None:
    fresh = Place(KeyInput(KeyInputKind.CAN, "000001"))
    returned = fresh.interrupted(cache(10))
    for error in (CardRemoved, CardReset):
        assert is_interruption(error.code, fresh)
    for late in (NoCard, MuteCard):
        assert not is_interruption(late.code, fresh)
        assert is_interruption(late.code, returned)
    for end in (ServiceUnavailable, WrongPassword, DifferentDocument):
        assert not is_interruption(end.code, returned)
    assert code_after_return(WrongPassword.code, fresh) == WrongPassword.code
    assert code_after_return(WrongPassword.code, returned) == DifferentDocument.code


def test_a_place_counts_only_returns_that_brought_nothing() -> None:
    place = Place(KeyInput(KeyInputKind.CAN, "000001"))
    for size in (10, 20, 30, 40, 50, 60, 70, 80):
        place = place.interrupted(cache(size))
    assert place.returns == 0
    for _ in range(MOST_FRUITLESS_RETURNS + 1):
        place = place.interrupted(None)
    assert place.is_worn_out
    assert place.cache is not None
    assert "000001" not in repr(place)
