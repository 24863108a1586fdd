"""One look-up under way, as whoever asked sees it: until when it may take, how far it is, and what calls it back.

A look-up may take several tries, and a register may take a while to come to its answer. All of it ends at one time that
is set at its beginning, or at once when it is called back: what is on the line then is broken off.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic

__all__ = ["CALLED_BACK", "Errand", "Recall", "Stage"]

CALLED_BACK = "called-back"
"""The reason of the RegisterUnreachable with which a look-up ends that was called back."""


class Stage(StrEnum):
    """Name how far a look-up is, where that is more than being asked."""

    WORKING = "working"
    """The register has taken it and says that it is still working on it."""

    AGAIN = "again"
    """A try was lost on the way; another follows by itself."""


class Recall:
    """Call back what is under way; for any number of look-ups and threads, and once for all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._called = threading.Event()
        self._cancels: dict[int, Callable[[], object]] = {}
        self._next = 0

    @property
    def called(self) -> bool:
        """Tell whether it was called back."""
        return self._called.is_set()

    def call(self) -> None:
        """Break off what is under way and what would begin; calling again does nothing."""
        with self._lock:
            self._called.set()
            cancels, self._cancels = list(self._cancels.values()), {}
        for cancel in cancels:
            cancel()

    def wait(self, seconds: float) -> bool:
        """Wait; return at once, and tell so, where it is called back."""
        return self._called.wait(seconds)

    @contextmanager
    def over(self, cancel: Callable[[], object]) -> Iterator[None]:
        """Have ``cancel`` called when it is called back within the block, or at once where it was before."""
        with self._lock:
            name, self._next = self._next, self._next + 1
            if not self.called:
                self._cancels[name] = cancel
        if self.called:
            cancel()
        try:
            yield
        finally:
            with self._lock:
                self._cancels.pop(name, None)


@dataclass(frozen=True, slots=True)
class Errand:
    """Hold until when a look-up may take (``time.monotonic``), what calls it back, and who is told how far it is.

    ``tell`` is called on the thread that asks.
    """

    late: float
    recall: Recall
    tell: Callable[[Stage], object] = lambda _stage: None

    @classmethod
    def of(cls, seconds: float) -> Errand:
        """Return one of ``seconds`` from now that nobody calls back and nobody follows."""
        return cls(monotonic() + seconds, Recall())

    def at_most(self, seconds: float) -> Errand:
        """Return the same errand, over in ``seconds`` from now at the latest."""
        return Errand(min(self.late, monotonic() + seconds), self.recall, self.tell)

    @property
    def left(self) -> float:
        """Return the seconds that are left, 0 where none are."""
        return max(self.late - monotonic(), 0.0)
