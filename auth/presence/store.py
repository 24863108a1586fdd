"""What a verifier remembers: which challenges it gave out, which were used, and the log of all of them.

A challenge verifies without this memory, since everything that it is judged by is in the token; the memory keeps a
token from being used twice, a device from asking without end, and the count of challenges from being disputed.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from auth.presence.errors import PresenceRefused
from auth.presence.levels import Reason
from auth.presence.log import Grown, LogState, Node, Place, Standing, append, append_after, grown

__all__ = ["PresenceStore", "SqliteRows", "SqliteStore"]

_ALL = "*"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS issued (jti TEXT PRIMARY KEY, device TEXT, root BLOB, issued INTEGER, expires INTEGER);
CREATE INDEX IF NOT EXISTS issued_by_device ON issued (device, issued);
CREATE TABLE IF NOT EXISTS used (jti TEXT, audience TEXT, PRIMARY KEY (jti, audience));
CREATE TABLE IF NOT EXISTS log (id TEXT PRIMARY KEY, size INTEGER NOT NULL, peaks BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS node (level INTEGER, number INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, number))
    WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS node_by_hash ON node (hash);
"""

# Here, and not where they are said: a mutant in other letters is the same SQL, and would count as one that nobody saw.
_FORGET = "DELETE FROM issued WHERE expires < ?"
_COUNT_ALL = "SELECT count(*) FROM issued WHERE device = ?"
_COUNT_OPEN = "SELECT count(*) FROM issued WHERE device = ? AND expires >= ?"
_END_EARLIER = "INSERT OR IGNORE INTO used SELECT jti, ? FROM issued WHERE device = ? AND root = ?"
_ISSUE = "INSERT INTO issued VALUES (?, ?, ?, ?, ?)"
_TAKEN = "SELECT 1 FROM used WHERE jti = ? AND audience IN (?, ?)"
_TAKEN_BY_SOMEBODY = "SELECT 1 FROM used WHERE jti = ? AND audience != ?"
_USE = "INSERT INTO used VALUES (?, ?)"
_STATE = "SELECT id, size, peaks FROM log"
_BEGIN_LOG = "INSERT INTO log VALUES (?, ?, ?)"
_LEAF = "SELECT min(number) FROM node WHERE hash = ? AND level = 0"
_HASH = "SELECT hash FROM node WHERE level = ? AND number = ?"
_COMPLETE = "INSERT INTO node VALUES (?, ?, ?)"
_GROW = "UPDATE log SET size = ?, peaks = ?"
_FORMER = "SELECT 1 FROM sqlite_master WHERE name = 'leaf'"
_FORMER_ENTRIES = "SELECT hash FROM leaf ORDER BY number"
_DROP_FORMER = "DROP TABLE leaf"

T = TypeVar("T")


class PresenceStore(Protocol):
    """Remember challenges; every method takes effect whole or not at all, also across processes."""

    def issue(self, jti: str, device: str, root: bytes, entry: bytes, *, issued: int, expires: int, most: int) -> None:
        """Log a challenge before it is given out.

        An earlier open one of the same device for the same requests can be used no more. Raise PresenceRefused where
        the device has ``most`` challenges open already.
        """
        ...

    def open_of(self, device: str, now: int) -> int:
        """Return how many challenges of a device have not expired."""
        ...

    def use(self, jti: str, audience: str) -> bool:
        """Tell whether ``audience`` may take this challenge: the first time it may, later never.

        What was used is kept for good: only for that a verifier reveals its key.
        """
        ...

    def was_used(self, jti: str) -> bool:
        """Tell whether some audience has taken this challenge."""
        ...

    def append_after(self, entry: bytes, write: Callable[[Standing], tuple[bytes, T]]) -> T:
        """Log what ``write`` makes of the log and of ``entry`` in it; see ``auth.presence.log.append_after``."""
        ...

    def grown(self, old: int, new: int | None) -> Grown | None:
        """Return how the log of ``new`` leaves, or of all, continues that of ``old``; None where it is shorter."""
        ...


