"""A look-up that was lost on the way is tried again by itself: how often, for how long, and for what."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable

import pytest

from auth.errors import (
    AnswerForAnother,
    AnswerNotTrusted,
    RegisterError,
    RegisterRefused,
    RegisterResting,
    RegisterTimeout,
    RegisterUnreachable,
    RegisterWorking,
    RequestRejected,
)
from auth.registers import Lookup
from auth.registers.ports import Answer
from auth.wire.breaker import BreakerState
from auth.wire.errand import Errand, Recall, Stage
from auth.wire.guard import CLERK_CAPACITY, RegisterGuard
from desk.patience import TRIES, Patience, worth_another_try
from desk.texts import Language, Texts
from desk.view import DeskState, DeskView, RegisterState, RegisterView
from reader.lds import CalendarDate

LOOKUP = Lookup(
    lookup_id=str(uuid.UUID(int=7)),
    personal_number="099090000001",
    full_name="Nguyễn Văn Mẫu",
    date_of_birth=CalendarDate(1990, 1, 15),
    purpose="land-change-registration",
    legal_basis="Luật Đất đai 31/2024/QH15, Điều 133",
    clerk="cb-001",
)
ANSWER: Answer[object] = Answer("land", None, "key-1", None)  # type: ignore[arg-type]  # nobody looks at when
BROKEN = RegisterUnreachable("land", "connection-broken")


class Finding:
    """Fail as told, one error a try, then answer."""

    def __init__(self, *troubles: RegisterError) -> None:
        self.troubles = list(troubles)
        self.errands: list[Errand] = []

    def __call__(self, _lookup: Lookup, errand: Errand) -> Answer[object]:
        self.errands.append(errand)
        if self.troubles:
            raise self.troubles.pop(0)
        return ANSWER


class CountedWaits(Recall):
    """Keep how long was waited between two tries."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return super().wait(seconds)


def _ask(find: Callable[..., Answer[object]], seconds: float = 10.0, recall: Recall | None = None) -> list[Stage]:
    told: list[Stage] = []
    patience = Patience(recall or Recall(), lambda register, stage: told.append(stage), draw=lambda: 0.0)
    assert patience.ask("land", seconds, find, LOOKUP) is ANSWER
    return told


# --- which tries --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "why",
    ["connection-broken", "connection-refused", "http-502", "http-503", "name-not-found", "no-connection"],
)
def test_what_was_lost_on_the_way_is_tried_again_and_said_so(why: str) -> None:
    find = Finding(RegisterUnreachable("land", why), RegisterUnreachable("land", why))
    assert _ask(find) == [Stage.AGAIN, Stage.AGAIN]
    assert len(find.errands) == TRIES == 3


def test_a_third_loss_is_the_end() -> None:
    find = Finding(*[BROKEN] * 5)
    with pytest.raises(RegisterUnreachable, match="connection-broken"):
        _ask(find)
    assert len(find.errands) == TRIES


@pytest.mark.parametrize(
    "error",
    [
        RegisterTimeout("land", "deadline"),
        RegisterWorking("land", "still-working", retry_after_s=1.0),
        RegisterRefused("land", "purpose-not-allowed"),
        RegisterRefused("land", "too-many-requests", retryable=True),
        RequestRejected("land", "signature-invalid"),
        AnswerNotTrusted("land", "unsigned"),
        AnswerForAnother("land", "another-personal-number"),
        RegisterResting("land", "resting"),
        RegisterUnreachable("land", "tls-wrong-host"),
        RegisterUnreachable("land", "tls-wrong-pin"),
        RegisterUnreachable("land", "closed"),
        RegisterUnreachable("land", "called-back"),
        RegisterUnreachable("land", "http-500"),
        RegisterUnreachable("land", "maintenance", retry_after_s=1.0),
        RegisterUnreachable("land", "http-503", retry_after_s=120.0),
    ],
    ids=lambda error: f"{error.code}/{error.why}",
)
def test_a_word_of_a_register_or_time_that_is_spent_is_not_tried_again(error: RegisterError) -> None:
    assert not worth_another_try(error)
    find = Finding(error)
    with pytest.raises(type(error)):
        _ask(find)
    assert len(find.errands) == 1


def test_a_short_pause_that_was_asked_for_is_kept() -> None:
    started = time.monotonic()
    _ask(Finding(RegisterUnreachable("land", "http-503", retry_after_s=1.0)))
    assert time.monotonic() - started >= 1.0


def test_while_the_lost_try_is_still_worked_on_it_is_asked_for_again() -> None:
    assert _ask(Finding(BROKEN, RequestRejected("land", "request-in-progress", retryable=True)))


def test_all_tries_have_one_deadline_and_none_begins_without_time_for_it() -> None:
    find = Finding(BROKEN)
    _ask(find, 5.0)
    assert len({errand.late for errand in find.errands}) == 1
    hasty, recall = Finding(BROKEN), CountedWaits()
    with pytest.raises(RegisterUnreachable):
        _ask(hasty, 0.7, recall)
    assert (len(hasty.errands), recall.waits) == (1, [])


