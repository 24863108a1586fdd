"""The desk at work: takes a shell's intents, readers' news and jobs' answers, and carries out what the table says.

All of them meet in one mailbox and are handled one at a time, so nothing here needs a lock of its own. What a job
tells carries the number of the visit it was started for; a wipe begins the next number, and later answers to the old
one are dropped and counted.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from desk.asking import Asking
from desk.card_reading import CardReading
from desk.certificate import certificate_in
from desk.clock import Timer
from desk.consenting import Consenting
from desk.device_view import device_view
from desk.dossier import dossier_number
from desk.event_box import EventBox
from desk.going_over import GoingOver
from desk.held import Held
from desk.idle import IdleWatch
from desk.jobs import CardWorker, LookupPool
from desk.logs import where_of
from desk.mailbox import Mailbox
from desk.news import News
from desk.office_certificates import certificate_view
from desk.parts import DeskParts
from desk.planner import Planner
from desk.ports import OnView
from desk.present import present
from desk.proving import Proving
from desk.queueing import Queueing
from desk.readers import ReaderEvent, ReaderTracker
from desk.shells import Shells
from desk.signing_in import SigningIn
from desk.slip.counter import OnSealed, OnSlip, SlipCounter
from desk.slip.sealing import PreparedSlip
from desk.tapping import Tapping
from desk.view import DeskState, DeskView, FailureView
from desk.visit import Action, Event, transition
from desk.visit_data import Surroundings, VisitData
from desk.wrong_clock import wrong_clock
from reader.errors import DataError, MotCuaError
from reader.iso7816 import ReaderSnapshot
from reader.lds import parse_key_input

__all__ = ["Desk"]

_log = logging.getLogger("motcua.desk")
KEY_NOT_UNDERSTOOD = "key-not-understood"
PREPARE_SECONDS = 2.0
_BUSY = (
    DeskState.READING,
    DeskState.CONSENT,
    DeskState.PROVING,
    DeskState.CARD_WANTED,
    DeskState.LOOKUP,
    DeskState.SHOWING,
)


class Desk:
    """Conduct one visit after the other (``DeskControls``); every method may be called from any thread."""

    def __init__(self, parts: DeskParts) -> None:
        self._state = DeskState.NO_READER
        self._held = Held(VisitData(outcomes=parts.registers.nobody_asked()), parts.surroundings)
        self._readers = ReaderTracker(parts.reader)
        self._settling: Timer | None = None
        self._closed = False
        self.ignored: Counter[str] = Counter()
        self._shells = Shells()
        self._mailbox = Mailbox(after=self._publish, on_fault=self._break)
        self._box = EventBox(self._mailbox, self._handle, parts.clock, self._held)
        self._worker = CardWorker()
        self._pool = LookupPool(len(parts.registers.registers))
        self._consenting = Consenting(self._held, self._box)
        self._idle = IdleWatch(parts.clock, parts.idle_seconds, lambda: self._box.post(Event.IDLE))
        self._going_over = GoingOver(parts.renew, self, self._mailbox)
        self.work_with(parts)

    def work_with(self, parts: DeskParts) -> None:
        """Work with ``parts`` from now on; between two visits, in the mailbox."""
        self._parts, registers = parts, parts.registers
        self._held.around = replace(self._held.around, can_wait=registers.can_wait)
        self._slips = SlipCounter(parts.slips)
        planner = Planner(registers, parts.clerk, self._held)
        self._tapping = Tapping(
            parts.presence, planner, self._held, parts.clerk.among, may_reopen=parts.reopen is not None
        )
        self._reading = CardReading(
            parts, self._held, self._readers, self._worker, self._tapping, self._box, self._worker_is_free
        )
        self._proving = Proving(
            parts, self._held, self._readers, self._worker, self._tapping, self._box, self._worker_is_free
        )
        self._asking = Asking(registers, planner, self._tapping, self._held, self._pool, self._box)
        self._queueing = Queueing(registers, self._held, self._pool, self._box)
        self._signing_in = SigningIn(parts.clerk, registers, self._held, self._box, self._asking.again)

    def start(self) -> None:
        """Begin to watch readers, and soon have loaded what the first card needs."""
        self._parts.clock.call_later(PREPARE_SECONDS, lambda: self._worker.submit(self._prepare))
        self._mailbox.post(self.start_registers)
        self._parts.watch.start(lambda snapshot: self._mailbox.post(lambda: self._see(snapshot)))

    def start_registers(self) -> None:
        """Have sent what waits, and the device looked after and followed; in the mailbox."""
        if not self._closed:
            registers = self._parts.registers
            if registers.waiting is not None:
                registers.waiting.start(lambda: self._mailbox.post(lambda: None))
            if registers.device is not None:
                registers.device.follow(lambda: self._mailbox.post(self._see_device))
            self._parts.look_after(registers)
            self._see_device()

    @property
    def at_rest(self) -> bool:
        """Tell whether nothing is under way, and nothing of the last visit: a slip, what is to wait; in the mailbox."""
        resting = self.between_visits and self._state is not DeskState.STOPPING
        return resting and self._pool.idle and not self._closed

    @property
    def between_visits(self) -> bool:
        """Tell whether no visit is on; may be asked from any thread."""
        return not (self._state in _BUSY or self._held.data.holds_something)

    def _prepare(self) -> None:
        """Load what the first card needs; where that fails, say so now: each reading will fail by the same name."""
        try:
            self._parts.prepare()
        except MotCuaError as error:
            self._box.post(Event.BROKEN, News(failure=FailureView(error.code)))
        self._mailbox.post(lambda: None)  # the age of the trust is known now

    # What a shell may ask for (DeskControls).

    def subscribe(self, on_view: OnView) -> None:
        """Call ``on_view`` with the present view at once and with each later one, from the desk's threads."""
        self._mailbox.post(lambda: self._shells.add(on_view, self._view()))

    def enter_key(self, text: str) -> None:
        """Take what the clerk typed or scanned: 12 digits, 6 digits, three MRZ lines, or a QR code."""
        self._idle.touch()
        try:
            certificate = certificate_in(text)
            if certificate:
                self._box.post(Event.CERTIFICATE_SCANNED, News(certificate=certificate))
                return
            key = parse_key_input(text)
        except DataError:
            self._box.post(Event.KEY_REFUSED, News(failure=FailureView(KEY_NOT_UNDERSTOOD)))
        else:
            self._box.post(Event.KEY_ENTERED, News(key=key))

    def cancel(self) -> None:
        """Stop what is running and wipe."""
        self._idle.touch()
        self._box.post(Event.CANCEL)

    def next_citizen(self) -> None:
        """End this visit and wipe."""
        self._idle.touch()
        self._box.post(Event.NEXT)

    def look_up_again(self) -> None:
        """Ask the registers once more, unless the card was stopped."""
        self._idle.touch()
        self._mailbox.post(self._asking.again)

    def set_dossier(self, dossier: str) -> None:
        """Set the number of the dossier that this visit is for, empty for none; raise DataError for what is none."""
        self._idle.touch()
        number = dossier_number(dossier)
        self._mailbox.post(lambda: self._held.change(dossier=number))

    def queue_lookups(self) -> None:
        """Have the look-ups of this visit that a register could not answer wait for it, for the visit's dossier."""
        self._idle.touch()
        self._mailbox.post(self._queue_lookups)

    def make_slip(self, on_slip: OnSlip) -> None:
        """Call ``on_slip`` with the slip of what is shown, or with why there is none."""
        self._idle.touch()
        self._mailbox.post(lambda: self._make_slip(on_slip))

    def seal_slip(self, prepared: PreparedSlip, pdf: bytes, on_sealed: OnSealed) -> None:
        """Sign a drawn slip and record it; call ``on_sealed`` with it or with why not, from the desk's threads."""
        self._idle.touch()
        self._pool.submit(lambda: self._slips.seal(prepared, pdf, on_sealed))

    def choose_purpose(self, purpose: str) -> None:
        """Set the purpose of the look-ups from now on; raise KeyError for an unknown one."""
        self._idle.touch()
        self._consenting.choose(purpose)

    def give_consent(self, purpose: str, language: str, how: str) -> None:
        """Record that the citizen agreed to the text of ``purpose`` in ``language``; ``how`` is a ``ConsentHow``.

        Raise KeyError for an unknown purpose, ValueError for an unknown language or way.
        """
        self._idle.touch()
        self._consenting.give(purpose, language, how)

    def refuse_consent(self) -> None:
        """Record that the citizen did not agree, or no longer does: nobody is asked, and the visit goes on."""
        self._idle.touch()
        self._consenting.refuse()

    def go_on_without_proof(self) -> None:
        """Ask the registers without the proof of a card that left before it had proved itself."""
        self._idle.touch()
        self._box.post(Event.WITHOUT_PROOF)

    def sign_in(self, *, again: bool = False) -> None:
        """Have a clerk sign in, in the place of who is here; ``again``: have the same one sign in once more."""
        self._idle.touch()
        self._signing_in.begin(again=again)

    def stop_sign_in(self) -> None:
        """Stop a sign-in that waits for somebody."""
        self._idle.touch()
        self._signing_in.stop()

    def sign_out(self) -> None:
        """Sign out the clerk who is here, and wipe."""
        self._signing_in.leave()

    def touch(self) -> None:
        """Say that somebody is there: the idle clock begins anew."""
        self._idle.touch()

    def close(self) -> None:
        """Cancel, wipe and end all threads; must not be called from within ``on_view``. Twice does no harm."""
        if self._closed:
            return
        self._mailbox.post(self._shut)
        self._going_over.close()
        self._parts.watch.stop()
        self._parts.side.close()
        self._pool.close()
        self._worker.close()

    @property
    def parts(self) -> DeskParts:
        """Return what the desk works with now."""
        return self._parts

    @property
    def data(self) -> VisitData:
        """Return what is held of the present visit: for a report that was asked for."""
        return self._held.data

    # What happens, one at a time.

    def _handle(self, event: Event, news: News, visit: int | None) -> None:
        if self._closed or (visit is not None and visit != self._held.data.serial):
            self.ignored[f"late: {event}"] += 1
            return
        to = transition(self._state, event)
        if to is None:
            self.ignored[f"{self._state}: {event}"] += 1
            return
        if to.state is not self._state:
            self._idle.touch()
            _log.info("state", extra={"visit": self._held.data.serial, "state": to.state.value, "on": event.value})
        self._state = to.state
        for action in to.actions:
            self._carry_out(action, news)

    def _carry_out(self, action: Action, news: News) -> None:
        held, reading = self._held, self._reading
        work: dict[Action, Callable[[], object]] = {
            Action.LOOK_AT_READER: lambda: self._tell_first(self._readers.look()),
            Action.OFFER_KEY: self._offer_key,
            Action.KEEP_KEY: lambda: held.change(key=news.key),
            Action.KEEP_CERTIFICATE: lambda: held.change(certificate=news.certificate),
            Action.START_READING: lambda: reading.start(news.key),
            Action.CANCEL_READING: self._cancel,
            Action.HOLD_PLACE: reading.hold_place,
            Action.KEEP_PLACE: lambda: reading.keep_place(news.place),
            Action.AWAIT_CARD: lambda: reading.await_card(news.failure),
            Action.LOOK_SOON: reading.look_soon,
            Action.RETURN: reading.return_card,
            Action.GO_ON_READING: reading.go_on,
            Action.KEEP_DATA: lambda: reading.keep_data(news),
            Action.LOOK_UP: self._asking.look_up,
            Action.PUT_AWAY: self._asking.put_away,
            Action.KEEP_CONSENT: lambda: held.change(consent=news.consent),
            Action.FORGET_CONSENT: lambda: held.change(consent=None),
            Action.PROVE: self._proving.start,
            Action.STOP_WAITING: reading.stop_waiting,
            Action.LEAVE_OUT_PROOF: self._tapping.leave_out,
            Action.ASK_NOBODY: self._asking.ask_nobody,
            Action.KEEP_ANSWER: lambda: self._asking.keep_answer(news),
            Action.SHOW_FAILURE: lambda: held.change(failure=news.failure),
            Action.FORGET_FAILURE: lambda: held.change(failure=None),
            Action.WIPE: self._wipe,
            Action.SETTLE_SOON: self._settle_soon,
        }
        work[action]()

    def _break(self, error: Exception) -> None:
        """Wipe and say that the program has a fault; the error's text may hold personal data and is not told."""
        _log.error("fault", extra={"kind": type(error).__name__, "where": where_of(error)})
        self._handle(Event.BROKEN, News(failure=FailureView(MotCuaError.code)), None)

    def _see(self, snapshot: ReaderSnapshot) -> None:
        self._tell_first(self._readers.update(snapshot))

    def _tell_first(self, events: tuple[ReaderEvent, ...]) -> None:
        for told in reversed(events):
            failure = FailureView(told.failure) if told.failure else None
            self._box.first(told.event, News(failure=failure))

    def _offer_key(self) -> None:
        if self._held.data.key is not None:
            self._box.first(Event.KEY_ENTERED, News(key=self._held.data.key))
            self._held.change(key=None)

    def _cancel(self) -> None:
        self._reading.cancel()
        self._proving.cancel()

    def _worker_is_free(self) -> None:
        # Of interest only to a desk that waits for a cancelled reading to end.
        if self._state is DeskState.STOPPING:
            self._handle(Event.WORKER_FREE, News(), None)

    def _queue_lookups(self) -> None:
        if self._state is DeskState.SHOWING:
            self._queueing.queue()

    def _wipe(self) -> None:
        self._asking.call_back()
        self._held.data = self._held.data.wiped()
        if self._parts.registers.certificates:
            self._see_device()
        self._tapping.forget()
        self._reading.forget()
        self._proving.forget()

    def _settle_soon(self) -> None:
        self._settling = self._box.later(self._parts.settle_seconds, Event.SETTLED)

    def _see_device(self) -> None:
        device, certificates = self._parts.registers.device, self._parts.registers.certificates
        self._going_over.see(device)
        if device is not None or certificates:
            certificate = certificate_view(certificates, self._parts.server_time.now())
            self._held.around = replace(self._held.around, device=device_view(device, certificate))

    def _make_slip(self, on_slip: OnSlip) -> None:
        """Name the clerk who is here as the page is seen: a sign-in changes both, so they are looked at once."""
        around = self._around()
        self._slips.make(self._view(around), self._held.data, around.clerk_id, on_slip)

    def _around(self) -> Surroundings:
        """Return what is around the visit at this moment, the clerk among it."""
        return self._parts.clerk.among(self._held.around)

    def _view(self, around: Surroundings | None = None) -> DeskView:
        card, waiting = self._readers.card, self._parts.registers.waiting
        return present(
            self._state,
            self._held.data,
            replace(
                around or self._around(),
                trust=self._parts.trust(),
                waiting=waiting.view() if waiting else None,
                sign_in=self._parts.clerk.view,
                wrong_clock=wrong_clock(self._parts.server_time),
            ),
            self._readers.snapshot,
            in_use=card.name if card else "",
            trouble=self._readers.trouble,
        )

    def _publish(self) -> None:
        """Show the present view where it differs from the last one; runs when nothing more waits."""
        if self._closed:
            return
        self._idle.arm(not self.between_visits)
        self._going_over.begin_if_due()
        self._shells.show(self._view())

    def _shut(self) -> None:
        self._closed = True
        self._cancel()
        self._wipe()
        self._idle.arm(False)
        if self._settling is not None:
            self._settling.cancel()
        self._shells.clear()
