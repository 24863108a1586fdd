"""Sending what waits, once the registers are there again: in each dossier's order, slowly enough, one at a time.

What a clerk asks now goes first: the drain leaves part of the clerk's budget alone, and a bucket of its own keeps it
from sending more than some look-ups a second, however many wait. Between two of them it can be broken off.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from auth.errors import AnswerNotTrusted, LedgerUnusable, OutboxUnusable, RegisterError, RegisterResting
from auth.outbox.item import Item
from auth.outbox.judging import judge_answer
from auth.outbox.knowing import sought_of
from auth.outbox.outbox import Outbox
from auth.outbox.pairs import why_not_after
from auth.outbox.standing import ClerkStanding, DeviceStanding, DeviceState, doubt
from auth.outbox.states import Event, State
from auth.outbox.verdicts import event_of
from auth.purposes import allows
from auth.registers.sought import Sought
from auth.registers.told import Judged
from auth.wire.backoff import TokenBucket, next_wait
from auth.wire.guard import RegisterGuard
from reader.errors import MotCuaError

__all__ = ["Drain", "DrainParts", "Progress", "Sender", "SentAnswer"]

_log = logging.getLogger("motcua.outbox")
PER_SECOND = 5.0
BURST = 5.0
RESERVE = 20.0
FIRST_WAIT_S = 5.0
LONGEST_PAUSE_S = 30.0
DAMAGED = "damaged"


class SentAnswer(Protocol):
    """A verified answer (``auth.wire.client.SignedAnswer``)."""

    @property
    def body(self) -> bytes:
        """Return what the register said."""
        ...

    @property
    def key_id(self) -> str:
        """Return with which key it was signed."""
        ...

    @property
    def created(self) -> datetime:
        """Return when it was signed."""
        ...


class Sender(Protocol):
    """A way to one register (``auth.registers.worded.Encloses``)."""

    def ask_sealed(self, path: str, sealed: bytes, purpose: str, idempotency_key: str) -> SentAnswer:
        """Return the verified answer to sealed bytes; the same key takes effect once. Raise RegisterError."""
        ...

    def judge(self, asked: Sought, body: bytes) -> Judged:
        """Return what such an answer tells of what was asked, and nothing beyond that. Raise RegisterError."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """Say how far a drain is: how many were sent, and what came of them.

    ``held`` is what somebody must decide about, or what is frozen; ``given_back`` went back to its dossier unsent and
    waits for nobody.
    """

    sent: int = 0
    answered: int = 0
    refused: int = 0
    held: int = 0
    given_back: int = 0
    failed: int = 0
    expired: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class DrainParts:
    """Hold what a drain works with.

    ``evidence`` lets one look-up begin (``LedgerKeeper.lookup``): it raises LedgerUnusable where its trace cannot be
    kept, and then nothing is sent. ``pause`` waits so many seconds, and tells whether it was broken off meanwhile.
    ``allows`` tells whether a purpose may ask a register.
    """

    outbox: Outbox
    senders: Mapping[str, Sender]
    guard: RegisterGuard
    device: DeviceStanding
    clerks: ClerkStanding
    device_id: str
    evidence: Callable[[], AbstractContextManager[object]]
    now: Callable[[], float]
    pause: Callable[[float], bool]
    draw: Callable[[], float] = random.random
    allows: Callable[[str, str], bool] = allows


class Drain:
    """Send what waits until nothing more can be sent now, or it is broken off."""

    def __init__(self, parts: DrainParts, *, per_second: float = PER_SECOND) -> None:
        self._parts = parts
        self._bucket = TokenBucket.full(BURST, per_second, parts.now())
        self._progress = Progress()

    def run(self, cancel: threading.Event, on_progress: Callable[[Progress], None] = lambda _: None) -> Progress:
        """Send and return what came of it; ``why`` says why it ended, "" where nothing waits to be sent now.

        Raise OutboxUnusable or LedgerUnusable where what happens cannot be written down: then nothing more is sent.
        What was being sent then, or by a run before, is sent again under its key by the next run.
        """
        parts = self._parts
        parts.outbox.take_up()
        self._count(expired=parts.outbox.sweep())
        why = self._settle_device()
        while not why and not cancel.is_set():
            item, wait, why = self._next()
            if item is not None:
                self._bucket = self._bucket.taken(parts.now())
                why = self._hold(item)
                on_progress(self._progress)
            elif wait > 0.0 and parts.pause(min(wait, LONGEST_PAUSE_S)):
                why = "cancelled"
            elif wait <= 0.0:
                break
        self._progress = replace(self._progress, why="cancelled" if cancel.is_set() else why)
        on_progress(self._progress)
        return self._progress

    def _settle_device(self) -> str:
        """Freeze or thaw the queue as the device stands; return why nothing may be sent, "" where it may."""
        outbox, state = self._parts.outbox, self._parts.device.state()
        if state in (DeviceState.REVOKED, DeviceState.SUSPENDED):
            held = outbox.numbers(State.QUEUED) + outbox.numbers(State.NEEDS_DECISION)
            self._count(held=outbox.happen_to_all(held, Event.FREEZE, f"device-{state}"))
            return f"device-{state}"
        if state is DeviceState.UNKNOWN:
            return "device-unknown"
        outbox.happen_to_all(outbox.numbers(State.FROZEN), Event.THAW, "")
        return ""

    def _next(self) -> tuple[Item | None, float, str]:
        """Return what to send now, or how long to wait for it; neither where nothing can be sent."""
        parts, now = self._parts, self._parts.now()
        awake = [register for register in parts.senders if parts.guard.seconds_left(register) <= 0.0]
        clerks = parts.clerks.signed_in()
        item = parts.outbox.next_due(awake, clerks)
        if item is None:
            return None, 0.0, self._why_not(awake, clerks)
        # Brought to the present each time: of a clock that was set back it would wait for the time from before.
        self._bucket = self._bucket.filled(now)
        wait = max(self._bucket.wait(now), parts.guard.wait_for_budget(item.clerk, RESERVE))
        return (None, wait, "") if wait > 0.0 else (item, 0.0, "")

    def _why_not(self, awake: list[str], clerks: object) -> str:
        if not self._parts.outbox.numbers(State.QUEUED):
            return ""
        if not clerks:
            return "clerk-not-signed-in"
        return "later" if len(awake) == len(self._parts.senders) else "register-resting"

    def _hold(self, item: Item) -> str:
        """Treat one, unless another drain beside this one is at it or was quicker."""
        outbox = self._parts.outbox
        with outbox.in_flight.hold(item.number) as ours:
            return self._treat(item) if ours and outbox.item(item.number) == item else ""

    def _treat(self, item: Item) -> str:
        """Send one, or hold it; return why nothing more can be sent, "" where more can."""
        outbox = self._parts.outbox
        why = doubt(item, self._parts.clerks, self._parts.device_id, self._parts.allows)
        if why:
            outbox.happen(item, Event.DOUBT, why)
            self._count(held=1)
            return ""
        why_not = why_not_after(item, outbox)
        if why_not:
            # The questions were answered otherwise than with yes, or not at all: the data are not asked for.
            outbox.happen(item, Event.GIVE_BACK, why_not)
            self._count(given_back=1)
            return ""
        try:
            payload = outbox.payload(item)
        except OutboxUnusable as error:
            if error.why != DAMAGED:
                raise
            # Told by its state, its reason and its leaf: this look-up must be made anew.
            outbox.happen(item, Event.GIVE_BACK, DAMAGED)
            self._count(given_back=1)
            return ""
        with self._parts.evidence():
            return self._send(item, payload)

    def _send(self, item: Item, payload: bytes) -> str:
        parts = self._parts
        sending = parts.outbox.happen(item, Event.SEND, attempts=item.attempts + 1)
        self._count(sent=1)
        try:
            answer, kept, notes = parts.guard.ask(
                item.register, lambda: self._ask(sending, payload), clerk=item.clerk, reserve=RESERVE
            )
        except (OutboxUnusable, LedgerUnusable):
            raise
        except RegisterError as error:
            return self._failed(sending, error)
        except MotCuaError as error:
            # Nobody is signed in, or the device's key is locked: not the register's fault and not the look-up's.
            self._again(sending, error.code, 0.0)
            return error.code
        except BaseException:
            self._again(sending, "fault", next_wait(item.wait or FIRST_WAIT_S, self._draw))
            raise
        parts.outbox.happen(
            sending,
            Event.ANSWER,
            notes,
            answer=kept,
            answered_at=answer.created.timestamp(),
            key_id=answer.key_id,
            expires_at=parts.now() + parts.outbox.keep_s,
        )
        self._count(answered=1)
        return ""

    def _ask(self, item: Item, payload: bytes) -> tuple[SentAnswer, bytes, str]:
        """Return what came, what of it is kept, and what must be said of that."""
        sender, asked = self._parts.senders[item.register], sought_of(item, self._parts.outbox.hash_of)
        answer = sender.ask_sealed(item.path, payload, item.purpose, item.idempotency_key)
        judge_answer(item, asked, answer.body)
        try:
            judged = sender.judge(asked, answer.body)
            return answer, judged.kept(), " ".join(judged.notes)
        except MotCuaError:
            raise
        except Exception as error:  # whoever made the client, its fault is one of this answer and holds up no other
            _log.error("answer not judged", extra={"register": item.register, "kind": type(error).__name__})
        raise AnswerNotTrusted(item.register, "answer-malformed")

    def _failed(self, item: Item, error: RegisterError) -> str:
        event = event_of(error)
        if event is Event.RETRY:
            pause = error.retry_after_s or 0.0
            # What was not sent at all, since the register rests, did not fail.
            wait = item.wait if isinstance(error, RegisterResting) else next_wait(item.wait or FIRST_WAIT_S, self._draw)
            self._again(item, error.code, wait, pause)
            return ""
        self._parts.outbox.happen(item, event, error.why)
        self._count(refused=event is Event.REFUSE, held=event is not Event.REFUSE)
        return error.why if event is Event.FREEZE else ""

    def _again(self, item: Item, reason: str, wait: float, pause: float = 0.0) -> None:
        due = self._parts.now() + max(wait, pause)
        self._parts.outbox.happen(item, Event.RETRY, reason, wait=wait, due=due)
        self._count(failed=1)

    def _draw(self) -> float:
        return self._parts.draw()

    def _count(self, **more: int) -> None:
        now = self._progress
        self._progress = replace(now, **{name: getattr(now, name) + int(count) for name, count in more.items()})
