"""The idle clock: says once that nobody has been there for a while, as long as there is something to wipe."""

from __future__ import annotations

import threading
from collections.abc import Callable

from desk.clock import Clock, Timer

__all__ = ["IdleWatch"]


class IdleWatch:
    """Call ``on_idle`` when armed and untouched for ``seconds``; may be used from any thread."""

    def __init__(self, clock: Clock, seconds: float, on_idle: Callable[[], None]) -> None:
        self._clock = clock
        self._seconds = seconds
        self._on_idle = on_idle
        self._lock = threading.Lock()
        self._touched = clock.now()
        self._timer: Timer | None = None

    def touch(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._touched = self._clock.now()

    def arm(self, wanted: bool) -> None:
        """Count, or stop counting."""
        with self._lock:
            if wanted and self._timer is None:
                self._timer = self._clock.call_later(self._remaining(), self._ring)
            elif not wanted and self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _remaining(self) -> float:
        return max(0.0, self._touched + self._seconds - self._clock.now())

    def _ring(self) -> None:
        with self._lock:
            if self._timer is None:
                return
            self._timer = None
            remaining = self._remaining()
            if remaining > 0:
                self._timer = self._clock.call_later(remaining, self._ring)
                return
            self._touched = self._clock.now()
        self._on_idle()
