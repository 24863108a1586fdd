"""Which look-ups this program is sending right now, on whatever thread.

A look-up that stands as being sent and is not among them was cut off: what came of it could not be written down, for
want of room or because the file was held. It is sent again under its key, so that it takes effect once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

__all__ = ["InFlight"]


class InFlight:
    """Hold the numbers of look-ups while they are sent; may be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: set[int] = set()

    @contextmanager
    def hold(self, number: int) -> Iterator[bool]:
        """Hold a look-up while it is sent; tell whether it is ours to send: another thread may be at it."""
        with self._lock:
            ours = number not in self._numbers
            self._numbers.add(number)
        try:
            yield ours
        finally:
            if ours:
                with self._lock:
                    self._numbers.discard(number)

    def not_among(self, numbers: Iterable[int]) -> list[int]:
        """Return those of ``numbers`` that nobody sends now."""
        with self._lock:
            return [number for number in numbers if number not in self._numbers]
