"""The reading itself, in the order that serves the desk: SOD, DG1, DG13, DG14, DG15, COM, what else there is, DG2.

The identity is told as soon as DG1 and DG13 are here, before the portrait. Chip Authentication follows DG14, and the
next read confirms it at no cost; Active Authentication follows DG15. A channel that dies ends the reading, not the
inspection: what was read is judged. Data groups 3 and 4 are asked for only where the terminal was given the right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial

from reader.access import SecureMessaging
from reader.errors import DataError, SecureMessagingError, UnprotectedStatus
from reader.files import (
    Buffers,
    ChunkSizes,
    FileId,
    ReadCache,
    ReadLimits,
    ReadOutcome,
    SizePolicy,
    read_file,
)
from reader.genuine import (
    SecurityObject,
    SignedCardSecurity,
    SignerJudgement,
    SodReason,
    judge_card_security,
    judge_security_object,
)
from reader.inspection.beside import Beside
from reader.inspection.checks import Check, CheckId
from reader.inspection.deviations import deviations_of
from reader.inspection.events import (
    CheckJudged,
    FileProgress,
    IdentityRead,
    OnEvent,
    PortraitGrowing,
    Step,
    StepStarted,
)
from reader.inspection.gathered import Gathered
from reader.inspection.portrait_beside import PortraitBeside
from reader.inspection.proving import Proving
from reader.inspection.request import InspectionRequest
from reader.inspection.resuming import Resuming
from reader.inspection.undated import undated_signer
from reader.lds import (
    identity_of,
    parse_com,
    parse_dg1,
    parse_dg13,
    parse_dg14,
    parse_dg15,
    parse_other_group,
)
from reader.verdict import CheckStatus, Verdict

__all__ = ["READ_BY_NAME", "USUAL_GROUPS", "CardReading"]

# What a Vietnamese card holds, for the case that EF.SOD cannot be read and so does not say.
USUAL_GROUPS = (1, 2, 13, 14, 15)
_NOT_READ = frozenset({3, 4})
READ_BY_NAME = frozenset({1, 2, 13, 14, 15})

# The most a file can sensibly hold; a chip that goes on beyond is stopped there (LF-01).
_KIB = 1 << 10
_LIMITS = {
    FileId.COM: ReadLimits(_KIB, 64),
    FileId.SOD: ReadLimits(64 * _KIB, 1024),
    FileId.DG1: ReadLimits(_KIB, 64),
    FileId.DG2: ReadLimits(1024 * _KIB, 8192),
    FileId.DG13: ReadLimits(32 * _KIB, 512),
    FileId.DG14: ReadLimits(64 * _KIB, 1024),
    FileId.DG15: ReadLimits(8 * _KIB, 128),
}
_OTHER_LIMITS = ReadLimits(256 * _KIB, 2048)


class CardReading:
    """Read one card over ``link``, an open channel, into ``gathered``; ``mark`` is told of the events of the timings.

    ``told`` holds the checks that were judged, and told of, while the reading was still going on. ``buffers`` are those
    that card and reader share; without them short length is all there is. ``known`` is what was read before the card
    was lost; it is used as soon as the same document is shown to answer. ``proving`` performs the chip's proofs.
    """

    def __init__(
        self,
        link: SecureMessaging,
        gathered: Gathered,
        request: InspectionRequest,
        beside: Beside,
        portrait: PortraitBeside,
        on_event: OnEvent,
        mark: Callable[[str], None],
        proving: Proving,
        buffers: Buffers | None = None,
        known: ReadCache | None = None,
    ) -> None:
        self._gathered = gathered
        self._request = request
        self._beside = beside
        self._portrait = portrait
        self._on_event = on_event
        self._mark = mark
        self._proving = proving
        self._link = link
        self._buffers = buffers
        self._sizes = SizePolicy(self._chunk_sizes())
        self._resuming = Resuming(known)
        self._opened: tuple[int, ...] = ()
        self._object: Future[SecurityObject] | None = None
        self._signer: Future[SignerJudgement] | None = None
        self._card_security: Future[SignedCardSecurity] | None = None
        self._card_security_signer: Future[SignerJudgement] | None = None
        self.told: dict[CheckId, Check] = {}

    def run(self) -> None:
        """Read all there is to read; raise what ends an inspection: Cancelled, a card that left, PC/SC trouble."""
        try:
            self._read_all()
        except SecureMessagingError as error:
            self._channel_died(error)
        self._collect()

    @property
    def cache(self) -> ReadCache:
        """Return what there is to keep when the card was lost."""
        return self._resuming.cache(self._gathered.reads.values())

    @property
    def by_short_id(self) -> bool:
        """Tell whether this card's files are read by short identifier."""
        return self._sizes.uses_short_ids

    def _read_all(self) -> None:
        self._on_event(StepStarted(Step.IDENTITY))
        self._begin_card_security()
        if self._resuming.by_chip_key:
            self._recognise_chip()
        sod = self._read(FileId.SOD)
        if sod is not None:
            self._object = self._beside.do(lambda: judge_security_object(sod, self._request.trust.signers))
        self._read_identity()
        self._on_event(StepStarted(Step.CHIP))
        self._prove_chip()
        self._gathered.com = self._gathered.parse(FileId.COM, parse_com, self._read(FileId.COM))
        self._opened = self._proving.show_terminal(self._listed())
        self._read_others()
        if 2 in self._groups():
            self._on_event(StepStarted(Step.PORTRAIT))
            self._portrait.begin()
            self._read(FileId.DG2)

    def _begin_card_security(self) -> None:
        """Judge beside the reading what was read of EF.CardSecurity after PACE-CAM."""
        raw = self._gathered.whole(FileId.CARD_SECURITY)
        if raw is not None:
            self._card_security = self._beside.do(lambda: judge_card_security(raw))

    def _recognise_chip(self) -> None:
        """Have the chip that is back prove the key of the DG14 that is known: that spares reading EF.SOD anew (LF-07).

        DG1 is read anew all the same: one command, whose answer is the first under the new keys and confirms them.
        """
        self._agree_on_keys()
        self._read(FileId.DG1)
        if self._gathered.chip is not None and self._gathered.chip.status is CheckStatus.PASSED:
            self._resuming.recognise()

    def _agree_on_keys(self) -> None:
        gathered = self._gathered
        gathered.dg14 = gathered.parse(FileId.DG14, parse_dg14, self._read(FileId.DG14))
        self._proving.agree()
        # The new cipher may leave less room in an answer than the one before.
        self._sizes.change(self._chunk_sizes())

    def _chunk_sizes(self) -> ChunkSizes:
        """Return what one READ BINARY may bring under the keys of now."""
        return self._link.chunk_sizes_within(self._buffers)

    def _groups(self) -> tuple[int, ...]:
        """Return the data groups to read: what EF.SOD lists, and what EF.COM claims beyond that."""
        claimed = self._gathered.com.data_groups if self._gathered.com else ()
        numbers = set(self._listed() or USUAL_GROUPS) | set(claimed)
        return tuple(sorted(numbers - (_NOT_READ - set(self._opened))))

    def _listed(self) -> tuple[int, ...]:
        return self._object.result().data_groups if self._object is not None else ()

    def _read(self, file: FileId) -> bytes | None:
        known = self._resuming.whole(file)
        # The first read under new keys confirms them, so that one is never spared.
        if known is not None and not self._proving.awaits_confirmation:
            self._progress(file, len(known.data), known.total)
            return self._gathered.add(known)
        read = read_file(
            self._link,
            file,
            limits=_LIMITS.get(file, _OTHER_LIMITS),
            size_policy=self._sizes,
            on_progress=lambda got, total: self._progress(file, got, total),
            known=self._resuming.part(file),
            keep=self._resuming.keep_part,
            on_bytes=self._portrait.grow if file is FileId.DG2 else None,
        )
        self._resuming.compare(read)
        if read.outcome is not ReadOutcome.UNVERIFIED:
            self._proving.confirm(f"READ BINARY of {file.label}")
        return self._gathered.add(read)

    def _progress(self, file: FileId, got: int, total: int | None) -> None:
        self._on_event(FileProgress(file.label, got, total or 0))
        sight = self._portrait.look(got, total) if file is FileId.DG2 else None
        if sight is not None:
            self._on_event(PortraitGrowing(sight))
        self._tell_what_is_judged()

    def _tell_what_is_judged(self) -> None:
        """Tell of signature and chain as soon as they are judged beside the reading, on the caller's own thread."""
        if self._object is not None and self._object.done():
            self._tell(CheckId.SOD_SIGNATURE, self._object.result().signature)
        if self._signer is not None and self._signer.done():
            self._tell(CheckId.CHAIN, self._signer.result().chain)
            self._tell(CheckId.REVOCATION, self._signer.result().revocation)

    def _tell(self, id: CheckId, verdict: Verdict) -> None:
        if id not in self.told:
            self.told[id] = Check.of(id, verdict)
            self._on_event(CheckJudged(self.told[id]))

    def _read_identity(self) -> None:
        gathered = self._gathered
        gathered.mrz = gathered.parse(FileId.DG1, parse_dg1, self._read(FileId.DG1))
        if 13 in self._groups():
            raw = self._read(FileId.DG13)
            # What another State puts into DG13 is its own affair (ICAO 9303-10 §4.7.13).
            if gathered.may_be_vietnamese:
                gathered.dg13 = gathered.parse(FileId.DG13, parse_dg13, raw)
        if gathered.mrz is not None or gathered.dg13 is not None:
            self._tell_identity()
        self._judge_signers()

    def _tell_identity(self) -> None:
        try:
            identity = identity_of(self._gathered.mrz, self._gathered.dg13, today=self._request.moment.date())
        except DataError:
            return  # neither group tells a date of birth: such a record names nobody
        self._gathered.identity = identity
        self._mark("identity")
        self._on_event(IdentityRead(identity))

    def _judge_signers(self) -> None:
        """Judge the signers beside the reading, now that the dates are known that bear on them."""
        request, gathered = self._request, self._gathered
        issued, expires, code = gathered.issued, gathered.expires, gathered.document_code

        def judged(signed: SecurityObject) -> SignerJudgement:
            found = signed.judge_signer(request.trust, request.moment, issued, expires, code)
            return found if gathered.clock_trusted else undated_signer(found)

        if self._object is not None:
            found = self._object
            self._signer = self._beside.do(lambda: judged(found.result()))
        if self._card_security is not None:
            master = self._card_security
            self._card_security_signer = self._beside.do(lambda: judged(master.result().signed))

    def _prove_chip(self) -> None:
        """Read DG14 and have the chip agree on new keys; read DG15 and have it sign a challenge."""
        gathered, proving = self._gathered, self._proving
        if 14 in self._groups() and FileId.DG14 not in gathered.reads:
            self._agree_on_keys()
        if 15 in self._groups():
            gathered.dg15 = gathered.parse(FileId.DG15, parse_dg15, self._read(FileId.DG15))
            proving.challenge()

    def _read_others(self) -> None:
        others: Iterable[int] = (number for number in self._groups() if number not in READ_BY_NAME)
        for number in others:
            file = FileId.of_data_group(number)
            raw = self._read(file)
            if file.label not in self._gathered.malformed:
                self._gathered.parse(file, partial(parse_other_group, data_group=number), raw)
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
        self._proving.fail(error)

    def _collect(self) -> None:
        """Wait for what was judged beside the reading."""
        if self._object is not None:
            found = self._object.result()
            self._gathered.security_object = found
            if found.signature.reason == SodReason.MALFORMED:
                self._gathered.malformed[FileId.SOD.label] = SodReason.MALFORMED
            else:
                self._gathered.parsed.append(FileId.SOD.label)
        if self._card_security is not None:
            self._gathered.take_card_security(self._card_security.result())
        if self._signer is None and self._card_security_signer is None:
            self._judge_signers()
        if self._signer is not None:
            judged = self._signer.result()
            self._gathered.chain, self._gathered.revocation = judged.chain, judged.revocation
        if self._card_security_signer is not None:
            self._gathered.card_security_chain = self._card_security_signer.result().together
        self._gathered.deviations = deviations_of(self._gathered, self._request.trust)
