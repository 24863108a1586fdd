"""The connection: one card, one thread, one transaction, and a card that is reset whatever happens.

PC/SC offers no way to end a connect or a begin of a transaction that waits for another program, so both run on a thread
aside: the caller gives up when it wants, and what the thread then still gets is given back at once.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from reader.errors import Cancelled, CardError, CardHeld, CardRemoved, MotCuaError, ReaderGone, ServiceUnavailable
from reader.iso7816 import CardLink, CommandAPDU, ResponseAPDU
from reader.pcsc.codes import Result, error_for, may_have_lost_contact
from reader.pcsc.features import SHORT_APDU, longest_apdu
from reader.pcsc.scard import CardProtocol, Disposition, Flags, RawState, Scard, SystemScard
from reader.pcsc.t0 import exchange_t0

__all__ = ["PcscTerminal"]

PATIENCE_SECONDS = 10.0
HINT_SECONDS = 1.0
SLICE_SECONDS = 0.05
RETRY_SECONDS = 0.25
# The service looks at a slot every 400 ms where the reader does not announce a removal.
REMOVAL_WAIT_MS = 1500


class PcscTerminal:
    """Open links to cards on PC/SC readers (``reader.iso7816.CardTerminal``).

    Where another program has the card, wait for it up to ``patience`` seconds, tell ``on_held`` once with the reader's
    name, and give up within 50 ms when ``cancel`` is set.
    """

    def __init__(
        self,
        scard: Scard | None = None,
        *,
        on_held: Callable[[str], None] | None = None,
        cancel: threading.Event | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._scard = scard or SystemScard()
        self._on_held = on_held or (lambda _: None)
        self._cancel = cancel or threading.Event()
        self._patience = patience

    @contextlib.contextmanager
    def connect(self, reader: str) -> Iterator[CardLink]:
        """Connect to the card on ``reader`` and keep others out; leaving resets the card, however it is left.

        Raise NoReader, NoCard, MuteCard, ServiceUnavailable, AccessRefused or ReaderTrouble at once, CardHeld after the
        patience, Cancelled when cancelled.
        """
        session = self._open(reader)
        link = _PcscLink(self._scard, session)
        try:
            yield link
        finally:
            link.close()

    def _open(self, reader: str) -> _Session:
        deadline = time.monotonic() + self._patience
        hint_at = time.monotonic() + HINT_SECONDS
        hinted = False
        while True:
            opening = _Opening(self._scard, reader)
            while not opening.done.wait(SLICE_SECONDS):
                if not hinted and time.monotonic() >= hint_at:
                    hinted = True
                    self._on_held(reader)
                if self._cancel.is_set() or time.monotonic() >= deadline:
                    opening.abandon()
                    raise self._gave_up()
            if opening.session is not None:
                return opening.session
            if opening.code != Result.SHARING_VIOLATION:
                raise error_for(opening.code, opening.step)
            if not hinted:
                hinted = True
                self._on_held(reader)
            if self._cancel.wait(min(RETRY_SECONDS, max(0.0, deadline - time.monotonic()))) or (
                time.monotonic() >= deadline
            ):
                raise self._gave_up()

    def _gave_up(self) -> MotCuaError:
        if self._cancel.is_set():
            return Cancelled("cancelled while waiting for the card")
        return CardHeld("held by another program", result=Result.SHARING_VIOLATION)


@dataclass(frozen=True, slots=True)
class _Session:
    """Hold what an open connection is to the service."""

    context: int
    handle: int
    protocol: int
    reader: str

    def close(self, scard: Scard) -> None:
        """Reset the card, let the others in and give everything back; nothing here can fail in a way that matters."""
        # The reset belongs inside the transaction: nobody may find the card in the middle of our secure messaging.
        code = scard.end_transaction(self.handle, Disposition.RESET)
        scard.disconnect(self.handle, Disposition.LEAVE if code == Result.SUCCESS else Disposition.RESET)
        scard.release(self.context)


class _Opening:
    """Connect and begin a transaction on a thread aside; either it is taken over, or it closes itself."""

    def __init__(self, scard: Scard, reader: str) -> None:
        self.done = threading.Event()
        self.session: _Session | None = None
        self.code: int = Result.SUCCESS
        self.step = ""
        self._scard = scard
        self._reader = reader
        self._lock = threading.Lock()
        self._abandoned = False
        threading.Thread(target=self._run, name="pcsc-open", daemon=True).start()

    def abandon(self) -> None:
        """Want it no more: a session that there is, or that comes later, is closed."""
        with self._lock:
            self._abandoned = True
            session = self.session
        if session is not None:
            session.close(self._scard)

    def _run(self) -> None:
        session = self._attempt()
        with self._lock:
            self.session = session
            abandoned = self._abandoned
        if abandoned and session is not None:
            session.close(self._scard)
        self.done.set()

    def _attempt(self) -> _Session | None:
        self.step = "establish context"
        self.code, context = self._scard.establish()
        if self.code != Result.SUCCESS:
            return None
        self.step = "connect"
        self.code, handle, protocol = self._scard.connect(context, self._reader)
        if self.code == Result.SUCCESS:
            self.step = "begin transaction"
            self.code = self._scard.begin_transaction(handle)
            if self.code == Result.SUCCESS:
                return _Session(context, handle, protocol, self._reader)
            self._scard.disconnect(handle, Disposition.LEAVE)
        self._scard.release(context)
        return None


class _PcscLink:
    """Carry APDUs over an open session (``reader.iso7816.CardLink``), for the thread that opened it.

    It knows the card's answer to reset and the reader's limit, and can reset the card in the middle of the work
    (``AtrLink``, ``LimitedLink``, ``ResettableLink``).
    """

    def __init__(self, scard: Scard, session: _Session) -> None:
        self._scard = scard
        self._session = session
        self._thread = threading.get_ident()
        self._open = True

    @property
    def atr(self) -> bytes:
        """Return the answer to reset; empty where the service does not tell it."""
        return self._scard.atr(self._session.handle)[1]

    @property
    def longest_apdu(self) -> int | None:
        """Return the longest APDU that reader and protocol carry; None where the driver does not tell."""
        if self._session.protocol == CardProtocol.T0:
            return SHORT_APDU
        return longest_apdu(self._scard, self._session.handle)

    @property
    def reset(self) -> Callable[[], None]:
        """Return what resets the card and keeps it; others stay out, since the transaction goes on."""
        return self._reset

    def _reset(self) -> None:
        self._check_use()
        code, protocol = self._scard.reconnect(self._session.handle)
        if code != Result.SUCCESS:
            raise self._trouble(code)
        self._session = replace(self._session, protocol=protocol)

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Send ``command``; raise CardRemoved, CardReset, CardError or a PCSCError where there is no answer."""
        self._check_use()
        if self._session.protocol == CardProtocol.T0:
            return exchange_t0(self._exchange, command)
        return self._exchange(command.to_bytes())

    def close(self) -> None:
        """Give the card back, reset."""
        if self._open:
            self._open = False
            self._session.close(self._scard)

    def _check_use(self) -> None:
        # A second thread between two protected commands would break the send sequence counter without a trace.
        if threading.get_ident() != self._thread:
            raise RuntimeError("a card link belongs to the thread that connected it")
        if not self._open:
            raise RuntimeError("the card link is closed")

    def _exchange(self, command: bytes) -> ResponseAPDU:
        code, answer = self._scard.transmit(self._session.handle, self._session.protocol, command)
        if code != Result.SUCCESS:
            raise self._trouble(code)
        if len(answer) < 2:
            # Some drivers call it a success when a card leaves in the middle of a command.
            raise self._loss() or CardError("answer shorter than a status word")
        return ResponseAPDU.from_bytes(answer)

    def _trouble(self, code: int) -> MotCuaError:
        """Return what a failed transmit means; a vague code may be a card that is just leaving."""
        if code == Result.NO_SMARTCARD:
            return CardRemoved("transmit")
        loss = self._loss() if may_have_lost_contact(code) else None
        return loss or error_for(code, "transmit")

    def _loss(self) -> MotCuaError | None:
        """Wait until the service sees card or service gone, and return that; None where both stay."""
        session = self._session
        known = (RawState(session.reader, Flags.PRESENT | Flags.INUSE),)
        code, states = self._scard.status_change(session.context, REMOVAL_WAIT_MS, known)
        if code == Result.SUCCESS and states and not states[0].state & Flags.PRESENT:
            return CardRemoved("transmit")
        if code == Result.UNKNOWN_READER:
            return ReaderGone("transmit", result=code)
        if code not in (Result.SUCCESS, Result.TIMEOUT):
            return ServiceUnavailable("transmit", result=code)
        return None
