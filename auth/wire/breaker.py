"""The circuit breaker of one register: after five failures in thirty seconds it is left alone for a while.

closed ──5 failures in 30 s, or a pause asked for──▶ open ──its wait is over, one probe──▶ half-open
   ▲                                                  ▲                                       │
   └───────────────────── an answer ──────────────────┼────────────── an answer ──────────────┤
                                                      └── failure: a longer wait ─────────────┘

A pure state machine over the times it is given: what is kept of it survives a restart, and tests walk all of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from auth.wire.backoff import CAP_S, next_wait, read_number
from reader.errors import DataError

__all__ = ["FAILURES_TO_OPEN", "PROBE_S", "SHORT_PAUSE_S", "WINDOW_S", "Breaker", "BreakerState"]

FAILURES_TO_OPEN = 5
WINDOW_S = 30.0
FIRST_WAIT_S = 10.0
# A probe that has said nothing for so long is gone, and the program with it perhaps; another may go.
PROBE_S = 60.0
# A pause that a look-up on the screen waits out before it is tried again (desk.patience).
SHORT_PAUSE_S = 3.0
# A clock is set right by seconds while nothing was wrong with it: that ends no wait before its time.
_NUDGE_S = 5.0
_MAX_TEXT = 1000


class BreakerState(StrEnum):
    """Name how a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """Hold how one register did lately; ``until`` ends an open breaker's wait, or a half-open one's probe."""

    state: BreakerState = BreakerState.CLOSED
    failures: tuple[float, ...] = ()
    wait_s: float = 0.0
    until: float = 0.0

    def seconds_left(self, now: float) -> float:
        """Return for how long the register is left alone, 0 where it may be asked; never more than the cap.

        Where its end is further away than any wait is long, the clock was ahead when it began and has been set back
        since. How much of it is left nobody can tell then, and it is taken to be over: one probe goes and tells.
        """
        if self.state is BreakerState.CLOSED:
            return 0.0
        left = self.until - now
        return min(left, CAP_S) if 0.0 < left <= CAP_S + _NUDGE_S else 0.0

    def admitted(self, now: float) -> Breaker | None:
        """Return the breaker with one more request under way; None where the register must not be asked now."""
        if self.state is BreakerState.CLOSED:
            return self
        if self.seconds_left(now) > 0.0:
            return None
        return replace(self, state=BreakerState.HALF_OPEN, until=now + PROBE_S)

    def failed(self, now: float, draw: Callable[[], float], retry_after_s: float | None = None) -> Breaker:
        """Take note of a request without an answer; ``retry_after_s`` is the pause that was asked for.

        A pause of 0, or one that was over before the word of it came, asks for none.
        """
        if self.state is BreakerState.OPEN:
            # Asked before it opened, so it says nothing new, unless the register asks for a longer pause.
            until = max(now + self.seconds_left(now), now + min(retry_after_s or 0.0, CAP_S))
            return replace(self, until=until)
        recent = (*(at for at in self.failures if 0.0 <= now - at < WINDOW_S), now)[-FAILURES_TO_OPEN:]
        probing = self.state is BreakerState.HALF_OPEN
        if not probing and len(recent) < FAILURES_TO_OPEN:
            if not retry_after_s:
                return replace(self, failures=recent)
            if retry_after_s <= SHORT_PAUSE_S:
                # Busy for a moment is not away: after just that moment one probe asks again. Its answer counts all
                # failures off, and its failure opens the breaker, however few there were before.
                return replace(self, state=BreakerState.OPEN, failures=recent, until=now + retry_after_s)
        wait = next_wait(self.wait_s or FIRST_WAIT_S, draw)
        return Breaker(BreakerState.OPEN, (), wait, now + min(max(wait, retry_after_s or 0.0), CAP_S))

    def answered(self) -> Breaker:
        """Take note of an answer: the register is there, whatever was before."""
        return Breaker()

    def learnt_nothing(self, now: float) -> Breaker:
        """Take note of a request that ended before the register could show anything: the next one probes."""
        if self.state is BreakerState.HALF_OPEN:
            return replace(self, state=BreakerState.OPEN, until=now)
        return self

    def to_text(self) -> str:
        """Write it down."""
        return json.dumps([self.state, self.failures, self.wait_s, self.until])

    @classmethod
    def from_text(cls, text: str) -> Breaker:
        """Read what ``to_text`` wrote; raise DataError for anything else."""
        try:
            if len(text) > _MAX_TEXT:
                raise ValueError("too long")
            state, failures, wait_s, until = json.loads(text)
            if not isinstance(failures, list) or len(failures) > FAILURES_TO_OPEN:
                raise ValueError("no such failures")
            times = tuple(read_number(at) for at in failures)
            return cls(BreakerState(state), times, read_number(wait_s, CAP_S), read_number(until))
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise DataError("breaker: not written as a breaker is") from None
