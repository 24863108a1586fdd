"""What can be read of a log on disk: leaves, the hashes of complete subtrees, checkpoints and proofs.

An audit opens the file for reading only and needs no key; ``Ledger`` in ``store`` appends. Whatever SQLite returns is
held to its type first: a flipped byte can turn bytes into a number, and must be told as damage, not as a fault of ours.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from auth.errors import LedgerNoRoom, LedgerUnusable
from auth.ledger.act import Opening
from auth.merkle import HASH_BYTES, CheckpointInvalid, SignedCheckpoint, consistency_proof, inclusion_proof, tree_root
from auth.room import NO_ROOM, room_trouble

__all__ = ["SCHEMA_VERSION", "LedgerReader", "mapped"]

SCHEMA_VERSION = 1
BUSY_SECONDS = 5.0
_STEP = 4096
# What SQLite and the file system say where the disk takes no more: that, or no more than that something failed.
_MAY_BE_ROOM = frozenset({"disk-full", "not-writable", "not-usable", "file-not-accessible"})
T = TypeVar("T")


class LedgerReader:
    """Read a log; may be used from several threads."""

    def __init__(self, path: Path) -> None:
        """Open the log at ``path`` for reading only; raise LedgerUnusable where there is none."""
        with mapped():
            if not path.is_file():
                raise LedgerUnusable("file-not-accessible")
            self._begin(f"{path.absolute().as_uri()}?mode=ro")
            try:
                if self._version() != SCHEMA_VERSION:
                    raise LedgerUnusable("other-version")
            except BaseException:
                self._db.close()
                raise

    def _begin(self, uri: str) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)

    def _version(self) -> int:
        return _typed(int, self._db.execute("PRAGMA user_version").fetchone()[0])

    @property
    def size(self) -> int:
        """Return how many leaves there are."""
        with mapped(), self._lock:
            return self._size()

    def last_checkpoint(self) -> SignedCheckpoint | None:
        """Return the newest checkpoint, None where there is none yet; raise LedgerUnusable where it is damaged."""
        with mapped(), self._lock:
            return self._last_checkpoint()

    def checkpoints(self, *, countersigned: bool = False) -> Iterator[SignedCheckpoint]:
        """Yield every checkpoint, the oldest first, or the last few that others signed too, the newest first."""
        wanted = "WHERE countersigned ORDER BY size DESC LIMIT 8" if countersigned else "ORDER BY size"
        with mapped(), self._lock:
            notes = [row[0] for row in self._db.execute(f"SELECT note FROM checkpoint {wanted}")]  # noqa: S608 — one of two constants
        yield from map(_parse, notes)

    def leaves(self, begin: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield ``(number, leaf)`` from ``begin`` on, as many as there are now."""
        end = self.size
        for first in range(begin, end, _STEP):
            with mapped(), self._lock:
                rows = self._db.execute(
                    "SELECT number, body FROM leaf WHERE number >= ? AND number < ? ORDER BY number",
                    (first, min(first + _STEP, end)),
                ).fetchall()
            for number, body in rows:
                yield _typed(int, number), _typed(bytes, body)

    def nodes(self) -> Iterator[tuple[int, bytes]]:
        """Yield ``(level, hash)`` of all complete subtrees, level by level and in each from the left."""
        level, number = -1, 0
        while True:
            with mapped(), self._lock:
                rows = self._db.execute(
                    "SELECT level, number, hash FROM node WHERE (level, number) > (?, ?) "
                    "ORDER BY level, number LIMIT ?",
                    (level, number, _STEP),
                ).fetchall()
            if not rows:
                return
            for row in rows:
                level, number = _typed(int, row[0]), _typed(int, row[1])
                yield level, _typed(bytes, row[2])

    def opening(self, number: int) -> Opening | None:
        """Return what opens the commitment of leaf ``number``; None where there is none, or none any more."""
        with mapped(), self._lock:
            row = self._db.execute("SELECT salt FROM opening WHERE number = ?", (number,)).fetchone()
        return Opening(_typed(bytes, row[0])) if row else None

    def root(self, size: int) -> bytes:
        """Return the root over the first ``size`` leaves."""
        with mapped(), self._lock:
            return tree_root(size, self._node_at)

    def prove_inclusion(self, number: int, size: int) -> tuple[bytes, ...]:
        """Prove that leaf ``number`` is in the log as it was with ``size`` leaves; raise ValueError beyond it."""
        with mapped(), self._lock:
            return inclusion_proof(number, size, self._node_at)

    def prove_consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Prove that the log of ``new`` leaves continues the one of ``old``."""
        with mapped(), self._lock:
            return consistency_proof(old, new, self._node_at)

    def check_pages(self) -> None:
        """Have SQLite go through its pages; raise LedgerUnusable where one is damaged."""
        with mapped(), self._lock:
            found = self._db.execute("PRAGMA integrity_check(1)").fetchone()
        if found != ("ok",):
            raise LedgerUnusable("damaged")

    def close(self) -> None:
        """Close the file."""
        with mapped(), self._lock:
            self._db.close()

    def _size(self) -> int:
        return _typed(int, self._db.execute("SELECT coalesce(max(number) + 1, 0) FROM leaf").fetchone()[0])

    def _last_checkpoint(self) -> SignedCheckpoint | None:
        row = self._db.execute("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        return _parse(row[0]) if row else None

    def _checkpoints_of(self, size: int) -> list[SignedCheckpoint]:
        return [_parse(row[0]) for row in self._db.execute("SELECT note FROM checkpoint WHERE size = ?", (size,))]

    def _node_at(self, level: int, number: int) -> bytes:
        row = self._db.execute("SELECT hash FROM node WHERE level = ? AND number = ?", (level, number)).fetchone()
        if row is None:
            raise LedgerUnusable("hash-missing")
        found = _typed(bytes, row[0])
        if len(found) != HASH_BYTES:
            raise LedgerUnusable("damaged")
        return found


def _typed(kind: type[T], value: Any) -> T:
    if type(value) is not kind:
        raise LedgerUnusable("damaged")
    return value


def _parse(note: Any) -> SignedCheckpoint:
    try:
        return SignedCheckpoint.parse(_typed(str, note))
    except CheckpointInvalid:
        raise LedgerUnusable("checkpoint-damaged") from None


@contextmanager
def mapped(file: Path | None = None) -> Iterator[None]:
    """Map what SQLite and the file system raise onto our tree, once; their texts may name paths.

    With ``file``, where something is written, what may be want of room is looked into.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _trouble(_why(error), file) from None
    except UnicodeDecodeError:
        # SQLite hands damaged text over as it is, also in what it says of damage.
        raise LedgerUnusable("damaged") from None
    except OSError:
        raise _trouble("file-not-accessible", file) from None


def _trouble(why: str, file: Path | None) -> LedgerUnusable:
    """Return what to raise: where the disk takes no more, that it does not, and why."""
    found = room_trouble(file.parent) if file is not None and why in _MAY_BE_ROOM else ""
    why = found if found in NO_ROOM else why
    return LedgerNoRoom(why) if why in NO_ROOM else LedgerUnusable(why)


def _why(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL"):
        return "disk-full"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "in-use"
    if name.startswith("SQLITE_NOTADB"):
        return "no-ledger"
    if name.startswith("SQLITE_CORRUPT"):
        return "damaged"
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return "not-writable"
    return "not-usable"
