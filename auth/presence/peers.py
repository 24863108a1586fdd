"""One tap for several registers: a register takes a peer's receipt for a proof that only the peer can judge.

In Chip Authentication only who made the challenge can judge the answer. The others hold the peer's signed receipt
against their own request: it must be of the same commitment, device, clerk and purpose, and fresh. That the card was
the person's the peer has judged for its own request, and this one may be about somebody else: so each register looks
again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from auth.presence.claims import RECEIPT_KIND, ChallengeClaims, ReceiptClaims
from auth.presence.commitment import Commitment
from auth.presence.encoding import to_text
from auth.presence.errors import PresenceRefused
from auth.presence.judging import CardStanding, Subject, file_digest, judge_person, level_of, worth_of
from auth.presence.levels import PresenceLevel, Reason
from auth.presence.messages import Caller
from auth.presence.store import PresenceStore
from auth.presence.tokens import Issuers, read_token
from reader.errors import DataError
from reader.genuine import judge_security_object

__all__ = ["PeerReceipt", "Person", "accept_receipt"]

MAX_AGE_S = 120
SKEW_S = 10


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Hold whom a register's own request is about, and by what it sees that the card is theirs.

    ``sod`` is the EF.SOD that the peer has judged; ``card_is_valid`` and ``countries`` are those of a verifier.
    """

    subject: Subject
    sod: bytes
    card_is_valid: CardStanding = lambda document_number, personal_number: True
    countries: Mapping[str, str] = field(default_factory=lambda: {"VN": "VNM"})

    def __repr__(self) -> str:
        """Show nothing: these are personal data."""
        return "Person()"


@dataclass(frozen=True, slots=True)
class PeerReceipt:
    """Hold a peer's receipt and what it is worth to the register that takes it, never more than to the peer."""

    claims: ReceiptClaims
    level: PresenceLevel
    reasons: tuple[Reason, ...]


def accept_receipt(
    receipt: str,
    body: bytes,
    audience: str,
    commitment: Commitment,
    caller: Caller,
    *,
    issuers: Issuers,
    store: PresenceStore,
    now: datetime,
    person: Person | None = None,
) -> PeerReceipt:
    """Return a peer's receipt, if it holds for the request ``body`` to ``audience``; raise PresenceRefused if not.

    ``issuers`` are the peers that this register takes receipts from. A receipt is taken once. ``person`` is whom
    ``body`` names, by this register's own reading of it; without, the receipt is of level 2 at best.
    """
    claims, challenge = _read(receipt, issuers)
    required = (
        (audience in challenge.audiences, Reason.WRONG_AUDIENCE),
        ((claims.device, claims.device_key) == (caller.device, caller.device_key), Reason.WRONG_DEVICE),
        (claims.clerk == caller.clerk, Reason.WRONG_CLERK),
        (challenge.purpose == caller.purpose, Reason.WRONG_PURPOSE),
        (claims.verified - SKEW_S <= now.timestamp() <= claims.verified + MAX_AGE_S, Reason.OUT_OF_TIME),
        (to_text(commitment.root) == challenge.root and commitment.covers(audience, body), Reason.REQUEST_DIFFERS),
    )
    for holds, reason in required:
        if not holds:
            raise PresenceRefused(reason)
    if not store.use(challenge.jti, audience):
        raise PresenceRefused(Reason.ALREADY_USED)
    level, reasons = worth_of(claims)
    if person is not None:
        _require_card_of(person, challenge)
    else:
        if Reason.PERSON_NOT_SHOWN not in reasons:
            reasons = (*reasons, Reason.PERSON_NOT_SHOWN)
        level = min(level, level_of(reasons))
    return PeerReceipt(claims, level, reasons)


def _read(receipt: str, issuers: Issuers) -> tuple[ReceiptClaims, ChallengeClaims]:
    """Return what a receipt of success says, and of which challenge; raise PresenceRefused for any other."""
    try:
        claims = read_token(RECEIPT_KIND, ReceiptClaims, receipt, issuers)
    except DataError:
        raise PresenceRefused(Reason.TOKEN_INVALID) from None
    if claims.challenge is None or not claims.accepted:
        raise PresenceRefused(Reason.TOKEN_INVALID)
    return claims, claims.challenge


def _require_card_of(person: Person, challenge: ChallengeClaims) -> None:
    """Raise PresenceRefused unless the card of ``challenge`` is the person's; who signed it the peer has judged."""
    if file_digest(person.sod) != challenge.sod:
        raise PresenceRefused(Reason.DOCUMENT_DIFFERS)
    security, issued = judge_security_object(person.sod), datetime.fromtimestamp(challenge.issued, UTC)
    judge_person(security, person.subject, issued, person.card_is_valid, person.countries)