class SqliteStore:
    """Remember in SQLite: one file for all processes of a verifier, or memory for a test."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False, timeout=10)
        if path is not None:
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_SCHEMA)
        with self.writing() as database:
            _take_over(database)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def issue(self, jti: str, device: str, root: bytes, entry: bytes, *, issued: int, expires: int, most: int) -> None:
        """Log a challenge; see ``PresenceStore``."""
        with self.writing() as database:
            database.execute(_FORGET, (issued,))
            if database.execute(_COUNT_ALL, (device,)).fetchone()[0] >= most:
                raise PresenceRefused(Reason.TOO_MANY_OPEN)
            database.execute(_END_EARLIER, (_ALL, device, root))
            database.execute(_ISSUE, (jti, device, root, issued, expires))
            append(SqliteRows(database), (entry,))

    def open_of(self, device: str, now: int) -> int:
        """Return how many challenges of a device have not expired."""
        with self._lock:
            return int(self._database.execute(_COUNT_OPEN, (device, now)).fetchone()[0])

    def use(self, jti: str, audience: str) -> bool:
        """Take a challenge once; see ``PresenceStore``."""
        with self.writing() as database:
            taken = database.execute(_TAKEN, (jti, audience, _ALL)).fetchone()
            if taken is None:
                database.execute(_USE, (jti, audience))
            return taken is None

    def was_used(self, jti: str) -> bool:
        """Tell whether some audience has taken this challenge."""
        with self._lock:
            return self._database.execute(_TAKEN_BY_SOMEBODY, (jti, _ALL)).fetchone() is not None

    def append_after(self, entry: bytes, write: Callable[[Standing], tuple[bytes, T]]) -> T:
        """Log what ``write`` makes of the log and of ``entry`` in it; see ``PresenceStore``."""
        with self.writing() as database:
            return append_after(SqliteRows(database), entry, write)

    def grown(self, old: int, new: int | None) -> Grown | None:
        """Return how the log continues what it was; see ``PresenceStore``."""
        with self.writing() as database:
            return grown(SqliteRows(database), old, new)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the database, alone with it until the end; what fails leaves it as it was.

        It is for what is to be remembered together with the log, as booklets are.
        """
        with self._lock, self._database as database:
            database.execute("BEGIN IMMEDIATE")
            yield database


class SqliteRows:
    """Reach the log's rows within a transaction of ``SqliteStore.writing`` (``LogRows``)."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def state(self) -> LogState:
        """Return the log as it is; see ``LogRows``."""
        found = self._database.execute(_STATE).fetchone()
        if found is not None:
            return LogState.read(*found)
        begun = LogState.begin()
        self._database.execute(_BEGIN_LOG, (begun.log, begun.size, begun.packed))
        return begun

    def find(self, leaf: bytes) -> tuple[LogState, int | None]:
        """Return the log and where a leaf stands in it; see ``LogRows``."""
        return self.state(), self._database.execute(_LEAF, (leaf,)).fetchone()[0]

    def hashes(self, places: Sequence[Place]) -> Mapping[Place, bytes]:
        """Return the hashes of complete subtrees."""
        return {place: self._database.execute(_HASH, place).fetchone()[0] for place in places}

    def grow(self, state: LogState, nodes: Sequence[Node]) -> None:
        """Write what the log is now; see ``LogRows``."""
        self._database.executemany(_COMPLETE, nodes)
        self._database.execute(_GROW, (state.size, state.packed))


def _take_over(database: sqlite3.Connection) -> None:
    """Make a log of the plain list of hashes that former versions kept, in its order."""
    if database.execute(_FORMER).fetchone():
        append(SqliteRows(database), [entry for (entry,) in database.execute(_FORMER_ENTRIES)])
        database.execute(_DROP_FORMER)
