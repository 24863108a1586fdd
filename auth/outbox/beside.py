"""Looking at an outbox that another program has open: how it stood at one moment, and nothing of it is changed."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from auth.errors import OutboxUnusable
from auth.outbox.item import Item
from auth.outbox.overview import CAPACITY, Overview, frozen_of, overview_of
from auth.outbox.refused import Refused
from auth.outbox.sealing import KeyBox
from auth.outbox.states import State
from auth.outbox.store import Store
from auth.outbox.swap import without_place

__all__ = ["OutboxBeside"]


class OutboxBeside:
    """Read an outbox without its lock; the program that has it writes on, and what it does after is not seen."""

    def __init__(self, file: Path, box: KeyBox, device_id: str, *, capacity: int = CAPACITY) -> None:
        """Open the outbox at ``file``; raise OutboxUnusable where there is none, or none that can be read.

        A damaged one is told and left as it is: who has the lock sees to it.
        """
        if not file.exists() and without_place(file):
            # The program that has the lock is putting a new one in its place; or was killed at it, and that is ended by
            # who opens it with the lock.
            raise OutboxUnusable("in-use")
        self._store = Store(file, box, device_id, read_only=True)
        refused = Refused(file, self._store).item
        if refused is not None:
            self._store.hidden = refused.number
        self._capacity = capacity

    def __enter__(self) -> OutboxBeside:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def overview(self) -> Overview:
        """Return how the outbox stood."""
        return overview_of(self._store, self._capacity)

    def items(self, state: State | None = None) -> list[Item]:
        """Return the look-ups in their order: all, or those that stood so."""
        if state is None:
            return list(self._store.items())
        return list(self._store.items("state = ?", (state,)))

    def frozen(self) -> list[tuple[Item, bytes]]:
        """Return what was frozen, sealed for its register alone; a damaged payload comes out empty."""
        return frozen_of(self._store)

    def close(self) -> None:
        """Close the file."""
        self._store.close()
