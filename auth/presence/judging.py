"""What a verifier and, long afterwards, an auditor judge alike: bindings, the chip's answers, the level."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from auth.presence.claims import ChallengeClaims, ReceiptClaims, Target, active_challenges
from auth.presence.commitment import Commitment
from auth.presence.document import Document, DocumentFiles
from auth.presence.encoding import to_text
from auth.presence.errors import PresenceRefused
from auth.presence.levels import Mode, PresenceLevel, Reason
from auth.presence.relay import Relayed, relayed
from reader.errors import DataError
from reader.genuine import ChipKey, SecurityObject, digests_match
from reader.lds import parse_dg1

__all__ = [
    "LEAST_SIGNATURES",
    "CardStanding",
    "Subject",
    "age_of_trust",
    "file_digest",
    "judge_answers",
    "judge_bindings",
    "judge_person",
    "key_of_challenge",
    "level_of",
    "session_of",
    "worth_of",
]

LEAST_SIGNATURES = 2
_CAPS = {
    Reason.SHA1_DIGESTS: PresenceLevel.DATA_AUTHENTIC,
    # Who signs cards is not known to be so any more: what is left is that a chip proved a key of its own.
    Reason.TRUST_EXPIRED: PresenceLevel.DEVICE_WORD,
    # A chip has answered, whose it is only the device can say: any genuine card would do.
    Reason.PERSON_NOT_SHOWN: PresenceLevel.DEVICE_WORD,
    Reason.SHA1_SIGNATURE: PresenceLevel.BOUND_BEFOREHAND,
    Reason.PRE_PLAY_POSSIBLE: PresenceLevel.BOUND_BEFOREHAND,
}


def file_digest(raw: bytes) -> str:
    """Return SHA-256 of a file as read, in base64url."""
    return to_text(hashlib.sha256(raw).digest())


def judge_bindings(claims: ChallengeClaims, commitment: Commitment, files: DocumentFiles) -> None:
    """Raise PresenceRefused unless the challenge was given out for these requests and this document."""
    if to_text(commitment.root) != claims.root or commitment.audiences != claims.audiences:
        raise PresenceRefused(Reason.REQUEST_DIFFERS)
    if file_digest(files.sod) != claims.sod or file_digest(files.key_file(claims.mode)) != claims.key:
        raise PresenceRefused(Reason.DOCUMENT_DIFFERS)


def key_of_challenge(document: Document, claims: ChallengeClaims) -> ChipKey:
    """Return the chip's key that the challenge names; raise PresenceRefused where DG14 has no such one."""
    chosen = document.chip_key(claims.protocol)
    if (
        chosen is None
        or claims.protocol is None
        or (chosen.oid, chosen.key_id)
        != (
            claims.protocol.oid,
            claims.protocol.key_id,
        )
    ):
        raise PresenceRefused(Reason.NO_CHIP_KEY)
    return chosen


def session_of(document: Document, claims: ChallengeClaims, scalar: int) -> Relayed:
    """Return the session of Chip Authentication that the register's ephemeral key ``scalar`` leads to."""
    try:
        return relayed(
            key_of_challenge(document, claims), scalar, claims.target or Target.READ_BY_SFI, document.files.dg14
        )
    except DataError:
        raise PresenceRefused(Reason.KEY_REFUSED) from None


def judge_answers(
    document: Document,
    claims: ChallengeClaims,
    transcript: bytes,
    answers: tuple[bytes, ...],
    session: Relayed | None = None,
) -> tuple[Reason, ...]:
    """Return what is to be said of answers that prove the chip; raise PresenceRefused where they do not.

    ``session`` is there for Chip Authentication.
    """
    if claims.mode is Mode.ACTIVE:
        if claims.k < LEAST_SIGNATURES:
            raise PresenceRefused(Reason.COUNT_DIFFERS)
        return document.judge_signatures(active_challenges(transcript, claims.k), answers)
    if session is None or not session.confirms(answers):
        raise PresenceRefused(Reason.ANSWER_WRONG)
    chosen = session.chosen
    said = [Reason.PROTOCOL_INFERRED] if chosen.inferred else []
    return (*said, Reason.SHORT_KEY) if chosen.key.is_short else tuple(said)


def age_of_trust(expires: datetime | None, moment: datetime) -> tuple[Reason, ...]:
    """Return what is to be said at ``moment`` of a trust list that ``expires`` then by its own word."""
    return (Reason.TRUST_EXPIRED,) if expires is not None and moment > expires else ()


def level_of(reasons: tuple[Reason, ...]) -> PresenceLevel:
    """Return what may be believed of an accepted proof with these things to be said."""
    return min((_CAPS[reason] for reason in reasons if reason in _CAPS), default=PresenceLevel.BOUND_TO_REQUEST)


def worth_of(receipt: ReceiptClaims) -> tuple[PresenceLevel, tuple[Reason, ...]]:
    """Return what a receipt is worth to whoever was not there, and what has to be said with it.

    One that does not say whose card it was, as none of former versions does, shows no more than that a chip answered.
    """
    if not receipt.accepted or receipt.person:
        return receipt.level, receipt.reasons
    reasons = receipt.reasons
    if Reason.PERSON_NOT_SHOWN not in reasons:
        reasons = (*reasons, Reason.PERSON_NOT_SHOWN)
    return min(receipt.level, level_of(reasons)), reasons


CardStanding = Callable[[str, str], bool]
"""Tell by document number and personal number whether a card counts: neither lost, cancelled nor replaced."""


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """Hold whom the request is about: DG1 as read, and the number that the request names."""

    dg1: bytes
    personal_number: str

    def __repr__(self) -> str:
        """Show nothing: these are personal data."""
        return "Subject()"


def judge_person(
    security: SecurityObject,
    subject: Subject,
    moment: datetime,
    is_valid: CardStanding,
    states: Mapping[str, str],
) -> None:
    """Raise PresenceRefused unless the card is this person's, not expired, and by ``is_valid`` not lost or cancelled.

    ``security`` is the card's EF.SOD, which the caller has judged. ``states`` says how the MRZ writes the country of a
    signer: a card of one State that another has signed is nobody's (ICAO 9303-12 §7.1.1).
    """
    listed, signer = security.listed, security.signer
    if listed is None or signer is None or not digests_match(listed, 1, subject.dg1):
        raise PresenceRefused(Reason.GROUP_DIFFERS)
    try:
        zone = parse_dg1(subject.dg1)
    except DataError:
        raise PresenceRefused(Reason.DOCUMENT_REFUSED) from None
    if zone.issuing_state != states.get(signer.country.upper()):
        raise PresenceRefused(Reason.FOREIGN_DOCUMENT)
    if zone.personal_number != subject.personal_number:
        raise PresenceRefused(Reason.PERSON_DIFFERS)
    today = moment.date()
    expiry = zone.date_of_expiry(today)
    if expiry is not None and _is_over(expiry.year, expiry.month, expiry.day, today):
        raise PresenceRefused(Reason.DOCUMENT_EXPIRED)
    if not is_valid(zone.document_number, zone.personal_number):
        raise PresenceRefused(Reason.CARD_NOT_VALID)


def _is_over(year: int, month: int | None, day: int | None, today: date) -> bool:
    """Tell whether a last day lies behind; one that is not told in full counts to the end of its month or year."""
    last = (year, month or 12, day or 31)
    return last < (today.year, today.month, today.day)
