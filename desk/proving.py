"""The card proves itself once more: opened anew while the visit goes on, after the citizen was asked.

That the card is still the one that was inspected is shown before it is made to prove anything. Whatever goes wrong
before that leaves the card wanted; whatever goes wrong after it is told, and the visit goes on without a proof.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desk.event_box import EventBox
from desk.held import Held
from desk.jobs import CardWorker, ReadJob
from desk.news import News
from desk.parts import DeskParts
from desk.place import Place
from desk.ports import Reopener
from desk.readers import ReaderTracker
from desk.tapped import Attempt, Tapped
from desk.tapping import Tapping
from desk.view import FailureView
from desk.visit import Event
from reader.errors import DifferentDocument, MotCuaError, WrongPassword
from reader.inspection.open_chip import OpenChip
from reader.inspection.report import Inspection
from reader.iso7816 import CancellableLink

__all__ = ["Proving"]


@dataclass(frozen=True, slots=True, repr=False)
class _Ended:
    """Hold how an attempt ended: with an event, and with what came of the tap where there was one."""

    event: Event
    tapped: Tapped | None = None
    failure: str = ""


class Proving:
    """Have the present visit's card prove itself; ``on_free`` is called, in the mailbox, after each attempt."""

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

    def start(self) -> None:
        """Begin, unless an attempt is under way; without a card it is wanted."""
        data, card = self._held.data, self._readers.card
        if self._job is not None and not self._job.cancel.is_set():
            return
        if card is None or data.inspection is None or data.opened_by is None:
            self._box.first(Event.PROOF_LOST)
            return
        job, inspection = ReadJob(data.serial, card.name, Place(data.opened_by)), data.inspection
        self._job = job
        self._held.change(tapping=True, tap=None)
        attempt = self._tapping.attempt(inspection)
        self._worker.submit(lambda: self._work(job, attempt, inspection))

    def cancel(self) -> None:
        """End the attempt within one APDU."""
        if self._job is not None:
            self._job.cancel.set()
            self._held.change(tapping=False)

    def forget(self) -> None:
        """Drop what is held of a visit that has ended."""
        self._job = None

    def _work(self, job: ReadJob, attempt: Attempt, inspection: Inspection) -> None:
        """Make the attempt and bring home how it ended; this runs on the card worker."""
        ended = self._prove(job, attempt, inspection)
        self._box.run(lambda: self._end(job, ended))
        self._box.run(self._on_free)

    def _prove(self, job: ReadJob, attempt: Attempt, inspection: Inspection) -> _Ended:
        """Return how it ended; never raise, so that the worker lives on."""
        came: list[Tapped] = []
        reopen = self._parts.reopen
        try:
            known = self._tapping.without_card(attempt, inspection)
            if known is not None:
                return _Ended(Event.PROOF_DONE, known)
            if reopen is not None:
                self._open(reopen, job, inspection, attempt, came)
        except (DifferentDocument, WrongPassword):
            return _Ended(Event.OTHER_DOCUMENT, failure=DifferentDocument.code)
        except MotCuaError:
            return _Ended(Event.PROOF_LOST)
        except Exception:  # the worker must outlive any fault, and the fault's text may hold personal data
            return _Ended(Event.BROKEN, failure=MotCuaError.code)
        return _Ended(Event.PROOF_DONE, came[0]) if came else _Ended(Event.PROOF_LOST)

    def _open(
        self, reopen: Reopener, job: ReadJob, inspection: Inspection, attempt: Attempt, came: list[Tapped]
    ) -> None:
        serial, box = job.serial, self._box
        terminal = self._parts.terminal_for(
            job.cancel, lambda _: box.post(Event.DATA_READ, News(held=True, tapping=True), visit=serial)
        )

        def prove(chip: OpenChip) -> None:
            came.append(self._tapping.once_more(attempt, inspection, chip, job.cancel))

        with terminal.connect(job.reader) as link:
            reopen(CancellableLink(link, job.cancel), job.place.key, inspection, prove, job.cancel)

    def _end(self, job: ReadJob, ended: _Ended) -> None:
        """Take how an attempt ended, unless another one was begun or the visit is over."""
        if job is not self._job:
            return
        self._job = None
        self._held.change(tapping=False, waits_for_others=False)
        if job.cancel.is_set():
            self._box.first(Event.PROOF_LOST)
            return
        if ended.tapped is not None:
            self._tapping.keep(ended.tapped)
        failure = FailureView(ended.failure) if ended.failure else None
        self._box.first(ended.event, News(failure=failure))
