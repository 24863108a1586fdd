"""Whoever lets look-ups go out: one breaker a register and one budget a clerk, both kept across restarts.

They are a convenience, so they fail soft: where the file cannot be read or written, the desk goes on with what it
remembers. Two desks on one file share what they learn. The file names no clerk but holds a hash with a salt that lies
beside it: nobody reads a name there, though whoever has the file and a list of clerks can tell them apart.
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TypeVar

from auth.errors import (
    AnswerNotTrusted,
    RegisterError,
    RegisterRefused,
    RegisterResting,
    RegisterTimeout,
    RegisterUnreachable,
    RegisterWorking,
    RequestRejected,
)
from auth.wire.backoff import TokenBucket
from auth.wire.breaker import Breaker
from auth.wire.errand import CALLED_BACK
from auth.wire.profile import TOO_MANY_REQUESTS
from reader.errors import DataError

__all__ = ["Budget", "RegisterGuard"]

T = TypeVar("T")
_log = logging.getLogger("motcua.guard")

CLERK_CAPACITY = 60.0
CLERK_PER_SECOND = 1.0
BUSY_SECONDS = 2.0
# Refusals that are ours, before a byte was sent: they say nothing of the register.
_OURS = frozenset({"purpose-not-allowed", "malformed-lookup", "legal-basis-missing"})


@dataclass(frozen=True, slots=True)
class Budget:
    """Say how many look-ups a clerk may still make at once, out of how many."""

    left: int
    of: int


class RegisterGuard:
    """Let requests to registers go out or hold them back; may be used from any thread."""

    def __init__(
        self,
        file: Path | None = None,
        *,
        now: Callable[[], float] = time.time,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """Remember in ``file``, or only in memory where there is none."""
        self._now = now
        self._draw = draw
        self._lock = threading.Lock()
        self._known: dict[str, str] = {}
        self._salt = secrets.token_bytes(16)
        self._db = _open(file) if file is not None else None
        with self._lock:
            kept = self._read("salt")
            if kept is None:
                self._write("salt", self._salt.hex())
            else:
                with suppress(ValueError):
                    self._salt = bytes.fromhex(kept)

    def ask(self, register: str, work: Callable[[], T], *, clerk: str = "", reserve: float = 0.0) -> T:
        """Return what ``work`` returns, and learn from how it went.

        Raise RegisterResting where the register is to be left alone, RegisterRefused "too-many-requests" where the
        clerk's budget would fall below ``reserve``; then nothing was asked.
        """
        self._admit(register, clerk, reserve)
        try:
            result = work()
        except RegisterWorking:
            # It took the look-up and said so: it is there.
            self._change(register, Breaker.answered)
            raise
        except (RegisterUnreachable, RegisterTimeout, AnswerNotTrusted) as error:
            if error.why == CALLED_BACK:
                self._change(register, lambda breaker: breaker.learnt_nothing(self._now()))
                raise
            pause = error.retry_after_s
            self._change(register, lambda breaker: breaker.failed(self._now(), self._draw, pause))
            raise
        except (RegisterRefused, RequestRejected) as error:
            self._refused(register, error)
            raise
        except BaseException:
            self._change(register, lambda breaker: breaker.learnt_nothing(self._now()))
            raise
        self._change(register, Breaker.answered)
        return result

    def seconds_left(self, register: str) -> float:
        """Return for how long ``register`` will not be asked, 0 where it may be."""
        with self._lock:
            return self._breaker(register).seconds_left(self._now())

    def breaker(self, register: str) -> Breaker:
        """Return how ``register`` stands."""
        with self._lock:
            return self._breaker(register)

    def budget(self, clerk: str) -> Budget:
        """Return what is left of a clerk's budget."""
        with self._lock:
            bucket = self._bucket(clerk).filled(self._now())
            return Budget(int(bucket.tokens), int(bucket.capacity))

    def wait_for_budget(self, clerk: str, reserve: float = 0.0) -> float:
        """Return how long until the clerk's budget allows one more; 0 where it does now."""
        with self._lock:
            return self._bucket(clerk).wait(self._now(), reserve=reserve)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _admit(self, register: str, clerk: str, reserve: float) -> None:
        with self._lock:
            now = self._now()
            with self._turn():
                breaker = self._breaker(register)
                admitted = breaker.admitted(now)
                if admitted is None:
                    raise RegisterResting(register, "resting", retry_after_s=breaker.seconds_left(now))
                bucket = self._bucket(clerk)
                wait = bucket.wait(now, reserve=reserve) if clerk else 0.0
                if wait > 0.0:
                    raise RegisterRefused(register, TOO_MANY_REQUESTS, retry_after_s=wait)
                if clerk:
                    self._write(self._clerk_name(clerk), json.dumps(astuple(bucket.taken(now))))
                if admitted != breaker:
                    self._write(f"breaker {register}", admitted.to_text())

    def _refused(self, register: str, error: RegisterError) -> None:
        """Learn from a refusal: a pause that was asked for, a register that is there, or nothing."""
        now = self._now()
        if error.why == TOO_MANY_REQUESTS:
            self._change(register, lambda breaker: breaker.failed(now, self._draw, error.retry_after_s))
        elif error.why in _OURS:
            self._change(register, lambda breaker: breaker.learnt_nothing(now))
        else:
            self._change(register, Breaker.answered)

    def _change(self, register: str, change: Callable[[Breaker], Breaker]) -> None:
        with self._lock, self._turn():
            before = self._breaker(register)
            after = change(before)
            if after != before:
                self._write(f"breaker {register}", after.to_text())

    def _breaker(self, register: str) -> Breaker:
        kept = self._read(f"breaker {register}")
        with suppress(DataError):
            return Breaker.from_text(kept) if kept is not None else Breaker()
        return Breaker()

    def _bucket(self, clerk: str) -> TokenBucket:
        fresh = TokenBucket.full(CLERK_CAPACITY, CLERK_PER_SECOND, self._now())
        kept = self._read(self._clerk_name(clerk))
        if kept is None:
            return fresh
        try:
            _, _, tokens, at = (float(part) for part in json.loads(kept))
        except (ValueError, TypeError, RecursionError):
            return fresh
        return TokenBucket(fresh.capacity, fresh.per_second, min(max(tokens, 0.0), fresh.capacity), at)

    def _clerk_name(self, clerk: str) -> str:
        return "clerk " + hashlib.blake2b(clerk.encode(), key=self._salt, digest_size=16).hexdigest()

    def _turn(self) -> _Turn:
        return _Turn(self._db)

    def _read(self, name: str) -> str | None:
        if self._db is not None:
            try:
                row = self._db.execute("SELECT said FROM pace WHERE name = ?", (name,)).fetchone()
                if row is None or isinstance(row[0], str):
                    return row[0] if row else None
            except (sqlite3.Error, UnicodeDecodeError):
                _log.info("pace not read")
        return self._known.get(name)

    def _write(self, name: str, said: str) -> None:
        self._known[name] = said
        if self._db is not None:
            try:
                self._db.execute("INSERT OR REPLACE INTO pace VALUES (?, ?)", (name, said))
            except sqlite3.Error:
                _log.info("pace not written")


class _Turn:
    """Hold the file while something is read, judged and written, so that two desks do not both send the one probe."""

    def __init__(self, db: sqlite3.Connection | None) -> None:
        self._db = db
        self._begun = False

    def __enter__(self) -> None:
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.execute("BEGIN IMMEDIATE")
                self._begun = True

    def __exit__(self, *_: object) -> None:
        if self._db is not None and self._begun:
            try:
                self._db.commit()
            except sqlite3.Error:
                self._db.rollback()


def _open(file: Path) -> sqlite3.Connection | None:
    """Open the file, anew where it is damaged; None where it cannot be used at all."""
    for attempt in (1, 2):
        try:
            db = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
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
