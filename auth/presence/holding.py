"""The desk's view of a receipt: whether it is a verifier's word on exactly the proof and the request that we sent."""

from __future__ import annotations

from auth.presence.claims import RECEIPT_KIND, ReceiptClaims
from auth.presence.commitment import request_digest
from auth.presence.encoding import to_text
from auth.presence.errors import PresenceRefused
from auth.presence.levels import Reason
from auth.presence.log_proof import LogProof, judge_log_proof
from auth.presence.messages import Proof
from auth.presence.receipts import transcript_of_proof
from auth.presence.tokens import Issuers, read_token
from reader.errors import DataError

__all__ = ["hold_log", "hold_receipt"]


def hold_receipt(
    receipt: str, proof: Proof, body: bytes, audience: str, device: tuple[str, str], issuers: Issuers
) -> ReceiptClaims:
    """Return what a receipt says, of success or of refusal; raise DataError where it is not about our own proof.

    ``body`` is the request to ``audience`` that the proof was sent with, ``device`` our id and the id of our key,
    ``issuers`` the verifiers whose word we take.
    """
    claims = read_token(RECEIPT_KIND, ReceiptClaims, receipt, issuers)
    ours = (
        claims.audience == audience,
        claims.request == to_text(request_digest(audience, body)),
        claims.transcript == to_text(transcript_of_proof(proof)),
        claims.proof == to_text(proof.digest),
        (claims.device, claims.device_key) == device,
        claims.counter == proof.counter,
    )
    if not all(ours):
        raise DataError("a receipt for another proof")
    return claims


def hold_log(
    receipt: str, claims: ReceiptClaims, proof: Proof, log: str, issuers: Issuers
) -> tuple[LogProof | None, tuple[Reason, ...]]:
    """Return the proof that a held receipt was logged, to be kept with it, and what is to be said where there is none.

    A receipt is worth what it says without it; that nobody can find it in the log later is not passed over in silence.
    """
    try:
        given = LogProof.read(log) if log else None
        return given, judge_log_proof(proof.token, receipt, claims, given, issuers)[1]
    except PresenceRefused as refused:
        return None, (refused.reason,)
    except DataError:
        return None, (Reason.LOG_PROOF_WRONG,)
