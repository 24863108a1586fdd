"""The log as it is written: leaves, hashes of complete subtrees, checkpoints and openings in one SQLite file.

Appending writes a leaf and, on average, two hashes in one transaction that is on the disk before it is acknowledged
(write-ahead log, synchronous FULL). Two desks on one file take turns. What SQLite cannot do for want of space or rights
is LedgerUnusable: then nobody is looked up, since an act that leaves no trace must not happen.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from auth.errors import LedgerNoRoom, LedgerUnusable
from auth.ledger.act import Act, ActKind, Opening, clerk_pseudonym
from auth.ledger.reading import SCHEMA_VERSION, LedgerReader, mapped
from auth.merkle import (
    Checkpoint,
    CheckpointInvalid,
    SignedCheckpoint,
    leaf_hash,
    new_nodes,
    sign_checkpoint,
    tree_root,
)
from auth.room import NO_ROOM, room_trouble
from auth.wire.endpoint import Signer
from reader.errors import DataError

__all__ = ["Ledger"]

_SECRET_BYTES = 32
_SCHEMA = """
CREATE TABLE leaf (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE node (level INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, number))
    STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL, countersigned INTEGER NOT NULL) STRICT;
CREATE INDEX countersigned ON checkpoint (size) WHERE countersigned;
CREATE TABLE opening (number INTEGER PRIMARY KEY, salt BLOB NOT NULL) STRICT;
CREATE TABLE office (secret BLOB NOT NULL) STRICT;
"""
# Came later than the others and changes none of them, so that the version stays.
_HOME = "CREATE TABLE IF NOT EXISTS home (id INTEGER PRIMARY KEY CHECK (id = 1), machine TEXT NOT NULL) STRICT"


class Ledger(LedgerReader):
    """Append acts and prove them; may be used from several threads. Close it when the desk closes."""

    def __init__(self, path: Path, signer: Signer, machine: str) -> None:
        """Open the log at ``path``, or begin it; raise LedgerUnusable where that cannot be done.

        ``machine`` is the mark of this computer (``auth.machine``), "" where computers cannot be told apart. Who only
        reads needs none: that is ``LedgerReader``.
        """
        self.signer, self._path, self._machine = signer, path, machine
        self.moved = False
        with mapped(path):
            # Made by us with our rights only: the openings in it are personal data's last trace.
            path.touch(mode=0o600)
            self._begin(f"{path.absolute().as_uri()}?mode=rw")
            try:
                self._set_up()
            except BaseException:
                self._db.close()
                raise

    def _set_up(self) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "trusted_schema = OFF"):
            self._db.execute(f"PRAGMA {pragma}")
        # Read within the transaction: two desks that begin at once must not both think the file empty.
        with self._writing():
            version = self._version()
            if version == 0 and not self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._db.execute("INSERT INTO office VALUES (?)", (secrets.token_bytes(_SECRET_BYTES),))
                self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif version != SCHEMA_VERSION:
                raise LedgerUnusable("other-version")
            self._check_against_last()
            self.moved = self._came_from_elsewhere()

    def _came_from_elsewhere(self) -> bool:
        """Tell whether another computer used this log last; one that nobody has marked is ours from now on."""
        if not self._machine:
            return False
        self._db.execute(_HOME)
        row = self._db.execute("SELECT machine FROM home").fetchone()
        if row is None:
            self._db.execute("INSERT INTO home VALUES (1, ?)", (self._machine,))
        return row is not None and row[0] != self._machine

    def _check_against_last(self) -> None:
        """Hold the log against its last checkpoint: shorter, or another root, means that it is not the one we left."""
        last = self._last_checkpoint()
        if last is None:
            return
        if last.checkpoint.origin != self.origin:
            raise LedgerUnusable("another-device")
        size = last.checkpoint.size
        if size > self._size() or tree_root(size, self._node_at) != last.checkpoint.root:
            raise LedgerUnusable("does-not-match-checkpoint")

    @property
    def origin(self) -> str:
        """Return whose log this is: the device's, by its key."""
        return f"motcua-ledger/{self.signer.key_id}"

    def pseudonym(self, clerk_id: str) -> str:
        """Return by what the leaves call a clerk; the secret for it stays in this file and in no export."""
        with mapped(), self._lock:
            row = self._db.execute("SELECT secret FROM office").fetchone()
        if row is None or not isinstance(row[0], bytes):
            raise LedgerUnusable("damaged")
        return clerk_pseudonym(row[0], clerk_id)

    def probe(self) -> None:
        """Raise LedgerNoRoom, or LedgerUnusable, unless the disk takes the acts of one more look-up now."""
        why = room_trouble(self._path.parent)
        if why:
            raise LedgerNoRoom(why) if why in NO_ROOM else LedgerUnusable(why)

    def append(self, act: Act, opening: Opening | None = None) -> int:
        """Append an act; return its number once it is on the disk. Raise LedgerUnusable, and then nothing is there."""
        return self.append_all(((act, opening),))

    def append_all(self, acts: Sequence[tuple[Act, Opening | None]]) -> int:
        """Append several acts, all or none of them; return the number of the first. Raise LedgerUnusable."""
        bodies = [(act.to_leaf(), opening) for act, opening in acts]
        with mapped(self._path), self._lock, self._writing():
            return self._add(bodies)

    def _add(self, bodies: Sequence[tuple[bytes, Opening | None]]) -> int:
        first = self._size()
        for number, (body, opening) in enumerate(bodies, first):
            self._db.execute("INSERT INTO leaf VALUES (?, ?)", (number, body))
            nodes = tuple(new_nodes(number, leaf_hash(body), self._node_at))
            self._db.executemany("INSERT INTO node VALUES (?, ?, ?)", nodes)
            if opening is not None:
                self._db.execute("INSERT INTO opening VALUES (?, ?)", (number, opening.salt))
        return first

    def announce_here(self, at: datetime) -> None:
        """Say in the log that it goes on on this computer, once: where it goes on elsewhere too, registers see that.

        Until ``settle_here`` it is at home nowhere, and every computer on which it is opened has to ask first.
        """
        leaf = Act(ActKind.MOVED, at, detail=self._machine).to_leaf()
        with mapped(self._path), self._lock, self._writing():
            if not self._is_announced():
                self._add([(leaf, None)])
            self._db.execute("UPDATE home SET machine = ''")

    def _is_announced(self) -> bool:
        row = self._db.execute("SELECT body FROM leaf ORDER BY number DESC LIMIT 1").fetchone()
        last = _act_of(row[0]) if row else None
        return last is not None and last.kind is ActKind.MOVED and last.detail == self._machine

    def settle_here(self) -> None:
        """Go on on this computer, once every register has signed for what ``announce_here`` said."""
        with mapped(self._path), self._lock, self._writing():
            self._db.execute("UPDATE home SET machine = ?", (self._machine,))
        self.moved = False

    def checkpoint(self, at: datetime) -> SignedCheckpoint:
        """Return the checkpoint of the log as it is now; sign and keep one where there is none of this size yet."""
        with mapped(self._path), self._lock, self._writing():
            size, last = self._size(), self._last_checkpoint()
            # Made anew it would take the place of one that registers have countersigned already.
            if last is not None and last.checkpoint.size == size:
                return last
            signed = sign_checkpoint(Checkpoint(self.origin, size, tree_root(size, self._node_at), at), self.signer)
            self._put(signed)
        return signed

    def keep(self, signed: SignedCheckpoint) -> None:
        """Keep a checkpoint that was countersigned; raise LedgerUnusable where it is not of this log."""
        checkpoint = signed.checkpoint
        with mapped(self._path), self._lock, self._writing():
            known = checkpoint.size <= self._size() and checkpoint.origin == self.origin
            if not known or tree_root(checkpoint.size, self._node_at) != checkpoint.root:
                raise LedgerUnusable("checkpoint-of-another-log")
            self._put(self._joined(signed))

    def waiting_since(self, keys: Mapping[str, ec.EllipticCurvePublicKey]) -> datetime | None:
        """Return when the first act happened that no checkpoint countersigned by one of ``keys`` covers; None: none."""
        covered = next((one.checkpoint.size for one in self.checkpoints(countersigned=True) if _verifies(one, keys)), 0)
        with mapped(), self._lock:
            row = self._db.execute("SELECT body FROM leaf WHERE number = ?", (covered,)).fetchone()
        return _act_of(row[0]).at if row else None

    def forget(self, before: int) -> int:
        """Destroy the openings of the leaves before ``before``; return how many. The log verifies as it did."""
        with mapped(), self._lock:
            with self._writing():
                count = self._db.execute("DELETE FROM opening WHERE number < ?", (before,)).rowcount
            # Until it is emptied, the write-ahead log still holds the pages as they were.
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return count

    def _joined(self, signed: SignedCheckpoint) -> SignedCheckpoint:
        """Return a checkpoint with what others countersigned of it meanwhile."""
        for known in self._checkpoints_of(signed.checkpoint.size):
            if known.checkpoint == signed.checkpoint:
                have = {key_id for key_id, _ in signed.signatures}
                for key_id, signature in known.signatures:
                    signed = signed if key_id in have else signed.with_signature(key_id, signature)
        return signed

    def _put(self, signed: SignedCheckpoint) -> None:
        row = (signed.checkpoint.size, signed.to_text(), int(len(signed.signatures) > 1))
        self._db.execute("INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?)", row)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.commit()
        except BaseException:
            # A commit for which the disk has no room leaves the transaction open, and the next act could not begin.
            self._db.rollback()
            raise


def _act_of(leaf: object) -> Act:
    try:
        return Act.from_leaf(leaf if isinstance(leaf, bytes) else b"")
    except DataError:
        raise LedgerUnusable("damaged") from None


def _verifies(signed: SignedCheckpoint, keys: Mapping[str, ec.EllipticCurvePublicKey]) -> bool:
    try:
        return bool(signed.verify(keys, ()))
    except CheckpointInvalid:
        return False
