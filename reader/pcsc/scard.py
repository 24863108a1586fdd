"""The PC/SC calls that this program makes, and nothing more: pyscard's raw layer behind one Protocol.

Every call returns the service's return code first (``codes.Result``, always as an unsigned 32-bit number) and never
raises: a code is turned into an error of our tree in ``codes`` alone. Calls block without holding the interpreter lock.
``Context`` and ``Handle`` are opaque numbers of the service.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from types import ModuleType
from typing import Any, Protocol

from reader.pcsc.codes import Result

__all__ = [
    "PNP_READER",
    "CardProtocol",
    "Disposition",
    "Flags",
    "RawState",
    "Scard",
    "StatusAnswer",
    "SystemScard",
    "event_count",
    "short_context",
]

PNP_READER = "\\\\?PnP?\\Notification"
"""The pseudo reader whose state changes when readers come and go; macOS and some remote desktops do not know it."""

MAX_READERS = 64
SCOPE_SYSTEM = 2
SHARE_SHARED = 2


class Flags(IntFlag):
    """Name the bits of a reader's state (PC/SC part 5 §3.2.4); the upper 16 bits count card events."""

    UNAWARE = 0x0000
    IGNORE = 0x0001
    CHANGED = 0x0002
    UNKNOWN = 0x0004
    UNAVAILABLE = 0x0008
    EMPTY = 0x0010
    PRESENT = 0x0020
    ATRMATCH = 0x0040
    EXCLUSIVE = 0x0080
    INUSE = 0x0100
    MUTE = 0x0200
    UNPOWERED = 0x0400


class CardProtocol(IntEnum):
    """Name the transmission protocol that a connection came out with (ISO/IEC 7816-3)."""

    T0 = 1
    T1 = 2


class Disposition(IntEnum):
    """Say what becomes of the card when a transaction or a connection ends."""

    LEAVE = 0
    RESET = 1


@dataclass(frozen=True, slots=True)
class RawState:
    """Hold one reader's state as the service tells it: name, ``Flags`` with the event count above them, ATR."""

    reader: str
    state: int = 0
    atr: bytes = b""


def event_count(state: int) -> int:
    """Return how many cards came and went, modulo 65536; zero where the service does not count."""
    return state >> 16 & 0xFFFF


StatusAnswer = tuple[int, tuple[RawState, ...]]
"""The code of a status call and every state that was asked for."""


class Scard(Protocol):
    """Be the PC/SC service as one program sees it."""

    def establish(self) -> tuple[int, int]:
        """Return a new context."""
        ...

    def release(self, context: int) -> int:
        """Give the context back, with every connection made in it."""
        ...

    def list_readers(self, context: int) -> tuple[int, tuple[str, ...]]:
        """Return the names of all readers, the service's order kept."""
        ...

    def status_change(
        self, context: int, timeout_ms: int, known: Sequence[RawState]
    ) -> tuple[int, tuple[RawState, ...]]:
        """Block until a reader's state differs from ``known``, for at most ``timeout_ms``; return all states."""
        ...

    def cancel(self, context: int) -> int:
        """End the ``status_change`` that another thread is blocked in."""
        ...

    def connect(self, context: int, reader: str) -> tuple[int, int, int]:
        """Connect shared, T=0 or T=1; return handle and active protocol."""
        ...

    def reconnect(self, handle: int) -> tuple[int, int]:
        """Reset the card without giving it back; return the active protocol."""
        ...

    def disconnect(self, handle: int, disposition: Disposition) -> int:
        """Give the card back."""
        ...

    def begin_transaction(self, handle: int) -> int:
        """Block until nobody else has a transaction, then keep the others out."""
        ...

    def end_transaction(self, handle: int, disposition: Disposition) -> int:
        """Let the others in again."""
        ...

    def transmit(self, handle: int, protocol: int, command: bytes) -> tuple[int, bytes]:
        """Send a command and return the raw answer, up to 65538 bytes."""
        ...

    def atr(self, handle: int) -> tuple[int, bytes]:
        """Return the answer to reset of the card that ``handle`` is connected to."""
        ...

    def control(self, handle: int, control: int, data: bytes) -> tuple[int, bytes]:
        """Ask the reader's driver by one of its control codes (PC/SC part 10 §2.2)."""
        ...


