"""The Inspection: everything that was read, every check, and the decision that a written policy makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reader.inspection.checks import Check, CheckId
from reader.inspection.decision import Decision

# For the annotations only: whoever shows a decision need not load the parsers.
if TYPE_CHECKING:
    from datetime import datetime

    from reader.inspection.materials import MaterialUsed
    from reader.inspection.record import Record
    from reader.lds.identity import Identity
    from reader.lds.portrait import Portrait


__all__ = ["Decision", "Finding", "Inspection", "LinkUse"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Say why the decision is not better than it is: the check, its reason (or note code) and what it amounts to."""

    check: CheckId
    reason: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class LinkUse:
    """Count what a whole read cost: APDUs, bytes sent, bytes received."""

    apdus: int
    sent: int
    received: int


@dataclass(frozen=True, slots=True, repr=False)
class Inspection:
    """Hold the result of one inspection.

    ``files`` are the bytes as read, by file name ("EF.SOD", "DG1"); ``timings`` are milliseconds since the start by
    event ("access", "identity", "portrait", "end"). ``policy`` and ``policy_digest`` name what decided, ``materials``
    what was believed, ``moment`` is the time that stood for now; ``record`` lets somebody else judge it all again.
    ``test`` says that the test issuer signed the document or is among those believed: nothing here is valid.
    ``repr`` shows the decision only.
    """

    decision: Decision
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]
    access: str
    identity: Identity | None
    portrait: Portrait | None
    files: tuple[tuple[str, bytes], ...]
    timings: tuple[tuple[str, float], ...]
    link: LinkUse
    policy: str = field(default="")
    policy_digest: str = ""
    materials: tuple[MaterialUsed, ...] = ()
    moment: datetime | None = None
    record: Record | None = None
    test: bool = False

    def check(self, id: CheckId) -> Check:
        """Return the check ``id``; raise KeyError where this inspection has none."""
        for check in self.checks:
            if check.id is id:
                return check
        raise KeyError(id)

    def __repr__(self) -> str:
        """Show the decision only."""
        return f"Inspection({self.decision}, {len(self.checks)} checks)"
