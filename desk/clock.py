"""Time as the desk needs it: what time it is, and a call later; a test brings its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["Clock", "SystemClock", "Timer"]


class Timer(Protocol):
    """Stand for a call that is to come."""

    def cancel(self) -> None:
        """Have it not come, if it has not yet."""
        ...


class Clock(Protocol):
    """Tell monotonic seconds and call later."""

    def now(self) -> float:
        """Return seconds that only grow."""
        ...

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call ``callback`` once, from any thread, after ``seconds``."""
        ...


class SystemClock:
    """Use the machine's clock."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call from a thread of its own that never keeps the program alive."""
        timer = threading.Timer(seconds, callback)
        timer.daemon = True
        timer.name = "desk-timer"
        timer.start()
        return timer
