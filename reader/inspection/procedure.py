"""One inspection, from a link to the report: open, read, prove, judge, decide (ICAO 9303-11 §4.2, appendix J).

The card is read on the caller's thread; signature and chain are verified beside it on another. Whatever the card does
while it is there ends in a report; only a card that leaves, PC/SC trouble, a password that does not open, and the
caller's cancel raise.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from reader.access import Channel, open_channel
from reader.crypto import Rng, system_rng
from reader.errors import AccessFailed, Cancelled, CardError, DataError, DifferentDocument, PCSCError
from reader.files import Buffers, FileId, ReadCache, negotiate
from reader.inspection.beside import Beside
from reader.inspection.card_reading import CardReading
from reader.inspection.checks import Check
from reader.inspection.consistency import key_check
from reader.inspection.events import CheckJudged, InspectionEvent, OnEvent, PortraitRead, Step, StepStarted
from reader.inspection.gathered import Gathered, is_test
from reader.inspection.judging import judge
from reader.inspection.portrait_beside import PortraitBeside
from reader.inspection.record import record_of
from reader.inspection.report import Inspection, LinkUse
from reader.inspection.request import InspectionRequest
from reader.iso7816 import CancellableLink, CardLink, CollectingLink, CountingLink
from reader.lds import parse_dg2

__all__ = ["inspect"]


def ignore(event: InspectionEvent) -> None:
    """Let an event pass by."""


def inspect(
    link: CardLink,
    request: InspectionRequest,
    *,
    on_event: OnEvent = ignore,
    cancel: threading.Event | None = None,
    reset: Callable[[], None] | None = None,
    rng: Rng = system_rng,
    clock: Callable[[], float] = time.monotonic,
    known: ReadCache | None = None,
    keep: Callable[[ReadCache], None] | None = None,
) -> Inspection:
    """Inspect the card behind ``link``, which was reset just now, and return the report.

    ``on_event`` is called on the caller's thread: the identity before the portrait, each check as it is judged.
    ``cancel`` ends the work within one APDU. ``reset`` resets the card behind the same link where the reader can.

    When the card is lost or the work is cancelled in the middle, ``keep`` is handed what has been read before the error
    is raised. Hand that in as ``known`` when a card is back: where the same document answers, only what is missing is
    read; another one raises DifferentDocument. Every proof of the chip is performed anew.

    Raise WrongPassword, MrzNeeded, AccessFailed or UnsupportedCard where the chip does not open, Cancelled, and
    PCSCError or CardRemoved when the way to the card is lost.
    """
    return _Inspection(link, request, on_event, cancel or threading.Event(), rng, clock).run(reset, known, keep)


class _Inspection:
    """Hold what one inspection goes by."""

    def __init__(
        self,
        link: CardLink,
        request: InspectionRequest,
        on_event: OnEvent,
        cancel: threading.Event,
        rng: Rng,
        clock: Callable[[], float],
    ) -> None:
        self._counting = CountingLink(CancellableLink(link, cancel))
        self._link = CollectingLink(self._counting)
        self._request = request
        self._on_event = on_event
        self._cancel = cancel
        self._rng = rng
        self._clock = clock
        self._started = clock()
        self._timings: list[tuple[str, float]] = []

    def run(
        self,
        reset: Callable[[], None] | None,
        known: ReadCache | None,
        keep: Callable[[ReadCache], None] | None,
    ) -> Inspection:
        self._on_event(StepStarted(Step.ACCESS))
        buffers = negotiate(self._link)
        channel = self._open(reset, buffers)
        self._mark("access")
        gathered = Gathered(channel)
        if channel.card_security is not None:
            gathered.add(channel.card_security)
        with PortraitBeside(self._clock, wanted=self._request.decode_portrait) as portrait, Beside() as beside:
            reading = CardReading(
                channel.link,
                gathered,
                self._request,
                beside,
                portrait,
                self._on_event,
                self._mark,
                self._rng,
                buffers,
                known,
            )
            try:
                self._read(channel, reading)
                self._show_portrait(gathered, portrait)
            except (CardError, PCSCError, Cancelled) as error:
                if keep is not None and not isinstance(error, DifferentDocument):
                    keep(reading.cache)
                raise
        self._on_event(StepStarted(Step.VERDICT))
        key_matches = key_check(gathered, self._request)
        checks = judge(gathered, self._request.moment, key_matches)
        for check in checks:
            if reading.told.get(check.id) != check:
                self._on_event(CheckJudged(check))
        return self._report(gathered, checks, key_matches)

    def _read(self, channel: Channel, reading: CardReading) -> None:
        try:
            reading.run()
        finally:
            channel.link.close()
        self._mark("read")

    def _open(self, reset: Callable[[], None] | None, buffers: Buffers | None) -> Channel:
        try:
            return open_channel(
                self._link,
                self._request.passwords,
                allow_bac_after_pace_failure=self._request.policy.bac_after_pace_failure,
                reset=reset,
                rng=self._rng,
                buffers=buffers,
            )
        except DataError as error:
            raise AccessFailed(f"answer without sense: {error}") from None

    def _mark(self, event: str) -> None:
        self._timings.append((event, round((self._clock() - self._started) * 1000, 3)))

    def _show_portrait(self, gathered: Gathered, portrait: PortraitBeside) -> None:
        """Decode the portrait in its child process; a portrait that cannot be shown never ends an inspection.

        DG2 is parsed in any case, since its structure is judged; of several faces the first is shown.
        """
        found = gathered.parse(FileId.DG2, parse_dg2, gathered.whole(FileId.DG2))
        if found is None:
            listed = 2 in gathered.listed or FileId.DG2 in gathered.reads
            gathered.portrait_problem = "portrait-unreadable" if listed else "no-portrait"
            return
        gathered.portraits = len(found.faces)
        if not found.faces:
            gathered.portrait_problem = "no-portrait"
        if not found.faces or not self._request.decode_portrait:
            return
        try:
            gathered.portrait = portrait.finish(found.faces[0].image, self._cancel)
        except DataError:
            gathered.portrait_problem = "portrait-unreadable"
            return
        self._mark("portrait")
        self._on_event(PortraitRead(gathered.portrait))

    def _report(self, gathered: Gathered, checks: tuple[Check, ...], key_matches: Check) -> Inspection:
        request = self._request
        decision, findings = request.policy.decide(checks, request.materials, request.moment)
        self._mark("end")
        counters = self._counting.counters
        files = [(FileId.CARD_ACCESS.label, gathered.channel.card_access.data)]
        files += [(file.label, read.data) for file, read in gathered.reads.items() if read.complete]
        return Inspection(
            decision=decision,
            findings=findings,
            checks=checks,
            access=gathered.channel.protocol.value,
            identity=gathered.identity,
            portrait=gathered.portrait,
            files=tuple((name, data) for name, data in files if data),
            timings=tuple(self._timings),
            link=LinkUse(counters.apdus, counters.sent, counters.received),
            policy=request.policy.name,
            policy_digest=request.policy.digest,
            materials=request.materials,
            moment=request.moment,
            record=record_of(gathered, request.moment, key_matches),
            test=is_test(gathered, request.trust.anchors),
        )
