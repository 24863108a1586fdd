"""The desk at work: takes a shell's intents, readers' news and jobs' answers, and carries out what the table says.

All of them meet in one mailbox and are handled one at a time, so nothing here needs a lock of its own. What a job
tells carries the number of the visit it was started for; a wipe begins the next number, and later answers to the old
one are dropped and counted.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from auth.purposes import ConsentRecord, Purpose
from auth.wire.server_time import ServerTime
from desk.certificate import certificate_in
from desk.clerk_post import ClerkPost, SettingsClerk, came
from desk.clock import Clock, Timer
from desk.consenting import consent_now, consent_wanted
from desk.device_view import device_view
from desk.dossier import dossier_number
from desk.idle import IdleWatch
from desk.jobs import CardWorker, LookupPool, ReadJob, run_read
from desk.logs import where_of
from desk.lookups import CONSENT_REFUSED, LookupPlan, nobody, plan, wants_sign_in
from desk.mailbox import Mailbox
from desk.news import News, news_of
from desk.office_certificates import certificate_view
from desk.outcomes import LookupOutcome
from desk.place import Place
from desk.ports import Inspector, OnView, PresenceStep, Registers
from desk.present import present
from desk.queueing import can_wait, queue_one
from desk.readers import ReaderEvent, ReaderTracker
from desk.tapping import Tapping
from desk.view import DeskState, DeskView, FailureView, TrustView
from desk.visit import Action, Event, transition
from desk.visit_data import Surroundings, VisitData
from desk.wrong_clock import wrong_clock
from reader.errors import CardRemoved, DataError, MotCuaError, NoCard
from reader.inspection.report import Decision, Inspection
from reader.iso7816 import CardTerminal, CardWatch, ReaderSnapshot
from reader.lds import KeyInput, parse_key_input

# For the annotations only: a window does not wait for the wire.
if TYPE_CHECKING:
    from desk.waiting import WaitingLookups

__all__ = ["Desk", "DeskParts"]

_log = logging.getLogger("motcua.desk")
KEY_NOT_UNDERSTOOD = "key-not-understood"
PREPARE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class DeskParts:
    """Hold what a desk works with: idle, it wipes after ``idle_seconds``; a wiped page stays ``settle_seconds``.

    A reading cut short keeps its place for ``card_back_seconds``; a card that only lost contact is tried again after
    ``contact_seconds``. ``prepare`` loads what the first card needs, after the window; ``trust`` then tells its age.
    ``terminal_for`` returns the terminal of one reading, which gives up waiting for a card when its event is set, and
    calls what it is handed with the reader's name where another program holds the card. ``presence`` follows a reading.
    """

    watch: CardWatch
    terminal_for: Callable[[threading.Event, Callable[[str], None]], CardTerminal]
    inspect: Inspector
    registers: Registers
    surroundings: Surroundings
    clock: Clock
    reader: str = ""
    presence: PresenceStep | None = None
    idle_seconds: float = 120.0
    settle_seconds: float = 3.0
    card_back_seconds: float = 20.0
    contact_seconds: float = 1.0
    prepare: Callable[[], None] = lambda: None
    trust: Callable[[], TrustView | None] = lambda: None
    clerk: ClerkPost = field(default_factory=SettingsClerk)
    server_time: ServerTime = field(default_factory=ServerTime)


class Desk:
    """Conduct one visit after the other (``DeskControls``); every method may be called from any thread."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts
        self._state = DeskState.NO_READER
        self._data = VisitData(outcomes=parts.registers.nobody_asked())
        self._around = replace(parts.surroundings, can_wait=parts.registers.can_wait)
        self._readers = ReaderTracker(parts.reader)
        self._job: ReadJob | None = None
        self._settling: Timer | None = None
        self._awaiting: Timer | None = None
        self._shells: list[OnView] = []
        self._closed = False
        self.ignored: Counter[str] = Counter()
        self._mailbox = Mailbox(after=self._publish, on_fault=self._break)
        self._shown: DeskView | None = None
        self._worker = CardWorker()
        self._tapping = Tapping(parts.presence, self._plan, lambda: self._data)
        self._pool = LookupPool(len(parts.registers.registers))
        parts.clerk.subscribe(lambda: self._mailbox.post(self._see_clerk))
        self._clerk_seen = ""
        self._sign_in_seen = parts.clerk.view
        self._idle = IdleWatch(parts.clock, parts.idle_seconds, lambda: self._post(Event.IDLE))

    def start(self) -> None:
        """Begin to watch readers, and soon have loaded what the first card needs."""
        self._parts.clock.call_later(PREPARE_SECONDS, lambda: self._worker.submit(self._prepare))
        if self._parts.registers.waiting is not None:
            self._parts.registers.waiting.start(lambda: self._mailbox.post(lambda: None))
        if self._parts.registers.device is not None:
            self._parts.registers.device.follow(lambda: self._mailbox.post(self._see_device))
        self._mailbox.post(self._see_device)
        self._parts.watch.start(lambda snapshot: self._mailbox.post(lambda: self._see(snapshot)))

    def _prepare(self) -> None:
        """Load what the first card needs; where that fails, say so now: each reading will fail by the same name."""
        try:
            self._parts.prepare()
        except MotCuaError as error:
            self._post(Event.BROKEN, News(failure=FailureView(error.code)))
        self._mailbox.post(lambda: None)  # the age of the trust is known now

    # What a shell may ask for (DeskControls).

    def subscribe(self, on_view: OnView) -> None:
        """Call ``on_view`` with the present view at once and with each later one, from the desk's threads."""
        self._mailbox.post(lambda: self._add_shell(on_view))

    def enter_key(self, text: str) -> None:
        """Take what the clerk typed or scanned: 12 digits, 6 digits, three MRZ lines, or a QR code."""
        self._idle.touch()
        try:
            certificate = certificate_in(text)
            if certificate:
                self._post(Event.CERTIFICATE_SCANNED, News(certificate=certificate))
                return
            key = parse_key_input(text)
        except DataError:
            self._post(Event.KEY_REFUSED, News(failure=FailureView(KEY_NOT_UNDERSTOOD)))
        else:
            self._post(Event.KEY_ENTERED, News(key=key))

    def cancel(self) -> None:
        """Stop what is running and wipe."""
        self._idle.touch()
        self._post(Event.CANCEL)

    def next_citizen(self) -> None:
        """End this visit and wipe."""
        self._idle.touch()
        self._post(Event.NEXT)

    def look_up_again(self) -> None:
        """Ask the registers once more, unless the card was stopped."""
        self._idle.touch()
        self._mailbox.post(self._look_up_again)

    def set_dossier(self, dossier: str) -> None:
        """Set the number of the dossier that this visit is for, empty for none; raise DataError for what is none."""
        self._idle.touch()
        number = dossier_number(dossier)
        self._mailbox.post(lambda: self._change(dossier=number))

    def queue_lookups(self) -> None:
        """Have the look-ups of this visit that a register could not answer wait for it, for the visit's dossier."""
        self._idle.touch()
        self._mailbox.post(self._queue_lookups)

    def choose_purpose(self, purpose: str) -> None:
        """Set the purpose of the look-ups from now on; raise KeyError for an unknown one."""
        self._idle.touch()
        known = self._around.purposes.purpose(purpose).id
        self._mailbox.post(lambda: self._take_purpose(known))

    def give_consent(self, purpose: str, language: str, how: str) -> None:
        """Record that the citizen agreed to the text of ``purpose`` in ``language``; ``how`` is a ``ConsentHow``.

        Raise KeyError for an unknown purpose, ValueError for an unknown language or way.
        """
        self._idle.touch()
        known = self._around.purposes.purpose(purpose)
        record = consent_now(known, language, how)
        self._mailbox.post(lambda: self._take_consent(known, record))

    def refuse_consent(self) -> None:
        """Record that the citizen did not agree: nobody is asked, and the visit goes on with what the chip says."""
        self._idle.touch()
        self._post(Event.CONSENT_REFUSED)

    def sign_in(self, *, again: bool = False) -> None:
        """Have a clerk sign in, in the place of who is here; ``again``: have the same one sign in once more."""
        self._idle.touch()
        if again:
            self._parts.clerk.sign_in_again()
            return
        if self._parts.clerk.among(self._around).clerk_id:
            # A hand-over: nothing of the first clerk's visit is for the eyes of the second.
            self._post(Event.NEXT)
        self._parts.clerk.sign_in()

    def stop_sign_in(self) -> None:
        """Stop a sign-in that waits for somebody."""
        self._idle.touch()
        self._parts.clerk.cancel()

    def sign_out(self) -> None:
        """Sign out the clerk who is here, and wipe."""
        self._post(Event.NEXT)
        self._parts.clerk.sign_out()

    def touch(self) -> None:
        """Say that somebody is there: the idle clock begins anew."""
        self._idle.touch()

    def close(self) -> None:
        """Cancel, wipe and end all threads; must not be called from within ``on_view``. Twice does no harm."""
        if self._closed:
            return
        self._mailbox.post(self._shut)
        self._parts.watch.stop()
        self._tapping.close()
        self._parts.clerk.close()
        self._parts.registers.close()
        self._pool.close()
        self._worker.close()

    @property
    def data(self) -> VisitData:
        """Return what is held of the present visit: for a report that was asked for."""
        return self._data

    # What happens, one at a time.

    def _post(self, event: Event, news: News | None = None, *, visit: int | None = None) -> None:
        self._mailbox.post(lambda: self._handle(event, news or News(), visit))

    def _later(self, seconds: float, event: Event, news: News | None = None) -> Timer:
        """Have ``event`` posted after ``seconds``, unless the visit has ended by then."""
        serial = self._data.serial
        return self._parts.clock.call_later(seconds, lambda: self._post(event, news, visit=serial))

    def _post_first(self, event: Event, news: News | None = None) -> None:
        self._mailbox.post_first(lambda: self._handle(event, news or News(), None))

    def _handle(self, event: Event, news: News, visit: int | None) -> None:
        if self._closed or (visit is not None and visit != self._data.serial):
            self.ignored[f"late: {event}"] += 1
            return
        to = transition(self._state, event)
        if to is None:
            self.ignored[f"{self._state}: {event}"] += 1
            return
        if to.state is not self._state:
            self._idle.touch()
            _log.info("state", extra={"visit": self._data.serial, "state": to.state.value, "on": event.value})
        self._state = to.state
        for action in to.actions:
            self._carry_out(action, news)

    def _carry_out(self, action: Action, news: News) -> None:
        work: dict[Action, Callable[[], object]] = {
            Action.LOOK_AT_READER: lambda: self._tell_first(self._readers.look()),
            Action.OFFER_KEY: self._offer_key,
            Action.KEEP_KEY: lambda: self._change(key=news.key),
            Action.KEEP_CERTIFICATE: lambda: self._change(certificate=news.certificate),
            Action.START_READING: lambda: self._start_reading(news.key),
            Action.CANCEL_READING: self._cancel_reading,
            Action.HOLD_PLACE: self._hold_place,
            Action.KEEP_PLACE: lambda: self._keep_place(news.place),
            Action.AWAIT_CARD: lambda: self._await_card(news.failure),
            Action.LOOK_SOON: lambda: self._later(self._parts.contact_seconds, Event.LOOK_AGAIN),
            Action.RETURN: self._return,
            Action.GO_ON_READING: self._go_on_reading,
            Action.KEEP_DATA: lambda: self._keep_data(news),
            Action.LOOK_UP: self._look_up,
            Action.KEEP_CONSENT: lambda: self._change(consent=news.consent),
            Action.ASK_NOBODY: lambda: self._change(outcomes=nobody(self._parts.registers, CONSENT_REFUSED).outcomes),
            Action.KEEP_ANSWER: lambda: self._keep_answer(news),
            Action.SHOW_FAILURE: lambda: self._change(failure=news.failure),
            Action.FORGET_FAILURE: lambda: self._change(failure=None),
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
            self._post_first(told.event, News(failure=failure))

    def _offer_key(self) -> None:
        if self._data.key is not None:
            self._post_first(Event.KEY_ENTERED, News(key=self._data.key))
            self._change(key=None)

    def _start_reading(self, key: KeyInput | None) -> None:
        self._read_from(Place(key) if key is not None else None)

    def _read_from(self, place: Place | None) -> None:
        card = self._readers.card
        if place is None or card is None:
            self._post_first(Event.READ_FAILED, News(failure=FailureView(NoCard.code)))
            return
        job = ReadJob(self._data.serial, card.name, place)
        self._job = job
        self._worker.submit(lambda: self._read(job))

    def _read(self, job: ReadJob) -> None:
        """Do the reading, and the tap that follows it; this runs on the card worker."""
        parts, serial = self._parts, job.serial
        result = run_read(
            job,
            parts.terminal_for(job.cancel, lambda _: self._post(Event.DATA_READ, News(held=True), visit=serial)),
            parts.inspect,
            lambda told: self._post(Event.DATA_READ, News(told=told), visit=serial),
            self._tapping.during(job, lambda: parts.clerk.among(self._around), self._post),
        )
        event, news = news_of(result)
        self._post(event, news, visit=serial)
        self._mailbox.post(self._worker_is_free)

    def _worker_is_free(self) -> None:
        # Of interest only to a desk that waits for a cancelled reading to end.
        if self._state is DeskState.STOPPING:
            self._handle(Event.WORKER_FREE, News(), None)

    def _cancel_reading(self) -> None:
        if self._job is not None:
            self._job.cancel.set()

    def _hold_place(self) -> None:
        if self._job is not None:
            self._data = self._data.interrupted(self._job.place)

    def _keep_place(self, place: Place | None) -> None:
        self._job = None
        if place is not None:
            self._change(place=place)

    def _await_card(self, failure: FailureView | None) -> None:
        news = News(failure=failure or FailureView(CardRemoved.code))
        self._awaiting = self._later(self._parts.card_back_seconds, Event.WAITED_IN_VAIN, news)

    def _return(self) -> None:
        """Go on once both have come: the card, and the end of the reading that was interrupted."""
        if self._job is None and self._readers.card is not None:
            self._post_first(Event.GO_ON)

    def _go_on_reading(self) -> None:
        place = self._data.place
        self._stop_waiting()
        self._change(place=None)
        self._read_from(place)

    def _stop_waiting(self) -> None:
        if self._awaiting is not None:
            self._awaiting.cancel()
            self._awaiting = None

    def _keep_data(self, news: News) -> None:
        if news.held or news.tapping or news.told is not None:
            self._change(waits_for_others=news.held, tapping=news.tapping)
        if news.told is not None:
            self._data = self._data.with_event(news.told)
        if news.inspection is not None:
            self._job = None
            self._data = self._data.with_inspection(news.inspection)
            if news.inspection.decision is Decision.STOP:
                self._change(outcomes=self._plan(news.inspection).outcomes)

    def _look_up(self) -> None:
        inspection, serial = self._data.inspection, self._data.serial
        if inspection is None:
            self._post_first(Event.LOOKUP_DONE)
            return
        planned = self._plan(inspection)
        if consent_wanted(planned, self._purpose, self._data.consent):
            self._post_first(Event.CONSENT_NEEDED)
            return
        planned, tap = self._tapping.plan_for(self._data, self._around.purpose, planned)
        self._change(outcomes=planned.outcomes, tap=tap, tapping=False)
        for question in planned.questions:
            self._pool.submit(partial(self._ask, serial, question))
        if not self._data.asking:
            self._post_first(Event.LOOKUP_DONE)

    def _plan(self, inspection: Inspection) -> LookupPlan:
        purpose, data = self._purpose, self._data
        consent = data.consent if purpose.needs_consent else None
        registers, around = self._parts.registers, self._parts.clerk.among(self._around)
        clerk = around.clerk_id if around.clerk_id or self._parts.clerk.view is None else None
        return plan(
            inspection, registers, purpose, clerk, consent=consent, certificate=data.certificate, dossier=data.dossier
        )

    @property
    def _purpose(self) -> Purpose:
        return self._around.purposes.purpose(self._around.purpose)

    def _ask(self, serial: int, question: Callable[[], LookupOutcome[Any]]) -> None:
        """Ask, and bring the answer home; this runs on the look-up pool."""
        self._post(Event.ANSWER_ARRIVED, News(outcome=question()), visit=serial)

    def _keep_answer(self, news: News) -> None:
        if news.outcome is not None:
            self._data = self._data.with_outcome(news.outcome)
        if not self._data.asking:
            self._post_first(Event.LOOKUP_DONE)

    def _look_up_again(self) -> None:
        inspection = self._data.inspection
        if inspection is not None and inspection.decision is not Decision.STOP:
            self._handle(Event.LOOK_UP_AGAIN, News(), None)

    def _queue_lookups(self) -> None:
        waiting, serial, dossier = self._parts.registers.waiting, self._data.serial, self._data.dossier
        if waiting is None or self._state is not DeskState.SHOWING:
            return
        for outcome in self._data.outcomes:
            if can_wait(outcome, self._around.can_wait):
                # Without its look-up it is not offered again while this is under way: a double click queues once.
                self._data = self._data.with_outcome(replace(outcome, lookup=None))
                self._pool.submit(partial(self._queue_one, waiting, serial, outcome, dossier))

    def _queue_one(self, waiting: WaitingLookups, serial: int, outcome: LookupOutcome[Any], dossier: str) -> None:
        """Queue one look-up, and bring home how it went; this runs on the look-up pool."""
        done = queue_one(waiting, outcome, dossier)
        self._mailbox.post(lambda: self._keep_queued(serial, done))

    def _keep_queued(self, serial: int, outcome: LookupOutcome[Any]) -> None:
        if serial == self._data.serial:
            self._data = self._data.with_outcome(outcome)

    def _wipe(self) -> None:
        self._stop_waiting()
        self._data = self._data.wiped()
        if self._parts.registers.certificates:
            self._see_device()
        self._tapping.forget()
        self._job = None

    def _settle_soon(self) -> None:
        self._settling = self._later(self._parts.settle_seconds, Event.SETTLED)

    def _change(self, **changes: Any) -> None:
        self._data = replace(self._data, **changes)

    def _see_clerk(self) -> None:
        """Wipe what was of another clerk's visit; ask again what only wanted for one to sign in."""
        before, self._sign_in_seen = self._sign_in_seen, self._parts.clerk.view
        now, waiting = self._parts.clerk.among(self._around).clerk_id, self._parts.registers.waiting
        if waiting is not None and came(before, self._sign_in_seen):
            waiting.wake()  # what waits may be waiting for this clerk
        if now and self._clerk_seen and now != self._clerk_seen:
            self._handle(Event.NEXT, News(), None)
        elif came(before, self._sign_in_seen) and wants_sign_in(self._data.outcomes):
            self._look_up_again()
        self._clerk_seen = now or self._clerk_seen

    def _see_device(self) -> None:
        device, certificates = self._parts.registers.device, self._parts.registers.certificates
        if device is not None or certificates:
            certificate = certificate_view(certificates, self._parts.server_time.now())
            self._around = replace(self._around, device=device_view(device, certificate))

    def _take_purpose(self, purpose: str) -> None:
        self._around = replace(self._around, purpose=purpose)
        if self._state is DeskState.CONSENT:
            self._handle(Event.PURPOSE_CHANGED, News(), None)

    def _take_consent(self, purpose: Purpose, record: ConsentRecord) -> None:
        """Go on with what was agreed to, unless another purpose was chosen while the citizen was reading."""
        if purpose.id == self._around.purpose:
            self._handle(Event.CONSENT_GIVEN, News(consent=record), None)

    def _add_shell(self, on_view: OnView) -> None:
        self._shells.append(on_view)
        self._tell(on_view, self._view())

    def _view(self) -> DeskView:
        card, waiting = self._readers.card, self._parts.registers.waiting
        return present(
            self._state,
            self._data,
            replace(
                self._parts.clerk.among(self._around),
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
        busy = self._state in (DeskState.READING, DeskState.CONSENT, DeskState.LOOKUP, DeskState.SHOWING)
        self._idle.arm(busy or self._data.holds_something)
        view = self._view()
        if view != self._shown:
            self._shown = view
            for on_view in tuple(self._shells):
                self._tell(on_view, view)

    def _tell(self, on_view: OnView, view: DeskView) -> None:
        """Show a view to one shell; a shell that fails is its own trouble and not the citizen's."""
        try:
            on_view(view)
        except Exception as error:
            _log.error("shell failed", extra={"kind": type(error).__name__})

    def _shut(self) -> None:
        self._closed = True
        self._cancel_reading()
        self._wipe()
        self._idle.arm(False)
        if self._settling is not None:
            self._settling.cancel()
        self._shells.clear()
        self._shown = None
