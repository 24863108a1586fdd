"""The verifier's log: what is given out is in it before, in one order for all nodes, over restarts, and provably."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auth.merkle import leaf_hash, verify_consistency, verify_inclusion
from auth.presence import PresencePolicy, PresenceRefused, Reason, SqliteStore, judge_growth
from auth.presence.log import LogState, Standing, append, entry_of
from auth.presence.log_proof import judge_log_proof
from auth.presence.store import SqliteRows

Desk = Any  # these live in conftest.py, which cannot be imported from here
Register = Any

MOST = 40


def reference(entries: list[bytes]) -> bytes:
    """Return the root as RFC 6962 §2.1 defines it, word for word."""
    if len(entries) <= 1:
        return hashlib.sha256(b"\0" + entries[0]).digest() if entries else hashlib.sha256(b"").digest()
    split = 1
    while 2 * split < len(entries):
        split *= 2
    return hashlib.sha256(b"\1" + reference(entries[:split]) + reference(entries[split:])).digest()


def entries_of(count: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(count)]


@contextmanager
def opened(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path)
    try:
        yield store
    finally:
        store.close()


def log(store: SqliteStore, entries: list[bytes]) -> None:
    """Log entries with nothing beside them."""
    with store.writing() as database:
        append(SqliteRows(database), entries)


def log_after(store: SqliteStore, entry: bytes, made: bytes) -> Standing:
    """Log ``made`` and return what the log was before, and where ``entry`` stands in it."""
    return store.append_after(entry, lambda standing: (made, standing))


def test_the_root_is_that_of_the_standard_at_every_length() -> None:
    state, entries = LogState.begin(), entries_of(MOST)
    for size, entry in enumerate(entries):
        assert (state.size, state.root) == (size, reference(entries[:size]))
        before, (state, nodes) = state, state.append(entry)
        assert len(state.peaks) == state.size.bit_count()
        assert len(nodes) == 1 + (before.size ^ state.size).bit_count() - 1
        verify_inclusion(leaf_hash(entry), size, size + 1, before.path, state.root)
        assert LogState.read(state.log, state.size, state.packed) == state


@pytest.mark.parametrize(("token", "written"), [("a.b.c", b"a.b.c"), ("ệ\ud800", b"\xe1\xbb\x87\\ud800")])
def test_an_entry_is_the_hash_that_is_written_down_for_auditors(token: str, written: bytes) -> None:
    assert entry_of(token) == hashlib.sha256(b"CPP1-leaf\0" + written).digest()


@pytest.mark.parametrize("peaks", [0, 1, 3])
def test_a_state_that_is_not_whole_is_used_for_nothing(peaks: int) -> None:
    damaged = LogState("A" * 22, 3, (bytes(32),) * peaks)
    with pytest.raises(ValueError, match="zip"):
        _ = damaged.root
    with pytest.raises(ValueError, match="zip"):
        damaged.append(b"entry")


def test_two_logs_never_have_one_name() -> None:
    assert len({LogState.begin().log for _ in range(20)}) == 20


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, MOST])
def test_every_entry_is_proven_in_the_log_that_a_later_one_is_appended_to(size: int) -> None:
    entries = entries_of(size)
    for index in {0, size // 2, size - 1}:
        store = SqliteStore()
        log(store, entries)
        standing = log_after(store, entries[index], b"later")
        assert (standing.index, standing.state.size) == (index, size)
        verify_inclusion(leaf_hash(entries[index]), index, size, standing.path, reference(entries))
        assert log_after(store, b"never logged", b"more").index is None
        store.close()


def test_of_an_entry_that_was_logged_twice_the_first_place_counts() -> None:
    store = SqliteStore()
    log(store, [b"other", b"twice", b"twice"])
    assert log_after(store, b"twice", b"later").index == 1
    # The hash of a subtree is no leaf, whatever it says.
    node = leaf_hash(b"twice")
    assert log_after(store, node, b"more").index is None
    store.close()


@pytest.mark.parametrize("old", [0, 1, 2, 7, 8, 39, 40])
@pytest.mark.parametrize("new", [1, 8, 21, 40, None])
def test_each_length_is_shown_to_continue_each_shorter_one(old: int, new: int | None) -> None:
    store, entries = SqliteStore(), entries_of(MOST)
    log(store, entries)
    grown, size = store.grown(old, new), MOST if new is None else new
    store.close()
    if old > size:
        assert grown is None
        return
    assert grown is not None
    assert (grown.old, grown.size, grown.root) == (old, size, reference(entries[:size]))
    verify_consistency(old, size, grown.proof, reference(entries[:old]), grown.root)


@pytest.mark.parametrize(("old", "new"), [(-1, None), (41, None), (0, 41), (3, 2)])
def test_no_growth_is_shown_of_what_the_log_never_was(old: int, new: int | None) -> None:
    store = SqliteStore()
    log(store, entries_of(MOST))
    assert store.grown(old, new) is None
    store.close()


def test_the_log_survives_a_restart_under_its_name(tmp_path: Path) -> None:
    entries = entries_of(MOST)
    with opened(tmp_path / "verifier.db") as store:
        log(store, entries[:13])
        before = store.grown(0, None)
    with opened(tmp_path / "verifier.db") as store:
        log(store, entries[13:])
        after = store.grown(13, None)
    assert before is not None
    assert after is not None
    assert after.log == before.log
    verify_consistency(13, MOST, after.proof, before.root, after.root)
    assert after.root == reference(entries)


def test_two_nodes_on_one_file_write_one_log(tmp_path: Path) -> None:
    with opened(tmp_path / "verifier.db") as one, opened(tmp_path / "verifier.db") as other:
        log(one, [b"challenge"])

        def work(node: SqliteStore, name: int) -> list[Standing]:
            return [log_after(node, b"challenge", f"{name} {number}".encode()) for number in range(30)]

        with ThreadPoolExecutor(4) as pool:
            nodes = ((one, 1), (other, 2), (one, 3), (other, 4))
            standings = [each for done in [pool.submit(work, *node) for node in nodes] for each in done.result()]
        assert sorted(standing.state.size for standing in standings) == list(range(1, 121))
        for standing in standings:
            grown = other.grown(standing.state.size, 121)
            assert grown is not None
            verify_consistency(standing.state.size, 121, grown.proof, standing.state.root, grown.root)


def test_what_fails_half_way_leaves_the_log_as_it_was() -> None:
    store = SqliteStore()
    log(store, [b"challenge"])
    before = store.grown(0, None)

    def fails(_standing: Standing) -> tuple[bytes, None]:
        raise RuntimeError("the security module is away")

    with pytest.raises(RuntimeError):
        store.append_after(b"challenge", fails)
    times = {"issued": 1, "expires": 60}
    store.issue("one", "desk-1", b"r1", b"first", **times, most=1)
    with pytest.raises(PresenceRefused):
        store.issue("two", "desk-1", b"r2", b"second", **times, most=1)
    after = store.grown(0, None)
    assert before is not None
    assert after is not None
    assert (before.size, after.size) == (1, 2)
    assert after.root == reference([b"challenge", b"first"])
    store.close()


def test_the_list_of_a_former_version_becomes_the_beginning_of_the_log(tmp_path: Path) -> None:
    entries = entries_of(11)
    database = sqlite3.connect(tmp_path / "verifier.db")
    database.execute("CREATE TABLE leaf (number INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB UNIQUE)")
    database.executemany("INSERT INTO leaf (hash) VALUES (?)", [(entry,) for entry in entries])
    database.commit()
    database.close()
    for _ in range(2):
        with opened(tmp_path / "verifier.db") as store:
            grown = store.grown(0, None)
            assert grown is not None
            assert (grown.size, grown.root) == (11, reference(entries))


@pytest.fixture
def desk(desk_with: Callable[..., Desk]) -> Desk:
    return desk_with("vietnam-2021", local=False)


def test_a_challenge_is_logged_before_it_is_given_out(
    desk: Desk, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.offer(register)
    assert register.store.grown(0, None).size == 1

    def away(*_given: object, **_named: object) -> None:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr(SqliteStore, "issue", away)
    with pytest.raises(sqlite3.OperationalError):
        desk.offer(register)


def test_each_receipt_stands_right_behind_the_log_that_it_names(desk: Desk, register: Register) -> None:
    register.policy = PresencePolicy(open_per_device=99)
    for _ in range(5):
        desk.offer(register)
    proof = desk.prove(register)
    logged = []
    for audience in ("population", "land", "land"):
        receipt = register.verifier.judge(proof, desk.requests[audience], audience, desk.caller)
        claims = register.receipt(receipt.token)
        checkpoint, said = judge_log_proof(proof.token, receipt.token, claims, receipt.log, register.issuers)
        assert (claims.leaf, said) == (6, ())
        assert checkpoint is not None
        logged.append((claims.accepted, claims.tree.size, checkpoint.size))
    assert logged == [(True, 6, 7), (True, 7, 8), (False, 8, 9)], "a refusal is logged as a success is"


def test_a_receipt_for_what_nobody_gave_out_says_that_it_was_never_logged(desk: Desk, register: Register) -> None:
    proof = replace(desk.prove(register), token="e30.e30.e30")
    receipt = register.verifier.judge(proof, desk.requests["land"], "land", desk.caller)
    claims = register.receipt(receipt.token)
    assert (claims.leaf, claims.reasons) == (None, (Reason.TOKEN_INVALID,))
    checkpoint, said = judge_log_proof(proof.token, receipt.token, claims, receipt.log, register.issuers)
    assert checkpoint is not None
    assert (checkpoint.size, said) == (2, ())


def test_the_verifier_shows_that_its_log_continues_what_it_was(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    receipts = [
        register.verifier.judge(proof, desk.requests[name], name, desk.caller) for name in ("population", "land")
    ]
    checkpoints = [
        judge_log_proof(proof.token, one.token, register.receipt(one.token), one.log, register.issuers)[0]
        for one in receipts
    ]
    for _ in range(3):
        desk.offer(register)
    for new, size in ((3, 3), (None, 6)):
        growth = register.verifier.growth(2, new)
        assert judge_growth(growth, checkpoints[0], register.issuers).size == size
    assert judge_growth(register.verifier.growth(2, 3), checkpoints[1], register.issuers) == checkpoints[1]
    with pytest.raises(PresenceRefused) as refused:
        register.verifier.growth(2, 7)
    assert refused.value.reason is Reason.LOG_SHORTER


def test_lengths_order_the_checkpoints_of_a_log_and_their_times_do_not(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    receipt = register.verifier.judge(proof, desk.requests["land"], "land", desk.caller)
    first, _ = judge_log_proof(
        proof.token, receipt.token, register.receipt(receipt.token), receipt.log, register.issuers
    )
    assert first is not None
    for _ in range(3):
        desk.offer(register)
    whole = judge_growth(register.verifier.growth(first.size), first, register.issuers)
    register.now += timedelta(days=1)
    shorter = judge_growth(register.verifier.growth(first.size, first.size + 1), first, register.issuers)
    assert first.size < shorter.size < whole.size
    assert shorter.at > whole.at, "signed when it was asked for"
    assert (
        judge_growth(register.verifier.growth(shorter.size, whole.size), shorter, register.issuers).root == whole.root
    )
