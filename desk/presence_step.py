"""The step between the inspection and the look-ups: the card, still connected, proves itself to the registers.

One commitment to all inner requests, one challenge, one proof: one tap serves all registers. Whatever goes wrong here
is told and leaves the visit as it is; what it amounts to is the policy's to say. Only a card that leaves, PC/SC trouble
and a cancel end the reading, as they do anywhere else in it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.errors import RegisterError, RegisterTimeout
from auth.presence import (
    BookletKeeper,
    ChallengeOffer,
    ChallengeWish,
    ChipProtocol,
    ChipSession,
    DocumentFiles,
    Mode,
    NoPage,
    OfferRefused,
    PresenceProver,
    PresenceRefused,
    Proof,
    Reason,
    Subject,
    Target,
    ask_beside_card,
    commit,
    hold_log,
    hold_receipt,
    worth_of,
)
from auth.presence.tokens import Issuers
from auth.presence.wire import write_member
from auth.wire.endpoint import DeviceCredential
from desk.tap import RegisterPresence, Tap, TapState
from reader.errors import (
    Cancelled,
    CardError,
    CardRemoved,
    CardReset,
    DataError,
    MotCuaError,
    PCSCError,
    UnexpectedStatus,
)
from reader.files import FileId
from reader.genuine import ChipKey, choose_chip_key
from reader.inspection.checks import CheckId, CheckStatus
from reader.inspection.open_chip import OpenChip
from reader.inspection.presence_rule import PresenceRule, rule_for
from reader.inspection.report import Inspection
from reader.lds import parse_dg14

__all__ = ["CardPresence", "Challenging", "local_level"]

_log = logging.getLogger("motcua.presence")
MOST_TRIES = 2
_FILES = (FileId.SOD.label, FileId.DG14.label, FileId.DG15.label)
_AUTHENTIC = (CheckId.SOD_SIGNATURE, CheckId.CHAIN, CheckId.HASHES)
_CHIP = (CheckId.CHIP_AUTHENTICATION, CheckId.ACTIVE_AUTHENTICATION, CheckId.CHIP_MAPPING)


class Challenging(Protocol):
    """Be where challenges come from (``auth.registers.presence.PresenceClient``)."""

    def challenge(self, wish: ChallengeWish, purpose: str, clerk: str) -> ChallengeOffer:
        """Return a challenge; raise PresenceRefused where none is given, RegisterError without the verifier's word."""
        ...

    def booklet(self, count: int, clerk: str) -> tuple[str, ...]:
        """Return pages for work without a network; raise as ``challenge`` does."""
        ...

    def close(self) -> None:
        """Break off what is under way."""
        ...


def local_level(inspection: Inspection) -> int:
    """Return what the inspection alone shows: 1 for data that the issuer signed, 2 where the chip proved its key."""
    passed = {check.id for check in inspection.checks if check.status is CheckStatus.PASSED}
    if not passed.issuperset(_AUTHENTIC):
        return 0
    return 2 if passed.intersection(_CHIP) else 1


@dataclass(frozen=True, slots=True, repr=False)
class _Card:
    """Hold the card and what it is to prove itself for."""

    session: ChipSession
    chip: OpenChip
    files: DocumentFiles
    requests: Mapping[str, bytes]
    purpose: str
    clerk: str
    cancel: threading.Event


