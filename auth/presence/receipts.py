"""Write what came of a proof, of success or of refusal alike: signed, and in the log before anybody has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from auth.presence.claims import (
    MAX_COUNTER,
    RECEIPT_KIND,
    ChallengeClaims,
    PageClaims,
    ReceiptClaims,
    TreeHead,
    page_transcript,
    transcript_of,
)
from auth.presence.commitment import request_digest
from auth.presence.encoding import to_text
from auth.presence.errors import PresenceRefused
from auth.presence.judging import file_digest
from auth.presence.levels import PresenceLevel, Reason
from auth.presence.log import Standing, entry_of
from auth.presence.log_proof import LogProof, sign_head
from auth.presence.messages import Caller, Proof, is_name
from auth.presence.store import PresenceStore
from auth.presence.tokens import sign_token
from auth.wire.endpoint import Signer

__all__ = ["Course", "Receipt", "ReceiptBook", "Tried", "transcript_of_proof", "unshown"]


@dataclass(slots=True)
class Course:
    """Hold how far a judgement came: what a receipt of a refusal says."""

    challenge: ChallengeClaims | None = None
    page: PageClaims | None = None
    level: PresenceLevel = PresenceLevel.TYPED
    person: bool = False
    terminal_key: bytes | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Tried:
    """Hold a proof with the request that it came with, by whom, and when it was judged.

    Raise PresenceRefused for an audience or a counter that no receipt can name.
    """

    proof: Proof
    body: bytes
    audience: str
    caller: Caller
    now: datetime

    def __post_init__(self) -> None:
        """Refuse what could not be written down."""
        counter = self.proof.counter
        if not is_name(self.audience) or (counter is not None and not 0 <= counter <= MAX_COUNTER):
            raise PresenceRefused(Reason.MALFORMED)

    def __repr__(self) -> str:
        """Show for whom only."""
        return f"Tried({self.audience})"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Hold a receipt that was written just now: the signed token, what it says, and the proof that it is in the log."""

    token: str
    claims: ReceiptClaims
    log: LogProof


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
        def write(standing: Standing) -> tuple[bytes, tuple[str, ReceiptClaims, Standing]]:
            claims = self._claims(tried, course, verdict, reasons, standing)
            token = sign_token(RECEIPT_KIND, claims, self._signer)
            return entry_of(token), (token, claims, standing)

        token, claims, standing = self._store.append_after(entry_of(tried.proof.token), write)
        # Signed when the log is written, and nobody else waits for it any more.
        now, _ = standing.state.append(entry_of(token))
        checkpoint = sign_head(self._name, now.log, now.size, now.root, tried.now, self._signer)
        return Receipt(token, claims, LogProof.of(checkpoint, standing.path, standing.state.path))

    def _claims(
        self, tried: Tried, course: Course, verdict: str, reasons: tuple[Reason, ...], standing: Standing
    ) -> ReceiptClaims:
        proof, caller, state = tried.proof, tried.caller, standing.state
        return ReceiptClaims(
            issuer=self._name,
            audience=tried.audience,
            device=caller.device,
            device_key=caller.device_key,
            clerk=caller.clerk,
            transcript=to_text(transcript_of_proof(proof)),
            proof=to_text(proof.digest),
            verdict=verdict,
            level=course.level,
            person=course.person,
            reasons=reasons,
            challenge=course.challenge,
            page=course.page,
            counter=proof.counter,
            request=to_text(request_digest(tried.audience, tried.body)),
            terminal_key=file_digest(course.terminal_key) if course.terminal_key else None,
            verified=int(tried.now.timestamp()),
            trust=self._trust_version,
            leaf=None if standing.index is None else standing.index + 1,
            tree=TreeHead(log=state.log, size=state.size, root=to_text(state.root)),
        )


def unshown(course: Course) -> tuple[Reason, ...]:
    """Return what has to be said of a proof that holds where the card was not held against anybody."""
    return () if course.person else (Reason.PERSON_NOT_SHOWN,)


def transcript_of_proof(proof: Proof) -> bytes:
    """Return what the chip answered to: it follows from the token and, for a page, from requests and counter."""
    if proof.counter is None:
        return transcript_of(proof.token)
    return page_transcript(proof.token, proof.commitment.root, proof.counter)
