"""A check: one named question about a document, its answer, and the evidence for it.

Five statuses, as BSI TR-03135 and the notes on inspection want them told apart: *failed* speaks of the document,
*inconclusive* of us (something we would need is missing), *not applicable* of what the document does not have,
*unavailable* of what we cannot do. A pass without evidence cannot be built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Check", "CheckId", "CheckStatus", "Note", "Severity"]


class CheckStatus(StrEnum):
    """Tell how a check came out."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not_applicable"
    UNAVAILABLE = "unavailable"


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
    CHIP_AUTHENTICATION = "genuine.chip-authentication"
    ACTIVE_AUTHENTICATION = "genuine.active-authentication"
    TERMINAL_AUTHENTICATION = "genuine.terminal-authentication"
    COM_SOD = "lds.com-sod-consistency"
    STRUCTURE = "lds.structure"
    MRZ_CHECK_DIGITS = "lds.mrz-check-digits"
    KEY_MATCHES_CHIP = "lds.key-matches-chip"
    DG1_DG13 = "lds.dg1-dg13-consistency"
    ISSUING_STATE = "lds.issuing-state"
    EXPIRY = "document.expiry"


class Severity(StrEnum):
    """Weigh a note: a warning makes the decision at best *attention*."""

    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Note:
    """Add a remark to a check; ``code`` is a stable string."""

    code: str
    severity: Severity = Severity.INFO


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
