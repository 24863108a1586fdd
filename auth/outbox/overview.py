"""What is shown of an outbox, and what a dossier takes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auth.outbox.item import Item
from auth.outbox.states import ENDS, State
from auth.outbox.store import Store

__all__ = ["CAPACITY", "Overview", "Taken", "overview_of"]

CAPACITY = 20_000
_WAITS = "state IN ('queued', 'sending', 'needs-decision', 'frozen')"


@dataclass(frozen=True, slots=True, repr=False)
class Taken:
    """Hold what a dossier takes out: how a look-up ended, and the register's answer where there is one."""

    item: Item
    answer: bytes | None

    def __repr__(self) -> str:
        """Show how it ended, not what was answered."""
        return f"Taken({self.item!r})"


@dataclass(frozen=True, slots=True)
class Overview:
    """Say how many look-ups stand how, since when the oldest waits, and what happened to the file.

    ``trouble`` is a stable word, ``lost`` how many look-ups could not be brought over then.
    """

    counts: Mapping[State, int]
    oldest: float | None
    trouble: str
    lost: int
    capacity: int = CAPACITY

    @property
    def waiting(self) -> int:
        """Return how many have not come to an end."""
        return sum(count for state, count in self.counts.items() if state not in ENDS)


def overview_of(store: Store, capacity: int = CAPACITY) -> Overview:
    """Return how an outbox stands."""
    oldest = next(store.items(_WAITS, limit=1), None)
    head = store.head
    return Overview(store.counts(), oldest.queued_at if oldest else None, head.trouble, head.lost, capacity)
