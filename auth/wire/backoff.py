"""How long to wait before asking again, and how much at once: decorrelated jitter, and a token bucket.

Pure arithmetic over times that the caller gives, so that it can be kept, brought back after a restart and walked in
tests. Times are seconds of the wall clock, since a monotonic clock says nothing after a restart; where that clock was
set back, nothing here waits longer than its cap. What is read back is only what could have been written.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from math import isfinite

from reader.errors import DataError

__all__ = ["BASE_S", "CAP_S", "TokenBucket", "next_wait", "read_number"]

BASE_S = 2.0
CAP_S = 900.0
_ROUNDING = 1e-3
_MAX_TEXT = 1000


def next_wait(previous_s: float, draw: Callable[[], float], *, base_s: float = BASE_S, cap_s: float = CAP_S) -> float:
    """Return how long to wait after having waited ``previous_s`` in vain; ``draw`` gives numbers in [0, 1).

    Decorrelated jitter: somewhere between the base and three times the last wait, so that many desks which lost a
    register in the same second do not come back to it in the same second.
    """
    top = max(base_s, min(cap_s, 3 * previous_s))
    return base_s + draw() * (top - base_s)


def read_number(value: object, most: float | None = None) -> float:
    """Return a number as it is written here: finite, not negative, at most ``most``; raise ValueError for another."""
    # A bool is an int to Python, and JSON as Python reads it knows numbers that are none.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("no number")
    number = float(value)
    if not isfinite(number) or number < 0.0 or (most is not None and number > most):
        raise ValueError("out of bounds")
    return number


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """Hold how many acts may happen at once, and how fast that fills up again."""

    capacity: float
    per_second: float
    tokens: float
    at: float

    @classmethod
    def full(cls, capacity: float, per_second: float, now: float) -> TokenBucket:
        """Return a bucket that nothing was taken from."""
        return cls(capacity, per_second, capacity, now)

    def filled(self, now: float) -> TokenBucket:
        """Return the bucket as it is at ``now``; a clock that was set back fills nothing."""
        tokens = min(self.capacity, self.tokens + max(0.0, now - self.at) * self.per_second)
        return replace(self, tokens=tokens, at=now)

    def wait(self, now: float, *, reserve: float = 0.0) -> float:
        """Return how long until one may be taken that leaves ``reserve``; 0 where it may be now."""
        lacking = 1.0 + reserve - self.filled(now).tokens
        # Seconds since 1970 have few bits left for fractions; a rounding must not have anybody wait for nothing.
        return lacking / self.per_second if lacking > _ROUNDING else 0.0

    def taken(self, now: float) -> TokenBucket:
        """Return the bucket after one more act; never below nothing."""
        filled = self.filled(now)
        return replace(filled, tokens=max(0.0, filled.tokens - 1.0))

    def under(self, other: TokenBucket) -> TokenBucket:
        """Return the bucket with what it holds, under the size and rate of ``other``: they may have changed since."""
        tokens = min(self.tokens, other.capacity)
        return replace(self, capacity=other.capacity, per_second=other.per_second, tokens=tokens)

    def to_text(self) -> str:
        """Write it down."""
        return json.dumps(astuple(self))

    @classmethod
    def from_text(cls, text: str) -> TokenBucket:
        """Read what ``to_text`` wrote; raise DataError for anything else."""
        try:
            if len(text) > _MAX_TEXT:
                raise ValueError("too long")
            capacity, per_second, tokens, at = json.loads(text)
            size = read_number(capacity)
            return cls(size, read_number(per_second), read_number(tokens, size), read_number(at))
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise DataError("bucket: not written as a bucket is") from None
