"""What a verifier remembers of booklets: how many pages a device holds, which were used, and how far its counter was.

A page is used by one tap: whatever register brings it, counter and requests are those of the first time. The counter
of a device goes up from tap to tap, so that a computer that was put back to an earlier state is noticed.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from auth.presence.errors import PresenceRefused
from auth.presence.levels import Reason

__all__ = ["PageStore", "PageUse", "SqlitePages"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS page (jti TEXT PRIMARY KEY, device_key TEXT, expires INTEGER, counter INTEGER, root BLOB);
CREATE INDEX IF NOT EXISTS page_by_device ON page (device_key, expires);
CREATE TABLE IF NOT EXISTS page_taken (jti TEXT, audience TEXT, PRIMARY KEY (jti, audience));
CREATE TABLE IF NOT EXISTS page_counter (device_key TEXT, audience TEXT, counter INTEGER,
    PRIMARY KEY (device_key, audience));
"""
PageUse = tuple[str, str, str, int, bytes]
"""What a page is used for: its id, the device's key, the register, the device's counter, the root of the requests."""


class PageStore(Protocol):
    """Remember pages; every method takes effect whole or not at all, also across processes."""

    def give(self, device_key: str, pages: Sequence[str], *, now: int, expires: int, most: int) -> None:
        """Note pages before they are given out; raise PresenceRefused where the device would then hold too many."""
        ...

    def use(self, use: PageUse) -> None:
        """Take a page once for a register; raise PresenceRefused where it was taken, or the counter did not go up."""
        ...


class SqlitePages:
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

    def give(self, device_key: str, pages: Sequence[str], *, now: int, expires: int, most: int) -> None:
        """Note pages that are given out; see ``PageStore``."""
        with self._lock, self._database as database:
            database.execute("BEGIN IMMEDIATE")
            held = database.execute(
                "SELECT count(*) FROM page WHERE device_key = ? AND expires >= ? AND counter IS NULL", (device_key, now)
            ).fetchone()[0]
            if held + len(pages) > most:
                raise PresenceRefused(Reason.TOO_MANY_OPEN)
            database.executemany(
                "INSERT INTO page VALUES (?, ?, ?, NULL, NULL)", [(page, device_key, expires) for page in pages]
            )

    def use(self, use: PageUse) -> None:
        """Take a page once for a register; see ``PageStore``."""
        jti, device_key, audience, counter, root = use
        with self._lock, self._database as database:
            database.execute("BEGIN IMMEDIATE")
            if database.execute("SELECT 1 FROM page_taken WHERE jti = ? AND audience = ?", (jti, audience)).fetchone():
                raise PresenceRefused(Reason.ALREADY_USED)
            tap = database.execute("SELECT counter, root FROM page WHERE jti = ?", (jti,)).fetchone()
            if tap is None:
                raise PresenceRefused(Reason.TOKEN_INVALID)
            if tap not in ((None, None), (counter, root)):
                raise PresenceRefused(Reason.ALREADY_USED)
            last = database.execute(
                "SELECT counter FROM page_counter WHERE device_key = ? AND audience = ?", (device_key, audience)
            ).fetchone()
            if last is not None and counter <= last[0]:
                raise PresenceRefused(Reason.COUNTER_BACK)
            database.execute("UPDATE page SET counter = ?, root = ? WHERE jti = ?", (counter, root, jti))
            database.execute("INSERT INTO page_taken VALUES (?, ?)", (jti, audience))
            database.execute("INSERT OR REPLACE INTO page_counter VALUES (?, ?, ?)", (device_key, audience, counter))