class CardPresence:
    """Be the presence step of one desk (``desk.ports.PresenceStep``).

    ``verifier`` is None where none is set up; ``booklet`` where there are no pages for work without a network.
    ``rules`` is what the policy of the moment says of presence, by purpose; of ``pages`` there are kept so many.
    ``trust_expired`` tells whether the desk's own trust list has ended at a moment.
    """

    def __init__(
        self,
        verifier: Challenging | None,
        issuers: Issuers,
        device: DeviceCredential | None,
        rules: Callable[[], Mapping[str, PresenceRule]],
        booklet: BookletKeeper | None = None,
        pages: int = 0,
        trust_expired: Callable[[datetime], bool] = lambda moment: False,
    ) -> None:
        self._verifier = verifier
        self._issuers = issuers
        self._device = device
        self._rules = rules
        self._booklet = booklet
        self._pages = pages
        self._trust_expired = trust_expired
        self._filling = threading.Lock()

    def tap(
        self,
        inspection: Inspection,
        chip: OpenChip,
        requests: Mapping[str, bytes],
        purpose: str,
        clerk: str,
        cancel: threading.Event,
    ) -> Tap:
        """Have the card prove itself for ``requests``, the inner requests by register; return what came of it.

        Raise CardRemoved, CardReset, PCSCError or Cancelled, which end the reading. The channel may be closed then.
        """
        known = self.without_card(inspection, requests, purpose)
        if known is not None or self._device is None:
            return known or self.untapped(inspection, purpose, TapState.NOT_SET_UP)
        told = replace(self.untapped(inspection, purpose, TapState.PROVEN), requests=dict(requests))
        files = _files_of(inspection)
        session = ChipSession(chip.link, chip.channel, chip.reopen)
        card = _Card(session, chip, files, requests, purpose, clerk, cancel)
        try:
            key = self._device.signer.public_key
            told = replace(told, device_key=key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
            tapped = self._tap(told, card, inspection)
            # The verifier may have been the first to say what time it is.
            unfit = self._unfit()
            return tapped if unfit is None else replace(told, state=unfit)
        except (CardRemoved, CardReset, PCSCError, Cancelled):
            raise
        except OfferRefused as refused:
            return replace(told, state=TapState.OFFER_REFUSED, reason=refused.reason.value)
        except PresenceRefused as refused:
            cannot = refused.reason is Reason.NO_CHIP_KEY
            state = TapState.CARD_CANNOT if cannot else TapState.VERIFIER_REFUSED
            return replace(told, state=state, reason=refused.reason.value)
        except (CardError, DataError) as error:
            return replace(told, state=TapState.CARD_REFUSED, reason=_reason_of(error))
        except MotCuaError as error:
            # A device key that is locked, a ledger that cannot be written: the visit goes on without a proof.
            return replace(told, state=TapState.VERIFIER_AWAY, reason=error.code)

    def without_card(self, inspection: Inspection, requests: Mapping[str, bytes], purpose: str) -> Tap | None:
        """Return why nothing can be proved, None where a card is needed to tell."""
        state = TapState.NOT_SET_UP if self._verifier is None or self._device is None else self._unfit()
        if state is None and not requests:
            state = TapState.NOTHING_ASKED
        elif state is None and not _can_prove(_files_of(inspection)):
            state = TapState.CARD_CANNOT
        return replace(self.untapped(inspection, purpose, state), requests=dict(requests)) if state else None

    def untapped(self, inspection: Inspection, purpose: str, state: TapState) -> Tap:
        """Return a tap that was not made: its level is what the inspection alone shows."""
        return Tap(state, rule_for(self._rules(), purpose), local_level(inspection))

    def _unfit(self) -> TapState | None:
        """Return why this desk may claim no level that somebody else is to believe; None where it may."""
        if self._device is None or not self._device.clock.trusted:
            return TapState.CLOCK_WRONG
        if self._trust_expired(datetime.fromtimestamp(self._device.clock.now(), UTC)):
            return TapState.TRUST_EXPIRED
        return None

    def _tap(self, told: Tap, card: _Card, inspection: Inspection) -> Tap:
        try:
            proof = self._prove(card)
        except (RegisterError, TimeoutError):
            return self._without_verifier(told, card, inspection)
        self._fill_soon(card.clerk)
        return self._proven(told, card, proof, inspection)

    def hold(self, tap: Tap, register: str, receipt: str, log: str) -> RegisterPresence | None:
        """Return what a register's receipt says; None where there is none, or none about this tap's own proof."""
        if not receipt or tap.proof is None or self._device is None or register not in tap.requests:
            return None
        device = self._device.device_id, self._device.signer.key_id
        try:
            claims = hold_receipt(receipt, tap.proof, tap.requests[register], register, device, self._issuers)
        except DataError:
            return None
        logged, said = hold_log(receipt, claims, tap.proof, log, self._issuers)
        level, receipt_says = worth_of(claims)
        reasons = tuple(reason.value for reason in (*receipt_says, *said))
        return RegisterPresence(int(level), claims.accepted, reasons, receipt, claims.trust, logged)

    def close(self) -> None:
        """Break off what is under way."""
        if self._verifier is not None:
            self._verifier.close()

    def _fill_soon(self, clerk: str) -> None:
        """Have the booklet filled up beside the visit, now that the verifier has answered."""
        if self._booklet is not None and self._pages:
            threading.Thread(target=self.fill, args=(clerk,), name="presence-booklet", daemon=True).start()

    def fill(self, clerk: str) -> None:
        """Fill the booklet up once half of its pages are gone; whatever hinders that is for the next time."""
        booklet, verifier = self._booklet, self._verifier
        if booklet is None or verifier is None or not self._filling.acquire(blocking=False):
            return
        try:
            left = booklet.left()
            if left <= self._pages // 2:
                booklet.fill(verifier.booklet(self._pages - left, clerk))
        except (PresenceRefused, RegisterError, DataError):
            _log.info("booklet not filled")
        finally:
            self._filling.release()

    def _prove(self, card: _Card) -> Proof:
        """Ask for a challenge and have the chip answer it; where that took too long, once more in a fresh session.

        The commitment is the same both times: the verifier lets the earlier challenge go.
        """
        for tries_left in reversed(range(MOST_TRIES)):
            try:
                return self._try(card)
            except (TimeoutError, RegisterTimeout):
                if not tries_left or card.session.reopen is None:
                    raise
                card.session.channel = card.session.reopen()
        raise TimeoutError

    def _try(self, card: _Card) -> Proof:
        session, verifier = card.session, self._verifier
        if verifier is None:
            raise PresenceRefused(Reason.NO_CHIP_KEY)
        if not session.channel.is_open and session.reopen is not None:
            session.channel = session.reopen()
        wish = self._wish(card)

        def ask() -> ChallengeOffer:
            try:
                return verifier.challenge(wish, card.purpose, card.clerk)
            except DataError:
                # A clerk without an id that goes into a message, or files larger than one takes.
                raise PresenceRefused(Reason.MALFORMED) from None

        offer = ask_beside_card(ask, session.channel, cancel=card.cancel)
        return self._prover(card).prove(offer)

    def _wish(self, card: _Card) -> ChallengeWish:
        """Say what this chip can do; Chip Authentication stands first, and the verifier chooses by the document."""
        chip = card.chip
        return ChallengeWish(
            commit(card.requests),
            card.files,
            modes=(Mode.CHIP, Mode.ACTIVE),
            protocol=ChipProtocol(oid=chip.chip_protocol) if chip.chip_protocol else None,
            target=_target_of(chip),
        )

    def _prover(self, card: _Card) -> PresenceProver:
        device = self._device.device_id if self._device is not None else ""
        target = _target_of(card.chip)
        return PresenceProver(card.session, card.files, commit(card.requests), self._issuers, device, target=target)

    def _without_verifier(self, told: Tap, card: _Card, inspection: Inspection) -> Tap:
        """Use a page of the booklet, where there is one and the chip can sign; else say that nobody could be asked."""
        away = replace(told, state=TapState.VERIFIER_AWAY)
        if self._booklet is None or not card.files.dg15:
            return away
        try:
            page, counter = self._booklet.take()
        except NoPage as none:
            return replace(away, reason=none.reason.value)
        if not card.session.channel.is_open and card.session.reopen is not None:
            card.session.channel = card.session.reopen()
        proof = self._prover(card).prove_with(page, counter)
        return self._proven(replace(told, state=TapState.PROVEN_OFFLINE), card, proof, inspection)

    def _proven(self, told: Tap, card: _Card, proof: Proof, inspection: Inspection) -> Tap:
        subject = _subject_of(inspection)
        return replace(told, mode=proof.mode.value, proof=proof, member=write_member(proof, subject))


def _target_of(chip: OpenChip) -> Target:
    """Return how DG14 is to be read: by its short identifier, which everybody sees, wherever this chip can."""
    return Target.READ_BY_SFI if chip.reads_by_sfi else Target.SELECT_AND_READ


def _files_of(inspection: Inspection) -> DocumentFiles:
    held = dict(inspection.files)
    return DocumentFiles(*(held.get(name, b"") for name in _FILES))


def _can_prove(files: DocumentFiles) -> bool:
    """Tell whether the chip has a key to prove; that it is the issuer's, the verifier judges."""
    if not files.sod or files.dg15:
        return bool(files.sod)
    try:
        return bool(files.dg14) and isinstance(choose_chip_key(parse_dg14(files.dg14)), ChipKey)
    except DataError:
        return False


def _subject_of(inspection: Inspection) -> Subject | None:
    """Return DG1 and the number that the requests name, so that a register sees that the card is this person's."""
    dg1 = dict(inspection.files).get(FileId.DG1.label, b"")
    number = inspection.identity.personal_number if inspection.identity is not None else ""
    return Subject(dg1, number) if dg1 and number else None


def _reason_of(error: Exception) -> str:
    """Return a status word where the chip gave one; an error's text may hold more than may be shown."""
    return f"{error.sw:04X}" if isinstance(error, UnexpectedStatus) else ""
