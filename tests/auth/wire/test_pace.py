"""What a guard keeps, in trouble: a clock that is set back, a file that takes nothing, rows that nobody wrote."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from auth.errors import RegisterRefused, RegisterResting, RegisterUnreachable
from auth.wire.breaker import PROBE_S, BreakerState
from auth.wire.guard import CLERK_CAPACITY, RegisterGuard
from auth.wire.pace import Pace

NOW = 1_800_000_000.0
MONTH_S = 30 * 86_400.0


class Clock:
    time = NOW

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pace.db"


@pytest.fixture
def open_guard(file: Path, clock: Clock) -> Iterator[Callable[[], RegisterGuard]]:
    opened: list[RegisterGuard] = []

    def begun() -> RegisterGuard:
        opened.append(RegisterGuard(file, now=clock, draw=lambda: 0.5))
        return opened[-1]

    yield begun
    for guard in opened:
        guard.close()


def _unreachable() -> None:
    raise RegisterUnreachable("land", "connection-refused")


def _fail(guard: RegisterGuard, times: int, clerk: str = "") -> list[str]:
    """Return what each of so many failing look-ups ended with."""
    ends: list[str] = []
    for _ in range(times):
        with pytest.raises((RegisterUnreachable, RegisterRefused)) as caught:
            guard.ask("land", _unreachable, clerk=clerk)
        ends.append(type(caught.value).__name__)
    return ends


# --- a clock that is set back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("restarted", [False, True])
def test_a_breaker_that_opened_while_the_clock_was_ahead_rests_no_month(
    open_guard: Callable[[], RegisterGuard], clock: Clock, *, restarted: bool
) -> None:
    clock.time = NOW + MONTH_S
    guard = open_guard()
    _fail(guard, 5)
    assert guard.seconds_left("land") > 0
    clock.time = NOW
    guard = open_guard() if restarted else guard
    assert guard.seconds_left("land") == 0.0

    def probe() -> str:
        with pytest.raises(RegisterResting):
            guard.ask("land", lambda: pytest.fail("a second probe"))
        assert guard.seconds_left("land") == PROBE_S
        return "there"

    assert guard.ask("land", probe) == "there"
    assert guard.breaker("land").state is BreakerState.CLOSED


def test_a_pause_that_was_asked_for_while_the_clock_was_ahead_ends_too(
    open_guard: Callable[[], RegisterGuard], clock: Clock
) -> None:
    def busy() -> None:
        raise RegisterRefused("land", "too-many-requests", retry_after_s=900.0)

    clock.time = NOW + MONTH_S
    guard = open_guard()
    with pytest.raises(RegisterRefused):
        guard.ask("land", busy)
    clock.time = NOW
    assert guard.ask("land", lambda: "there") == "there"


@pytest.mark.parametrize("look", ["ask", "budget", "wait"])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_budget_that_was_spent_while_the_clock_was_ahead_fills_again_from_the_first_look_at_it(
    open_guard: Callable[[], RegisterGuard], clock: Clock, look: str, *, restarted: bool
) -> None:
    clock.time = NOW + MONTH_S
    guard = open_guard()
    for _ in range(int(CLERK_CAPACITY)):
        guard.ask("land", lambda: 1, clerk="cb-1")
    clock.time = NOW
    if look == "ask":
        with pytest.raises(RegisterRefused, match="too-many-requests"):
            guard.ask("land", lambda: pytest.fail("over the budget"), clerk="cb-1")
    elif look == "budget":
        assert guard.budget("cb-1").left == 0
    else:
        assert guard.wait_for_budget("cb-1") == pytest.approx(1.0)
    guard = open_guard() if restarted else guard
    clock.time = NOW + 10
    assert guard.budget("cb-1").left == 10
    assert guard.ask("land", lambda: "there", clerk="cb-1") == "there"


def test_looking_at_what_a_clerk_has_left_writes_nothing(file: Path) -> None:
    """By a clock that goes on while it is looked at, as clocks do."""
    ticks = iter(range(int(NOW), int(NOW) + 1000))
    guard = RegisterGuard(file, now=lambda: float(next(ticks)))
    assert (guard.budget("cb-1").left, guard.wait_for_budget("cb-1")) == (CLERK_CAPACITY, 0.0)
    guard.ask("land", lambda: 1)
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("SELECT name FROM pace").fetchall() == [("salt",)]
    guard.close()


# --- a file that takes nothing ----------------------------------------------------------------------------------------


@contextmanager
def _held(file: Path, guard: RegisterGuard) -> Iterator[None]:
    """Hold the file as a desk does that hangs in its turn; the guard waits for it no longer than it takes to see it."""
    assert guard._pace._db is not None
    guard._pace._db.execute("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()


@pytest.mark.parametrize("known_before", [False, True])
def test_while_another_desk_hangs_in_its_turn_the_guard_goes_on_guarding(
    open_guard: Callable[[], RegisterGuard], file: Path, clock: Clock, *, known_before: bool
) -> None:
    """What stands in the file can be read and is of before: it must not be believed instead of what came since."""
    guard = open_guard()
    if known_before:
        guard.ask("land", lambda: 1, clerk="cb-1")
        _fail(guard, 1, "cb-1")
    asked, failed = (2, 1) if known_before else (0, 0)
    with _held(file, guard):
        ends = _fail(guard, 6, "cb-1")
        assert ends == ["RegisterUnreachable"] * (5 - failed) + ["RegisterResting"] * (1 + failed)
        assert guard.budget("cb-1").left == CLERK_CAPACITY - asked - (5 - failed), "and what rests costs nothing"
    # What is written next is written again, and what is written counts for all.
    clock.time += guard.seconds_left("land")
    _fail(guard, 1, "cb-1")
    assert open_guard().seconds_left("land") == guard.seconds_left("land") > 0
    assert open_guard().budget("cb-1") == guard.budget("cb-1")


_FULL = textwrap.dedent(
    """
    import resource, signal, sys
    from pathlib import Path
    from auth.errors import RegisterError, RegisterUnreachable
    from auth.wire.guard import RegisterGuard

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    now = [1.8e9]
    def opened():
        return RegisterGuard(Path(sys.argv[1]), now=lambda: now[0], draw=lambda: 0.5)
    def fail():
        raise RegisterUnreachable("land", "connection-refused")
    def failed():
        try:
            guard.ask("land", fail, clerk="cb-1")
        except RegisterError as error:
            return type(error).__name__
    guard = opened()
    guard.ask("land", lambda: 1, clerk="cb-1")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    ends = [failed() for _ in range(12)]
    assert ends == ["RegisterUnreachable"] * 5 + ["RegisterResting"] * 7, ends
    assert guard.budget("cb-1").left == 54, guard.budget("cb-1")
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    now[0] += guard.seconds_left("land")
    assert failed() == "RegisterUnreachable"
    again = opened()
    assert again.seconds_left("land") == guard.seconds_left("land") > 0, "with room again it is kept"
    assert again.budget("cb-1") == guard.budget("cb-1")
    """
)


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_on_a_full_disk_the_guard_goes_on_guarding(file: Path) -> None:
    """L3: the file can be read, and nothing that is committed comes to lie in it."""
    done = subprocess.run([sys.executable, "-c", _FULL, str(file)], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_what_is_written_twice_in_a_turn_and_taken_once_is_read_from_memory(file: Path) -> None:
    pace = Pace(file)
    assert pace._db is not None
    with pace.turn():
        pace.write("a", "first")
        pace._db.execute("PRAGMA query_only = ON")
        pace.write("a", "second")
    assert pace.read("a") == "second"
    pace._db.execute("PRAGMA query_only = OFF")
    with pace.turn():
        pace.write("a", "third")
    pace.close()
    again = Pace(file)
    assert again.read("a") == "third"
    again.close()


# --- rows that nobody wrote -------------------------------------------------------------------------------------------


def _put(file: Path, name: str, said: object) -> None:
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("INSERT OR REPLACE INTO pace VALUES (?, ?)", (name, said))


@pytest.mark.parametrize("said", ["00" * 65, "00" * 15, "", "zz" * 16, "AB" * 16, "00" * 16 + "\n", "0" * 2_000_000])
def test_a_salt_that_was_not_written_as_one_is_begun_anew(
    open_guard: Callable[[], RegisterGuard], file: Path, said: str
) -> None:
    open_guard().close()
    _put(file, "salt", said)
    guard = open_guard()
    guard.ask("land", lambda: 1, clerk="cb-1")
    assert guard.budget("cb-1").left == CLERK_CAPACITY - 1
    assert open_guard().budget("cb-1") == guard.budget("cb-1"), "and the new one is kept"


@pytest.mark.parametrize("until", ["Infinity", "NaN", "1e999", "-Infinity", "true", '"soon"', "null"])
def test_a_breaker_that_was_not_written_as_one_rests_for_nobody(
    open_guard: Callable[[], RegisterGuard], file: Path, until: str
) -> None:
    guard = open_guard()
    _put(file, "breaker land", f'["open", [], 10.0, {until}]')
    assert guard.ask("land", lambda: "there") == "there"
    _fail(guard, 5)
    assert guard.seconds_left("land") > 0, "and the row is begun anew"


@pytest.mark.parametrize(
    "row", ["[60, 1, NaN, 1]", "[60, 1, 0, Infinity]", "[60, 1, Infinity, 1]", "[60, 1, true, 1]", "x" * 2_000_000]
)
def test_a_budget_that_was_not_written_as_one_is_a_whole_one(
    open_guard: Callable[[], RegisterGuard], file: Path, row: str
) -> None:
    guard = open_guard()
    _put(file, guard._clerk_name("cb-1"), row)
    assert guard.budget("cb-1").left == CLERK_CAPACITY
    guard.ask("land", lambda: 1, clerk="cb-1")
    assert guard.budget("cb-1").left == CLERK_CAPACITY - 1, "and the row is begun anew"


def test_a_budget_of_another_size_is_cut_to_ours(open_guard: Callable[[], RegisterGuard], file: Path) -> None:
    guard = open_guard()
    _put(file, guard._clerk_name("cb-1"), json.dumps([1000, 50, 900, NOW]))
    assert guard.budget("cb-1").left == CLERK_CAPACITY


def test_two_desks_on_one_file_know_a_clerk_by_the_same_hash(open_guard: Callable[[], RegisterGuard]) -> None:
    one, other = open_guard(), open_guard()
    one.ask("land", lambda: 1, clerk="cb-1")
    assert other.budget("cb-1").left == CLERK_CAPACITY - 1
