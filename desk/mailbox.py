"""A mailbox that handles one message after the other, on whichever thread comes first; no thread of its own."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

__all__ = ["Mailbox"]

T = TypeVar("T")


class Mailbox:
    """Run posted callables one at a time, in the order in which they came.

    ``post`` may be called from any thread, and from within a callable: the thread that finds the mailbox idle works it
    off, every other one returns at once. ``after`` runs whenever the mailbox has become empty. What either raises goes
    to ``on_fault`` and never to whoever happened to post: the threads that work the mailbox off must live on.
    """

    def __init__(self, after: Callable[[], None], on_fault: Callable[[Exception], None]) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._busy = False
        self._after = after
        self._on_fault = on_fault

    def post(self, message: Callable[[], None]) -> None:
        """Have ``message`` run after all that was posted before."""
        with self._lock:
            self._waiting.append(message)
        self._work_off()

    def post_first(self, message: Callable[[], None]) -> None:
        """Have ``message`` run before all that waits: what follows of a message itself comes before the next one."""
        with self._lock:
            self._waiting.appendleft(message)
        self._work_off()

    def ask(self, message: Callable[[], T]) -> T:
        """Return what ``message`` returns when its turn has come, or raise what it raises; not from within one."""
        answer: Future[T] = Future()

        def run() -> None:
            try:
                answer.set_result(message())
            except Exception as error:
                answer.set_exception(error)

        self.post(run)
        return answer.result()

    def _work_off(self) -> None:
        with self._lock:
            if self._busy:
                return
            self._busy = True
        while (message := self._next()) is not None:
            try:
                message()
            except Exception as error:
                self._on_fault(error)

    def _next(self) -> Callable[[], None] | None:
        """Return the next message; none is returned, and the mailbox idle again, once nothing waits after ``after``."""
        while True:
            with self._lock:
                if self._waiting:
                    return self._waiting.popleft()
            self._settle()
            with self._lock:
                if not self._waiting:
                    self._busy = False
                    return None

    def _settle(self) -> None:
        try:
            self._after()
        except Exception as error:
            self._on_fault(error)
            # What is shown of the fault is simpler than what failed; if it fails too, the next message tries again.
            with contextlib.suppress(Exception):
                self._after()
