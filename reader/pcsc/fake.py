"""A PC/SC service of a few lines, for tests: recorded return codes and states on a clock that only waiting moves."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Sequence

from reader.pcsc.codes import Result
from reader.pcsc.scard import PNP_READER, CardProtocol, Disposition, Flags, RawState, StatusAnswer

__all__ = ["FakeScard", "FakeTime"]

CONTEXT = 1
HANDLE = 2
COUNT_ONE = 1 << 16
UNANNOUNCED = Flags.CHANGED | Flags.EXCLUSIVE | Flags.INUSE


class FakeTime:
    """Be a clock that stands still until somebody waits; what was planned happens on the way (``pcsc.clock.Clock``)."""

    def __init__(self) -> None:
        self._now = 0.0
        self._plan: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def now(self) -> float:
        """Return the seconds waited so far."""
        return self._now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Let ``seconds`` pass unless ``event`` is set or becomes set."""
        end = self._now + seconds
        while not event.is_set() and self.step(end):
            pass
        return event.is_set()

    def at(self, seconds: float, happening: Callable[[], None]) -> None:
        """Plan ``happening`` for that time."""
        heapq.heappush(self._plan, (seconds, next(self._order), happening))

    def step(self, end: float) -> bool:
        """Go to the next planned happening before ``end`` and let it happen, else to ``end``; tell which."""
        if self._plan and self._plan[0][0] <= end:
            self._now, _, happening = heapq.heappop(self._plan)
            happening()
            return True
        self._now = max(self._now, end)
        return False


