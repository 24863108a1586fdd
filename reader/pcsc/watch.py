"""The watch: a thread that sees service, readers and cards come and go, and outlives all of them.

It owns a PC/SC context of its own and blocks in SCardGetStatusChange. A service that stops ends the context, not the
watch: it tells so, tries again with growing pauses, and begins anew when the service is back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from reader.iso7816 import ReaderSnapshot, ServiceState
from reader.pcsc.clock import Clock, SystemClock
from reader.pcsc.codes import Result, service_state_for
from reader.pcsc.listing import current_states
from reader.pcsc.scard import PNP_READER, Flags, RawState, Scard, SystemScard
from reader.pcsc.slots import SlotHistory, is_passed_over, is_usable

__all__ = ["PcscWatch"]

# One second is how late a change shows that the service does not announce: a card taken exclusively (pcsc-lite wakes
# nobody for it), and readers where the pseudo reader is not known (macOS, remote desktops).
WAIT_MS = 1000
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
FRUITLESS_WAKES = 3
REMEMBERED_READERS = 64
JOIN_SECONDS = 5.0


class PcscWatch:
    """Watch PC/SC readers (``reader.iso7816.CardWatch``).

    ``on_change`` gets a whole ``ReaderSnapshot`` at once and then whenever it differs from the last; virtual readers of
    the operating system are left out of it.
    """

    def __init__(self, scard: Scard | None = None, clock: Clock | None = None) -> None:
        self._scard = scard or SystemScard()
        self._clock = clock or SystemClock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._context: int | None = None

    def start(self, on_change: Callable[[ReaderSnapshot], None]) -> None:
        """Begin to watch from a thread of its own; raise RuntimeError where it is already watching."""
        if self._thread is not None:
            raise RuntimeError("the watch is running")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, args=(on_change,), name="reader-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch within milliseconds; ``on_change`` is not called after this returns."""
        thread, self._thread = self._thread, None
        self._stopping.set()
        if thread is None or thread is threading.current_thread():
            return
        deadline = self._clock.now() + JOIN_SECONDS
        while thread.is_alive() and self._clock.now() < deadline:
            # Repeated, because a cancel that comes just before the thread blocks is lost.
            with self._lock:
                if self._context is not None:
                    self._scard.cancel(self._context)
            thread.join(0.01)

    def _run(self, on_change: Callable[[ReaderSnapshot], None]) -> None:
        board = _Board(on_change, self._stopping)
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            code, context = self._scard.establish()
            if code == Result.SUCCESS:
                with self._lock:
                    self._context = context
                code, healthy = self._watch_in(context, board)
                with self._lock:
                    self._context = None
                    self._scard.release(context)
                if healthy:
                    pause = FIRST_PAUSE
            if self._stopping.is_set():
                return
            board.lose_service(service_state_for(code))
            self._clock.wait(self._stopping, pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _watch_in(self, context: int, board: _Board) -> tuple[int, bool]:
        """Watch until the context dies or the watch is stopped; return the last code and whether it ever worked."""
        announcer = _Announcer()
        healthy = False
        while not self._stopping.is_set():
            code, names = self._scard.list_readers(context)
            if code == Result.NO_READERS_AVAILABLE:
                code, names = Result.SUCCESS, ()
            if code != Result.SUCCESS:
                return code, healthy
            names = tuple(name for name in names if not is_passed_over(name))
            announcer.judge(names)
            code, states = current_states(self._scard, context, names)
            if code == Result.UNKNOWN_READER:
                continue
            if code != Result.SUCCESS:
                return code, healthy
            healthy = True
            board.show(states, self._clock.now())
            code = self._block(context, states, announcer, board)
            if code != Result.SUCCESS:
                return code, healthy
        return Result.CANCELLED, healthy

    def _block(self, context: int, states: tuple[RawState, ...], announcer: _Announcer, board: _Board) -> int:
        """Wait for a change; return SUCCESS where the watch may go on, or the code that ends the context."""
        timeout = board.wait_ms(self._clock.now())
        known = states + announcer.entry()
        if not known:
            # Asked about no reader at all, pcsc-lite answers at once: that would be a busy loop.
            self._clock.wait(self._stopping, timeout / 1000)
            return Result.SUCCESS
        code, seen = self._scard.status_change(context, timeout, known)
        if code == Result.UNKNOWN_READER:
            announcer.refused(states)
        elif code == Result.SUCCESS:
            # Shown before the readers are asked afresh: a short absence would else be missed.
            board.show(announcer.take(seen), self._clock.now())
        elif code not in (Result.TIMEOUT, Result.CANCELLED):
            return code
        return Result.SUCCESS


class _Board:
    """Hold what was shown last and show what differs from it."""

    def __init__(self, on_change: Callable[[ReaderSnapshot], None], stopping: threading.Event) -> None:
        self._on_change = on_change
        self._stopping = stopping
        self._histories: dict[str, SlotHistory] = {}
        self._last: ReaderSnapshot | None = None

    def show(self, states: tuple[RawState, ...], now: float) -> None:
        """Take the states of all readers that there are."""
        usable = {state.reader: state for state in states if is_usable(state)}
        for name, history in self._histories.items():
            if name not in usable:
                history.lose()
        for name, state in usable.items():
            self._histories.setdefault(name, SlotHistory(name)).feed(state, now)
        self._forget(usable)
        self._publish(ReaderSnapshot(ServiceState.RUNNING, tuple(self._histories[name].state for name in usable)))

    def lose_service(self, service: ServiceState) -> None:
        """Show that there is no service, and so no reader."""
        for history in self._histories.values():
            history.lose()
        self._publish(ReaderSnapshot(service))

    def wait_ms(self, now: float) -> int:
        """Return how long to block: until the next pending removal settles, at most a second."""
        settling = [at for history in self._histories.values() if (at := history.settles_at) is not None]
        if not settling:
            return WAIT_MS
        # Rounded up, so that the removal has settled when the wait is over.
        return min(WAIT_MS, max(0, int((min(settling) - now) * 1000)) + 1)

    def _forget(self, usable: dict[str, RawState]) -> None:
        # Readers that are gone keep their count of insertions, but not without end.
        while len(self._histories) > max(REMEMBERED_READERS, len(usable)):
            del self._histories[next(name for name in self._histories if name not in usable)]

    def _publish(self, snapshot: ReaderSnapshot) -> None:
        if snapshot != self._last and not self._stopping.is_set():
            self._last = snapshot
            self._on_change(snapshot)


class _Announcer:
    """Use the pseudo reader that announces readers, for as long as it proves useful."""

    def __init__(self) -> None:
        self._useful = True
        self._state = 0
        self._woken = False
        self._fruitless = 0
        self._names: tuple[str, ...] | None = None

    def entry(self) -> tuple[RawState, ...]:
        """Return the pseudo reader as something to wait for."""
        return (RawState(PNP_READER, self._state),) if self._useful else ()

    def take(self, states: tuple[RawState, ...]) -> tuple[RawState, ...]:
        """Note what it said; return the states of the real readers."""
        for state in states:
            if state.reader == PNP_READER:
                self._woken = bool(state.state & Flags.CHANGED)
                # Told back at the next wait: Windows keeps the number of readers in its upper half.
                self._state = state.state & ~Flags.CHANGED
                if state.state & Flags.UNKNOWN:
                    self._useful = False
        return tuple(state for state in states if state.reader != PNP_READER)

    def judge(self, names: tuple[str, ...]) -> None:
        """Give it up where it woke us several times running and no reader had come or gone."""
        fruitless = self._woken and names == self._names
        self._fruitless = self._fruitless + 1 if fruitless else 0
        self._useful = self._useful and self._fruitless < FRUITLESS_WAKES
        self._woken = False
        self._names = names

    def refused(self, states: tuple[RawState, ...]) -> None:
        """Note that the service did not know a name: its own where all others were known a moment ago."""
        self._fruitless += 1
        if not states or self._fruitless >= FRUITLESS_WAKES:
            self._useful = False
