"""One tap for several registers: a register takes a peer's receipt for a proof that only the peer can judge.

In Chip Authentication only who made the challenge can judge the answer. The others hold the peer's signed receipt
against their own request: it must be of the same commitment, device, clerk and purpose, and fresh.
"""

from __future__ import annotations

from datetime import datetime

from auth.presence.claims import RECEIPT_KIND, ReceiptClaims
from auth.presence.commitment import Commitment
from auth.presence.encoding import to_text
from auth.presence.errors import PresenceRefused
from auth.presence.levels import Reason
from auth.presence.messages import Caller
from auth.presence.store import PresenceStore
from auth.presence.tokens import Issuers, read_token
from reader.errors import DataError

__all__ = ["accept_receipt"]

MAX_AGE_S = 120
SKEW_S = 10


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
) -> ReceiptClaims:
    """Return a peer's receipt, if it holds for the request ``body`` to ``audience``; raise PresenceRefused if not.

    ``issuers`` are the peers that this register takes receipts from. A receipt is taken once.
    """
    try:
        claims = read_token(RECEIPT_KIND, ReceiptClaims, receipt, issuers)
    except DataError:
        raise PresenceRefused(Reason.TOKEN_INVALID) from None
    challenge = claims.challenge
    if challenge is None or not claims.accepted:
        raise PresenceRefused(Reason.TOKEN_INVALID)
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
    return claims