class FakeScard:
    """Be a PC/SC service as pcsc-lite behaves (``pcsc.scard.Scard``).

    ``codes`` holds a recorded return code by name of the call; a call without one succeeds. ``calls`` is the list of
    calls made, ``contexts`` how many were given and not yet given back. ``answer`` stands for the card, ``controls``
    for what the reader's driver answers, by control code.
    """

    def __init__(self, time: FakeTime | None = None, protocol: CardProtocol = CardProtocol.T1) -> None:
        self.time = time or FakeTime()
        self.codes: dict[str, int] = {}
        self.calls: list[str] = []
        self.contexts = 0
        self.answer: Callable[[bytes], bytes] = lambda _: b"\x90\x00"
        self.controls: dict[int, bytes] = {}
        self.knows_pnp = True
        self.finished = threading.Event()
        self._protocol = protocol
        self._states: dict[str, RawState] = {}
        self._cancelled = threading.Event()
        self._ended = False

    def plug(self, reader: str) -> None:
        """Plug an empty reader in."""
        self._states[reader] = RawState(reader, Flags.EMPTY)

    def unplug(self, reader: str) -> None:
        """Pull a reader out."""
        del self._states[reader]

    def insert(self, reader: str, atr: bytes = b"\x3b\x00", flags: int = 0) -> None:
        """Put a card on, with ``flags`` such as MUTE beside PRESENT."""
        self._count_up(reader, Flags.PRESENT | flags, atr)

    def remove(self, reader: str) -> None:
        """Take the card away."""
        self._count_up(reader, Flags.EMPTY, b"")

    def flag(self, reader: str, flags: int) -> None:
        """Change the flags of the card that lies there, which counts as no event."""
        state = self._states[reader]
        self._states[reader] = RawState(reader, state.state & ~0xFFFF | Flags.PRESENT | flags, state.atr)

    def die(self, *, code: int = Result.NO_SERVICE) -> None:
        """Stop the service: every call answers ``code``."""
        self.codes = dict.fromkeys(("establish", "list_readers", "status_change", "connect", "transmit"), code)

    def revive(self) -> None:
        """Start the service anew: events are counted from zero."""
        self.codes = {}
        self._states = {name: RawState(name, raw.state & 0xFFFF, raw.atr) for name, raw in self._states.items()}

    def end(self) -> None:
        """Let no more time pass: the next wait for a change sets ``finished`` and blocks until it is cancelled."""
        self._ended = True

    def establish(self) -> tuple[int, int]:
        """Return the one context."""
        code = self._code("establish")
        self.contexts += int(code == Result.SUCCESS)
        return code, CONTEXT

    def release(self, context: int) -> int:
        """Note it."""
        self.contexts -= 1
        return self._code("release")

    def list_readers(self, context: int) -> tuple[int, tuple[str, ...]]:
        """Return the readers plugged in."""
        code = self._code("list_readers")
        return (code, tuple(self._states)) if self._states or code else (Result.NO_READERS_AVAILABLE, ())

    def status_change(self, context: int, timeout_ms: int, known: Sequence[RawState]) -> StatusAnswer:
        """Let time pass until something differs, is planned to, or the time is over."""
        end = self.time.now() + timeout_ms / 1000
        readers = len(self._states)
        while True:
            code = self._code("status_change")
            if code:
                return code, ()
            if any(state.reader not in self._states and not self._is_pnp(state) for state in known):
                return Result.UNKNOWN_READER, ()
            states = tuple(self._look(state, readers) for state in known)
            if any(state.state & Flags.CHANGED for state in states):
                return Result.SUCCESS, states
            if self._ended and timeout_ms:
                self.finished.set()
                self._cancelled.wait(10)
                return Result.CANCELLED, ()
            if not self.time.step(end):
                return Result.TIMEOUT, states

    def cancel(self, context: int) -> int:
        """End a wait that blocks."""
        self._cancelled.set()
        return Result.SUCCESS

    def connect(self, context: int, reader: str) -> tuple[int, int, int]:
        """Connect to the card that lies there."""
        code = self._code("connect")
        if not code and reader not in self._states:
            code = Result.UNKNOWN_READER
        if not code and not self._states[reader].state & Flags.PRESENT:
            code = Result.NO_SMARTCARD
        return code, HANDLE, self._protocol

    def reconnect(self, handle: int) -> tuple[int, int]:
        """Note it."""
        return self._code("reconnect"), self._protocol

    def disconnect(self, handle: int, disposition: Disposition) -> int:
        """Note it, with its disposition."""
        return self._code(f"disconnect {disposition.name}")

    def begin_transaction(self, handle: int) -> int:
        """Note it."""
        return self._code("begin_transaction")

    def end_transaction(self, handle: int, disposition: Disposition) -> int:
        """Note it, with its disposition."""
        return self._code(f"end_transaction {disposition.name}")

    def transmit(self, handle: int, protocol: int, command: bytes) -> tuple[int, bytes]:
        """Answer by ``answer``."""
        code = self._code("transmit")
        return code, b"" if code else self.answer(command)

    def atr(self, handle: int) -> tuple[int, bytes]:
        """Return the answer to reset of the first card that lies on a reader."""
        return Result.SUCCESS, next((raw.atr for raw in self._states.values() if raw.atr), b"")

    def control(self, handle: int, control: int, data: bytes) -> tuple[int, bytes]:
        """Answer by ``controls``; a code that is not in it is one the driver does not have."""
        if control not in self.controls:
            return Result.INVALID_PARAMETER, b""
        return Result.SUCCESS, self.controls[control]

    def _code(self, call: str) -> int:
        self.calls.append(call)
        return self.codes.get(call.split()[0], Result.SUCCESS)

    def _count_up(self, reader: str, flags: int, atr: bytes) -> None:
        count = (self._states[reader].state + COUNT_ONE) & 0xFFFF0000
        self._states[reader] = RawState(reader, count | flags, atr)

    def _is_pnp(self, state: RawState) -> bool:
        return state.reader == PNP_READER and self.knows_pnp

    def _look(self, known: RawState, readers_before: int) -> RawState:
        if known.reader == PNP_READER:
            return RawState(PNP_READER, Flags.CHANGED if len(self._states) != readers_before else 0)
        now = self._states[known.reader]
        differs = (known.state ^ now.state) & ~UNANNOUNCED
        return RawState(now.reader, now.state | (Flags.CHANGED if differs else 0), now.atr)
