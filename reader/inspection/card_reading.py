"""The reading itself, in the order that serves the desk: SOD, DG1, DG13, DG14, DG15, COM, what else there is, DG2.

The identity is told as soon as DG1 and DG13 are here, before the portrait. Chip Authentication follows DG14, and the
next read confirms it at no cost; Active Authentication follows DG15. A channel that dies ends the reading, not the
inspection: what was read is judged. Data groups 3 and 4 need terminal rights and are not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import date

from reader.crypto import Rng
from reader.errors import SecureMessagingError, UnprotectedStatus
from reader.files import FileId, ReadOutcome, SizePolicy, read_file
from reader.genuine import (
    ActiveKey,
    ChipKey,
    SecurityObject,
    agree_with_chip,
    choose_active_key,
    choose_chip_key,
    confirmed,
    judge_security_object,
    not_confirmed,
    prove_active_key,
)
from reader.inspection.beside import Beside
from reader.inspection.events import FileProgress, IdentityRead, OnEvent, Step, StepStarted
from reader.inspection.gathered import Gathered
from reader.inspection.request import InspectionRequest
from reader.lds import CalendarDate, identity_of, parse_com, parse_dg1, parse_dg13, parse_dg14, parse_dg15
from reader.verdict import Verdict

__all__ = ["CardReading"]

# What a Vietnamese card holds, for the case that EF.SOD cannot be read and so does not say.
_USUAL_GROUPS = (1, 2, 13, 14, 15)
_NOT_READ = frozenset({3, 4})
_BY_NAME = frozenset({1, 2, 13, 14, 15})


class CardReading:
    """Read one card over an open channel into ``gathered``; ``mark`` is told when an event of the timings happens."""

    def __init__(
        self,
        gathered: Gathered,
        request: InspectionRequest,
        beside: Beside,
        on_event: OnEvent,
        mark: Callable[[str], None],
        rng: Rng,
    ) -> None:
        self._gathered = gathered
        self._request = request
        self._beside = beside
        self._on_event = on_event
        self._mark = mark
        self._rng = rng
        self._link = gathered.channel.link
        self._sizes = SizePolicy(self._link.chunk_sizes)
        self._awaiting: ChipKey | None = None
        self._object: Future[SecurityObject] | None = None
        self._chain: Future[Verdict] | None = None

    def run(self) -> None:
        """Read all there is to read; raise what ends an inspection: Cancelled, a card that left, PC/SC trouble."""
        try:
            self._read_all()
        except SecureMessagingError as error:
            self._channel_died(error)
        self._collect()

    def _read_all(self) -> None:
        self._on_event(StepStarted(Step.IDENTITY))
        sod = self._read(FileId.SOD)
        if sod is not None:
            self._object = self._beside.do(lambda: judge_security_object(sod))
        self._read_identity()
        self._on_event(StepStarted(Step.CHIP))
        self._prove_chip()
        self._prove_active_key()
        self._gathered.com = self._gathered.parse(FileId.COM, parse_com, self._read(FileId.COM))
        self._read_others()
        if 2 in self._groups():
            self._on_event(StepStarted(Step.PORTRAIT))
            self._read(FileId.DG2)

    def _groups(self) -> tuple[int, ...]:
        """Return the data groups to read: what EF.SOD lists, and what EF.COM claims beyond that."""
        listed = self._security_object().data_groups if self._object else ()
        claimed = self._gathered.com.data_groups if self._gathered.com else ()
        numbers = set(listed or _USUAL_GROUPS) | set(claimed)
        return tuple(sorted(numbers - _NOT_READ))

    def _security_object(self) -> SecurityObject:
        assert self._object is not None  # noqa: S101  # the callers have looked
        return self._object.result()

    def _read(self, file: FileId) -> bytes | None:
        read = read_file(
            self._link,
            file,
            size_policy=self._sizes,
            on_progress=lambda got, total: self._on_event(FileProgress(file.label, got, total or 0)),
        )
        if self._awaiting is not None and read.outcome is not ReadOutcome.UNVERIFIED:
            self._gathered.chip = confirmed(self._awaiting, f"READ BINARY of {file.label}")
            self._awaiting = None
        return self._gathered.add(read)

    def _read_identity(self) -> None:
        gathered = self._gathered
        gathered.mrz = gathered.parse(FileId.DG1, parse_dg1, self._read(FileId.DG1))
        if 13 in self._groups():
            gathered.dg13 = gathered.parse(FileId.DG13, parse_dg13, self._read(FileId.DG13))
        if gathered.mrz is not None or gathered.dg13 is not None:
            identity = identity_of(gathered.mrz, gathered.dg13, today=self._request.moment.date())
            gathered.identity = identity
            self._mark("identity")
            self._on_event(IdentityRead(identity))
        self._begin_chain()

    def _begin_chain(self) -> None:
        """Judge the chain beside the reading, now that the dates which bear on it are known."""
        if self._object is None:
            return
        found, request, identity = self._object, self._request, self._gathered.identity
        issued = _day(identity.issue_date) if identity else None
        expires = _day(identity.expiry) if identity else None
        self._chain = self._beside.do(
            lambda: found.result().judge_chain(request.anchors, request.moment, issued, expires)
        )

    def _prove_chip(self) -> None:
        """Agree on new keys as soon as DG14 says how; the next answer has to verify under them (ICAO 9303-11 §6.2)."""
        gathered = self._gathered
        if 14 not in self._groups():
            return
        gathered.dg14 = gathered.parse(FileId.DG14, parse_dg14, self._read(FileId.DG14))
        if gathered.dg14 is None:
            return
        chosen = choose_chip_key(gathered.dg14)
        if isinstance(chosen, Verdict):
            gathered.chip = chosen
            return
        gathered.chip_key = chosen
        refusal = agree_with_chip(self._link, chosen, self._rng)
        if refusal is None:
            self._awaiting = chosen
        else:
            gathered.chip = refusal

    def _prove_active_key(self) -> None:
        gathered = self._gathered
        if 15 not in self._groups():
            return
        gathered.dg15 = gathered.parse(FileId.DG15, parse_dg15, self._read(FileId.DG15))
        if gathered.dg15 is None:
            return
        chosen: ActiveKey | Verdict = choose_active_key(gathered.dg15.spki, gathered.dg14)
        if isinstance(chosen, Verdict):
            gathered.active = chosen
            return
        gathered.active_key = chosen
        gathered.active = prove_active_key(self._link, chosen, self._rng)

    def _read_others(self) -> None:
        others: Iterable[int] = (number for number in self._groups() if number not in _BY_NAME)
        for number in others:
            self._read(FileId.of_data_group(number))
        if self._gathered.com is not None:
            # A group that only EF.COM names after the fact is read like the others: its check must be performed.
            for number in (13, 14, 15):
                file = FileId.of_data_group(number)
                if number in self._groups() and file not in self._gathered.reads:
                    self._read(file)

    def _channel_died(self, error: SecureMessagingError) -> None:
        gathered = self._gathered
        gathered.channel_fault = str(error)
        gathered.unprotected = isinstance(error, UnprotectedStatus)
        if self._awaiting is not None:
            # The first answer after Chip Authentication: the chip does not hold the key that DG14 names (CH-07).
            gathered.chip = not_confirmed(self._awaiting, str(error))
            gathered.lost_with_chip_keys = True
            self._awaiting = None

    def _collect(self) -> None:
        """Wait for what was judged beside the reading."""
        if self._object is not None:
            self._gathered.security_object = self._object.result()
            if self._chain is None:
                self._begin_chain()
        if self._chain is not None:
            self._gathered.chain = self._chain.result()


def _day(day: CalendarDate | None) -> date | None:
    return date(day.year, day.month, day.day) if day is not None and day.is_complete else None
