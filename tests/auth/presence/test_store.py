"""What a verifier remembers of its challenges, in one file: each is used once, and of a device so many are open."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from auth.presence import PresenceRefused, Reason, SqliteStore


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    opened = SqliteStore()
    yield opened
    opened.close()


def issue(store: SqliteStore, jti: str, root: bytes = b"r", device: str = "d", now: int = 0, most: int = 9) -> None:
    store.issue(jti, device, root, jti.encode(), issued=now, expires=now + 60, most=most)


def test_each_register_takes_a_challenge_once(store: SqliteStore) -> None:
    issue(store, "a")
    assert not store.was_used("a")
    took = [store.use("a", register) for register in ("land", "land", "population", "population")]
    assert took == [True, False, True, False]
    assert store.was_used("a")
    assert store.use("b", "land"), "what was used of one challenge is nothing of another"


def test_a_new_challenge_ends_the_earlier_one_of_the_same_device_and_requests_only(store: SqliteStore) -> None:
    for jti, root, device in (("a", b"r", "d"), ("b", b"other", "d"), ("c", b"r", "e"), ("d", b"r", "d")):
        issue(store, jti, root, device)
    assert [store.use(jti, "land") for jti in ("a", "b", "c", "d")] == [False, True, True, True]
    assert not store.was_used("a"), "nobody has taken it"
    issue(store, "e")
    issue(store, "f")
    assert [store.use(jti, "land") for jti in ("d", "e", "f")] == [False, False, True]


def test_a_challenge_counts_as_open_until_it_has_expired(store: SqliteStore) -> None:
    issue(store, "a", b"1")
    issue(store, "b", b"2", now=10)
    assert [store.open_of("d", now) for now in (0, 60, 61, 70, 71)] == [2, 2, 1, 1, 0]
    assert store.open_of("e", 0) == 0
    with pytest.raises(PresenceRefused) as refused:
        issue(store, "c", b"3", now=60, most=2)
    assert refused.value.reason is Reason.TOO_MANY_OPEN
    issue(store, "c", b"3", now=61, most=2)
    issue(store, "d", b"4", device="e", now=61, most=1)


def test_a_file_outlives_its_verifier_and_is_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "verifier.db"
    first = SqliteStore(path)
    issue(first, "a")
    assert first.use("a", "land")
    first.close()
    with pytest.raises(sqlite3.ProgrammingError):
        first.was_used("a")
    again = SqliteStore(path)
    assert not again.use("a", "land")
    assert again.was_used("a")
    assert again._database.execute("PRAGMA synchronous").fetchone() == (2,)
    assert again._database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    again.close()
