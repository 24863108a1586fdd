"""The write-ahead log, emptied once something was wiped: it still holds the pages as they were before."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import suppress

__all__ = ["WipedPages"]

_log = logging.getLogger("motcua.outbox")


class WipedPages:
    """Empty the write-ahead log of one open file; while somebody reads beside it, it stays owed.

    A file that was just opened owes it: the program that had it before may have ended between wiping and emptying.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.owed = True

    def forget(self) -> None:
        """Empty the log of what was wiped now; wait for a reader that will soon be gone."""
        self.owed = True
        self._empty()
        if self.owed:
            _log.info("the write-ahead log still holds what was wiped")

    def pay(self) -> None:
        """Empty the log where that is owed and can be done without waiting."""
        if not self.owed:
            return
        (patience,) = self._db.execute("PRAGMA busy_timeout").fetchone()
        self._db.execute("PRAGMA busy_timeout = 0")
        try:
            self._empty()
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {patience:d}")

    def _empty(self) -> None:
        # What was written stands, whatever comes of this: it is told by no failure, and tried again.
        with suppress(sqlite3.Error):
            # SQLite raises nothing where a reader is in the way; it says so in the first column.
            (busy, *_) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self.owed = bool(busy)
