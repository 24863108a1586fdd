"""What is shown of an outbox, and what a dossier takes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auth.errors import OutboxUnusable
from auth.outbox.item import Item
from auth.outbox.states import ENDS, WAITING, State
from auth.outbox.store import Store

__all__ = ["CAPACITY", "Overview", "Taken", "frozen_of", "overview_of", "taken_of"]

CAPACITY = 20_000
DAMAGED = "damaged"
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


def taken_of(store: Store, dossier: str) -> list[Taken]:
    """Return what has come to an end for a dossier, in its order."""
    every = list(store.items("dossier = ?", (store.vault.tag("dossier", dossier),)))
    # Whoever waits for a yes still has to read it.
    needed = {one.after for one in every if one.after and one.state in WAITING}
    found = [one for one in every if one.state in ENDS and one.number not in needed]
    return [Taken(one, store.answer(one) if one.state is State.ANSWERED else None) for one in found]


def frozen_of(store: Store) -> list[tuple[Item, bytes]]:
    """Return what is frozen, sealed as it was; a damaged payload comes out empty."""
    return [(item, _payload_or_nothing(store, item)) for item in list(store.items("state = ?", (State.FROZEN,)))]


def _payload_or_nothing(store: Store, item: Item) -> bytes:
    try:
        return store.payload(item)
    except OutboxUnusable as error:
        if error.why != DAMAGED:
            raise
        return b""
