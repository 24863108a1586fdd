"""Write what came of a proof, of success or of refusal alike: signed, and its hash in the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from auth.presence.claims import (
    RECEIPT_KIND,
    ChallengeClaims,
    PageClaims,
    ReceiptClaims,
    page_transcript,
    transcript_of,
)
from auth.presence.commitment import request_digest
from auth.presence.encoding import digest, to_text
from auth.presence.judging import file_digest
from auth.presence.levels import PresenceLevel, Reason
from auth.presence.messages import Caller, Proof
from auth.presence.store import PresenceStore
from auth.presence.tokens import sign_token
from auth.wire.endpoint import Signer

__all__ = ["Course", "Receipt", "ReceiptBook", "Tried", "leaf_hash", "transcript_of_proof"]


@dataclass(slots=True)
class Course:
    """Hold how far a judgement came: what a receipt of a refusal says."""

    challenge: ChallengeClaims | None = None
    page: PageClaims | None = None
    level: PresenceLevel = PresenceLevel.TYPED
    terminal_key: bytes | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Tried:
    """Hold a proof with the request that it came with, by whom, and when it was judged."""

    proof: Proof
    body: bytes
    audience: str
    caller: Caller
    now: datetime

    def __repr__(self) -> str:
        """Show for whom only."""
        return f"Tried({self.audience})"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Hold a receipt that was written just now: the signed token, and what it says."""

    token: str
    claims: ReceiptClaims


class ReceiptBook:
    """Sign receipts in a verifier's name and log each."""

    def __init__(self, name: str, signer: Signer, trust_version: str, store: PresenceStore) -> None:
        self._name = name
        self._signer = signer
        self._trust_version = trust_version
        self._store = store

    def accept(self, tried: Tried, course: Course, reasons: tuple[Reason, ...]) -> Receipt:
        """Return the receipt of a proof that holds; ``reasons`` are what has to be said with it."""
        return self._write(tried, course, "accepted", reasons)

    def refuse(self, tried: Tried, course: Course, reason: Reason) -> Receipt:
        """Return the receipt of a proof that does not hold."""
        return self._write(tried, course, "refused", (reason,))

    def _write(self, tried: Tried, course: Course, verdict: str, reasons: tuple[Reason, ...]) -> Receipt:
        proof, caller = tried.proof, tried.caller
        claims = ReceiptClaims(
            issuer=self._name,
            audience=tried.audience,
            device=caller.device,
            device_key=caller.device_key,
            clerk=caller.clerk,
            transcript=to_text(transcript_of_proof(proof)),
            proof=to_text(proof.digest),
            verdict=verdict,
            level=course.level,
            reasons=reasons,
            challenge=course.challenge,
            page=course.page,
            counter=proof.counter,
            request=to_text(request_digest(tried.audience, tried.body)),
            terminal_key=file_digest(course.terminal_key) if course.terminal_key else None,
            verified=int(tried.now.timestamp()),
            trust=self._trust_version,
            leaf=self._store.leaf_of(leaf_hash(proof.token)),
        )
        token = sign_token(RECEIPT_KIND, claims, self._signer)
        self._store.record(leaf_hash(token))
        return Receipt(token, claims)


def transcript_of_proof(proof: Proof) -> bytes:
    """Return what the chip answered to: it follows from the token and, for a page, from requests and counter."""
    if proof.counter is None:
        return transcript_of(proof.token)
    return page_transcript(proof.token, proof.commitment.root, proof.counter)


def leaf_hash(token: str) -> bytes:
    """Return by which hash a token or a receipt stands in the verifier's log."""
    return digest("CPP1-leaf", token.encode("utf-8", "backslashreplace"))
