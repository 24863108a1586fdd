"""The outbox on the disk: sealed rows in one SQLite file, and a head that no single row can be changed without.

Write-ahead log, synchronous FULL: what was committed is on the disk. Beside its seal a row has columns in the clear to
be found by; they name nobody, and are held against the sealed ones whenever a row is read. The head counts the acts,
and holds a sum over all rows, so that a row that was deleted or put back as it was comes to light too. What the head
itself cannot show, that all of the file is an older copy, shows in the ledger (``auth.outbox.outbox``).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from auth.errors import OutboxUnusable
from auth.outbox.item import Item
from auth.outbox.schema import LATEST, SCHEMA, UPGRADES
from auth.outbox.sealing import KEY_BYTES, KeyBox, Vault
from auth.outbox.states import WAITING, State
from auth.outbox.trouble import mapped, require_room
from auth.outbox.wiping import WipedPages
from reader.errors import DataError

__all__ = ["Head", "Store", "read_key"]

BUSY_SECONDS = 5.0
_MODULUS = 1 << 256
_STEP = 512
_ALL = "SELECT number, state, register, dossier, clerk, effect, due, expires, sealed FROM item i WHERE"


@dataclass(frozen=True, slots=True)
class Head:
    """Hold what is true of all rows together.

    ``counter`` counts the acts, ``next`` is the number of the next look-up, ``origin`` and ``ledger`` are the log in
    which the acts stand and its length before the last of them, ``root`` the hash over all of it up to there.
    ``trouble`` says what happened to this file, until somebody has taken note.
    """

    counter: int = 0
    next: int = 1
    count: int = 0
    total: str = "0"
    origin: str = ""
    ledger: int = 0
    root: str = ""
    trouble: str = ""
    lost: int = 0


class Store:
    """Read and write one outbox; not for several threads at once, and its writer holds the lock."""

    def __init__(
        self, file: Path, box: KeyBox, device_id: str, *, read_only: bool = False, key: bytes | None = None
    ) -> None:
        """Open the outbox at ``file``, or begin one under ``key`` or a new one; raise OutboxUnusable.

        Every row is read and held against the head before anything is done with it.
        """
        # Once there is a file, rows are sealed for the device that began it, whoever has its key now.
        self._file, self._device, self._key = file, device_id, key or b""
        # The number of one look-up that no reading finds: it is about to be wiped (``auth.outbox.refused``).
        self.hidden = 0
        with mapped(None if read_only else file):
            self._db = _connect(file, read_only=read_only)
            self._wiped = None if read_only else WipedPages(self._db)
            try:
                self._begin(box, read_only=read_only)
                self.pay_wiped()
            except BaseException:
                self._db.close()
                raise

    def _begin(self, box: KeyBox, *, read_only: bool) -> None:
        if read_only:
            # One moment of it until it is closed, whatever its writer does meanwhile.
            self._db.execute("BEGIN")
        else:
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
                self._db.execute(f"PRAGMA {pragma}")
        version = _integer(self._db.execute("PRAGMA user_version").fetchone()[0])
        if version > LATEST:
            raise OutboxUnusable("newer-version")
        fresh = version == 0 and not self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if read_only and (fresh or version != LATEST):
            raise OutboxUnusable("not-begun" if fresh else "older-version")
        if fresh:
            self._create(box)
        else:
            # Not the quick one, which passes over an index that hides a row.
            if self._db.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise OutboxUnusable("damaged")
            self._device, self._key = read_key(self._db, box)
            self.vault = Vault(self._key, self._device, version)
            self.head = self._read_head()
            if version < LATEST:
                self._upgrade(version)
        self._verify()

    def _create(self, box: KeyBox) -> None:
        self._key = self._key or secrets.token_bytes(KEY_BYTES)
        sealed = box.seal(self._key)
        self.vault, self.head = Vault(self._key, self._device, LATEST), Head()
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for statement in SCHEMA:
                self._db.execute(statement)
            self._db.execute(
                "INSERT INTO seal VALUES (1, ?, ?, ?)", (self._device, sealed, _digest(self._device, sealed))
            )
            self._write_head()
            self._db.execute(f"PRAGMA user_version = {LATEST}")
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise

    def _upgrade(self, version: int) -> None:
        """Bring an older file forward, all of it or nothing: rows are sealed for the version of their table."""
        old, new = self.vault, Vault(self._key, self._device, LATEST)
        before = self.head
        with self.writing():
            for step in range(version, LATEST):
                for statement in UPGRADES[step]:
                    self._db.execute(statement)
            for table in ("payload", "answer", "pending", "item"):
                numbers = [row[0] for row in self._db.execute(f"SELECT number FROM {table}")]  # noqa: S608 — of four constants
                for number in numbers:
                    self._reseal(table, _integer(number), old, new)
            self.vault = new
            total = sum(_share(number, sealed) for number, sealed in self._sealed_items()) % _MODULUS
            self.head = replace(before, total=f"{total:x}")
            self._write_head()
            self._db.execute(f"PRAGMA user_version = {LATEST}")

    def _reseal(self, table: str, number: int, old: Vault, new: Vault) -> None:
        sealed = new.seal(table, number, old.open(table, number, self._sealed(table, number)))
        self._db.execute(f"UPDATE {table} SET sealed = ? WHERE number = ?", (sealed, number))  # noqa: S608 — of four constants

    def _verify(self) -> None:
        """Open every row and hold all of them against the head."""
        total = count = 0
        rows = self._db.execute(
            "SELECT number, state, register, dossier, clerk, effect, due, expires, sealed FROM item"
        )
        for row in rows:
            self._opened(row)
            total, count = (total + _share(row[0], row[8])) % _MODULUS, count + 1
        if count != self.head.count or f"{total:x}" != self.head.total:
            raise OutboxUnusable("damaged")

    # --- reading ------------------------------------------------------------------------------------------------------

    def item(self, number: int) -> Item | None:
        """Return the look-up of that number, None where there is none."""
        return next(iter(self.items("number = ?", (number,))), None)

    def items(self, where: str = "TRUE", values: Iterable[object] = (), limit: int = -1) -> Iterator[Item]:
        """Yield look-ups in the order of their numbers; ``where`` is a condition on the columns, in our own words."""
        with mapped():
            # In pieces, so that twenty thousand of them never lie in memory at once.
            asked = self._db.execute(
                f"{_ALL} number <> ? AND ({where}) ORDER BY number LIMIT {limit}", (self.hidden, *values)
            )
            while rows := asked.fetchmany(_STEP):
                for row in rows:
                    yield self._opened(row)

    def numbers(self, where: str, values: Iterable[object] = ()) -> list[int]:
        """Return the numbers of the look-ups that ``where`` holds for, in their order."""
        with mapped():
            query = f"SELECT number FROM item WHERE number <> ? AND ({where}) ORDER BY number"  # noqa: S608 — in our own words
            return [_integer(row[0]) for row in self._db.execute(query, (self.hidden, *values))]

    def counts(self) -> Mapping[State, int]:
        """Return how many look-ups stand how."""
        with mapped():
            counted = "SELECT state, count(*) FROM item WHERE number <> ? GROUP BY state"
            rows = self._db.execute(counted, (self.hidden,)).fetchall()
            return {_state(row[0]): _integer(row[1]) for row in rows}

    def payload(self, item: Item) -> bytes:
        """Return what is to be sent; raise OutboxUnusable "damaged" where it is not what was put in."""
        with mapped():
            return self._content("payload", item.number, item.payload)

    def answer(self, item: Item) -> bytes:
        """Return what the register answered; raise OutboxUnusable "damaged" where it is not what came."""
        with mapped():
            return self._content("answer", item.number, item.answer)

    def pending(self) -> list[tuple[int, bytes]]:
        """Return the acts that may not stand in the ledger yet, by their count."""
        with mapped():
            rows = self._db.execute("SELECT number, sealed FROM pending ORDER BY number").fetchall()
            return [(_integer(row[0]), self.vault.open("pending", row[0], _blob(row[1]))) for row in rows]

    # --- writing ------------------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Do all that is within, or nothing of it; on the disk when it ends."""
        before, vault = self.head, self.vault
        with mapped(self._file):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._write_head()
                self._db.commit()
            except BaseException:
                self.head, self.vault = before, vault
                self._db.rollback()
                raise
            self.pay_wiped()

    def add(self, item: Item, payload: bytes | None) -> None:
        """Add a look-up and what is to be sent for it."""
        self._put("item", item.number, self._row(item))
        if payload is not None:
            self._put_content("payload", item.number, payload)
        self.head = replace(self.head, count=self.head.count + 1, next=max(self.head.next, item.number + 1))

    def change(self, item: Item, answer: bytes | None = None) -> None:
        """Write how a look-up stands now; what it needs no more is wiped."""
        self._drop("item", item.number)
        self._put("item", item.number, self._row(item))
        if item.state not in WAITING:
            self._db.execute("DELETE FROM payload WHERE number = ?", (item.number,))
        if item.state is not State.ANSWERED:
            self._db.execute("DELETE FROM answer WHERE number = ?", (item.number,))
        if answer is not None:
            self._put_content("answer", item.number, answer)

    def remove(self, number: int) -> None:
        """Wipe a look-up and all that belongs to it."""
        self._drop("item", number)
        for table in ("payload", "answer"):
            self._db.execute(f"DELETE FROM {table} WHERE number = ?", (number,))  # noqa: S608 — one of two constants
        self.head = replace(self.head, count=self.head.count - 1)

    def note(self, counter: int, said: bytes) -> None:
        """Write down an act that is to stand in the ledger."""
        self._put_content("pending", counter, said)

    def settle(self, counter: int) -> None:
        """Forget the acts up to ``counter``: they stand in the ledger."""
        self._db.execute("DELETE FROM pending WHERE number <= ?", (counter,))

    def require_room(self) -> None:
        """Raise OutboxNoRoom or OutboxUnusable unless the disk takes one more look-up now."""
        require_room(self._file)

    def reseal(self, box: KeyBox) -> None:
        """Seal the key anew, as after a rotation of the device's keys."""
        sealed = box.seal(self._key)
        with self.writing():
            self._db.execute("UPDATE seal SET key = ?, digest = ?", (sealed, _digest(self._device, sealed)))

    def forget_wiped(self) -> None:
        """Empty the write-ahead log of what was wiped; while somebody reads it, that is owed."""
        if self._wiped is not None:
            self._wiped.forget()

    def pay_wiped(self) -> None:
        """Empty the write-ahead log where that is owed; tried at each opening, change, sweep and closing."""
        if self._wiped is not None:
            self._wiped.pay()

    def close(self) -> None:
        """Close the file."""
        with mapped():
            self.pay_wiped()
            self._db.close()

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _row(self, item: Item) -> tuple[object, ...]:
        sealed = self.vault.seal("item", item.number, item.to_bytes())
        total = (int(self.head.total, 16) + _share(item.number, sealed)) % _MODULUS
        self.head = replace(self.head, total=f"{total:x}")
        return (*self._columns(item), sealed)

    def _columns(self, item: Item) -> tuple[object, ...]:
        tag = self.vault.tag
        effect = tag("effect", f"{item.register} {item.idempotency_key}")
        names = (tag("dossier", item.dossier), tag("clerk", item.clerk), effect)
        return (item.number, str(item.state), item.register, *names, item.due, item.expires_at)

    def _put(self, table: str, number: int, row: tuple[object, ...]) -> None:
        self._db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 — one of our tables

    def _put_content(self, table: str, number: int, content: bytes) -> None:
        self._put(table, number, (number, self.vault.seal(table, number, content)))

    def _drop(self, table: str, number: int) -> None:
        total = (int(self.head.total, 16) - _share(number, self._sealed(table, number))) % _MODULUS
        self.head = replace(self.head, total=f"{total:x}")
        self._db.execute(f"DELETE FROM {table} WHERE number = ?", (number,))  # noqa: S608 — one of our tables

    def _sealed(self, table: str, number: int) -> bytes:
        row = self._db.execute(f"SELECT sealed FROM {table} WHERE number = ?", (number,)).fetchone()  # noqa: S608 — one of our tables
        if row is None:
            raise OutboxUnusable("damaged")
        return _blob(row[0])

    def _content(self, table: str, number: int, digest: str) -> bytes:
        content = self.vault.open(table, number, self._sealed(table, number))
        if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), digest):
            raise OutboxUnusable("damaged")
        return content

    def _opened(self, row: tuple[Any, ...]) -> Item:
        """Return what a row holds; raise DataError where the columns in the clear say anything else."""
        number = _integer(row[0])
        item = Item.from_bytes(self.vault.open("item", number, _blob(row[8])))
        if item.number != number or self._columns(item) != tuple(row[:8]):
            raise DataError("outbox: columns that were changed")
        return item

    def _sealed_items(self) -> Iterator[tuple[int, bytes]]:
        for row in self._db.execute("SELECT number, sealed FROM item"):
            yield _integer(row[0]), _blob(row[1])

    def _read_head(self) -> Head:
        row = self._db.execute("SELECT sealed FROM head WHERE id = 1").fetchone()
        if row is None:
            raise OutboxUnusable("damaged")
        return Head(**json.loads(self.vault.open("head", 1, _blob(row[0]))))

    def _write_head(self) -> None:
        sealed = self.vault.seal("head", 1, json.dumps(asdict(self.head)).encode())
        self._db.execute("INSERT OR REPLACE INTO head VALUES (1, ?)", (sealed,))


