"""Work beside the reading: one thread that verifies signature and chain while the chip still talks.

Reading is half-duplex and waits for the chip most of the time, so whatever needs no card is done meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

__all__ = ["Beside"]

T = TypeVar("T")


class Beside:
    """Run functions one after the other on a thread of its own; leaving the context drops what has not begun."""

    def __init__(self, name: str = "verify") -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    def do(self, work: Callable[[], T]) -> Future[T]:
        """Have ``work`` done soon."""
        return self._pool.submit(work)

    def __enter__(self) -> Beside:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the thread; an inspection that was cut short does not wait for verdicts nobody will read."""
        self._pool.shutdown(wait=error is None, cancel_futures=True)
