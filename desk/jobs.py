"""The desk's threads beside the reader-watch: exactly one card worker, and a small pool for look-ups."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desk.place import Place, code_after_return, is_interruption
from desk.ports import Inspector
from reader.errors import Cancelled, MotCuaError
from reader.inspection.events import OnEvent
from reader.inspection.report import Inspection
from reader.iso7816 import CancellableLink, CardTerminal

if TYPE_CHECKING:
    from reader.files.cache import ReadCache
    from reader.inspection.open_chip import Afterwards

__all__ = ["CardWorker", "LookupPool", "ReadJob", "ReadResult", "run_read"]

JOIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True, repr=False)
class ReadJob:
    """Hold one reading: the visit it is for, the reader, where it begins, and what ends it within one APDU."""

    serial: int
    reader: str
    place: Place
    cancel: threading.Event = field(default_factory=threading.Event)

    def __repr__(self) -> str:
        """Show the visit only."""
        return f"ReadJob({self.serial})"


@dataclass(frozen=True, slots=True)
class ReadResult:
    """Hold what came of a reading: an inspection, or the code of what went wrong.

    ``place`` is where it may go on when the card is back; None where it may not.
    """

    inspection: Inspection | None = None
    failure: str = ""
    tries_left: int | None = None
    place: Place | None = None


def run_read(
    job: ReadJob,
    terminal: CardTerminal,
    inspect: Inspector,
    on_event: OnEvent,
    afterwards: Afterwards | None = None,
) -> ReadResult:
    """Connect to the card, inspect it, and leave it reset; never raise, so that the worker lives on.

    ``afterwards`` follows the inspection while the chip is open.
    """
    kept: list[ReadCache] = []
    place = job.place
    try:
        with terminal.connect(job.reader) as link:
            inspection = inspect(
                CancellableLink(link, job.cancel),
                place.key,
                on_event,
                job.cancel,
                known=place.cache,
                keep=kept.append,
                afterwards=afterwards,
            )
            return ReadResult(inspection)
    except MotCuaError as error:
        code = Cancelled.code if job.cancel.is_set() else code_after_return(error.code, place)
        may_go_on = code == Cancelled.code or is_interruption(code, place)
        left = place.interrupted(kept[0] if kept else None) if may_go_on else None
        tries_left = getattr(error, "tries_left", None)
        return ReadResult(failure=code, tries_left=tries_left, place=None if left and left.is_worn_out else left)
    except Exception:  # the worker must outlive any fault, and the fault's text may hold personal data
        return ReadResult(failure=MotCuaError.code)


class CardWorker:
    """Run one piece of work after the other on the only thread that ever speaks to a card."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="card-worker", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[], None]) -> None:
        """Have ``work`` run after what was submitted before; it must not raise."""
        self._work.put(work)

    def close(self) -> None:
        """End the thread after its present work; leave it behind if it does not end within five seconds."""
        self._work.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        while True:
            work = self._work.get()
            if work is None:
                return
            work()
            # While the thread waits for the next work, nothing of the last may hang on it.
            del work


class LookupPool:
    """Run look-ups beside each other, as many as there are registers; a client's own total deadline ends each."""

    def __init__(self, registers: int) -> None:
        self._pool = ThreadPoolExecutor(max(1, registers), thread_name_prefix="lookup")
        self._lock = threading.Lock()
        self._under_way: list[Future[None]] = []

    @property
    def idle(self) -> bool:
        """Tell whether nothing is under way; may be asked from any thread."""
        with self._lock:
            return all(work.done() for work in self._under_way)

    def submit(self, work: Callable[[], None]) -> None:
        """Have ``work`` run soon; it must not raise."""
        with self._lock:
            self._under_way = [one for one in self._under_way if not one.done()]
            self._under_way.append(self._pool.submit(work))

    def close(self) -> None:
        """Drop what has not begun; what runs is ended by closing its connection."""
        self._pool.shutdown(wait=False, cancel_futures=True)
