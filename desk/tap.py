"""What came of the one tap by which the card proves itself to the registers, as the visit holds it.

Levels are those of docs/presence.md. None of them says that the citizen was here: the highest says that a chip with the
issuer's key could be reached by this session, for exactly these requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from reader.inspection.presence_rule import PresenceRule

# For the annotation only: a window must not wait for the protocols of the chip.
if TYPE_CHECKING:
    from auth.presence import LogProof, Proof

__all__ = ["RegisterPresence", "Tap", "TapState"]


class TapState(StrEnum):
    """Tell what came of the tap; each is a code of the failure catalogue or has words of its own."""

    PROVEN = "presence-proven"
    """The chip answered; what that is worth the registers say."""

    PROVEN_OFFLINE = "presence-proven-offline"
    """The chip signed for a page of a booklet."""

    NOT_SET_UP = "presence-not-set-up"
    CLOCK_WRONG = "presence-clock-wrong"
    TRUST_EXPIRED = "presence-trust-expired"
    CARD_GONE = "presence-card-gone"
    """The card was not on the reader when it was to prove itself, and the clerk went on without."""

    NOTHING_ASKED = "presence-nothing-asked"
    CARD_CANNOT = "presence-card-cannot"
    CARD_REFUSED = "presence-card-refused"
    VERIFIER_AWAY = "presence-verifier-away"
    VERIFIER_REFUSED = "presence-verifier-refused"
    OFFER_REFUSED = "presence-offer-refused"
    """The verifier would have had more put to the card than was asked for, and none of it was."""


@dataclass(frozen=True, slots=True)
class RegisterPresence:
    """Hold what one register's receipt says of the card's presence; ``receipt`` is the signed token.

    ``trust`` is the version of the trust list that it was judged by, ``log`` the proof that the verifier has logged it.
    """

    level: int
    accepted: bool
    reasons: tuple[str, ...] = ()
    receipt: str = field(default="", repr=False)
    trust: str = ""
    log: LogProof | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class Tap:
    """Hold what came of the tap, and what travels with the requests.

    ``local`` is the level that holds by this desk's word alone: what the inspection found. ``reason`` is a word of the
    verifier or of the booklet. ``proof`` was made for ``requests``, the inner requests by register; ``member`` is what
    goes beside each of them. ``device_key`` is this device's public key, DER, "" where it cannot be told.
    """

    state: TapState
    rule: PresenceRule = field(default_factory=PresenceRule)
    local: int = 0
    reason: str = ""
    mode: str = ""
    proof: Proof | None = None
    member: bytes = b""
    requests: Mapping[str, bytes] = field(default_factory=dict)
    device_key: bytes = b""

    @property
    def proven(self) -> bool:
        """Tell whether the chip answered."""
        return self.proof is not None

    def __repr__(self) -> str:
        """Show what came of it, nothing of the person."""
        return f"Tap({self.state})"
