"""One inspection, from a link to the report: open, read, prove, judge, decide (ICAO 9303-11 §4.2, appendix J).

The card is read on the caller's thread; signature and chain are verified beside it on another. Whatever the card does
while it is there ends in a report; only a card that leaves, PC/SC trouble, a password that does not open, and the
caller's cancel raise.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from reader.access import Channel, ConfirmTries, SecureMessaging, open_channel
from reader.crypto import Rng, system_rng
from reader.errors import (
    AccessFailed,
    Cancelled,
    CardError,
    DataError,
    DifferentDocument,
    PCSCError,
    SecureMessagingError,
    UnsupportedCard,
)
from reader.files import Buffers, FileId, ReadCache, capabilities_of, negotiate
from reader.genuine import TerminalSide
from reader.inspection.beside import Beside
from reader.inspection.card_reading import CardReading
from reader.inspection.checks import Check
from reader.inspection.consistency import key_check
from reader.inspection.events import CheckJudged, InspectionEvent, OnEvent, PortraitRead, Step, StepStarted
from reader.inspection.gathered import Gathered, is_test
from reader.inspection.judging import judge
from reader.inspection.open_chip import Afterwards, OpenChip
from reader.inspection.portrait_beside import PortraitBeside
from reader.inspection.proving import Proving
from reader.inspection.record import record_of
from reader.inspection.report import Inspection, LinkUse
from reader.inspection.request import InspectionRequest
from reader.iso7816 import CancellableLink, CardLink, CollectingLink, CountingLink, atr_of, reset_of
from reader.lds import parse_dg2
from reader.verdict import CheckStatus

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
    confirm_tries: ConfirmTries | None = None,
    afterwards: Afterwards | None = None,
) -> Inspection:
    """Inspect the card behind ``link``, which was reset just now, and return the report.

    ``on_event`` is called on the caller's thread: the identity before the portrait, each check as it is judged.
    ``cancel`` ends the work within one APDU. ``reset`` resets the card behind the same link; without it the link is
    asked whether it can (``ResettableLink``).

    When the card is lost or the work is cancelled in the middle, ``keep`` is handed what has been read before the error
    is raised. Hand that in as ``known`` when a card is back: where the same document answers, only what is missing is
    read; another one raises DifferentDocument. Every proof of the chip is performed anew.

    ``confirm_tries`` is asked, on the caller's thread, before a PIN or PUK is used of which tries were lost; without it
    none is spent, and TriesAtRisk tells how many are left.

    ``afterwards`` is called with the report while the channel to the chip still stands; it is closed after that. What
    is raised of the card there is a loss like any other: ``keep`` is handed what has been read.

    Raise WrongPassword, TriesAtRisk, MrzNeeded, AccessFailed or UnsupportedCard where the chip does not open,
    Cancelled, and PCSCError or CardRemoved when the way to the card is lost.
    """
    inspection = _Inspection(link, request, on_event, cancel or threading.Event(), rng, clock, reset, confirm_tries)
    return inspection.run(known, keep, afterwards)


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
        reset: Callable[[], None] | None,
        confirm_tries: ConfirmTries | None,
    ) -> None:
        self._counting = CountingLink(CancellableLink(link, cancel))
        self._link = CollectingLink(self._counting)
        self._request = request
        self._on_event = on_event
        self._cancel = cancel
        self._rng = rng
        self._clock = clock
        self._reset = reset or reset_of(link)
        self._confirm_tries = confirm_tries
        self._started = clock()
        self._timings: list[tuple[str, float]] = []

    def run(
        self,
        known: ReadCache | None,
        keep: Callable[[ReadCache], None] | None,
        afterwards: Afterwards | None,
    ) -> Inspection:
        self._on_event(StepStarted(Step.ACCESS))
        buffers = negotiate(self._link)
        channel = self._open(buffers)
        self._mark("access")
        gathered = Gathered(channel, clock_trusted=self._request.clock_trusted)
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
                self._proving(channel, gathered, buffers),
                buffers,
                known,
            )
            try:
                self._read(channel, reading, stays_open=afterwards is not None)
                self._show_portrait(gathered, portrait)
                inspection = self._judge(gathered, reading)
                if afterwards is not None:
                    afterwards(inspection, self._open_chip(channel, gathered, reading))
            except (CardError, PCSCError, Cancelled) as error:
                if keep is not None and not isinstance(error, DifferentDocument):
                    keep(reading.cache)
                raise
            finally:
                channel.link.close()
        return inspection

    def _judge(self, gathered: Gathered, reading: CardReading) -> Inspection:
        self._on_event(StepStarted(Step.VERDICT))
        key_matches = key_check(gathered, self._request)
        checks = judge(gathered, self._request.moment, key_matches)
        for check in checks:
            if reading.told.get(check.id) != check:
                self._on_event(CheckJudged(check))
        return self._report(gathered, checks, key_matches)

    def _open_chip(self, channel: Channel, gathered: Gathered, reading: CardReading) -> OpenChip:
        took = gathered.chip is not None and gathered.chip.status is CheckStatus.PASSED
        protocol = gathered.chip_key.oid if took and gathered.chip_key is not None else ""
        reopen = partial(self._open_again, channel.link) if self._may_reopen else None
        return OpenChip(self._link, channel.link, reopen, protocol, reading.by_short_id)

    def _open_again(self, link: SecureMessaging) -> SecureMessaging:
        """Reset the chip and open it anew; raise CardError where it does not open."""
        if self._reset is None:
            raise UnsupportedCard("a card that cannot be reset where it lies")
        link.close()
        self._reset()
        return self._open(None).link

    @property
    def _may_reopen(self) -> bool:
        return self._reset is not None and not any(password.counts_tries for password in self._request.passwords)

    def _read(self, channel: Channel, reading: CardReading, *, stays_open: bool) -> None:
        try:
            reading.run()
        finally:
            if not stays_open:
                channel.link.close()
        self._mark("read")

    def _open(self, buffers: Buffers | None) -> Channel:
        try:
            return open_channel(
                self._link,
                self._request.passwords,
                allow_bac_after_pace_failure=self._request.policy.bac_after_pace_failure,
                reset=self._reset,
                rng=self._rng,
                confirm_tries=self._confirm_tries,
                buffers=buffers,
            )
        except DataError as error:
            raise AccessFailed(f"answer without sense: {error}") from None

    def _proving(self, channel: Channel, gathered: Gathered, buffers: Buffers | None) -> Proving:
        credentials = self._request.terminal
        side = None
        if credentials is not None:
            # Chip Authentication Mapping binds our key of PACE to the chip; after another mapping there is none yet.
            key = channel.terminal_key if channel.chip_mapping is not None else b""
            chaining = capabilities_of(atr_of(self._link)).chaining
            side = TerminalSide(credentials, channel.chip_id, key, self._request.moment, buffers, chaining)
        return Proving(channel.link, gathered, self._rng, side, partial(self._reopen, channel.link))

    def _reopen(self, link: SecureMessaging) -> bool:
        """Open the chip anew after it has ended its session, where that spends no try of a password."""
        if self._reset is None or not self._may_reopen:
            return False
        try:
            self._reset()
            link.take_over(self._open(None).link)
        except (AccessFailed, UnsupportedCard, SecureMessagingError):
            return False
        return True

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
