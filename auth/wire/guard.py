"""Whoever lets look-ups go out: one breaker a register and one budget a clerk, both kept across restarts.

They are a convenience, so they fail soft: where the file cannot be read or written, the desk goes on with what it
remembers. Two desks on one file share what they learn. The file names no clerk but holds a hash with a salt that lies
beside it: nobody reads a name there, though whoever has the file and a list of clerks can tell them apart.
"""

from __future__ import annotations

import hashlib
import random
import re
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
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
from auth.wire.pace import Pace
from auth.wire.profile import TOO_MANY_REQUESTS
from reader.errors import DataError

__all__ = ["Budget", "RegisterGuard"]

T = TypeVar("T")

CLERK_CAPACITY = 60.0
CLERK_PER_SECOND = 1.0
# Refusals that are ours, before a byte was sent: they say nothing of the register.
_OURS = frozenset({"purpose-not-allowed", "malformed-lookup", "legal-basis-missing"})
_SALT_BYTES = 16
_SALT = re.compile(rf"[0-9a-f]{{{2 * _SALT_BYTES}}}")


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
        self._pace = Pace(file)
        self._salt = self._kept_salt()

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
            now = self._now()
            bucket = self._bucket_at(clerk, now).filled(now)
            return Budget(int(bucket.tokens), int(bucket.capacity))

    def wait_for_budget(self, clerk: str, reserve: float = 0.0) -> float:
        """Return how long until the clerk's budget allows one more; 0 where it does now."""
        with self._lock:
            now = self._now()
            return self._bucket_at(clerk, now).wait(now, reserve=reserve)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._pace.close()

    def _admit(self, register: str, clerk: str, reserve: float) -> None:
        with self._lock:
            now = self._now()
            with self._pace.turn():
                breaker = self._breaker(register)
                admitted = breaker.admitted(now)
                if admitted is None:
                    raise RegisterResting(register, "resting", retry_after_s=breaker.seconds_left(now))
                bucket = self._brought_back(clerk, now)
                wait = bucket.wait(now, reserve=reserve) if clerk else 0.0
                if wait > 0.0:
                    raise RegisterRefused(register, TOO_MANY_REQUESTS, retry_after_s=wait)
                if clerk:
                    self._pace.write(self._clerk_name(clerk), bucket.taken(now).to_text())
                if admitted != breaker:
                    self._pace.write(f"breaker {register}", admitted.to_text())

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
        with self._lock, self._pace.turn():
            before = self._breaker(register)
            after = change(before)
            if after != before:
                self._pace.write(f"breaker {register}", after.to_text())

    def _breaker(self, register: str) -> Breaker:
        kept = self._pace.read(f"breaker {register}")
        with suppress(DataError):
            return Breaker.from_text(kept) if kept is not None else Breaker()
        return Breaker()

    def _bucket(self, clerk: str, now: float) -> TokenBucket:
        fresh = TokenBucket.full(CLERK_CAPACITY, CLERK_PER_SECOND, now)
        kept = self._pace.read(self._clerk_name(clerk))
        with suppress(DataError):
            return TokenBucket.from_text(kept).under(fresh) if kept is not None else fresh
        return fresh

    def _bucket_at(self, clerk: str, now: float) -> TokenBucket:
        """Return a clerk's bucket outside a turn; begin one only where there is something to bring back."""
        bucket = self._bucket(clerk, now)
        if bucket.at > now:
            with self._pace.turn():
                bucket = self._brought_back(clerk, now)
        return bucket

    def _brought_back(self, clerk: str, now: float) -> TokenBucket:
        """Return a clerk's bucket in a turn, none from a time to come.

        The clock was set back since: until that time came again the bucket would take in nothing. From now on it does,
        which is written down, or each look at it would begin anew.
        """
        bucket = self._bucket(clerk, now)
        if bucket.at > now:
            bucket = bucket.filled(now)
            self._pace.write(self._clerk_name(clerk), bucket.to_text())
        return bucket

    def _kept_salt(self) -> bytes:
        """Return the salt that all who share the file hash with; what cannot have been written as one is replaced."""
        with self._lock, self._pace.turn():
            kept = self._pace.read("salt")
            if kept is not None and _SALT.fullmatch(kept):
                return bytes.fromhex(kept)
            fresh = secrets.token_bytes(_SALT_BYTES)
            self._pace.write("salt", fresh.hex())
            return fresh

    def _clerk_name(self, clerk: str) -> str:
        return "clerk " + hashlib.blake2b(clerk.encode(), key=self._salt, digest_size=16).hexdigest()
