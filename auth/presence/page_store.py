"""What a verifier remembers of booklets: how many pages a device holds, which were used, and how far its counter was.

A page is used by one tap: whatever register brings it, counter and requests are those of the first time. The counter
of a device goes up from tap to tap, so that a computer that was put back to an earlier state is noticed.

Pages are counted against their device and logged in one step: what was not logged is not counted either, and nothing
can be given out that is not counted.

What expired long ago is forgotten when the next pages are given out, some of it each time. Nobody misses it: an expired
page is refused by its own date before anybody looks here, and what is looked for here in vain is refused as well.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from auth.presence.errors import PresenceRefused
from auth.presence.levels import Reason
from auth.presence.log import append
from auth.presence.store import PresenceStore, SqliteRows, SqliteStore

__all__ = ["FORGOTTEN_AFTER_S", "FORGOTTEN_AT_ONCE", "Page", "PageStore", "PageUse", "SqlitePages"]

FORGOTTEN_AFTER_S = 24 * 60 * 60
"""How long after it expired a page is forgotten: by the clock of no node may it be in time any more."""
FORGOTTEN_AT_ONCE = 500
"""How many are forgotten with one booklet: more than go into one, so that what is remembered does not grow."""

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS page "
    "(jti TEXT PRIMARY KEY, device_key TEXT, expires INTEGER, counter INTEGER, root BLOB)",
    "CREATE INDEX IF NOT EXISTS page_by_device ON page (device_key, expires)",
    "CREATE INDEX IF NOT EXISTS page_by_end ON page (expires)",
    "CREATE TABLE IF NOT EXISTS page_taken (jti TEXT, audience TEXT, PRIMARY KEY (jti, audience))",
    "CREATE TABLE IF NOT EXISTS page_counter "
    "(device_key TEXT, audience TEXT, counter INTEGER, PRIMARY KEY (device_key, audience))",
)
PageUse = tuple[str, str, str, int, bytes]
"""What a page is used for: its id, the device's key, the register, the device's counter, the root of the requests."""


@dataclass(frozen=True, slots=True)
class Page:
    """Name a page by its id, and by the hash under which it stands in the log."""

    jti: str
    entry: bytes


class PageStore(Protocol):
    """Remember pages; every method takes effect whole or not at all, also across processes."""

    @property
    def store(self) -> PresenceStore:
        """Return what remembers challenges in the same database, in whose log the pages stand."""
        ...

    def give(self, device_key: str, pages: Sequence[Page], *, now: int, expires: int, most: int) -> None:
        """Count pages and log them in their order, both or neither, before they are given out.

        Forget some of what expired long ago. Raise PresenceRefused where the device would then hold too many.
        """
        ...

    def use(self, use: PageUse) -> None:
        """Take a page once for a register; raise PresenceRefused where it was taken, or the counter did not go up."""
        ...


class SqlitePages:
    """Remember in the database of a ``SqliteStore``, whose log they stand in; who closes that closes this."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        with store.writing() as database:
            for statement in _SCHEMA:
                database.execute(statement)

    @property
    def store(self) -> SqliteStore:
        """Return in whose database this is."""
        return self._store

    def give(self, device_key: str, pages: Sequence[Page], *, now: int, expires: int, most: int) -> None:
        """Count and log pages that are given out; see ``PageStore``."""
        with self._store.writing() as database:
            held = database.execute(
                "SELECT count(*) FROM page WHERE device_key = ? AND expires >= ? AND counter IS NULL", (device_key, now)
            ).fetchone()[0]
            if held + len(pages) > most:
                raise PresenceRefused(Reason.TOO_MANY_OPEN)
            database.executemany(
                "INSERT INTO page VALUES (?, ?, ?, NULL, NULL)", [(page.jti, device_key, expires) for page in pages]
            )
            append(SqliteRows(database), [page.entry for page in pages])
            _forget(database, now - FORGOTTEN_AFTER_S)

    def use(self, use: PageUse) -> None:
        """Take a page once for a register; see ``PageStore``."""
        with self._store.writing() as database:
            _use(database, use)


def _forget(database: sqlite3.Connection, before: int) -> None:
    """Forget pages that expired earlier, and who took them: both, for one that is known must not look untaken."""
    gone = database.execute(
        "SELECT jti FROM page WHERE expires < ? ORDER BY expires LIMIT ?", (before, FORGOTTEN_AT_ONCE)
    ).fetchall()
    database.executemany("DELETE FROM page_taken WHERE jti = ?", gone)
    database.executemany("DELETE FROM page WHERE jti = ?", gone)


def _use(database: sqlite3.Connection, use: PageUse) -> None:
    jti, device_key, audience, counter, root = use
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
