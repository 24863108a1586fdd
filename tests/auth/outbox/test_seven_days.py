"""Row L6: seven days offline, five thousand queued, then a window of three hours."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from auth.outbox import Letter, State
from auth.outbox.drain import PER_SECOND

WINDOW_S = 3 * 3600.0


@pytest.mark.parametrize("count", [100, pytest.param(5_000, marks=pytest.mark.soak)])
def test_what_waited_drains_in_order_within_the_window_at_the_rate_and_in_flat_memory(
    bench, letter_of: Callable[..., Letter], file: Path, count: int
) -> None:
    letters = [letter_of(f"H-{number % (count // 5)}", sealed=b"a.b.c.d." + b"x" * 3000) for number in range(count)]
    for number, letter in enumerate(letters):
        bench.outbox.put(letter)
        if number == count // 10:
            # What was queued first is past its time when the network is back.
            bench.clock.let_pass(6.9 * 86_400)
    bench.clock.let_pass(0.2 * 86_400)
    expired = count // 10 + 1
    assert file.stat().st_size < 50e6
    begun, told = bench.clock(), []
    tracemalloc.start()
    bench.drain(lambda progress: told.append(progress.answered))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert bench.clock() - begun < WINDOW_S
    states = [item.state for item in bench.outbox.items()]
    assert (states.count(State.EXPIRED), states.count(State.ANSWERED)) == (expired, count - expired)
    assert [key for key, _ in bench.register.heard] == [one.idempotency_key for one in letters[expired:]]
    assert told == sorted(told), "progress is told after each"
    assert (count - expired) / (bench.clock() - begun) <= PER_SECOND + 1
    # Of what was sent nothing stays but what the fake register and this test keep themselves.
    assert peak < 5e6 + count * 6_000
    assert bench.drain().sent == 0
