"""What a guard remembers over restarts: short texts by name, in a file that several desks may share.

It is a convenience, so it fails soft. What the file does not take is remembered here, and read from here, until the
file has taken it: a row that could not be replaced must not be believed instead.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["Pace"]

_log = logging.getLogger("motcua.guard")

# What is longer nobody here wrote.
_MAX_TEXT = 1000
_BUSY_S = 2.0
_READ = "SELECT said FROM pace WHERE name = ? AND length(CAST(said AS BLOB)) <= ?"


class Pace:
    """Keep texts in a file, or in memory where there is none; for one thread at a time."""

    def __init__(self, file: Path | None = None) -> None:
        """Open ``file``, begun anew where it is damaged; without a usable one only memory is left."""
        self._db = _open(file) if file is not None else None
        self._known: dict[str, str] = {}
        # Names whose text the file has not taken: of these only memory knows.
        self._unwritten: set[str] = set()
        # Names written since a turn began, None outside one; they count once the turn is committed.
        self._written: set[str] | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the file while something is read, judged and written: two desks do not both send the one probe.

        Where another desk does not let go of it, or it is broken, the turn goes on in memory.
        """
        self._written = set() if self._begin() else None
        try:
            yield
        finally:
            written, self._written = self._written, None
            if written is not None:
                self._commit(written)

    def read(self, name: str) -> str | None:
        """Return what was written last under ``name``, None where nothing was."""
        if self._db is not None and name not in self._unwritten:
            try:
                row = self._db.execute(_READ, (name, _MAX_TEXT)).fetchone()
                if row is None or isinstance(row[0], str):
                    return row[0] if row else None
            except (sqlite3.Error, UnicodeDecodeError):
                _log.info("pace not read")
        return self._known.get(name)

    def write(self, name: str, said: str) -> None:
        """Remember ``said`` under ``name``; in a turn."""
        self._known[name] = said
        self._unwritten.add(name)
        if self._db is not None and self._written is not None:
            # Written twice in one turn, only the last time counts.
            self._written.discard(name)
            try:
                self._db.execute("INSERT OR REPLACE INTO pace VALUES (?, ?)", (name, said))
                self._written.add(name)
            except sqlite3.Error:
                _log.info("pace not written")

    def close(self) -> None:
        """Close the file; what it has taken stays in it, and the rest in memory."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _begin(self) -> bool:
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.execute("BEGIN IMMEDIATE")
                return True
        return False

    def _commit(self, written: set[str]) -> None:
        db = self._db
        # A disk without room can end a transaction before its time, and what was written in it with it.
        if db is None or not db.in_transaction:
            return
        try:
            db.commit()
            self._unwritten -= written
        except sqlite3.Error:
            _log.info("pace not written")
            with suppress(sqlite3.Error):
                db.rollback()


def _open(file: Path) -> sqlite3.Connection | None:
    """Open the file, anew where it is damaged; None where it cannot be used at all."""
    for attempt in (1, 2):
        try:
            db = sqlite3.connect(file, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        except sqlite3.Error:
            break
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("CREATE TABLE IF NOT EXISTS pace (name TEXT PRIMARY KEY, said TEXT NOT NULL) STRICT")
            db.execute("SELECT count(*) FROM pace").fetchone()
            return db
        except (sqlite3.Error, UnicodeDecodeError) as error:
            db.close()
            damaged = isinstance(error, UnicodeDecodeError) or _is_damaged(error)
        if not damaged or attempt == 2:
            break
        for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
            with suppress(OSError):
                file.with_name(name).unlink(missing_ok=True)
    _log.info("pace only in memory")
    return None


def _is_damaged(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorname", "") or "").startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT"))
