"""Judging the evidence of a card's presence, ``cpp-evidence/1``, on a machine without card, reader and network."""

from __future__ import annotations

import json
from dataclasses import dataclass

from auth.merkle import Checkpoint
from auth.presence import EvidenceVerdict, LogGrowth, LogStanding, PresenceRefused, Reason, judge_evidence
from auth.presence.evidence import FORMAT
from auth.presence.tokens import Issuers
from desk.evidence import EvidenceDamaged
from desk.inspection_report import Json, program
from reader.inspection.report import Decision
from reader.trust import TrustMaterial

__all__ = ["PresenceVerification", "is_presence_evidence", "presence_verification_report", "verify_presence"]

ENOUGH = 3


@dataclass(frozen=True, slots=True)
class PresenceVerification:
    """Hold what came of a bundle: a verdict, or the word of why there is none."""

    verdict: EvidenceVerdict | None
    refused: str = ""

    @property
    def decision(self) -> Decision:
        """Return stop for a bundle that does not hold, attention where something has to be said with it."""
        if self.verdict is None:
            return Decision.STOP
        whole = self.verdict.level >= ENOUGH and not self.verdict.reasons
        return Decision.PROCEED if whole else Decision.ATTENTION


def is_presence_evidence(raw: bytes) -> bool:
    """Tell whether a file says of itself that it is evidence of a card's presence; nothing else of it is believed."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("format") == FORMAT


def verify_presence(
    raw: bytes,
    issuers: Issuers,
    trust: TrustMaterial,
    revealed: int | None = None,
    growth: LogGrowth | None = None,
) -> PresenceVerification:
    """Judge a bundle by the verifiers and card issuers that one believes; raise EvidenceDamaged for what is none.

    ``revealed`` is the ephemeral private key, where the verifier has given it out, and ``growth`` its word on how its
    log went on.
    """
    try:
        return PresenceVerification(judge_evidence(raw, issuers, trust, revealed, growth=growth))
    except PresenceRefused as refused:
        if refused.reason is Reason.MALFORMED:
            raise EvidenceDamaged("no evidence of a card's presence") from None
        return PresenceVerification(None, refused.reason.value)


def presence_verification_report(verified: PresenceVerification) -> Json:
    """Return what came of a bundle as JSON."""
    verdict = verified.verdict
    report: Json = {
        "schema": 1,
        "program": program(),
        "format": FORMAT,
        "decision": verified.decision.value,
        "refused": verified.refused or None,
        "level": None,
        "basis": None,
        "reasons": [],
        "receipt": None,
        "log": None,
    }
    if verdict is None:
        return report
    return report | {
        "level": int(verdict.level),
        "basis": verdict.basis.value,
        "reasons": [reason.value for reason in verdict.reasons],
        "receipt": verdict.receipt.model_dump(mode="json"),
        "log": _log_report(verdict.log) if verdict.log is not None else None,
    }


def _log_report(log: LogStanding) -> Json:
    return {
        "checkpoint": _checkpoint_report(log.checkpoint),
        "later": _checkpoint_report(log.later) if log.later is not None else None,
    }


def _checkpoint_report(checkpoint: Checkpoint) -> Json:
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "at": checkpoint.at.isoformat(),
    }
