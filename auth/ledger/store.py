"""The log on disk: leaves, the hashes of complete subtrees, checkpoints and openings in one SQLite file.

Appending writes a leaf and, on average, two hashes in one transaction that is on the disk before it is acknowledged
(write-ahead log, synchronous FULL). Two desks on one file take turns. What SQLite cannot do for want of space or rights
is LedgerUnusable: then nobody is looked up, since an act that leaves no trace must not happen.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from auth.ledger.act import Act, Opening
from auth.ledger.checkpoint import Checkpoint, CheckpointInvalid, SignedCheckpoint, sign_checkpoint
from auth.ledger.merkle import consistency_proof, inclusion_proof, leaf_hash, new_nodes, tree_root
from auth.wire.endpoint import Signer
from reader.errors import MotCuaError

__all__ = ["Ledger", "LedgerUnusable"]

SCHEMA_VERSION = 1
BUSY_SECONDS = 5.0
_SCHEMA = """
CREATE TABLE leaf (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE node (level INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, number))
    STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE opening (number INTEGER PRIMARY KEY, salt BLOB NOT NULL) STRICT;
"""


class LedgerUnusable(MotCuaError):
    """Say that the ledger cannot be written or does not hold what it should; ``why`` is a stable word."""

    code = "ledger-unusable"

    def __init__(self, why: str) -> None:
        super().__init__(f"ledger: {why}")
        self.why = why


class Ledger:
    """Append acts and prove them; may be used from several threads. Close it when the desk closes."""

    def __init__(self, path: Path, signer: Signer) -> None:
        """Open the log at ``path``, or begin it; raise LedgerUnusable where that cannot be done."""
        self._signer = signer
        self._lock = threading.Lock()
        with _mapped():
            new = not path.exists()
            # Made by us with our rights only: the openings in it are personal data's last trace.
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            try:
                self._set_up(new=new)
            except BaseException:
                self._db.close()
                raise

    def _set_up(self, *, new: bool) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "trusted_schema = OFF"):
            self._db.execute(f"PRAGMA {pragma}")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and (new or not self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]):
            with self._writing():
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif version != SCHEMA_VERSION:
            raise LedgerUnusable("other-version")
        self._check_against_last()

    def _check_against_last(self) -> None:
        """Hold the log against its last checkpoint: shorter, or another root, means that it is not the one we left."""
        last = self.last_checkpoint()
        if last is None:
            return
        size = last.checkpoint.size
        if size > self.size or self.root(size) != last.checkpoint.root:
            raise LedgerUnusable("does-not-match-checkpoint")

    @property
    def origin(self) -> str:
        """Return whose log this is: the device's, by its key."""
        return f"motcua-ledger/{self._signer.key_id}"

    @property
    def size(self) -> int:
        """Return how many leaves there are."""
        with _mapped(), self._lock:
            return self._size()

    def append(self, act: Act, opening: Opening | None = None) -> int:
        """Append an act; return its number once it is on the disk. Raise LedgerUnusable, and then nothing is there."""
        body = act.to_leaf()
        with _mapped(), self._lock, self._writing():
            number = self._size()
            self._db.execute("INSERT INTO leaf VALUES (?, ?)", (number, body))
            nodes = tuple(new_nodes(number, leaf_hash(body), self._node_at))
            self._db.executemany("INSERT INTO node VALUES (?, ?, ?)", nodes)
            if opening is not None:
                self._db.execute("INSERT INTO opening VALUES (?, ?)", (number, opening.salt))
        return number

    def checkpoint(self, at: datetime) -> SignedCheckpoint:
        """Sign and keep a checkpoint of the log as it is now."""
        with _mapped(), self._lock, self._writing():
            size = self._size()
            signed = sign_checkpoint(Checkpoint(self.origin, size, tree_root(size, self._node_at), at), self._signer)
            self._put(signed)
        return signed

    def keep(self, signed: SignedCheckpoint) -> None:
        """Keep a checkpoint that was countersigned; raise LedgerUnusable where it is not of this log."""
        checkpoint = signed.checkpoint
        with _mapped(), self._lock, self._writing():
            known = checkpoint.size <= self._size() and checkpoint.origin == self.origin
            if not known or tree_root(checkpoint.size, self._node_at) != checkpoint.root:
                raise LedgerUnusable("checkpoint-of-another-log")
            self._put(signed)

    def last_checkpoint(self) -> SignedCheckpoint | None:
        """Return the newest checkpoint, None where there is none yet; raise LedgerUnusable where it is damaged."""
        with _mapped(), self._lock:
            row = self._db.execute("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        return _parse(row[0]) if row else None

    def checkpoints(self) -> Iterator[SignedCheckpoint]:
        """Yield every checkpoint, the oldest first."""
        with _mapped(), self._lock:
            notes = [row[0] for row in self._db.execute("SELECT note FROM checkpoint ORDER BY size")]
        yield from map(_parse, notes)

    def last_countersigned(self) -> datetime | None:
        """Return when the newest checkpoint was made that somebody else signed too; None where nobody ever did."""
        signed = (one for one in self.checkpoints() if len(one.signatures) > 1)
        return max((one.checkpoint.at for one in signed), default=None)

    def leaves(self, begin: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield ``(number, leaf)`` from ``begin`` on, as many as there are now."""
        step = 4096
        end = self.size
        for first in range(begin, end, step):
            with _mapped(), self._lock:
                rows = self._db.execute(
                    "SELECT number, body FROM leaf WHERE number >= ? AND number < ? ORDER BY number",
                    (first, min(first + step, end)),
                ).fetchall()
            yield from rows

    def opening(self, number: int) -> Opening | None:
        """Return what opens the commitment of leaf ``number``; None where there is none, or none any more."""
        with _mapped(), self._lock:
            row = self._db.execute("SELECT salt FROM opening WHERE number = ?", (number,)).fetchone()
        return Opening(row[0]) if row else None

    def forget(self, before: int) -> int:
        """Destroy the openings of the leaves before ``before``; return how many. The log verifies as it did."""
        with _mapped(), self._lock, self._writing():
            return self._db.execute("DELETE FROM opening WHERE number < ?", (before,)).rowcount

    def root(self, size: int) -> bytes:
        """Return the root over the first ``size`` leaves."""
        with _mapped(), self._lock:
            return tree_root(size, self._node_at)

    def node(self, level: int, number: int) -> bytes:
        """Return the stored hash of a complete subtree; raise LedgerUnusable where it is missing."""
        with _mapped(), self._lock:
            return self._node_at(level, number)

    def prove_inclusion(self, number: int, size: int) -> tuple[bytes, ...]:
        """Prove that leaf ``number`` is in the log as it was with ``size`` leaves; raise ValueError beyond it."""
        with _mapped(), self._lock:
            return inclusion_proof(number, size, self._node_at)

    def prove_consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Prove that the log of ``new`` leaves continues the one of ``old``."""
        with _mapped(), self._lock:
            return consistency_proof(old, new, self._node_at)

    def close(self) -> None:
        """Close the file."""
        with _mapped(), self._lock:
            self._db.close()

    def _size(self) -> int:
        found: int = self._db.execute("SELECT coalesce(max(number) + 1, 0) FROM leaf").fetchone()[0]
        return found

    def _node_at(self, level: int, number: int) -> bytes:
        row = self._db.execute("SELECT hash FROM node WHERE level = ? AND number = ?", (level, number)).fetchone()
        if row is None:
            raise LedgerUnusable("hash-missing")
        found: bytes = row[0]
        return found

    def _put(self, signed: SignedCheckpoint) -> None:
        self._db.execute("INSERT OR REPLACE INTO checkpoint VALUES (?, ?)", (signed.checkpoint.size, signed.to_text()))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.rollback()
            raise
        self._db.commit()


def _parse(note: str) -> SignedCheckpoint:
    try:
        return SignedCheckpoint.parse(note)
    except CheckpointInvalid:
        raise LedgerUnusable("checkpoint-damaged") from None


@contextmanager
def _mapped() -> Iterator[None]:
    """Map what SQLite and the file system raise onto our tree, once; their texts may name paths."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise LedgerUnusable(_why(error)) from None
    except OSError:
        raise LedgerUnusable("file-not-accessible") from None


def _why(error: sqlite3.DatabaseError) -> str:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL"):
        return "disk-full"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "in-use"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return "damaged"
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return "not-writable"
    return "not-usable"