class SystemScard:
    """Be the PC/SC service of this machine, by ``smartcard.scard``.

    The module is imported at the first call: where pyscard or the PC/SC library is missing, every call answers
    ``Result.NO_SERVICE``. It raises SystemError, or a decoding error, when the service dies in the middle of a call;
    that becomes ``Result.COMM_ERROR``.
    """

    def __init__(self) -> None:
        self._module: ModuleType | None = None
        self._lock = threading.Lock()

    def establish(self) -> tuple[int, int]:
        """Return a new context."""
        code, values = self._call("SCardEstablishContext", SCOPE_SYSTEM)
        return code, int(values[0]) if values else 0

    def release(self, context: int) -> int:
        """Give the context back."""
        return self._call("SCardReleaseContext", context)[0]

    def list_readers(self, context: int) -> tuple[int, tuple[str, ...]]:
        """Return at most 64 reader names."""
        code, values = self._call("SCardListReaders", context, [])
        return code, tuple(str(name) for name in values[0][:MAX_READERS]) if values else ()

    def status_change(
        self, context: int, timeout_ms: int, known: Sequence[RawState]
    ) -> tuple[int, tuple[RawState, ...]]:
        """Block until a state differs from ``known`` or the time is over."""
        asked = [(state.reader, state.state) for state in known]
        code, values = self._call("SCardGetStatusChange", context, timeout_ms, asked)
        if not values:
            return code, ()
        return code, tuple(RawState(str(name), int(state), bytes(atr)) for name, state, atr in values[0])

    def cancel(self, context: int) -> int:
        """End the ``status_change`` of another thread."""
        return self._call("SCardCancel", context)[0]

    def connect(self, context: int, reader: str) -> tuple[int, int, int]:
        """Connect shared."""
        protocols = CardProtocol.T0 | CardProtocol.T1
        code, values = self._call("SCardConnect", context, reader, SHARE_SHARED, protocols)
        return (code, int(values[0]), int(values[1])) if values else (code, 0, 0)

    def reconnect(self, handle: int) -> tuple[int, int]:
        """Reset the card; a transaction that was begun goes on."""
        protocols = CardProtocol.T0 | CardProtocol.T1
        code, values = self._call("SCardReconnect", handle, SHARE_SHARED, protocols, int(Disposition.RESET))
        return code, int(values[0]) if values else 0

    def disconnect(self, handle: int, disposition: Disposition) -> int:
        """Give the card back."""
        return self._call("SCardDisconnect", handle, int(disposition))[0]

    def begin_transaction(self, handle: int) -> int:
        """Keep the others out."""
        return self._call("SCardBeginTransaction", handle)[0]

    def end_transaction(self, handle: int, disposition: Disposition) -> int:
        """Let the others in again."""
        return self._call("SCardEndTransaction", handle, int(disposition))[0]

    def transmit(self, handle: int, protocol: int, command: bytes) -> tuple[int, bytes]:
        """Send a command; pyscard's own buffer takes the longest extended answer."""
        code, values = self._call("SCardTransmit", handle, protocol, list(command))
        return code, bytes(values[0]) if values else b""

    def atr(self, handle: int) -> tuple[int, bytes]:
        """Return the card's answer to reset."""
        code, values = self._call("SCardStatus", handle)
        return code, bytes(values[3]) if len(values) > 3 else b""

    def control(self, handle: int, control: int, data: bytes) -> tuple[int, bytes]:
        """Ask the driver."""
        code, values = self._call("SCardControl", handle, control, list(data))
        return code, bytes(values[0]) if values else b""

    def _call(self, name: str, *arguments: Any) -> tuple[int, list[Any]]:
        """Make one raw call; return its code, unsigned, and the values behind it."""
        function = self._function(name)
        if function is None:
            return Result.NO_SERVICE, []
        try:
            answer = function(*arguments)
        except (SystemError, UnicodeError):
            # The binding built its answer from what a dying service left behind.
            return Result.COMM_ERROR, []
        if isinstance(answer, int):
            return answer & 0xFFFFFFFF, []
        return int(answer[0]) & 0xFFFFFFFF, list(answer[1:])

    def _function(self, name: str) -> Callable[..., Any] | None:
        with self._lock:
            if self._module is None:
                try:
                    from smartcard import scard
                except ImportError:
                    return None
                self._module = scard
        found: Callable[..., Any] = getattr(self._module, name)
        return found


@contextlib.contextmanager
def short_context(scard: Scard) -> Iterator[tuple[int, int]]:
    """Establish a context for a few calls; yield ``(code, context)`` and release it at the end."""
    code, context = scard.establish()
    try:
        yield code, context
    finally:
        if code == Result.SUCCESS:
            scard.release(context)
