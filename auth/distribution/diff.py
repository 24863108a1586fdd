"""The difference between two states of the store, country by country, in rows that people can read."""

from __future__ import annotations

from dataclasses import dataclass

from auth.distribution.intake import Accepted, Intake
from auth.distribution.kinds import Action, ObjectKind
from auth.distribution.offered import RefusedItem

__all__ = ["Action", "DiffRow", "TrustDiff", "difference"]


@dataclass(frozen=True, slots=True)
class DiffRow:
    """Hold one row; ``reason`` says why something was refused, ``source`` is the file it came in."""

    action: Action
    kind: ObjectKind | None
    country: str
    subject: str
    fingerprint: str = ""
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class TrustDiff:
    """Hold the rows, ordered by country."""

    rows: tuple[DiffRow, ...] = ()

    def of(self, action: Action) -> tuple[DiffRow, ...]:
        """Return the rows of one action."""
        return tuple(row for row in self.rows if row.action is action)

    @property
    def countries(self) -> dict[str, dict[Action, int]]:
        """Return, by country, how many rows of each action there are."""
        found: dict[str, dict[Action, int]] = {}
        for row in self.rows:
            counts = found.setdefault(row.country, dict.fromkeys(Action, 0))
            counts[row.action] += 1
        return found


def difference(before: Intake, after: Intake, refused: tuple[RefusedItem, ...]) -> TrustDiff:
    """Compare what was trusted with what will be; each refusal is told once."""
    was = {(row.kind, row.fingerprint): row for row in before.accepted}
    will = {(row.kind, row.fingerprint): row for row in after.accepted}
    gone = [row for key, row in was.items() if key not in will]
    new = [row for key, row in will.items() if key not in was]
    replaced = {(row.kind, row.key) for row in gone} & {(row.kind, row.key) for row in new}
    rows = [_row(Action.CHANGED if (row.kind, row.key) in replaced else Action.ADDED, row) for row in new]
    rows += [_row(Action.REMOVED, row) for row in gone if (row.kind, row.key) not in replaced]
    known = set(before.refused)
    rows += [
        DiffRow(Action.REFUSED, None, item.country, item.subject, reason=item.reason, source=item.source)
        for item in dict.fromkeys(refused)
        if item not in known
    ]
    return TrustDiff(tuple(sorted(rows, key=lambda row: (row.country, row.action, row.subject, row.fingerprint))))


def _row(action: Action, row: Accepted) -> DiffRow:
    return DiffRow(action, row.kind, row.country, row.subject, row.fingerprint, source=row.source)
