"""What a verifier remembers: which challenges it gave out, which were used, and the log of all of them.

A challenge verifies without this memory, since everything that it is judged by is in the token; the memory keeps a
token from being used twice, a device from asking without end, and the count of challenges from being disputed.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Protocol

from auth.presence.errors import PresenceRefused
from auth.presence.levels import Reason

__all__ = ["PresenceStore", "SqliteStore"]

_ALL = "*"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS issued (jti TEXT PRIMARY KEY, device TEXT, root BLOB, issued INTEGER, expires INTEGER);
CREATE INDEX IF NOT EXISTS issued_by_device ON issued (device, issued);
CREATE TABLE IF NOT EXISTS used (jti TEXT, audience TEXT, PRIMARY KEY (jti, audience));
CREATE TABLE IF NOT EXISTS leaf (number INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB UNIQUE);
"""


class PresenceStore(Protocol):
    """Remember challenges; every method takes effect whole or not at all, also across processes."""

    def issue(self, jti: str, device: str, root: bytes, leaf: bytes, *, issued: int, expires: int, most: int) -> int:
        """Log a challenge before it is given out and return its place in the log.

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

    def record(self, leaf: bytes) -> None:
        """Log a receipt's hash, once."""
        ...

    def leaf_of(self, leaf: bytes) -> int | None:
        """Return where a hash stands in the log, None where it does not."""
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

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def issue(self, jti: str, device: str, root: bytes, leaf: bytes, *, issued: int, expires: int, most: int) -> int:
        """Log a challenge and return its place; see ``PresenceStore``."""
        with self._lock, self._database as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("DELETE FROM issued WHERE expires < ?", (issued,))
            open_now = database.execute("SELECT count(*) FROM issued WHERE device = ?", (device,)).fetchone()[0]
            if open_now >= most:
                raise PresenceRefused(Reason.TOO_MANY_OPEN)
            database.execute(
                "INSERT OR IGNORE INTO used SELECT jti, ? FROM issued WHERE device = ? AND root = ?",
                (_ALL, device, root),
            )
            database.execute("INSERT INTO issued VALUES (?, ?, ?, ?, ?)", (jti, device, root, issued, expires))
            number = database.execute("INSERT INTO leaf (hash) VALUES (?)", (leaf,)).lastrowid
            if number is None:
                raise AssertionError("an inserted row has a number")
            return number

    def open_of(self, device: str, now: int) -> int:
        """Return how many challenges of a device have not expired."""
        with self._lock:
            query = "SELECT count(*) FROM issued WHERE device = ? AND expires >= ?"
            return int(self._database.execute(query, (device, now)).fetchone()[0])

    def use(self, jti: str, audience: str) -> bool:
        """Take a challenge once; see ``PresenceStore``."""
        with self._lock, self._database as database:
            database.execute("BEGIN IMMEDIATE")
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

    def record(self, leaf: bytes) -> None:
        """Log a receipt's hash, once."""
        with self._lock:
            self._database.execute("INSERT OR IGNORE INTO leaf (hash) VALUES (?)", (leaf,))

    def leaf_of(self, leaf: bytes) -> int | None:
        """Return where a hash stands in the log."""
        with self._lock:
            found = self._database.execute("SELECT number FROM leaf WHERE hash = ?", (leaf,)).fetchone()
        return int(found[0]) if found else None
