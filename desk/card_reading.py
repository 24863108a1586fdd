"""The reading of a visit: begun, cancelled, held at its place when the card is lost, and gone on with when it is back.

The card worker is the only thread that speaks to a card; what it reads comes home as events.
"""

from __future__ import annotations

from collections.abc import Callable

from desk.asked_for import AskedFor
from desk.clock import Timer
from desk.event_box import EventBox
from desk.held import Held
from desk.jobs import CardWorker, ReadJob, run_read
from desk.news import News, news_of
from desk.parts import DeskParts
from desk.place import Place
from desk.readers import ReaderTracker
from desk.tapping import Tapping
from desk.view import FailureView
from desk.visit import Event
from reader.errors import CardRemoved, NoCard
from reader.inspection.report import Decision
from reader.lds import KeyInput

__all__ = ["CardReading"]


class CardReading:
    """Read the card of the present visit; ``on_free`` is called, in the mailbox, after each reading."""

    def __init__(
        self,
        parts: DeskParts,
        held: Held,
        readers: ReaderTracker,
        worker: CardWorker,
        tapping: Tapping,
        box: EventBox,
        on_free: Callable[[], None],
    ) -> None:
        self._parts = parts
        self._held = held
        self._readers = readers
        self._worker = worker
        self._tapping = tapping
        self._box = box
        self._on_free = on_free
        self._job: ReadJob | None = None
        self._awaiting: Timer | None = None

    def start(self, key: KeyInput | None) -> None:
        """Read the card on the reader from the beginning."""
        self._read_from(Place(key) if key is not None else None)

    def cancel(self) -> None:
        """End the reading within one APDU."""
        if self._job is not None:
            self._job.cancel.set()

    def hold_place(self) -> None:
        """Keep what the reading goes on from, and drop all else."""
        if self._job is not None:
            self._held.data = self._held.data.interrupted(self._job.place)

    def keep_place(self, place: Place | None) -> None:
        """Add to it what the interrupted reading left."""
        self._job = None
        if place is not None:
            self._held.change(place=place)

    def await_card(self, failure: FailureView | None) -> None:
        """Wait for the card to be back, for a while that begins now."""
        self.stop_waiting()
        news = News(failure=failure or FailureView(CardRemoved.code))
        self._awaiting = self._box.later(self._parts.card_back_seconds, Event.WAITED_IN_VAIN, news)

    def look_soon(self) -> None:
        """Look again soon whether a card that only lost contact is back."""
        self._box.later(self._parts.contact_seconds, Event.LOOK_AGAIN)

    def return_card(self) -> None:
        """Go on once both have come: the card, and the end of the reading that was interrupted."""
        if self._job is None and self._readers.card is not None:
            self._box.first(Event.GO_ON)

    def go_on(self) -> None:
        """Go on where the reading was interrupted."""
        place = self._held.data.place
        self.stop_waiting()
        self._held.change(place=None)
        self._read_from(place)

    def keep_data(self, news: News) -> None:
        """Keep what the reading tells, and what came of it."""
        held = self._held
        if news.held or news.tapping or news.told is not None:
            held.change(waits_for_others=news.held, tapping=news.tapping)
        if news.tapped is not None:
            self._tapping.keep(news.tapped)
        if news.told is not None:
            held.data = held.data.with_event(news.told)
        if news.inspection is not None:
            key = self._job.place.key if self._job is not None else None
            self._job = None
            held.data = held.data.with_inspection(news.inspection, key)
            if news.inspection.decision is Decision.STOP:
                planned = self._tapping.plan(news.inspection)
                held.change(outcomes=planned.outcomes, asked_for=AskedFor.by(held.purpose, None))

    def forget(self) -> None:
        """Drop what is held of a visit that has ended."""
        self.stop_waiting()
        self._job = None

    def _read_from(self, place: Place | None) -> None:
        card = self._readers.card
        if place is None or card is None:
            self._box.first(Event.READ_FAILED, News(failure=FailureView(NoCard.code)))
            return
        job = ReadJob(self._held.data.serial, card.name, place)
        self._job = job
        self._tapping.forget()
        self._worker.submit(lambda: self._read(job))

    def _read(self, job: ReadJob) -> None:
        """Do the reading, and the tap that follows it; this runs on the card worker."""
        parts, serial, box = self._parts, job.serial, self._box
        result = run_read(
            job,
            parts.terminal_for(job.cancel, lambda _: box.post(Event.DATA_READ, News(held=True), visit=serial)),
            parts.inspect,
            lambda told: box.post(Event.DATA_READ, News(told=told), visit=serial),
            self._tapping.during(job, box.post),
        )
        event, news = news_of(result)
        box.post(event, news, visit=serial)
        box.run(self._on_free)

    def stop_waiting(self) -> None:
        """Wait no longer."""
        if self._awaiting is not None:
            self._awaiting.cancel()
            self._awaiting = None
