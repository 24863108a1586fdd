"""The desk at work on fakes: threads, late answers, cancel, idle, and wiping that leaves nothing behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

import desk.runner
from auth.errors import AnswerForAnother, RegisterTimeout
from auth.registers.ports import CardStatus, PopulationRecord
from desk.view import ActionId, DeskState, Match, RegisterState, StepId, StepState
from reader.errors import CardHeld, DataError, MrzNeeded, WrongPassword
from reader.inspection.report import Decision, Inspection
from reader.iso7816 import ServiceState, SlotState
from reader.lds import Identity, KeyInput, Portrait

Bench = Any  # the fixture's class lives in conftest.py, which cannot be imported from here
Make = Any

S = DeskState


def test_a_visit_goes_from_no_reader_to_the_result(bench: Bench) -> None:
    view = bench.show()
    assert bench.states[0] is S.NO_READER
    assert bench.states[-1] is S.SHOWING
    assert view.identity is not None
    assert view.identity.full_name == "Nguyễn Văn Mẫu"
    assert view.portrait is not None
    assert view.decision is not None
    assert view.decision.decision is Decision.PROCEED
    assert [r.state for r in view.registers] == [RegisterState.ANSWERED, RegisterState.ANSWERED]
    assert {row.of("population").match for row in view.comparison} >= {Match.SAME, Match.RENAMED}
    assert [len(section.items) for section in view.sections] == [1]
    assert all(step.state is StepState.DONE for step in view.steps)


def test_the_number_may_be_typed_before_the_card_comes(bench: Bench) -> None:
    bench.watch.plug()
    bench.desk.enter_key(bench.number)
    assert bench.wait_for(lambda view: view.key_held).state is S.WAIT_CARD
    bench.watch.card()
    assert bench.wait_for(S.SHOWING).identity is not None


def test_the_identity_is_shown_before_the_reading_has_ended(bench: Bench) -> None:
    bench.inspector.go_on.clear()
    bench.read()
    view = bench.wait_for(lambda view: view.portrait is not None)
    assert view.state is S.READING
    assert view.identity is not None
    assert view.decision is None
    assert view.progress is not None
    assert view.checks


def test_all_readings_run_on_the_one_card_worker(bench: Bench) -> None:
    bench.show()
    bench.watch.card_out()
    bench.watch.card()
    bench.desk.enter_key(bench.number)
    bench.wait_for(S.SHOWING)
    assert set(bench.inspector.threads) == {"card-worker"}
    assert [t.name for t in threading.enumerate()].count("card-worker") == 1


def test_both_registers_are_asked_at_the_same_time(bench: Bench) -> None:
    bench.population.go_on.clear()
    bench.read()
    bench.wait_for(lambda view: view.registers[1].state is RegisterState.ANSWERED)
    assert bench.view.state is S.LOOKUP
    bench.population.go_on.set()
    bench.wait_for(S.SHOWING)


@pytest.mark.parametrize("how", ["card out", "cancel", "next", "idle", "reader lost", "service gone", "swap"])
def test_nothing_of_the_citizen_is_left_in_memory(
    bench: Bench, how: str, left_since: Callable[..., Callable[[], list[str]]]
) -> None:
    left = left_since(Identity, Portrait, Inspection, PopulationRecord, KeyInput)
    bench.show()
    assert left(garbage_too=True) != []
    {
        "card out": bench.watch.card_out,
        "cancel": bench.desk.cancel,
        "next": bench.desk.next_citizen,
        "idle": lambda: bench.clock.let_pass(121),
        "reader lost": bench.watch.unplug,
        "service gone": lambda: bench.watch.tell(service=ServiceState.STOPPED),
        "swap": bench.watch.card,
    }[how]()
    view = bench.wait_for(lambda view: view.state is not S.SHOWING)
    assert view.identity is None
    assert view.portrait is None
    assert not view.comparison
    assert not any(section.items for section in view.sections)
    assert not view.checks
    assert view.decision is None
    assert left() == []


def test_a_wiped_page_gives_way_after_a_while_and_finds_the_card_that_still_lies_there(bench: Bench) -> None:
    bench.show()
    bench.desk.next_citizen()
    bench.wait_for(S.WIPED)
    bench.clock.let_pass(3)
    bench.wait_for(S.NEED_KEY)


def test_cancel_during_a_reading_ends_it_and_wipes(bench: Bench) -> None:
    bench.inspector.go_on.clear()
    bench.read()
    bench.wait_for(lambda view: view.identity is not None)
    bench.desk.cancel()
    bench.wait_for(S.WIPED)
    assert S.STOPPING in bench.states
    assert bench.terminal.open == 0
    assert bench.view.identity is None


def test_cancel_ends_the_wait_for_a_card_that_another_program_holds(bench: Bench) -> None:
    bench.terminal.waits = True
    bench.read()
    bench.wait_for(S.READING)
    bench.desk.cancel()
    bench.wait_for(S.WIPED)


def test_another_program_that_holds_the_card_is_named_while_it_is_waited_for(bench: Bench) -> None:
    bench.terminal.waits = True
    bench.read()
    view = bench.wait_for(lambda view: view.waits_for_others)
    assert view.state is S.READING
    bench.terminal.waits = False
    assert not bench.wait_for(lambda view: view.identity is not None).waits_for_others
    bench.wait_for(S.SHOWING)


def test_a_card_that_cannot_be_connected_to_is_a_named_failure(bench: Bench) -> None:
    bench.terminal.trouble = CardHeld()
    bench.read()
    assert bench.wait_for(S.FAULT).failure.code == "pcsc-card-held"


def test_a_late_result_of_a_cancelled_reading_is_dropped(bench: Bench) -> None:
    bench.inspector.go_on.clear()
    bench.inspector.heeds_cancel = False
    bench.read()
    bench.wait_for(lambda view: view.identity is not None)
    bench.desk.cancel()
    assert bench.wait_for(S.STOPPING).identity is None
    bench.inspector.go_on.set()
    assert bench.wait_for(S.WIPED).identity is None
    assert bench.desk.ignored["late: read done"] == 1


def test_a_late_answer_of_a_register_is_dropped(bench: Bench) -> None:
    bench.population.go_on.clear()
    bench.read()
    bench.wait_for(lambda view: view.registers[1].state is RegisterState.ANSWERED)
    bench.desk.next_citizen()
    bench.wait_for(S.WIPED)
    bench.watch.card_out()
    bench.watch.card()
    bench.wait_for(S.NEED_KEY)
    bench.population.go_on.set()
    bench.wait_until_ignored("late: answer arrived")
    bench.desk.enter_key(bench.number)
    bench.wait_for(S.SHOWING)
    assert bench.desk.ignored["late: answer arrived"] == 1


def test_with_no_time_to_come_back_a_card_that_leaves_is_named_and_wiped(bench: Bench) -> None:
    bench.inspector.go_on.clear()
    bench.read()
    bench.wait_for(lambda view: view.identity is not None)
    bench.watch.card_out()
    bench.wait_for(S.CARD_LOST)
    bench.clock.let_pass(20)
    view = bench.wait_for(S.FAULT)
    assert view.identity is None
    assert view.failure is not None
    assert view.failure.code == "card-removed"
    bench.watch.card()
    assert bench.wait_for(S.NEED_KEY).failure is None


def test_a_wrong_number_says_so_with_the_tries_left_and_another_may_be_typed(bench: Bench) -> None:
    bench.inspector.trouble = lambda: WrongPassword("pace", 0x63C2, 2)
    bench.read()
    view = bench.wait_for(S.FAULT)
    assert (view.failure.code, view.failure.tries_left) == ("wrong-password", 2)
    assert view.identity is None
    bench.inspector.trouble = None
    bench.desk.enter_key(bench.number)
    assert bench.wait_for(S.SHOWING).failure is None


def test_a_card_that_needs_the_mrz_asks_for_it_in_place(bench: Bench) -> None:
    bench.inspector.trouble = MrzNeeded
    bench.read()
    view = bench.wait_for(lambda view: view.failure is not None)
    assert view.state is S.NEED_KEY
    assert view.failure.code == "mrz-needed"


def test_what_no_key_can_be_is_refused_in_place(bench: Bench) -> None:
    bench.watch.plug()
    bench.watch.card()
    bench.desk.enter_key("12345")
    view = bench.wait_for(lambda view: view.failure is not None)
    assert (view.state, view.failure.code) == (S.NEED_KEY, "key-not-understood")


@pytest.mark.parametrize(("slot", "code"), [(SlotState.MUTE, "pcsc-mute-card"), (SlotState.HELD, "pcsc-card-held")])
def test_a_card_that_cannot_be_read_is_told_and_forgotten_when_it_leaves(
    bench: Bench, slot: SlotState, code: str
) -> None:
    bench.watch.plug()
    bench.watch.card(slot)
    assert bench.wait_for(S.FAULT).failure.code == code
    bench.watch.card_out()
    assert bench.wait_for(S.WAIT_CARD).failure is None


def test_an_unforeseen_fault_leaves_the_worker_alive_and_its_text_untold(bench: Bench) -> None:
    bench.inspector.trouble = lambda: RuntimeError("Nguyễn Văn Mẫu")
    bench.read()
    view = bench.wait_for(S.FAULT)
    assert view.failure.code == "internal"
    assert "Mẫu" not in repr(view.failure)
    bench.inspector.trouble = None
    bench.desk.enter_key(bench.number)
    bench.wait_for(S.SHOWING)


@pytest.mark.logs
@pytest.mark.parametrize("state", [S.READING, S.LOOKUP, S.SHOWING])
def test_a_fault_in_the_program_wipes_and_is_shown_and_the_desk_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, state: DeskState
) -> None:
    real = desk.runner.present

    def broken(at: DeskState, data: Any, *others: Any, **named: Any) -> Any:
        if at is state and data.identity is not None:
            raise RuntimeError(data.identity.full_name)
        return real(at, data, *others, **named)

    monkeypatch.setattr(desk.runner, "present", broken)
    if state is S.READING:
        bench.inspector.go_on.clear()
    bench.read()
    view = bench.wait_for(S.FAULT)
    assert view.failure.code == "internal"
    assert view.identity is None
    assert "RuntimeError" in [getattr(record, "kind", "") for record in caplog.records]
    assert "Mẫu" not in caplog.text
    monkeypatch.setattr(desk.runner, "present", real)
    bench.inspector.go_on.set()
    bench.desk.enter_key(bench.number)
    bench.wait_for(S.SHOWING)


@pytest.mark.logs
def test_a_shell_that_fails_does_not_stop_the_desk(bench: Bench) -> None:
    def fail(_: object) -> None:
        raise RuntimeError

    bench.desk.subscribe(fail)
    view = bench.show()
    assert view.identity is not None


def test_malformed_data_end_in_a_named_failure(bench: Bench) -> None:
    bench.inspector.trouble = lambda: DataError("bad length", 3)
    bench.read()
    assert bench.wait_for(S.FAULT).failure.code == "malformed-data"


def test_a_stopped_card_is_shown_and_nobody_is_looked_up(bench: Bench, inspection: Make) -> None:
    bench.inspector.make = lambda: inspection(Decision.STOP)
    view = bench.show()
    assert view.decision.decision is Decision.STOP
    assert [(r.state, r.failure) for r in view.registers] == [(RegisterState.NOT_ALLOWED, "lookup-withheld")] * 2
    assert bench.population.lookups == bench.land.lookups == []
    assert ActionId.LOOK_UP_AGAIN not in view.actions
    bench.desk.look_up_again()
    bench.desk.choose_purpose("permanent-residence")
    assert bench.wait_for(lambda view: view.purpose == "permanent-residence").state is S.SHOWING
    assert bench.population.lookups == []


def test_attention_is_looked_up_all_the_same(bench: Bench, inspection: Make) -> None:
    bench.inspector.make = lambda: inspection(Decision.ATTENTION)
    view = bench.show()
    assert view.decision.decision is Decision.ATTENTION
    assert view.decision.reasons == (("passive.chain", "no-trust-anchor"),)
    assert view.registers[0].state is RegisterState.ANSWERED


@pytest.mark.parametrize("status", [status for status in CardStatus if status is not CardStatus.VALID])
def test_a_card_that_the_register_calls_other_than_valid_is_stopped(
    bench: Bench, record: Make, status: CardStatus
) -> None:
    bench.population.record = record(card_status=status)
    view = bench.show()
    assert view.decision.decision is Decision.STOP
    assert view.decision.reasons[0] == ("register.card-status", f"card-{status}")


def test_a_register_that_does_not_answer_lets_the_visit_go_on_and_says_so(bench: Bench) -> None:
    bench.population.trouble = RegisterTimeout("population", "deadline")
    bench.land.trouble = AnswerForAnother("land", "another-number")
    view = bench.show()
    assert [(r.state, r.failure) for r in view.registers] == [
        (RegisterState.FAILED, "register-timeout"),
        (RegisterState.FAILED, "register-answer-for-another"),
    ]
    assert view.decision.decision is Decision.PROCEED
    assert {row.of("population").match for row in view.comparison} == {Match.NOT_ASKED}
    lookup = next(step for step in view.steps if step.step is StepId.LOOKUP)
    assert lookup.state is StepState.FAILED


def test_looking_up_again_brings_what_was_missing(bench: Bench) -> None:
    bench.population.trouble = RegisterTimeout("population", "deadline")
    bench.show()
    bench.population.trouble = None
    bench.desk.look_up_again()
    bench.wait_for(lambda view: view.state is S.SHOWING and view.registers[0].state is RegisterState.ANSWERED)
    assert len(set(bench.population.lookups)) == 2, "each look-up has an id of its own"


def test_a_fault_inside_a_client_does_not_hold_the_visit_up(bench: Bench) -> None:
    bench.land.trouble = RuntimeError("Nguyễn Văn Mẫu")
    view = bench.show()
    assert (view.registers[1].state, view.registers[1].failure) == (RegisterState.FAILED, "register-trouble")


def test_a_purpose_asks_only_the_registers_it_may(bench: Bench) -> None:
    bench.desk.choose_purpose("permanent-residence")
    view = bench.show()
    assert view.registers[1].state is RegisterState.NOT_ALLOWED
    assert view.registers[1].failure == "lookup-not-for-purpose"
    assert bench.land.lookups == []


def test_an_unknown_purpose_is_refused(bench: Bench) -> None:
    with pytest.raises(KeyError):
        bench.desk.choose_purpose("curiosity")


def test_touching_holds_the_idle_clock_up(bench: Bench) -> None:
    bench.show()
    bench.clock.let_pass(100)
    bench.desk.touch()
    bench.clock.let_pass(100)
    assert bench.view.state is S.SHOWING
    bench.clock.let_pass(21)
    bench.wait_for(S.WIPED)


def test_an_idle_desk_forgets_a_number_that_was_typed_and_never_used(bench: Bench) -> None:
    bench.watch.plug()
    bench.desk.enter_key(bench.number)
    bench.wait_for(lambda view: view.key_held)
    bench.clock.let_pass(121)
    assert not bench.wait_for(lambda view: not view.key_held).key_held


@pytest.mark.parametrize(
    ("service", "code"),
    [
        (ServiceState.STOPPED, "pcsc-no-service"),
        (ServiceState.REFUSED, "pcsc-access-denied"),
        (ServiceState.RUNNING, "pcsc-no-reader"),
    ],
)
def test_a_desk_without_a_reader_says_why(bench: Bench, service: ServiceState, code: str) -> None:
    bench.watch.tell(service=service)
    assert bench.wait_for(lambda view: view.service == service.value).failure.code == code


def test_every_serial_number_is_another(bench: Bench) -> None:
    first = bench.show().visit
    bench.watch.card_out()
    bench.watch.card()
    bench.desk.enter_key(bench.number)
    assert bench.wait_for(S.SHOWING).visit > first


def test_closing_ends_the_threads_and_closes_the_registers(bench: Bench) -> None:
    bench.show()
    bench.desk.close()
    bench.desk.close()
    assert bench.population.closed
    assert bench.land.closed
    assert "card-worker" not in [thread.name for thread in threading.enumerate()]


def test_a_closed_desk_tells_nobody_anything_more(bench: Bench) -> None:
    bench.show()
    bench.desk.close()
    bench.states.clear()
    bench.desk.enter_key(bench.number)
    assert bench.states == []
