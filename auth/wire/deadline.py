"""A total deadline for network work: one private asyncio loop on one thread, behind a plain blocking call.

An HTTP client's time-outs count each read anew, so a peer that sends a byte a second is never too late for them. Only
cancelling the whole exchange keeps a promise such as "ten seconds at most", and that needs a loop.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from auth.wire.segments import loop_of_small_segments

__all__ = ["DeadlineLoop", "LoopClosed"]

T = TypeVar("T")

# The loop itself keeps the deadline; the caller waits this much longer before it stops believing in the loop.
_GRACE_S = 1.0


class LoopClosed(Exception):
    """Say that the loop was closed before or while the work ran."""


class DeadlineLoop:
    """Run coroutines from other threads, each within a total deadline; ``close`` ends them all.

    The thread starts with the first work and is a daemon, so that a forgotten close never keeps a process alive.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def run(
        self,
        work: Callable[[], Coroutine[Any, Any, T]],
        seconds: float,
        over: Callable[[Callable[[], object]], AbstractContextManager[object]] = nullcontext,
    ) -> T:
        """Return what ``work()`` returns; raise TimeoutError after ``seconds`` in all, LoopClosed when closed.

        ``over`` is handed what breaks the work off, which then ends as if the loop had been closed, and holds it until
        the work is done (``auth.wire.errand.Recall.over``).
        """

        async def within_deadline() -> T:
            async with asyncio.timeout(seconds):
                return await work()

        with self._lock:
            loop = self._started()
            future = asyncio.run_coroutine_threadsafe(within_deadline(), loop)
        try:
            with over(future.cancel):
                return future.result(timeout=seconds + _GRACE_S)
        except concurrent.futures.CancelledError:
            raise LoopClosed(self._name) from None
        finally:
            future.cancel()

    def close(self) -> None:
        """Cancel what runs and end the thread; calling it again does nothing."""
        with self._lock:
            self._closed = True
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        if thread is not threading.current_thread():
            thread.join()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._closed:
            raise LoopClosed(self._name)
        if self._loop is None:
            self._loop = loop_of_small_segments()
            self._thread = threading.Thread(target=_serve, args=(self._loop,), name=self._name, daemon=True)
            self._thread.start()
        return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
