"""Whoever keeps the ledger while a desk is open: lets look-ups begin, and has the registers countersign meanwhile.

A look-up begins only where its evidence can be written and was countersigned lately enough. A ledger that was last used
on another computer must first be seen by every register, and be seen to go on here: a copy on which somebody works
elsewhere shows by that. Reading cards needs none of it. Countersigning happens on a thread of its own after look-ups,
soon after the start, and at close; nothing of a visit waits for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from auth.errors import LedgerMoved, LedgerUnusable, RegisterError
from auth.ledger.act import Act, ActKind
from auth.ledger.audit import verify_ledger
from auth.ledger.countersigning import Witness, anchor
from auth.ledger.store import Ledger
from reader.errors import MotCuaError

__all__ = ["LedgerKeeper"]

_log = logging.getLogger("motcua.ledger")
START_SECONDS = 5.0
RETRY_SECONDS = 300.0
CLOSE_SECONDS = 3.0
_TORN = "torn"
_CLOSED = frozenset({"closed", "not-usable"})


class LedgerKeeper:
    """Keep one ledger; every method may be called from any thread."""

    def __init__(
        self,
        open_ledger: Callable[[], Ledger],
        witnesses: Sequence[Witness],
        *,
        hours: float = 24.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        start_seconds: float = START_SECONDS,
        admit: Callable[[], None] = lambda: None,
    ) -> None:
        """Take ``hours`` as how long an act may wait for a countersignature before look-ups stop, 0 for ever.

        ``admit`` raises where nobody is to be looked up for a reason of its own, such as a suspended device.
        """
        self._admit_device = admit
        self._open = open_ledger
        self._witnesses = tuple(witnesses)
        self._keys = {key_id: key for witness in witnesses for key_id, key in witness.keys.items()}
        self._hours = hours
        self.now = now
        self._start_seconds = start_seconds
        self._ledger: Ledger | None = None
        self._compared = False
        self._refused = ""
        self._running = 0
        self._closed = False
        self._changed = threading.Condition()
        self._wake = threading.Event()
        self._rounds = 0
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    @contextmanager
    def lookup(self) -> Iterator[Ledger]:
        """Let a look-up begin; raise LedgerUnusable where its evidence cannot be kept. Countersign after it.

        What ``admit`` raises is handed on, before anything is written.
        """
        self._admit_device()
        with self._changed:
            ledger = self._opened()
            self._running += 1
        try:
            self._admit(ledger)
            yield ledger
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()
            self._wake.set()

    def probe(self) -> None:
        """Raise LedgerUnusable where the next look-up could leave no trace, before a card is asked for."""
        ledger = self.ledger()
        self._require_sound(ledger)

    def ledger(self) -> Ledger:
        """Return the ledger for acts that are no look-ups of their own; raise LedgerUnusable where it does not open."""
        with self._changed:
            return self._opened()

    def note(self, kind: ActKind, detail: str) -> None:
        """Append an act that is nobody's look-up, and have it countersigned; raise LedgerUnusable."""
        self.ledger().append(Act(kind, self.now(), detail=detail))
        self._wake.set()

    def settled(self, rounds: int, seconds: float) -> bool:
        """Wait until the registers were asked ``rounds`` times since the beginning; ``False`` after ``seconds``."""
        with self._changed:
            return self._changed.wait_for(lambda: self._rounds >= rounds, seconds)

    def close(self) -> None:
        """Let look-ups end, offer the registers what they have not seen, within some seconds, and close the file."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.wait_for(lambda: self._running == 0, CLOSE_SECONDS)
        self._wake.set()
        self._thread.join(CLOSE_SECONDS)
        for witness in self._witnesses:
            witness.close()
        self._thread.join(CLOSE_SECONDS)
        if self._ledger is not None:
            with suppress(LedgerUnusable):
                self._ledger.close()

    def _opened(self) -> Ledger:
        """Return the ledger, opened now where it could not be before; the caller holds the lock."""
        if self._closed:
            raise LedgerUnusable("closed")
        if self._ledger is None:
            self._ledger = self._open()
        return self._ledger

    def _require_sound(self, ledger: Ledger) -> None:
        if self._refused:
            raise LedgerUnusable(self._refused)
        if ledger.moved:
            raise LedgerMoved("moved")
        ledger.probe()

    def _admit(self, ledger: Ledger) -> None:
        self._require_sound(ledger)
        since = ledger.waiting_since(self._keys) if self._hours else None
        if since is not None and self.now() - since > timedelta(hours=self._hours):
            raise LedgerUnusable("not-countersigned")

    def _run(self) -> None:
        self._wake.wait(self._start_seconds)
        while not self._closed:
            self._wake.clear()
            done = self._round()
            with self._changed:
                self._rounds += 1
                self._changed.notify_all()
            if not self._closed:
                self._wake.wait(None if done else RETRY_SECONDS)
        if self._ledger is not None:
            self._round()

    def _round(self) -> bool:
        """Offer the log to every register; return whether all of it is countersigned.

        Until all have answered once they are asked what they saw even where nothing waits: an older copy put back
        shows by that alone.
        """
        try:
            ledger = self._ledger
            if ledger is None:
                with self._changed:
                    ledger = self._opened()
            if self._compared and not self._refused and self._is_covered(ledger):
                return True
            # Signed by the device in any case, so that the acts are covered where no register can be reached.
            ledger.checkpoint(self.now())
            asked = [self._offer(ledger, witness) for witness in self._witnesses]
            if ledger.moved and all(asked):
                # Every register saw no more than is here. Look-ups begin once they also saw that it goes on here.
                self._require_whole(ledger)
                ledger.announce_here(self.now())
                asked = [self._offer(ledger, witness) for witness in self._witnesses]
                if all(asked):
                    ledger.settle_here()
            if all(asked):
                self._compared, self._refused = True, ""
            return all(asked)
        except LedgerUnusable as error:
            if error.why in ("rolled-back", _TORN):
                self._refused = error.why
            # Closed over what was still under way, the ledger is no trouble of anybody's: the next start goes on.
            level = logging.INFO if self._closed and error.why in _CLOSED else logging.ERROR
            _log.log(level, "ledger", extra={"why": error.why})
        except MotCuaError as error:
            _log.error("ledger", extra={"why": error.code})
        except Exception as error:  # the thread must outlive any fault: without it look-ups would stop for good
            _log.error("ledger", extra={"kind": type(error).__name__})
        return False

    def _require_whole(self, ledger: Ledger) -> None:
        """Raise LedgerUnusable for a log that was torn on its way, as by a copy of files that were being written."""
        device = {ledger.signer.key_id: ledger.signer.public_key}
        if not verify_ledger(ledger, {**self._keys, **device}, ledger.signer.key_id).holds:
            raise LedgerUnusable(_TORN)

    def _is_covered(self, ledger: Ledger) -> bool:
        """Tell whether the device and every register have signed for all that there is."""
        last = ledger.last_checkpoint()
        signed = last is not None and last.checkpoint.size == ledger.size
        return signed and all(ledger.waiting_since(witness.keys) is None for witness in self._witnesses)

    def _offer(self, ledger: Ledger, witness: Witness) -> bool:
        try:
            anchor(ledger, witness, self.now())
        except RegisterError as error:
            _log.info("not countersigned", extra={"register": error.register, "why": error.why})
            return False
        except LedgerUnusable:
            raise
        except MotCuaError as error:
            # What the way to this one register needs is not to be had; the others are asked all the same.
            _log.error("not countersigned", extra={"why": error.code})
            return False
        return True
