"""A check: one named question about a document, its answer, and the evidence for it.

The five statuses and what they mean are those of ``reader.verdict``; what each check proves and does not prove is
written in docs/checks.md. A pass without evidence cannot be built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reader.verdict import CheckStatus, Note, Severity, Verdict

__all__ = ["Check", "CheckId", "CheckStatus", "Note", "Severity"]


class CheckId(StrEnum):
    """Name every check; the strings are public and documented in docs/checks.md."""

    PACE = "access.pace"
    BAC = "access.bac"
    CARD_ACCESS = "access.card-access-authenticity"
    SECURE_MESSAGING = "access.secure-messaging"
    SOD_SIGNATURE = "passive.sod-signature"
    CHAIN = "passive.chain"
    HASHES = "passive.data-group-hashes"
    REVOCATION = "passive.revocation"
    CARD_SECURITY = "passive.card-security"
    CHIP_AUTHENTICATION = "genuine.chip-authentication"
    ACTIVE_AUTHENTICATION = "genuine.active-authentication"
    CHIP_MAPPING = "genuine.chip-mapping"
    TERMINAL_AUTHENTICATION = "genuine.terminal-authentication"
    COM_SOD = "lds.com-sod-consistency"
    STRUCTURE = "lds.structure"
    MRZ_CHECK_DIGITS = "lds.mrz-check-digits"
    KEY_MATCHES_CHIP = "lds.key-matches-chip"
    DG1_DG13 = "lds.dg1-dg13-consistency"
    ISSUING_STATE = "lds.issuing-state"
    EXPIRY = "document.expiry"


@dataclass(frozen=True, slots=True)
class Check:
    """Answer one question; ``reason`` is a stable string, ``evidence`` pairs of names and values.

    Evidence says what was done and with what (algorithms, key ids, file names, digests), never personal data.
    """

    id: CheckId
    status: CheckStatus
    reason: str
    evidence: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a pass that shows no evidence, and a check without a reason."""
        if self.status is CheckStatus.PASSED and not self.evidence:
            raise ValueError(f"{self.id}: a pass needs evidence")
        if not self.reason:
            raise ValueError(f"{self.id}: a check needs a reason")

    @classmethod
    def of(cls, id: CheckId, verdict: Verdict, *notes: Note) -> Check:
        """Give a verdict the name of the question it answers; ``notes`` are added to those it has."""
        return cls(id, verdict.status, verdict.reason, verdict.evidence, (*verdict.notes, *notes))

    @classmethod
    def passed(cls, id: CheckId, reason: str, evidence: Mapping[str, str], *notes: Note) -> Check:
        """Build a pass; the evidence is what makes it one."""
        return cls(id, CheckStatus.PASSED, reason, tuple(evidence.items()), notes)

    @classmethod
    def failed(cls, id: CheckId, reason: str, evidence: Mapping[str, str] | None = None, *notes: Note) -> Check:
        """Build a failure: the document is not as it must be."""
        return cls(id, CheckStatus.FAILED, reason, tuple((evidence or {}).items()), notes)

    @classmethod
    def inconclusive(cls, id: CheckId, reason: str, evidence: Mapping[str, str] | None = None, *notes: Note) -> Check:
        """Build an inconclusive answer: we lack something that the check needs."""
        return cls(id, CheckStatus.INCONCLUSIVE, reason, tuple((evidence or {}).items()), notes)

    @classmethod
    def not_applicable(cls, id: CheckId, reason: str) -> Check:
        """Build the answer for a document that does not have what the check is about."""
        return cls(id, CheckStatus.NOT_APPLICABLE, reason)

    @classmethod
    def unavailable(cls, id: CheckId, reason: str) -> Check:
        """Build the answer for what this program or this desk cannot do."""
        return cls(id, CheckStatus.UNAVAILABLE, reason)
