"""How often somebody may try a password: a few times for one clerk, more for all clerks together."""

from __future__ import annotations

from collections import deque

__all__ = ["Throttle"]

_WINDOW_S = 300.0
_FOR_ONE = 5
_FOR_ALL = 100


class Throttle:
    """Count failures of the last five minutes; an id that nobody has is counted like any other."""

    def __init__(self) -> None:
        self._failures: deque[tuple[float, str]] = deque()

    def seconds_to_wait(self, name: str, now: float) -> int:
        """Return how long ``name`` must wait before the next try; 0 where it need not."""
        while self._failures and self._failures[0][0] <= now - _WINDOW_S:
            self._failures.popleft()
        of_one = [when for when, whose in self._failures if whose == name]
        waits = [0.0]
        if len(of_one) >= _FOR_ONE:
            waits.append(of_one[-_FOR_ONE] + _WINDOW_S - now)
        if len(self._failures) >= _FOR_ALL:
            waits.append(self._failures[0][0] + _WINDOW_S - now)
        return int(max(waits)) + 1 if max(waits) > 0 else 0

    def failed(self, name: str, now: float) -> None:
        """Count one failure."""
        self._failures.append((now, name))
