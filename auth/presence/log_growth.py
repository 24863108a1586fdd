"""How a verifier's log has grown from one checkpoint to a later one: its signed word, to be kept with the evidence.

Whoever holds two receipts of one verifier can have it show that the later log continues the earlier one (RFC 6962
§2.1.2). A verifier that has shown different logs to different people cannot.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auth.merkle import Checkpoint, InvalidProof, SignedCheckpoint, verify_consistency
from auth.presence.claims import LOG_TEXT, Digest, Name
from auth.presence.encoding import canonical, from_text, parse_canonical, to_text
from auth.presence.errors import PresenceRefused
from auth.presence.levels import Reason
from auth.presence.log import Grown
from auth.presence.log_proof import MAX_NOTE, MAX_PATH, origin_of, read_checkpoint
from auth.presence.tokens import Issuers
from reader.errors import DataError

__all__ = ["MAX_GROWTH_BYTES", "LogGrowth", "judge_growth"]

MAX_GROWTH_BYTES = 16_384
# A proof goes along both edges of what was added (RFC 6962 §2.1.2).
_MAX_PROOF = 2 * MAX_PATH


class LogGrowth(BaseModel):
    """Hold a checkpoint, and the proof that the log under it continues what it was at ``old`` leaves.

    The checkpoint's time is when it was signed, which is when somebody asked: a verifier signs any length that its log
    once had, so a shorter log may be under a later time. Lengths and proofs order checkpoints; their times do not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    format: Literal["cpp-log-growth/1"] = "cpp-log-growth/1"
    issuer: Name
    log: Annotated[str, Field(pattern=LOG_TEXT)]
    old: Annotated[int, Field(ge=0, le=1 << 53)]
    checkpoint: Annotated[str, Field(max_length=MAX_NOTE)]
    proof: Annotated[tuple[Digest, ...], Field(max_length=_MAX_PROOF)]

    @classmethod
    def of(cls, issuer: str, grown: Grown, checkpoint: SignedCheckpoint) -> LogGrowth:
        """Write what a store has proven, under the checkpoint that was signed for it."""
        proof = tuple(to_text(one) for one in grown.proof)
        return cls(issuer=issuer, log=grown.log, old=grown.old, checkpoint=checkpoint.to_text(), proof=proof)

    def to_bytes(self) -> bytes:
        """Write it in its only form."""
        return canonical(self.model_dump())

    @classmethod
    def read(cls, raw: bytes) -> LogGrowth:
        """Read it; raise DataError for anything else."""
        parse_canonical(raw, MAX_GROWTH_BYTES)
        try:
            return cls.model_validate_json(raw)
        except ValidationError:
            raise DataError("no growth of a verifier's log") from None


def judge_growth(growth: LogGrowth, known: Checkpoint, issuers: Issuers) -> Checkpoint:
    """Return the checkpoint that the log has grown to from ``known``, or that ``known`` itself is.

    Raise PresenceRefused; a growth of another log, one that begins and ends elsewhere, and one that ``known`` is not
    part of are told apart.
    """
    if known.origin != origin_of(growth.issuer, growth.log):
        raise PresenceRefused(Reason.LOG_DIFFERS)
    later = read_checkpoint(growth.checkpoint, growth.issuer, growth.log, issuers.get(growth.issuer, {}))
    if known.size not in (growth.old, later.size):
        raise PresenceRefused(Reason.LOG_GROWTH_ELSEWHERE)
    try:
        if known.size == later.size:
            # No proof: None would be as good.
            verify_consistency(known.size, later.size, (), known.root, later.root)  # pragma: no mutate
        else:
            proof = [from_text(one) for one in growth.proof]
            verify_consistency(known.size, later.size, proof, known.root, later.root)
    except InvalidProof:
        raise PresenceRefused(Reason.LOG_INCONSISTENT) from None
    except DataError:
        raise PresenceRefused(Reason.MALFORMED) from None
    return later
