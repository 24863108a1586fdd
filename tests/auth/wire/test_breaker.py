"""Rows N2 and N3 as pure machines: the breaker walked exhaustively, the wait and the bucket held to their bounds."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.wire.backoff import BASE_S, CAP_S, TokenBucket, next_wait
from auth.wire.breaker import FAILURES_TO_OPEN, PROBE_S, SHORT_PAUSE_S, WINDOW_S, Breaker, BreakerState
from reader.errors import DataError

T = 1_000_000.0
CLOSED, OPEN, HALF_OPEN = BreakerState


def half() -> float:
    return 0.5


def opened(at: float = T) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN):
        breaker = breaker.failed(at, half)
    return breaker


def probing(at: float = T) -> Breaker:
    breaker = opened(at)
    admitted = breaker.admitted(breaker.until)
    assert admitted is not None
    return admitted


STANDS = {CLOSED: Breaker(), OPEN: opened(), HALF_OPEN: probing()}

# state, event -> state; written out, and every pair is in it.
WALK = {
    (CLOSED, "admitted"): CLOSED,
    (CLOSED, "failed"): CLOSED,
    (CLOSED, "paused"): OPEN,
    (CLOSED, "answered"): CLOSED,
    (CLOSED, "nothing"): CLOSED,
    (CLOSED, "later"): CLOSED,
    (OPEN, "admitted"): None,
    (OPEN, "failed"): OPEN,
    (OPEN, "paused"): OPEN,
    (OPEN, "answered"): CLOSED,
    (OPEN, "nothing"): OPEN,
    (OPEN, "later"): HALF_OPEN,
    (HALF_OPEN, "admitted"): None,
    (HALF_OPEN, "failed"): OPEN,
    (HALF_OPEN, "paused"): OPEN,
    (HALF_OPEN, "answered"): CLOSED,
    (HALF_OPEN, "nothing"): OPEN,
    (HALF_OPEN, "later"): HALF_OPEN,
}


def step(breaker: Breaker, event: str, now: float) -> Breaker | None:
    return {
        "admitted": lambda: breaker.admitted(now),
        "failed": lambda: breaker.failed(now, half),
        "paused": lambda: breaker.failed(now, half, 120.0),
        "answered": breaker.answered,
        "nothing": lambda: breaker.learnt_nothing(now),
        "later": lambda: breaker.admitted(now + 2 * CAP_S),
    }[event]()


@pytest.mark.parametrize(("state", "event"), list(product(BreakerState, sorted({event for _, event in WALK}))))
def test_every_event_in_every_state_leads_where_the_table_says(state: BreakerState, event: str) -> None:
    after = step(STANDS[state], event, T)
    assert (after.state if after is not None else None) is WALK[state, event]


def test_it_opens_at_the_fifth_failure_in_thirty_seconds_and_not_before() -> None:
    breaker = Breaker()
    for number in range(FAILURES_TO_OPEN - 1):
        breaker = breaker.failed(T + number, half)
        assert breaker.admitted(T + number) is not None
    assert breaker.failed(T + WINDOW_S - 0.1, half).state is OPEN
    assert breaker.failed(T + WINDOW_S, half).state is CLOSED, "the first failure is too long ago"


def test_an_answer_in_between_counts_all_failures_off() -> None:
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker = breaker.failed(T, half)
    breaker = breaker.answered().failed(T, half)
    assert breaker.state is CLOSED


def test_one_probe_goes_and_the_next_only_once_it_is_lost() -> None:
    breaker = probing()
    begun = breaker.until - PROBE_S
    assert breaker.admitted(begun) is None
    assert breaker.admitted(breaker.until - 0.1) is None
    assert breaker.admitted(breaker.until) is not None, "whoever sent the probe was killed"


def test_each_probe_that_fails_waits_longer_up_to_the_cap() -> None:
    breaker, waits = opened(), []
    for _ in range(20):
        probe = breaker.admitted(breaker.until)
        assert probe is not None
        breaker = probe.failed(breaker.until, lambda: 0.999)
        waits.append(breaker.wait_s)
    assert waits == sorted(waits)
    assert waits[0] > 10
    assert CAP_S * 0.9 < waits[-1] <= CAP_S


@pytest.mark.parametrize(("asked", "left"), [(120.0, 120.0), (900.0, 900.0), (1e9, CAP_S)])
def test_a_pause_that_is_asked_for_is_kept_up_to_the_cap(asked: float, left: float) -> None:
    assert Breaker().failed(T, half, asked).seconds_left(T) == left


def test_a_pause_of_nothing_asks_for_none_and_the_failure_counts() -> None:
    breaker = Breaker()
    for number in range(1, FAILURES_TO_OPEN):
        breaker = breaker.failed(T, half, 0.0)
        assert (breaker.state, len(breaker.failures)) == (CLOSED, number)
    assert breaker.failed(T, half, 0.0).seconds_left(T) == 16.0, "and the fifth opens it"
    assert probing().failed(T, half, 0.0).state is OPEN


def test_a_short_pause_is_kept_to_the_moment_and_its_probe_decides() -> None:
    breaker = Breaker().failed(T, half, SHORT_PAUSE_S)
    assert breaker.seconds_left(T) == SHORT_PAUSE_S
    assert breaker.admitted(T + 1) is None
    probe = breaker.admitted(T + SHORT_PAUSE_S)
    assert probe is not None
    assert probe.answered() == Breaker()
    assert probe.failed(T + SHORT_PAUSE_S, half).seconds_left(T + SHORT_PAUSE_S) >= 10.0, "twice is not a moment"
    tired = Breaker()
    for _ in range(FAILURES_TO_OPEN - 1):
        tired = tired.failed(T, half)
    assert tired.failed(T, half, 1.0).seconds_left(T) >= 10.0, "and the fifth failure is the fifth"


def test_a_longer_pause_asked_for_while_it_rests_is_kept() -> None:
    assert opened().failed(T + 1, half, 600.0).seconds_left(T + 1) == 600.0
    assert opened().failed(T + 1, half, 1.0).seconds_left(T + 1) == opened().seconds_left(T) - 1


def test_a_clock_that_was_set_back_keeps_nobody_waiting_longer_than_the_cap() -> None:
    moved = opened(T).failed(T - 1e8, half, 10.0)
    assert moved.seconds_left(T - 1e8) == 10.0
    assert moved.admitted(T - 1e8 + CAP_S) is not None
    failed = Breaker().failed(T, half).failed(T - 1e8, half)
    assert failed.failures == (T - 1e8,), "what lies ahead is no failure of the last thirty seconds"


@pytest.mark.parametrize("back", [1e8, CAP_S, 6.0])
def test_a_wait_that_began_while_the_clock_was_ahead_is_over_once_it_is_set_back(back: float) -> None:
    for breaker in (opened(T), Breaker().failed(T, half, 900.0), probing(T)):
        now = breaker.until - back - CAP_S
        assert breaker.seconds_left(now) == 0.0
        probe = breaker.admitted(now)
        assert probe is not None
        assert (probe.state, probe.seconds_left(now)) == (HALF_OPEN, PROBE_S), "one probe, and it is waited for"


@pytest.mark.parametrize(("asked", "back", "left"), [(900.0, 4.0, CAP_S), (100.0, 4.0, 104.0), (900.0, 6.0, 0.0)])
def test_a_clock_that_was_nudged_ends_no_wait(asked: float, back: float, left: float) -> None:
    assert Breaker().failed(T, half, asked).seconds_left(T - back) == left


@given(st.floats(0, 4e9), st.floats(1, 1e6))
def test_no_rounding_ends_a_wait_that_was_just_begun(now: float, asked: float) -> None:
    breaker = Breaker().failed(now, half, asked)
    if breaker.state is OPEN:
        assert 0.0 < breaker.seconds_left(now) <= CAP_S


@given(st.lists(st.sampled_from(["admitted", "failed", "paused", "answered", "nothing", "later"]), max_size=40))
def test_it_is_the_same_after_a_restart_at_any_point(events: list[str]) -> None:
    breaker, now = Breaker(), T
    for event in events:
        again = Breaker.from_text(breaker.to_text())
        assert again == breaker
        now += 7.0
        breaker = step(again, event, now) or breaker
        assert breaker.seconds_left(now) <= CAP_S


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '["open"]',
        '["ajar", [], 0, 0]',
        '["open", [null], 0, 0]',
        '["open", 3, 0, 0]',
        '["open", "123", 0, 0]',
        '["open", {"1": 1}, 0, 0]',
        '["open", [], 10.0, Infinity]',
        '["open", [], 10.0, NaN]',
        '["open", [], 10.0, 1e999]',
        '["open", [], 10.0, -1]',
        '["open", [], 10.0, true]',
        '["open", [], 10.0, "1800000000"]',
        '["open", [], 901, 0]',
        '["open", [], -Infinity, 0]',
        '["closed", [NaN], 0, 0]',
        '["closed", [1, 2, 3, 4, 5, 6], 0, 0]',
        "[" * 900,
        "9" * 2000,
    ],
)
def test_what_was_not_written_as_a_breaker_is_none(text: str) -> None:
    with pytest.raises(DataError):
        Breaker.from_text(text)


# --- back-off and bucket ----------------------------------------------------------------------------------------------


@given(st.floats(0, 1e6), st.floats(0, 1, exclude_max=True))
def test_a_wait_lies_between_the_base_and_three_times_the_last(previous: float, draw: float) -> None:
    wait = next_wait(previous, lambda: draw)
    assert BASE_S <= wait <= max(BASE_S, min(CAP_S, 3 * previous))


def test_many_desks_do_not_come_back_in_the_same_second() -> None:
    waits = {round(next_wait(300.0, lambda draw=draw: draw / 1000)) for draw in range(1000)}
    assert len(waits) > 800


def test_a_bucket_lets_a_burst_through_and_then_its_rate() -> None:
    bucket, now, sent = TokenBucket.full(5, 2.0, T), T, 0
    while now < T + 10:
        wait = bucket.wait(now)
        if wait == 0.0:
            bucket, sent = bucket.taken(now), sent + 1
        else:
            assert wait <= 0.5 + 1e-9
            now += wait
    assert sent in (24, 25)


def test_a_reserve_is_left_alone() -> None:
    bucket = TokenBucket.full(10, 1.0, T)
    for _ in range(6):
        assert bucket.wait(T, reserve=4.0) == 0.0
        bucket = bucket.taken(T)
    assert bucket.wait(T, reserve=4.0) == pytest.approx(1.0)
    assert bucket.wait(T) == 0.0


def test_a_bucket_is_not_filled_by_a_clock_that_was_set_back() -> None:
    empty = TokenBucket(5, 1.0, 0.0, T)
    assert empty.filled(T - 100).tokens == 0.0
    assert empty.filled(T - 100).filled(T - 98).tokens == 2.0
    assert empty.filled(T + 100).tokens == 5.0


@given(st.floats(0, 60), st.floats(0, 4e9))
def test_a_bucket_is_the_same_after_a_restart(tokens: float, at: float) -> None:
    bucket = TokenBucket(60.0, 1.0, tokens, at)
    assert TokenBucket.from_text(bucket.to_text()) == bucket


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "[60, 1, 3]",
        "[60, 1, 3, 1, 1]",
        "[60, 1, NaN, 1]",
        "[60, 1, 3, Infinity]",
        "[60, 1, 3, 1e999]",
        "[60, 1, -3, 1]",
        "[60, 1, 61, 1]",
        "[60, 1, true, 1]",
        '[60, 1, "3", 1]',
        "[60, 1, [3], 1]",
        "[" * 900,
        "9" * 2000,
    ],
)
def test_what_was_not_written_as_a_bucket_is_none(text: str) -> None:
    with pytest.raises(DataError):
        TokenBucket.from_text(text)


def test_a_bucket_that_was_kept_by_an_older_program_is_of_the_size_of_now() -> None:
    fresh = TokenBucket.full(60.0, 1.0, T)
    assert TokenBucket(100.0, 5.0, 80.0, T).under(fresh) == fresh
    assert TokenBucket(10.0, 0.0, 4.0, T).under(fresh) == TokenBucket(60.0, 1.0, 4.0, T)
