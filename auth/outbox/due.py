"""Which look-up is to be sent next: of each dossier only the first that has not come to an end."""

from __future__ import annotations

from collections.abc import Sequence

from auth.outbox.item import Item
from auth.outbox.store import Store

__all__ = ["first_due"]

_DUE = (
    "state = 'queued' AND due <= ? AND expires > ? AND NOT EXISTS (SELECT 1 FROM item j WHERE j.dossier = i.dossier "
    "AND j.number < i.number AND j.state IN ('queued', 'sending', 'needs-decision', 'frozen'))"
)


def first_due(store: Store, registers: Sequence[str], clerks: Sequence[str], now: float) -> Item | None:
    """Return the oldest look-up of one of ``clerks`` to one of ``registers`` whose turn it is, its pause over."""
    tags = [store.vault.tag("clerk", clerk) for clerk in clerks]
    asked = f"register IN ({_marks(registers)}) AND clerk IN ({_marks(clerks)})"
    return next(store.items(f"{asked} AND {_DUE}", (*registers, *tags, now, now), 1), None)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