def read_key(db: sqlite3.Connection, box: KeyBox) -> tuple[str, bytes]:
    """Return the device that began an outbox, and the key to its rows; raise OutboxUnusable where it is not to be had.

    A sealed key that was damaged shows by its digest; a box that is locked, or another's, is never taken for damage.
    """
    row = db.execute("SELECT device, key, digest FROM seal WHERE id = 1").fetchone()
    if row is None or not isinstance(row[0], str):
        raise OutboxUnusable("damaged")
    sealed = _blob(row[1])
    if not hmac.compare_digest(_digest(row[0], sealed), _blob(row[2])):
        raise OutboxUnusable("damaged")
    return row[0], box.open(sealed)


def _connect(file: Path, *, read_only: bool) -> sqlite3.Connection:
    if read_only:
        if not file.is_file():
            raise OutboxUnusable("not-begun")
    else:
        # Made by us with our rights only.
        file.touch(mode=0o600)
    uri = f"{file.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _share(number: int, sealed: bytes) -> int:
    """Return what a row adds to the sum over all of them."""
    return int.from_bytes(hashlib.sha256(number.to_bytes(8, "big") + sealed).digest(), "big")


def _digest(device_id: str, sealed: bytes) -> bytes:
    return hashlib.sha256(device_id.encode() + b"\0" + sealed).digest()


def _integer(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 62:
        raise OutboxUnusable("damaged")
    return value


def _blob(value: object) -> bytes:
    if type(value) is not bytes:
        raise OutboxUnusable("damaged")
    return value


def _state(value: Any) -> State:
    try:
        return State(value)
    except ValueError:
        raise OutboxUnusable("damaged") from None
