"""A look-up that was written down and that the ledger then refused: whoever queued it was told that it is not queued.

It is taken out of the outbox again at once. Where the disk takes that neither, it is remembered: nobody sees it, nobody
sends it, and it is taken out before anything else happens. For a program that ends meanwhile an empty file beside the
outbox remembers it, by its name; a disk without room for a page mostly takes that yet. Whoever opens the outbox next
takes it out before anything is sent.

Where not even that file could be made, or the program was killed between its two writes, nothing tells a look-up that
was refused from one that was acknowledged in a ledger which has lost its last leaf since. Then it stays queued, and its
act is appended. To send what nobody was told of is the lesser evil: what was acknowledged must never be lost.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from glob import escape
from pathlib import Path

from auth.errors import LedgerUnusable
from auth.ledger.act import Act, Opening
from auth.outbox.acts import ActLog, acts_since
from auth.outbox.item import Item
from auth.outbox.states import State
from auth.outbox.store import Store
from auth.outbox.swap import REFUSED
from reader.errors import DataError

__all__ = ["NOT_ACKNOWLEDGED", "Refused"]

NOT_ACKNOWLEDGED = "not-acknowledged"
Noted = tuple[int, Act, Opening | None]
_NAME = re.compile(r"([0-9]{1,16})-([0-9a-f]{32})")


class Refused:
    """Know the one look-up that is to be taken out again, if there is one; ``item`` is that."""

    def __init__(self, file: Path, store: Store) -> None:
        """Find what the program before left to be taken out of the outbox at ``file``."""
        self._file = file
        self.item: Item | None = None
        with suppress(OSError):
            for number, digest in self._marks():
                item = store.item(number)
                if item is not None and item.state is State.QUEUED and _digest(item) == digest:
                    self.item = item

    def begin(self, item: Item, store: Store) -> None:
        """Have ``item`` be seen and sent by nobody from now on."""
        self.item = item
        store.hidden = item.number

    def leave_word(self) -> None:
        """Have the next program know of it too, as far as the disk lets us."""
        if self.item is not None:
            with suppress(OSError):
                self._file.with_name(f"{self._file.name}{REFUSED}{self.item.number}-{_digest(self.item)}").touch(0o600)

    def take_out(self, store: Store, log: ActLog, unsettled: Sequence[Noted]) -> list[Noted]:
        """Wipe it where the ledger lacks its act; return the acts that the ledger is still to take.

        Where ``item`` is still set then, the ledger has it, and it has to be given back there too. Raise OutboxUnusable
        or LedgerUnusable where that cannot be done now.
        """
        item, told = self.item, _last_count(log, store)
        left = [one for one in unsettled if one[0] > told]
        if item is None or [count for count, _, _ in left] != [item.changed]:
            return left
        with store.writing():
            store.remove(item.number)
            store.settle(item.changed)
            store.head = replace(store.head, counter=item.changed - 1)
        self.item = None
        return []

    def end(self, store: Store) -> None:
        """Forget it: it is out, or stands where everybody may see it."""
        self.item, store.hidden = None, 0
        with suppress(OSError):
            for number, digest in list(self._marks()):
                self._file.with_name(f"{self._file.name}{REFUSED}{number}-{digest}").unlink()

    def _marks(self) -> Iterator[tuple[int, str]]:
        begin = f"{self._file.name}{REFUSED}"
        for found in self._file.parent.glob(f"{escape(begin)}*"):
            said = _NAME.fullmatch(found.name.removeprefix(begin))
            if said is not None:
                yield int(said[1]), said[2]


def _last_count(log: ActLog, store: Store) -> int:
    """Return up to which act the ledger was told: the last one may be there though nobody was told so."""
    try:
        return max((one.count for one in acts_since(log, store.head.ledger)), default=0)
    except DataError:
        raise LedgerUnusable("damaged") from None


def _digest(item: Item) -> str:
    # A number may come again where an outbox is built anew; a look-up's own id does not.
    return hashlib.sha256(item.lookup_id.encode()).hexdigest()[:32]
