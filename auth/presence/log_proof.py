"""Proof that a challenge was in the verifier's log before its receipt, and that the receipt is there too.

The receipt names the log that it was appended to: the challenge is proven to be in that one, and the receipt to stand
right behind it in the one that the verifier has signed a checkpoint of. So both are counted, and no verifier can give
out receipts for challenges that it made afterwards, or reveal keys of answers that it never logged, without a log that
contradicts itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auth.device_key import DeviceKey
from auth.merkle import (
    EMPTY_ROOT,
    Checkpoint,
    CheckpointInvalid,
    InvalidProof,
    SignedCheckpoint,
    leaf_hash,
    node_hash,
    sign_checkpoint,
    verify_inclusion,
)
from auth.presence.claims import Digest, ReceiptClaims
from auth.presence.encoding import canonical, from_text, parse_canonical, to_text
from auth.presence.errors import PresenceRefused
from auth.presence.levels import Reason
from auth.presence.log import entry_of
from auth.presence.tokens import Issuers
from auth.wire.endpoint import Signer
from reader.errors import DataError

__all__ = ["MAX_LOG_PROOF", "LogProof", "judge_log_proof", "origin_of", "read_checkpoint", "sign_head"]

MAX_LOG_PROOF = 8_192
MAX_NOTE = 2_048
MAX_PATH = 53
_ORIGIN = re.compile(r"cpp-log/[0-9A-Za-z][0-9A-Za-z._:/-]{0,127}/[A-Za-z0-9_-]{22}")

Path = Annotated[tuple[Digest, ...], Field(max_length=MAX_PATH)]


class LogProof(BaseModel):
    """Hold a checkpoint, and the audit paths of challenge and receipt (RFC 6962 §2.1.1).

    The challenge's leads to the root that the receipt names, the receipt's to the root of the checkpoint.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    checkpoint: Annotated[str, Field(max_length=MAX_NOTE)]
    challenge: Path
    receipt: Path

    def to_text(self) -> str:
        """Write it in its only form."""
        return canonical(self.model_dump()).decode("utf-8")

    @classmethod
    def read(cls, text: str) -> LogProof:
        """Read it; raise DataError for anything else."""
        raw = text.encode("utf-8", "backslashreplace")
        parse_canonical(raw, MAX_LOG_PROOF)
        try:
            return cls.model_validate_json(raw)
        except ValidationError:
            raise DataError("no proof of a verifier's log") from None

    @classmethod
    def of(cls, checkpoint: SignedCheckpoint, challenge: Sequence[bytes], receipt: Sequence[bytes]) -> LogProof:
        """Write hashes as text."""
        return cls(
            checkpoint=checkpoint.to_text(),
            challenge=tuple(to_text(one) for one in challenge),
            receipt=tuple(to_text(one) for one in receipt),
        )


def origin_of(issuer: str, log: str) -> str:
    """Return under which name a verifier's log signs its checkpoints."""
    return f"cpp-log/{issuer}/{log}"


def sign_head(issuer: str, log: str, size: int, root: bytes, at: datetime, signer: Signer) -> SignedCheckpoint:
    """Sign how long the log is and what stands over it (a signed note, as the desks' ledgers have it)."""
    return sign_checkpoint(Checkpoint(origin_of(issuer, log), size, root, at.replace(microsecond=0)), signer)


def read_checkpoint(note: str, issuer: str, log: str, keys: Mapping[str, DeviceKey]) -> Checkpoint:
    """Return what a checkpoint says; raise PresenceRefused unless it is of this log and a key of ``keys`` signed it."""
    try:
        signed = SignedCheckpoint.parse(note, _ORIGIN)
        if signed.checkpoint.origin != origin_of(issuer, log):
            raise PresenceRefused(Reason.LOG_DIFFERS)
        if not signed.verify({key_id: key.key for key_id, key in keys.items()}, ()):
            raise PresenceRefused(Reason.CHECKPOINT_INVALID)
    except CheckpointInvalid:
        raise PresenceRefused(Reason.CHECKPOINT_INVALID) from None
    return signed.checkpoint


def judge_log_proof(
    token: str, receipt: str, claims: ReceiptClaims, proof: LogProof | None, issuers: Issuers
) -> tuple[Checkpoint | None, tuple[Reason, ...]]:
    """Return the checkpoint under which ``token`` and ``receipt`` were logged, or what has to be said without one.

    ``claims`` are what ``receipt`` says. Raise PresenceRefused for a proof that does not hold, each kind by its reason.
    """
    if claims.tree is None:
        if proof is not None:
            raise PresenceRefused(Reason.LOG_PROOF_WRONG)
        return None, (Reason.LOG_NOT_PROVEN,)
    if proof is None:
        return None, (Reason.LOG_PROOF_MISSING,)
    tree = claims.tree
    checkpoint = read_checkpoint(proof.checkpoint, claims.issuer, tree.log, issuers.get(claims.issuer, {}))
    try:
        before, path = from_text(tree.root), [from_text(one) for one in proof.receipt]
        _require_challenge(token, claims, proof, tree.size, before)
        verify_inclusion(leaf_hash(entry_of(receipt)), tree.size, tree.size + 1, path, checkpoint.root)
    except DataError:
        raise PresenceRefused(Reason.LOG_PROOF_WRONG) from None
    # On its way up the last leaf meets the subtrees that the log before it is made of, and nothing else.
    root = reduce(lambda below, peak: node_hash(peak, below), path) if path else EMPTY_ROOT
    if checkpoint.size != tree.size + 1 or root != before:
        raise PresenceRefused(Reason.LOG_INCONSISTENT)
    return checkpoint, ()


def _require_challenge(token: str, claims: ReceiptClaims, proof: LogProof, size: int, root: bytes) -> None:
    """Raise InvalidProof unless the challenge is in that log; one that nobody gave out can only be refused."""
    if claims.leaf is not None:
        path = [from_text(one) for one in proof.challenge]
        verify_inclusion(leaf_hash(entry_of(token)), claims.leaf - 1, size, path, root)
    elif claims.accepted or proof.challenge:
        raise InvalidProof("the challenge was never logged")
