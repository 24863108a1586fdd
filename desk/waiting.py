"""Look-ups that wait for their register: queued by the clerk, sent by themselves once it is there, shown all the while.

The outbox is opened and drained on a thread of its own, so that neither the window nor a citizen waits for it. What the
desk shows is a value that this thread keeps up to date.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from auth.errors import LedgerUnusable, OutboxUnusable
from auth.ledger.keeper import LedgerKeeper
from auth.outbox import Item, Letter, Outbox, OutboxFull, Overview, State
from auth.outbox.acts import ActLog
from auth.outbox.drain import Drain, DrainParts, Progress
from auth.outbox.standing import ClerkStanding, DeviceStanding
from auth.registers.ports import Lookup
from auth.registers.worded import Encloses
from auth.wire.guard import RegisterGuard
from desk.view import WaitingView
from reader.errors import MotCuaError

__all__ = ["WaitingLookups", "WaitingParts", "waiting_view"]

_log = logging.getLogger("motcua.outbox")
ROUND_SECONDS = 60.0
CLOSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class WaitingParts:
    """Hold what queueing works with; ``clients`` are the registers whose look-ups can wait, by name."""

    open_outbox: Callable[[ActLog], Outbox]
    keeper: LedgerKeeper
    clients: Mapping[str, Encloses]
    guard: RegisterGuard
    device: DeviceStanding
    clerks: ClerkStanding
    device_id: str
    allows: Callable[[str, str], bool]
    now: Callable[[], float] = time.time
    round_seconds: float = ROUND_SECONDS


class WaitingLookups:
    """Keep the look-ups that wait; every method may be called from any thread."""

    def __init__(self, parts: WaitingParts) -> None:
        """Begin nothing yet; ``start`` does."""
        self._parts = parts
        self._lock = threading.Lock()
        self._outbox: Outbox | None = None
        self._view: WaitingView | None = None
        self._on_change: Callable[[], None] = lambda: None
        self._ended = threading.Event()
        self._wake = threading.Event()
        self._rounds = 0
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self, on_change: Callable[[], None]) -> None:
        """Open the outbox and send what waits, on a thread; call ``on_change`` whenever ``view`` has changed."""
        self._on_change = on_change
        self._thread.start()

    def takes(self, register: str) -> bool:
        """Tell whether look-ups for ``register`` can wait here."""
        return register in self._parts.clients

    def view(self) -> WaitingView | None:
        """Return what waits, None while that is not known yet."""
        return self._view

    def queue(self, register: str, lookup: Lookup, dossier: str, *, questions: bool = False, after: int = 0) -> Item:
        """Queue a look-up for a dossier; return once it is on the disk and in the ledger.

        With ``questions`` its questions are queued instead of data; ``after`` is the number of such a one of the same
        dossier, without whose yes this is not sent.

        Raise OutboxFull, OutboxUnusable, LedgerUnusable, RegisterError or DataError, and then nothing is queued.
        """
        with self._parts.keeper.lookup():
            outbox = self._opened()
            outbox.ready()
            client = self._parts.clients[register]
            enclosed = client.enclose_questions(lookup) if questions else client.enclose(lookup)
            item = outbox.put(
                Letter(
                    lookup_id=lookup.lookup_id,
                    dossier=dossier.strip(),
                    register=register,
                    path=enclosed.path,
                    purpose=lookup.purpose,
                    legal_basis=lookup.legal_basis,
                    clerk=lookup.clerk,
                    # One key at one register; the outbox holds those of all of them.
                    idempotency_key=enclosed.idempotency_key,
                    subject=lookup.personal_number,
                    sealed=enclosed.sealed,
                    questions=enclosed.questions,
                    after=after,
                    fields=enclosed.fields,
                    old_number=lookup.old_number,
                    certificate=enclosed.certificate,
                )
            )
        self._look()
        self._wake.set()
        return item

    def send_now(self, cancel: threading.Event, on_progress: Callable[[Progress], None]) -> tuple[Progress, Overview]:
        """Send what can be sent now, in this thread; return what came of it and how the queue stands then.

        Raise OutboxUnusable or LedgerUnusable where what happens cannot be written down.
        """
        outbox = self._opened()
        return drain(self._parts, outbox, cancel, on_progress), outbox.overview()

    def wake(self) -> None:
        """Try again at once, as when a clerk has signed in."""
        self._wake.set()

    def settled(self, rounds: int, seconds: float) -> bool:
        """Wait until it was tried ``rounds`` times to send what waits; ``False`` after ``seconds``."""
        with self._changed:
            return self._changed.wait_for(lambda: self._rounds >= rounds, seconds)

    def close(self) -> None:
        """Break off what is being sent and close the outbox; what waits is there at the next start."""
        self._ended.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_SECONDS)
        with self._lock:
            if self._outbox is not None:
                self._outbox.close()
                self._outbox = None
        self._parts.guard.close()

    def _opened(self) -> Outbox:
        with self._lock:
            if self._ended.is_set():
                raise OutboxUnusable("closed")
            if self._outbox is None:
                self._outbox = self._parts.open_outbox(self._parts.keeper.ledger())
            return self._outbox

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.clear()
            self._round()
            with self._changed:
                self._rounds += 1
                self._changed.notify_all()
            self._wake.wait(self._parts.round_seconds)

    def _round(self) -> None:
        """Send what can be sent now; what stands in the way is shown, and tried again."""
        try:
            outbox = self._opened()
            self._look()
            if outbox.overview().waiting:
                drain(self._parts, outbox, self._ended, lambda _: self._look())
            else:
                # What the ledger could not take is not left to the next look-up; and an answer that nobody fetched
                # expires as well, whether or not anything else still waits.
                outbox.take_up()
                outbox.sweep()
            self._look()
        except MotCuaError as error:
            _log.info("outbox", extra={"why": error.code})
            self._show(replace(self._view or WaitingView(), trouble=error.code))
        except Exception as error:  # the thread must outlive any fault, and its text may hold personal data
            _log.error("outbox", extra={"kind": type(error).__name__})
            self._show(replace(self._view or WaitingView(), trouble=MotCuaError.code))

    def _look(self) -> None:
        outbox = self._opened()
        view = waiting_view(outbox.overview())
        try:
            # Told before a card is put on, and gone again by itself.
            self._parts.keeper.probe()
            outbox.probe()
        except (LedgerUnusable, OutboxFull, OutboxUnusable) as error:
            view = replace(view, trouble=error.code)
        self._show(view)

    def _show(self, view: WaitingView) -> None:
        if view != self._view:
            self._view = view
            self._on_change()


def drain(
    parts: WaitingParts, outbox: Outbox, cancel: threading.Event, on_progress: Callable[[Progress], None]
) -> Progress:
    """Send what can be sent now and return what came of it; raise OutboxUnusable or LedgerUnusable."""
    return Drain(
        DrainParts(
            outbox=outbox,
            senders=parts.clients,
            guard=parts.guard,
            device=parts.device,
            clerks=parts.clerks,
            device_id=parts.device_id,
            evidence=parts.keeper.lookup,
            now=parts.now,
            pause=cancel.wait,
            allows=parts.allows,
        )
    ).run(cancel, on_progress)


def waiting_view(overview: Overview) -> WaitingView:
    """Return what is shown of an outbox."""
    counts = overview.counts
    since = datetime.fromtimestamp(overview.oldest).astimezone() if overview.oldest is not None else None
    return WaitingView(
        count=overview.waiting,
        since=since.strftime("%H:%M %d/%m/%Y") if since is not None else "",
        to_decide=counts.get(State.NEEDS_DECISION, 0),
        frozen=counts.get(State.FROZEN, 0),
        ended=sum(count for state, count in counts.items() if state in _FOR_DOSSIERS),
        trouble=f"outbox-{overview.trouble}" if overview.trouble else "",
    )


_FOR_DOSSIERS = (State.ANSWERED, State.REFUSED, State.EXPIRED, State.RETURNED)