def test_a_look_up_that_may_take_minutes_is_not_tried_again_after_twenty_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr("auth.wire.errand.monotonic", lambda: now[0])

    def slow(_lookup: Lookup, _errand: Errand) -> Answer[object]:
        now[0] += 19.5
        raise BROKEN

    with pytest.raises(RegisterUnreachable):
        _ask(slow, 120.0)
    assert now == [1019.5]


def test_called_back_between_two_tries_there_is_no_second() -> None:
    recall, find = Recall(), Finding(RegisterUnreachable("land", "http-503", retry_after_s=3.0))
    timer = threading.Timer(0.05, recall.call)
    timer.start()
    started = time.monotonic()
    with pytest.raises(RegisterUnreachable):
        _ask(find, recall=recall)
    timer.join()
    assert len(find.errands) == 1
    assert time.monotonic() - started < 3.0, "the pause was not waited for"


# --- the breaker and the budget -------------------------------------------------------------------------------------


def _guarded(guard: RegisterGuard, find: Finding) -> Callable[..., Answer[object]]:
    return lambda lookup, errand: guard.ask("land", lambda: find(lookup, errand), clerk=lookup.clerk)


def test_each_try_counts_with_the_breaker_and_none_goes_once_it_is_open() -> None:
    guard, find = RegisterGuard(), Finding(*[BROKEN] * 9)
    for _ in range(2):
        with pytest.raises(RegisterUnreachable, match="connection-broken") as caught:
            _ask(_guarded(guard, find))
        assert not isinstance(caught.value, RegisterResting), "what was heard last is what is said"
    assert (guard.breaker("land").state, len(find.errands)) == (BreakerState.OPEN, 5)


def test_a_short_pause_is_waited_out_by_the_breaker_and_by_us() -> None:
    guard, find = RegisterGuard(), Finding(RegisterUnreachable("land", "http-503", retry_after_s=1.0))
    assert _ask(_guarded(guard, find)) == [Stage.AGAIN]
    assert (len(find.errands), guard.breaker("land").state) == (2, BreakerState.CLOSED)


def test_each_try_is_taken_from_the_clerks_budget_and_none_goes_beyond_it() -> None:
    guard = RegisterGuard(now=lambda: 1_800_000_000.0)
    for _ in range(int(CLERK_CAPACITY) - 1):
        guard.ask("land", lambda: None, clerk="cb-001")
    find = Finding(BROKEN)
    with pytest.raises(RegisterUnreachable, match="connection-broken"):
        _ask(_guarded(guard, find))
    assert (len(find.errands), guard.budget("cb-001").left) == (1, 0)


def test_a_look_up_that_was_called_back_says_nothing_of_the_register() -> None:
    guard = RegisterGuard()
    for _ in range(6):
        with pytest.raises(RegisterUnreachable):
            _ask(_guarded(guard, Finding(RegisterUnreachable("land", "called-back"))))
    assert guard.breaker("land").state is BreakerState.CLOSED


def test_a_register_that_is_still_working_is_there() -> None:
    guard = RegisterGuard()
    for _ in range(6):
        with pytest.raises(RegisterWorking):
            _ask(_guarded(guard, Finding(RegisterWorking("land", "still-working"))))
    assert guard.breaker("land").state is BreakerState.CLOSED


# --- at the desk ----------------------------------------------------------------------------------------------------


def _land(view: DeskView) -> RegisterView:
    return next(one for one in view.registers if one.register == "land")


@pytest.mark.parametrize(
    ("stage", "words"),
    [(Stage.WORKING, "Đất đai: đã nhận, đang xử lý"), (Stage.AGAIN, "Đất đai: mất liên lạc, đang tự hỏi lại")],
)
def test_the_clerk_reads_how_far_it_is_until_the_answer_is_there(patient_bench, stage: Stage, words: str) -> None:
    bench = patient_bench
    bench.read()
    assert bench.land.begun.wait(10)
    bench.land.errand.tell(stage)
    view = bench.wait_for(lambda view: _land(view).stage == stage)
    assert words in [line for _, line in Texts(Language.VIETNAMESE).register_lines(view.registers)]
    bench.land.go_on.set()
    view = bench.wait_for(DeskState.SHOWING)
    assert (_land(view).state, _land(view).stage) == (RegisterState.ANSWERED, "")


@pytest.mark.parametrize("end", ["cancel", "next_citizen", "close"])
def test_a_visit_that_ends_calls_its_look_ups_back(patient_bench, end: str) -> None:
    bench = patient_bench
    bench.read()
    assert bench.land.begun.wait(10)
    assert not bench.land.errand.recall.called
    getattr(bench.desk, end)()
    assert bench.land.errand.recall.wait(30.0)
    bench.land.errand.tell(Stage.WORKING)
    bench.land.go_on.set()
