"""What a verifier remembers: which challenges it gave out, which were used, and the log of all of them.

A challenge verifies without this memory, since everything that it is judged by is in the token; the memory keeps a
token from being used twice, a device from asking without end, and the count of challenges from being disputed.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from auth.presence.errors import PresenceRefused
from auth.presence.levels import Reason
from auth.presence.log import Grown, LogState, Node, Place, Standing, append, append_after, grown

__all__ = ["PresenceStore", "SqliteStore"]

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

    def append(self, entries: Iterable[bytes]) -> None:
        """Log entries in their order, before they are given out."""
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
        with self._writing() as database:
            _take_over(database)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def issue(self, jti: str, device: str, root: bytes, entry: bytes, *, issued: int, expires: int, most: int) -> None:
        """Log a challenge; see ``PresenceStore``."""
        with self._writing() as database:
            database.execute("DELETE FROM issued WHERE expires < ?", (issued,))
            open_now = database.execute("SELECT count(*) FROM issued WHERE device = ?", (device,)).fetchone()[0]
            if open_now >= most:
                raise PresenceRefused(Reason.TOO_MANY_OPEN)
            database.execute(
                "INSERT OR IGNORE INTO used SELECT jti, ? FROM issued WHERE device = ? AND root = ?",
                (_ALL, device, root),
            )
            database.execute("INSERT INTO issued VALUES (?, ?, ?, ?, ?)", (jti, device, root, issued, expires))
            append(_Rows(database), (entry,))

    def open_of(self, device: str, now: int) -> int:
        """Return how many challenges of a device have not expired."""
        with self._lock:
            query = "SELECT count(*) FROM issued WHERE device = ? AND expires >= ?"
            return int(self._database.execute(query, (device, now)).fetchone()[0])

    def use(self, jti: str, audience: str) -> bool:
        """Take a challenge once; see ``PresenceStore``."""
        with self._writing() as database:
            taken = database.execute(
                "SELECT 1 FROM used WHERE jti = ? AND audience IN (?, ?)", (jti, audience, _ALL)
            ).fetchone()
            if taken is None:
                database.execute("INSERT INTO used VALUES (?, ?)", (jti, audience))
            return taken is None

    def was_used(self, jti: str) -> bool:
        """Tell whether some audience has taken this challenge."""
        with self._lock:
            found = self._database.execute("SELECT 1 FROM used WHERE jti = ? AND audience != ?", (jti, _ALL)).fetchone()
        return found is not None

    def append(self, entries: Iterable[bytes]) -> None:
        """Log entries in their order."""
        with self._writing() as database:
            append(_Rows(database), entries)

    def append_after(self, entry: bytes, write: Callable[[Standing], tuple[bytes, T]]) -> T:
        """Log what ``write`` makes of the log and of ``entry`` in it; see ``PresenceStore``."""
        with self._writing() as database:
            return append_after(_Rows(database), entry, write)

    def grown(self, old: int, new: int | None) -> Grown | None:
        """Return how the log continues what it was; see ``PresenceStore``."""
        with self._writing() as database:
            return grown(_Rows(database), old, new)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give the database, alone with it until the end; what fails leaves it as it was."""
        with self._lock, self._database as database:
            database.execute("BEGIN IMMEDIATE")
            yield database


class _Rows:
    """Reach the log's rows (``LogRows``)."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def state(self) -> LogState:
        found = self._database.execute("SELECT id, size, peaks FROM log").fetchone()
        if found is not None:
            return LogState.read(*found)
        begun = LogState.begin()
        self._database.execute("INSERT INTO log VALUES (?, ?, ?)", (begun.log, begun.size, begun.packed))
        return begun

    def find(self, leaf: bytes) -> tuple[LogState, int | None]:
        query = "SELECT min(number) FROM node WHERE hash = ? AND level = 0"
        return self.state(), self._database.execute(query, (leaf,)).fetchone()[0]

    def hashes(self, places: Sequence[Place]) -> Mapping[Place, bytes]:
        query = "SELECT hash FROM node WHERE level = ? AND number = ?"
        return {place: self._database.execute(query, place).fetchone()[0] for place in places}

    def grow(self, state: LogState, nodes: Sequence[Node]) -> None:
        self._database.executemany("INSERT INTO node VALUES (?, ?, ?)", nodes)
        self._database.execute("UPDATE log SET size = ?, peaks = ?", (state.size, state.packed))


def _take_over(database: sqlite3.Connection) -> None:
    """Make a log of the plain list of hashes that former versions kept, in its order."""
    if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'leaf'").fetchone():
        append(_Rows(database), [entry for (entry,) in database.execute("SELECT hash FROM leaf ORDER BY number")])
        database.execute("DROP TABLE leaf")
