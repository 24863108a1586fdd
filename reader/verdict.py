"""A verdict: the answer to one question about a document, whoever asks it, and the evidence for it.

Every floor of ``reader`` that judges (trust, genuine, inspection) answers with the same five statuses, as BSI TR-03135
and the notes on inspection want them told apart: *failed* speaks of the document, *inconclusive* of us (something we
would need is missing), *not applicable* of what the document does not have, *unavailable* of what we cannot do. A pass
without evidence cannot be built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["CheckStatus", "Note", "Severity", "Verdict"]


class CheckStatus(StrEnum):
    """Tell how a check came out."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not_applicable"
    UNAVAILABLE = "unavailable"


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
class Verdict:
    """Answer one question; ``reason`` is a stable string, ``evidence`` pairs of names and values.

    Evidence says what was done and with what (algorithms, key ids, file names, digests), never personal data.
    """

    status: CheckStatus
    reason: str
    evidence: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a pass that shows no evidence, and a verdict without a reason."""
        if self.status is CheckStatus.PASSED and not self.evidence:
            raise ValueError(f"{self.reason}: a pass needs evidence")
        if not self.reason:
            raise ValueError("a verdict needs a reason")

    @classmethod
    def passed(cls, reason: str, evidence: Mapping[str, str], *notes: Note) -> Verdict:
        """Build a pass; the evidence is what makes it one."""
        return cls(CheckStatus.PASSED, reason, tuple(evidence.items()), notes)

    @classmethod
    def failed(cls, reason: str, evidence: Mapping[str, str] | None = None, *notes: Note) -> Verdict:
        """Build a failure: the document is not as it must be."""
        return cls(CheckStatus.FAILED, reason, tuple((evidence or {}).items()), notes)

    @classmethod
    def inconclusive(cls, reason: str, evidence: Mapping[str, str] | None = None, *notes: Note) -> Verdict:
        """Build an inconclusive answer: we lack something that the check needs."""
        return cls(CheckStatus.INCONCLUSIVE, reason, tuple((evidence or {}).items()), notes)

    @classmethod
    def not_applicable(cls, reason: str, evidence: Mapping[str, str] | None = None) -> Verdict:
        """Build the answer for a document that does not have what the check is about."""
        return cls(CheckStatus.NOT_APPLICABLE, reason, tuple((evidence or {}).items()))

    @classmethod
    def unavailable(cls, reason: str, evidence: Mapping[str, str] | None = None) -> Verdict:
        """Build the answer for what this program or this desk cannot do."""
        return cls(CheckStatus.UNAVAILABLE, reason, tuple((evidence or {}).items()))
