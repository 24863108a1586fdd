"""In a visit: a register is away, the clerk gives a dossier number, and the look-up waits, once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auth.errors import OutboxUnusable, RegisterTimeout
from desk.clerk_post import SettingsClerk
from desk.sign_in_view import SignInState, SignInView
from desk.view import ActionId, DeskState, DeskView, RegisterState, RegisterView
from reader.errors import DataError


def land(view: DeskView) -> RegisterView:
    (found,) = [one for one in view.registers if one.register == "land"]
    return found


def test_a_register_that_is_away_is_offered_to_wait_and_waits_under_its_dossier(bench_with_queue) -> None:
    view = bench_with_queue.show()
    assert ActionId.QUEUE_LOOKUPS in view.actions
    assert (land(view).state, land(view).failure) == (RegisterState.FAILED, "register-timeout")
    bench_with_queue.desk.set_dossier("H-2026-7")
    bench_with_queue.desk.queue_lookups()
    view = bench_with_queue.wait_for(lambda view: land(view).state is RegisterState.QUEUED)
    assert ActionId.QUEUE_LOOKUPS not in view.actions
    assert [(register, dossier) for register, _, dossier in bench_with_queue.waiting.queued] == [("land", "H-2026-7")]
    assert bench_with_queue.wait_for(lambda view: view.waiting is not None and view.waiting.count == 1)


def test_a_double_click_queues_once(bench_with_queue) -> None:
    """A10."""
    bench_with_queue.show()
    bench_with_queue.waiting.go_on.clear()
    for _ in range(3):
        bench_with_queue.desk.set_dossier("H-1")
        bench_with_queue.desk.queue_lookups()
    bench_with_queue.wait_for(lambda view: ActionId.QUEUE_LOOKUPS not in view.actions)
    bench_with_queue.waiting.go_on.set()
    bench_with_queue.wait_for(lambda view: land(view).state is RegisterState.QUEUED)
    assert len(bench_with_queue.waiting.queued) == 1


@pytest.mark.parametrize(
    ("trouble", "code"),
    [(OutboxUnusable("disk-full"), "outbox-unusable"), (DataError("too long"), "dossier-number-wrong")],
)
def test_where_it_cannot_wait_the_line_says_why_and_it_can_be_tried_again(
    bench_with_queue, trouble: Exception, code: str
) -> None:
    bench_with_queue.show()
    bench_with_queue.waiting.trouble = trouble
    bench_with_queue.desk.set_dossier("H-1")
    bench_with_queue.desk.queue_lookups()
    view = bench_with_queue.wait_for(lambda view: land(view).failure == code)
    assert ActionId.QUEUE_LOOKUPS in view.actions
    bench_with_queue.waiting.trouble = None
    bench_with_queue.desk.set_dossier("H-1")
    bench_with_queue.desk.queue_lookups()
    bench_with_queue.wait_for(lambda view: land(view).state is RegisterState.QUEUED)


def test_what_was_queued_for_one_citizen_never_shows_with_the_next(bench_with_queue) -> None:
    bench_with_queue.show()
    bench_with_queue.waiting.go_on.clear()
    bench_with_queue.desk.set_dossier("H-1")
    bench_with_queue.desk.queue_lookups()
    bench_with_queue.wait_for(lambda view: ActionId.QUEUE_LOOKUPS not in view.actions)
    bench_with_queue.desk.next_citizen()
    bench_with_queue.waiting.go_on.set()
    view = bench_with_queue.wait_for(lambda view: view.waiting is not None and view.waiting.count == 1)
    assert view.state is not DeskState.SHOWING
    assert all(one.state is RegisterState.IDLE for one in view.registers)


def test_without_a_queue_nothing_is_offered(bench) -> None:
    bench.land.trouble = RegisterTimeout("land", "deadline")
    view = bench.show()
    assert ActionId.QUEUE_LOOKUPS not in view.actions
    bench.desk.set_dossier("H-1")
    bench.desk.queue_lookups()
    assert view.waiting is None


def test_looking_up_again_asks_anew_and_the_queued_one_stays(bench_with_queue) -> None:
    bench_with_queue.show()
    bench_with_queue.desk.set_dossier("H-1")
    bench_with_queue.desk.queue_lookups()
    bench_with_queue.wait_for(lambda view: land(view).state is RegisterState.QUEUED)
    bench_with_queue.land.trouble = None
    bench_with_queue.desk.look_up_again()
    bench_with_queue.wait_for(lambda view: land(view).state is RegisterState.ANSWERED)
    assert len(bench_with_queue.waiting.queued) == 1
    (queued,) = [lookup for _, lookup, _ in bench_with_queue.waiting.queued]
    assert bench_with_queue.land.lookups[-1] != queued


def test_what_is_still_being_queued_takes_no_answers_place_that_is_asked_for_meanwhile(bench_with_queue) -> None:
    bench, land_register = bench_with_queue, bench_with_queue.land
    bench.show()
    bench.waiting.go_on.clear()
    bench.desk.set_dossier("H-1")
    bench.desk.queue_lookups()
    bench.wait_for(lambda view: ActionId.QUEUE_LOOKUPS not in view.actions)
    for register in (bench.population, land_register):
        register.go_on.clear()
    land_register.trouble = None
    land_register.begun.clear()
    bench.desk.look_up_again()
    bench.wait_for(DeskState.LOOKUP)
    bench.waiting.go_on.set()
    # There are two threads: the second register is asked on the one that has queued.
    assert land_register.begun.wait(10)
    bench.desk._mailbox.ask(lambda: None)
    assert {outcome.state for outcome in bench.desk.data.outcomes} == {RegisterState.ASKING}
    for register in (bench.population, land_register):
        register.go_on.set()
    assert land(bench.wait_for(DeskState.SHOWING)).state is RegisterState.ANSWERED
    assert len(bench.waiting.queued) == 1


def test_the_queue_is_closed_with_the_desk(bench_with_queue) -> None:
    bench_with_queue.desk.close()
    assert bench_with_queue.waiting.closed


def test_without_a_dossier_number_nothing_is_queued_and_it_says_so(bench_with_queue) -> None:
    bench_with_queue.waiting.trouble = DataError("no dossier")
    bench_with_queue.show()
    bench_with_queue.desk.queue_lookups()
    bench_with_queue.wait_for(lambda view: land(view).failure == "dossier-number-wrong")
    assert bench_with_queue.waiting.queued == []


def test_the_number_is_told_to_the_registers_and_leaves_with_the_visit(bench_with_queue) -> None:
    bench_with_queue.desk.set_dossier(" H29.15-0042 ")
    view = bench_with_queue.show()
    assert view.dossier == "H29.15-0042"
    assert bench_with_queue.land.asked[-1].dossier == "H29.15-0042"
    bench_with_queue.desk.next_citizen()
    view = bench_with_queue.wait_for(lambda view: view.state is not DeskState.SHOWING)
    assert view.dossier == ""


def test_one_that_came_after_the_answers_is_what_waits(bench_with_queue) -> None:
    bench_with_queue.show()
    bench_with_queue.desk.set_dossier("H-9")
    bench_with_queue.desk.queue_lookups()
    bench_with_queue.wait_for(lambda view: land(view).state is RegisterState.QUEUED)
    ((_, _, dossier),) = bench_with_queue.waiting.queued
    (lookup,) = bench_with_queue.waiting.lookups
    assert (lookup.dossier, dossier) == ("H-9", "H-9")


@pytest.mark.parametrize("text", ["H 7", "Đ-7", "H|7", "H" * 65, "H\n7"])
def test_what_is_no_dossier_number_is_refused(bench, text: str) -> None:
    with pytest.raises(DataError):
        bench.desk.set_dossier(text)


class SigningIn(SettingsClerk):
    """Be a post that stands as the test says."""

    def __init__(self) -> None:
        self._state = SignInState.NOBODY
        self._on_change: Callable[[], None] = lambda: None

    @property
    def view(self) -> SignInView:
        return SignInView(self._state)

    def subscribe(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change

    def stand(self, state: SignInState) -> None:
        self._state = state
        self._on_change()


@pytest.mark.parametrize("bench_with_queue", [SigningIn()], indirect=True)
def test_whoever_signs_in_wakes_what_waited_for_a_clerk(bench_with_queue) -> None:
    for state in (SignInState.WAITING, SignInState.SIGNED_IN):
        assert bench_with_queue.waiting.woken == 0
        bench_with_queue.clerk.stand(state)
        bench_with_queue.wait_for(lambda view, state=state: view.sign_in is not None and view.sign_in.state is state)
    assert bench_with_queue.waiting.woken == 1
