"""The card proves itself once more, on fakes: what ends an attempt, what it leaves behind, and whom it never shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desk.tap import Tap, TapState
from desk.view import ActionId, DeskState, DeskView, StepId, StepState
from reader.errors import AccessFailed, CardRemoved, DifferentDocument, WrongPassword

OWN_DATA = "own-data"
S = DeskState


@pytest.fixture
def asked(bench_with_presence: Any) -> Any:
    """Return a desk whose citizen is asked whether they agree."""
    bench_with_presence.desk.choose_purpose(OWN_DATA)
    bench_with_presence.read()
    bench_with_presence.wait_for(S.CONSENT)
    return bench_with_presence


def agree(bench: Any) -> None:
    bench.desk.give_consent(OWN_DATA, "vi", "read-by-citizen")


def test_the_card_is_not_asked_before_the_citizen_and_once_after(asked: Any) -> None:
    assert asked.presence.asked == []
    agree(asked)
    view = asked.wait_for(S.SHOWING)
    assert len(asked.presence.asked) == 1
    assert view.presence.state == TapState.VERIFIER_AWAY.value
    assert asked.terminal.open == 0
    assert len(asked.population.asked) == 1


def test_while_it_proves_itself_the_citizen_is_in_sight_and_nobody_was_asked(asked: Any) -> None:
    asked.presence.go_on.clear()
    agree(asked)
    view = asked.wait_for(S.PROVING)
    assert view.identity is not None
    assert view.presence.asking
    assert {ActionId.REFUSE, ActionId.CANCEL, ActionId.NEXT} <= view.actions
    assert asked.population.lookups == []


def test_where_no_card_is_needed_to_tell_none_is_opened(asked: Any) -> None:
    asked.presence.known = Tap(TapState.NOT_SET_UP, local=1)
    asked.terminal.trouble = CardRemoved("it would be told")
    agree(asked)
    assert asked.wait_for(S.SHOWING).presence.state == TapState.NOT_SET_UP.value


@pytest.mark.parametrize("error", [DifferentDocument("another"), WrongPassword("pace")])
def test_another_card_ends_the_visit_and_is_named(asked: Any, error: Exception) -> None:
    asked.presence.trouble = error
    agree(asked)
    view = asked.wait_for(S.FAULT)
    assert view.failure.code == "different-document"
    assert (view.identity, asked.desk.data.opened_by, asked.desk.data.consent) == (None, None, None)


def test_a_fault_of_ours_wipes_and_the_worker_lives_on(asked: Any) -> None:
    asked.presence.trouble = RuntimeError("Nguyễn Văn Mẫu")
    agree(asked)
    assert asked.wait_for(S.FAULT).failure.code == "internal"
    asked.presence.trouble = None
    asked.desk.choose_purpose("permanent-residence")
    asked.desk.enter_key(asked.number)
    asked.wait_for(S.SHOWING)


@pytest.mark.parametrize("error", [CardRemoved("contact"), AccessFailed("it says nothing")])
def test_a_card_that_does_not_answer_is_wanted_and_tried_again_by_itself(asked: Any, error: Exception) -> None:
    asked.presence.trouble = error
    agree(asked)
    wanted: DeskView = asked.wait_for(S.CARD_WANTED)
    assert (wanted.identity, wanted.checks, wanted.comparison, wanted.decision) == (None, (), (), None)
    assert next(step.state for step in wanted.steps if step.step is StepId.CARD) is StepState.RUNNING
    asked.presence.trouble = None
    asked.clock.let_pass(1.5)
    assert asked.wait_for(S.SHOWING).identity is not None


def test_nobody_waits_for_it_for_ever(asked: Any) -> None:
    asked.presence.trouble = CardRemoved("contact")
    agree(asked)
    asked.wait_for(S.CARD_WANTED)
    asked.watch.card_out()
    asked.clock.let_pass(25)
    view = asked.wait_for(S.FAULT)
    assert view.failure.code == "card-removed"
    assert asked.desk.data.inspection is None


def test_the_clerk_can_go_on_without_it_and_the_next_card_is_another_visit(asked: Any) -> None:
    asked.presence.go_on.clear()
    agree(asked)
    asked.wait_for(S.PROVING)
    asked.watch.card_out()
    asked.wait_for(S.CARD_WANTED)
    asked.desk.go_on_without_proof()
    view = asked.wait_for(S.SHOWING)
    assert view.presence.state == TapState.CARD_GONE.value
    assert asked.population.asked[0].consent is not None
    asked.watch.card()
    assert asked.wait_for(S.NEED_KEY).identity is None


def test_what_a_cancelled_attempt_brings_is_dropped(asked: Any) -> None:
    """The citizen takes the consent back, agrees once more, and the first attempt ends only then."""
    asked.presence.go_on.clear()
    agree(asked)
    asked.wait_for(S.PROVING)
    asked.desk.refuse_consent()
    asked.wait_for(S.SHOWING)
    assert (asked.desk.data.consent, asked.population.lookups) == (None, [])
    asked.desk.look_up_again()
    asked.wait_for(S.CONSENT)
    agree(asked)
    asked.presence.go_on.set()
    asked.wait_for(lambda view: view.state is S.SHOWING and len(asked.population.asked) == 1)
    assert len(asked.presence.asked) == 1


@pytest.mark.parametrize("leave", ["cancel", "next_citizen"])
def test_it_can_always_be_left_and_leaves_nothing(asked: Any, leave: str) -> None:
    asked.presence.go_on.clear()
    agree(asked)
    asked.wait_for(S.PROVING)
    getattr(asked.desk, leave)()
    asked.wait_for(S.WIPED)
    assert (asked.desk.data.inspection, asked.desk.data.opened_by, asked.desk.data.consent) == (None, None, None)
    assert asked.terminal.open == 0


def test_another_program_that_holds_the_card_is_told_of(asked: Any) -> None:
    asked.terminal.waits = True
    agree(asked)
    view = asked.wait_for(lambda view: view.waits_for_others)
    assert view.state is S.PROVING
    asked.terminal.waits = False
    assert not asked.wait_for(S.SHOWING).waits_for_others


def test_another_purpose_meanwhile_is_proved_for_before_it_is_asked(asked: Any, record: Callable[..., Any]) -> None:
    asked.presence.go_on.clear()
    agree(asked)
    asked.wait_for(S.PROVING)
    asked.desk.choose_purpose("permanent-residence")
    asked.wait_for(lambda view: view.purpose == "permanent-residence")
    asked.presence.go_on.set()
    asked.wait_for(S.SHOWING)
    assert len(asked.presence.asked) == 2
    assert [lookup.purpose for lookup in asked.population.asked] == ["permanent-residence"]


def test_where_only_a_yes_or_no_is_asked_for_the_card_proves_itself_for_the_questions(bench_with_presence: Any) -> None:
    bench_with_presence.desk.choose_purpose("electricity-contract")
    bench_with_presence.read()
    bench_with_presence.wait_for(S.CONSENT)
    bench_with_presence.desk.give_consent("electricity-contract", "vi", "read-by-citizen")
    view = bench_with_presence.wait_for(S.SHOWING)
    assert S.PROVING in bench_with_presence.states
    assert view.presence.state == TapState.VERIFIER_AWAY.value
    (asked,) = bench_with_presence.presence.asked
    assert set(asked) == {"population"}
    assert asked["population"].startswith(b"questions ")
    assert len(bench_with_presence.population.lookups) == 1


def test_where_a_yes_comes_before_data_the_proof_goes_with_the_data(bench_with_presence: Any) -> None:
    bench_with_presence.desk.choose_purpose("housing-ownership")
    bench_with_presence.show()
    (asked,) = bench_with_presence.presence.asked
    assert not asked["population"].startswith(b"questions"), "one request a register is committed to"


@pytest.mark.parametrize("leave", ["cancel", "next_citizen"])
def test_what_a_card_has_proved_after_the_visit_is_over_is_kept_by_nobody(bench_with_presence: Any, leave: str) -> None:
    """The card answers its last command, the clerk ends the visit, and only then the worker hands the proof over."""
    bench, tap = bench_with_presence, bench_with_presence.presence.tap

    def leave_and_tap(*told: Any) -> Tap:
        getattr(bench.desk, leave)()
        bench.wait_for(lambda view: view.identity is None)
        done: Tap = tap(*told)
        return done

    bench.presence.tap = leave_and_tap
    bench.read()
    bench.wait_until_ignored("late: read done")
    assert len(bench.presence.asked) == 1
    assert bench.desk._tapping._tapped is None
    assert bench.population.lookups == []


def test_a_card_is_not_asked_for_a_visit_that_is_over(bench_with_presence: Any) -> None:
    bench = bench_with_presence
    inspect = bench.inspector._inspect

    def inspect_and_leave(on_event: Any, cancel: Any) -> Any:
        inspection = inspect(on_event, cancel)
        bench.desk.cancel()
        bench.wait_for(lambda view: view.identity is None)
        return inspection

    bench.inspector._inspect = inspect_and_leave
    bench.read()
    bench.wait_until_ignored("late: read done")
    assert bench.presence.asked == []
