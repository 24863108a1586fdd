"""Time as the watch needs it: a monotonic reading, and waiting for an event no longer than so many seconds."""

from __future__ import annotations

import threading
import time
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """Tell monotonic time and wait in it."""

    def now(self) -> float:
        """Return seconds since some fixed moment."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until ``event`` is set, at most ``seconds``; return whether it is."""
        ...


class SystemClock:
    """Be the clock of this machine."""

    def now(self) -> float:
        """Return the monotonic clock's seconds."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for ``event``, at most ``seconds``."""
        return event.wait(seconds)
