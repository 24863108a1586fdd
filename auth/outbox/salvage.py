"""What still opens of an outbox that is damaged, read where it lies; nothing of it is changed.

Damage is passed over row by row. Anything else that stands in the way — a locked key, a file that cannot be opened, a
disk that fails — is raised: for want of those nothing counts as lost.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from auth.errors import OutboxUnusable
from auth.outbox.acts import OutboxAct
from auth.outbox.item import Item
from auth.outbox.sealing import KeyBox, Vault
from auth.outbox.states import ENDS, TABLE, WAITING, Event, State
from auth.outbox.store import BUSY_SECONDS, Head, read_key
from auth.outbox.trouble import DAMAGE, mapped
from reader.errors import DataError

__all__ = ["STANDS", "Damaged", "Salvaged", "damaged_outbox"]

# Wherever an event leads, it leads to one state.
STANDS: Mapping[Event, State] = {Event.PUT: State.QUEUED, **{event: state for (_, event), state in TABLE.items()}}
# Each of these tells of rows of which another may know nothing any more.
_LISTS = (
    "SELECT number FROM item NOT INDEXED",
    "SELECT number FROM item INDEXED BY by_state",
    "SELECT number FROM payload",
    "SELECT number FROM answer",
)
_MOST = 100_000


@dataclass(frozen=True, slots=True, repr=False)
class Salvaged:
    """Hold one look-up as it is brought over, with what is to be sent for it or what was answered."""

    item: Item
    payload: bytes | None = None
    answer: bytes | None = None


class Damaged:
    """Look for rows in a damaged outbox; ``key`` and ``head`` are None where they do not open."""

    def __init__(self, db: sqlite3.Connection, file: Path, box: KeyBox) -> None:
        """Open the key; raise OutboxUnusable where that cannot be done now, and for no damage."""
        self.key: bytes | None = None
        self.head: Head | None = None
        self._db, self._file = db, file
        self._vault: Vault | None = None
        with self._passing_over_damage():
            version = db.execute("PRAGMA user_version").fetchone()[0]
            began, self.key = read_key(db, box)
            self._vault = Vault(self.key, began, version)
        self.head = _head(self._content("head", 1))

    def numbers(self) -> set[int]:
        """Return the numbers of the look-ups that there are, whether they open or not."""
        found: set[int] = set()
        for asked in _LISTS:
            with self._passing_over_damage():
                for (number,) in self._db.execute(f"{asked} LIMIT {_MOST}"):
                    if type(number) is int and number > 0:
                        found.add(number)
        return found

    def item(self, number: int) -> Item | None:
        """Return what the row of a look-up holds, None where it does not open."""
        try:
            item = Item.from_bytes(self._content("item", number) or b"")
        except DataError:
            return None
        return item if item.number == number else None

    def as_told(self, item: Item, told: OutboxAct) -> Salvaged | None:
        """Return a look-up as the ledger says it stands, None where too little of it is left."""
        state = STANDS[told.event] if told.event is not None else item.state
        if state is State.ANSWERED:
            answer = self._whole("answer", item.number, item.answer)
            if answer is not None:
                return Salvaged(replace(item, state=state, changed=told.count), answer=answer)
        reason = told.reason
        if state in ENDS and state is not State.ANSWERED:
            return Salvaged(replace(item, state=state, reason=reason, answer="", changed=told.count))
        # What was being sent, or whose answer is gone, is sent once more: the register knows its key.
        state = State.QUEUED if state in (State.SENDING, State.ANSWERED) else state
        payload = self._whole("payload", item.number, item.payload)
        if payload is None:
            return None
        return Salvaged(replace(item, state=state, reason=reason, answer="", changed=told.count), payload)

    def as_it_stands(self, item: Item) -> Salvaged | None:
        """Return a look-up as its row says it stands, None where too little of it is left."""
        if item.state is State.ANSWERED:
            answer = self._whole("answer", item.number, item.answer)
            return Salvaged(item, answer=answer) if answer is not None else None
        if item.state not in WAITING:
            return Salvaged(item)
        payload = self._whole("payload", item.number, item.payload)
        if payload is None:
            return None
        state = State.QUEUED if item.state is State.SENDING else item.state
        return Salvaged(replace(item, state=state), payload)

    def _whole(self, table: str, number: int, digest: str) -> bytes | None:
        content = self._content(table, number)
        if content is None or not hmac.compare_digest(hashlib.sha256(content).hexdigest(), digest):
            return None
        return content

    def _content(self, table: str, number: int) -> bytes | None:
        if self._vault is None:
            return None
        place = "id" if table == "head" else "number"
        with self._passing_over_damage():
            asked = f"SELECT sealed FROM {table} WHERE {place} = ?"  # noqa: S608 — one of four constants
            row = self._db.execute(asked, (number,)).fetchone()
            return self._vault.open(table, number, row[0]) if row and isinstance(row[0], bytes) else None
        return None

    @contextmanager
    def _passing_over_damage(self) -> Iterator[None]:
        try:
            with mapped(self._file):
                yield
        except OutboxUnusable as error:
            if error.why not in DAMAGE:
                raise


@contextmanager
def damaged_outbox(file: Path, box: KeyBox) -> Iterator[Damaged]:
    """Open an outbox to look for what is left of it; raise OutboxUnusable where that cannot be done now."""
    with mapped(file):
        uri = f"{file.absolute().as_uri()}?mode=ro"
        db = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    with closing(db):
        yield Damaged(db, file, box)


def _head(said: bytes | None) -> Head | None:
    try:
        return Head(**json.loads(said)) if said is not None else None
    except (ValueError, TypeError):
        return None
