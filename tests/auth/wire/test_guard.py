"""The guard: what it learns from each way a look-up ends, what it keeps over a restart, and that it fails soft."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from auth.errors import (
    AnswerForAnother,
    AnswerNotTrusted,
    LedgerUnusable,
    RegisterError,
    RegisterRefused,
    RegisterResting,
    RegisterTimeout,
    RegisterUnreachable,
    RequestRejected,
)
from auth.wire.breaker import BreakerState
from auth.wire.guard import CLERK_CAPACITY, RegisterGuard


class Clock:
    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pace.db"


@pytest.fixture
def guard(file: Path, clock: Clock) -> Iterator[RegisterGuard]:
    made = RegisterGuard(file, now=clock, draw=lambda: 0.5)
    yield made
    made.close()


def failing(error: BaseException) -> Callable[[], object]:
    def work() -> object:
        raise error

    return work


def fail(guard: RegisterGuard, error: BaseException, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(type(error)):
            guard.ask("land", failing(error))


@pytest.mark.parametrize(
    ("error", "opens"),
    [
        (RegisterUnreachable("land", "refused"), True),
        (RegisterTimeout("land", "deadline"), True),
        (AnswerNotTrusted("land", "content-type"), True),
        (AnswerForAnother("land", "another-personal-number"), False),
        (RegisterRefused("land", "purpose-mismatch"), False),
        (RegisterRefused("land", "purpose-not-allowed"), False),
        (RequestRejected("land", "clerk-mismatch"), False),
        (LedgerUnusable("disk-full"), False),
        (KeyError("a fault of ours"), False),
    ],
)
def test_five_look_ups_without_a_word_of_the_register_open_it(
    guard: RegisterGuard, error: BaseException, opens: bool
) -> None:
    fail(guard, error, 5)
    assert guard.breaker("land").state is (BreakerState.OPEN if opens else BreakerState.CLOSED)


def test_while_it_rests_it_is_not_asked_and_says_so_at_once(guard: RegisterGuard, clock: Clock) -> None:
    fail(guard, RegisterTimeout("land", "deadline"), 5)
    asked: list[int] = []
    with pytest.raises(RegisterResting) as caught:
        guard.ask("land", lambda: asked.append(1))
    assert asked == []
    assert caught.value.retry_after_s == guard.seconds_left("land") > 0
    assert guard.ask("population", lambda: "there") == "there", "each register by itself"
    clock.time += guard.seconds_left("land")
    assert guard.ask("land", lambda: "there again") == "there again"
    assert guard.breaker("land").state is BreakerState.CLOSED


def test_while_a_probe_is_under_way_nobody_else_asks(guard: RegisterGuard, clock: Clock) -> None:
    fail(guard, RegisterTimeout("land", "deadline"), 5)
    clock.time += guard.seconds_left("land")

    def probe() -> None:
        with pytest.raises(RegisterResting):
            guard.ask("land", lambda: pytest.fail("a second probe"))

    guard.ask("land", probe)


@pytest.mark.parametrize(
    "error",
    [
        RegisterUnreachable("land", "http-503", retry_after_s=300.0),
        RegisterRefused("land", "too-many-requests", retry_after_s=300.0),
        RequestRejected("land", "too-many-requests", retry_after_s=300.0),
    ],
)
def test_a_pause_that_is_asked_for_is_kept_over_a_restart(
    guard: RegisterGuard, file: Path, clock: Clock, error: RegisterError
) -> None:
    """N2, N3: a 503 or 429 with Retry-After, and the program started anew meanwhile."""
    fail(guard, error)
    guard.close()
    again = RegisterGuard(file, now=clock)
    assert again.seconds_left("land") == 300.0
    with pytest.raises(RegisterResting):
        again.ask("land", lambda: pytest.fail("asked in its pause"))
    clock.time += 300.0
    assert again.ask("land", lambda: 1) == 1
    again.close()


def test_failures_before_a_restart_count_after_it(guard: RegisterGuard, file: Path, clock: Clock) -> None:
    fail(guard, RegisterTimeout("land", "deadline"), 4)
    guard.close()
    again = RegisterGuard(file, now=clock, draw=lambda: 0.5)
    fail(again, RegisterTimeout("land", "deadline"))
    assert again.seconds_left("land") > 0
    again.close()


def test_two_desks_on_one_file_share_what_they_learn(guard: RegisterGuard, file: Path, clock: Clock) -> None:
    other = RegisterGuard(file, now=clock, draw=lambda: 0.5)
    fail(guard, RegisterTimeout("land", "deadline"), 3)
    fail(other, RegisterTimeout("land", "deadline"), 2)
    assert guard.seconds_left("land") > 0
    other.close()


def test_a_clerks_budget_is_kept_shown_and_filled_again(guard: RegisterGuard, file: Path, clock: Clock) -> None:
    """N3: what a clerk has left stands there, before the register says 429."""
    for _ in range(int(CLERK_CAPACITY)):
        guard.ask("land", lambda: 1, clerk="cb-1")
    with pytest.raises(RegisterRefused, match="too-many-requests") as caught:
        guard.ask("land", lambda: pytest.fail("over the budget"), clerk="cb-1")
    assert caught.value.retry_after_s == pytest.approx(1.0)
    assert guard.breaker("land").state is BreakerState.CLOSED
    assert guard.budget("cb-2").left == CLERK_CAPACITY
    guard.close()
    again = RegisterGuard(file, now=clock)
    assert (again.budget("cb-1").left, again.budget("cb-1").of) == (0, CLERK_CAPACITY)
    clock.time += 10.0
    assert again.budget("cb-1").left == 10
    assert again.wait_for_budget("cb-1", reserve=20.0) == pytest.approx(11.0)
    with pytest.raises(RegisterRefused):
        again.ask("land", lambda: pytest.fail("of the reserve"), clerk="cb-1", reserve=20.0)
    again.close()


def test_the_file_names_no_clerk(guard: RegisterGuard, file: Path) -> None:
    guard.ask("land", lambda: 1, clerk="cb-secret-9")
    guard.close()
    assert b"cb-secret-9" not in file.read_bytes()


def test_without_a_usable_file_it_goes_on_in_memory(tmp_path: Path, clock: Clock) -> None:
    for place in (None, tmp_path / "missing" / "pace.db", tmp_path):
        guard = RegisterGuard(place, now=clock, draw=lambda: 0.5)
        fail(guard, RegisterTimeout("land", "deadline"), 5)
        assert guard.seconds_left("land") > 0
        guard.close()


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\x00 and then nothing" * 100])
def test_a_damaged_file_is_begun_anew(file: Path, clock: Clock, content: bytes) -> None:
    file.write_bytes(content)
    guard = RegisterGuard(file, now=clock, draw=lambda: 0.5)
    fail(guard, RegisterTimeout("land", "deadline"), 5)
    guard.close()
    again = RegisterGuard(file, now=clock)
    assert again.seconds_left("land") > 0
    again.close()


def test_what_stands_damaged_in_the_file_counts_as_nothing(file: Path, guard: RegisterGuard, clock: Clock) -> None:
    fail(guard, RegisterTimeout("land", "deadline"), 5)
    guard.ask("population", lambda: 1, clerk="cb-1")
    assert guard._pace._db is not None
    guard._pace._db.execute("UPDATE pace SET said = 'x'")
    assert guard.seconds_left("land") == 0.0
    assert guard.budget("cb-1").left == CLERK_CAPACITY


def test_a_file_that_can_no_longer_be_written_leaves_memory(guard: RegisterGuard) -> None:
    assert guard._pace._db is not None
    guard._pace._db.execute("DROP TABLE pace")
    fail(guard, RegisterTimeout("land", "deadline"), 5)
    assert guard.seconds_left("land") > 0
