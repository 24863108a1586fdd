"""What a presence verifier remembers in the registers' database: the same promises, for nodes that share it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from auth.merkle import leaf_hash, verify_consistency, verify_inclusion
from auth.presence import PresenceRefused, Reason, SqliteStore
from auth.presence.log import Standing
from mock_registers.database_errors import DatabaseTrouble
from mock_registers.presence_store import DatabaseStore
from mock_registers.storage import Storage

Node = Callable[[], DatabaseStore]
MOST = 20


@pytest.fixture
def node(database_url: str) -> Iterator[Node]:
    """Return a function that opens another node on one database."""
    opened: list[Storage] = []

    def another() -> DatabaseStore:
        opened.append(Storage(database_url))
        return DatabaseStore(opened[-1].database)

    yield another
    for storage in opened:
        storage.close()


def issue(store: DatabaseStore | SqliteStore, jti: str, root: bytes = b"r", device: str = "d", now: int = 0) -> None:
    store.issue(jti, device, root, jti.encode(), issued=now, expires=now + 60, most=MOST)


def log_after(store: DatabaseStore, entry: bytes, made: bytes) -> Standing:
    return store.append_after(entry, lambda standing: (made, standing))


def test_a_challenge_is_taken_once_by_each_register_on_whatever_node(node: Node) -> None:
    one, other = node(), node()
    issue(one, "a")
    assert not one.was_used("a")
    assert [other.use("a", "land"), one.use("a", "land"), one.use("a", "population"), other.use("a", "population")] == [
        True,
        False,
        True,
        False,
    ]
    assert other.was_used("a")


def test_of_nodes_that_take_it_at_once_one_does(node: Node) -> None:
    nodes = [node() for _ in range(3)]
    issue(nodes[0], "a")
    with ThreadPoolExecutor(6) as pool:
        took = list(pool.map(lambda number: nodes[number % 3].use("a", "land"), range(12)))
    assert took.count(True) == 1


def test_a_new_challenge_for_the_same_requests_ends_the_earlier_one(node: Node) -> None:
    one, other = node(), node()
    for jti, root, device in (("a", b"r", "d"), ("b", b"other", "d"), ("c", b"r", "e"), ("d", b"r", "d")):
        issue(one, jti, root, device)
    assert not other.use("a", "land")
    assert not other.was_used("a"), "nobody has taken it"
    assert [other.use(jti, "land") for jti in ("b", "c", "d")] == [True, True, True]
    issue(other, "e")
    issue(other, "f")
    assert [one.use(jti, "land") for jti in ("e", "f")] == [False, True]


def test_a_device_has_so_many_open_and_no_more_on_all_nodes_together(node: Node) -> None:
    nodes = [node() for _ in range(2)]

    def ask(number: int) -> bool:
        try:
            issue(nodes[number % 2], f"t{number}", f"r{number}".encode())
        except PresenceRefused as refused:
            return refused.reason is not Reason.TOO_MANY_OPEN
        return True

    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(ask, range(MOST + 8)))
    assert given.count(True) == nodes[0].open_of("d", 60) == MOST
    grown = nodes[1].grown(0, None)
    assert grown is not None
    assert grown.size == MOST, "what was refused is not logged"
    assert nodes[0].open_of("d", 61) == 0
    issue(nodes[0], "later", now=61)
    assert nodes[1].open_of("d", 61) == 1


def test_nodes_write_one_log_and_prove_it(node: Node) -> None:
    nodes = [node(), node()]
    issue(nodes[0], "challenge")
    issue(nodes[0], "another")
    with ThreadPoolExecutor(4) as pool:
        work = [
            pool.submit(log_after, nodes[number % 2], b"challenge", f"receipt {number}".encode())
            for number in range(24)
        ]
        standings = [done.result() for done in work]
    assert sorted(standing.state.size for standing in standings) == list(range(2, 26))
    for standing in standings:
        size, root = standing.state.size, standing.state.root
        verify_inclusion(leaf_hash(b"challenge"), 0, size, standing.path, root)
        grown = nodes[1].grown(size, None)
        assert grown is not None
        verify_consistency(size, 26, grown.proof, root, grown.root)
    assert nodes[0].grown(27, None) is None


def test_it_is_the_log_that_the_file_of_a_single_verifier_would_be(node: Node) -> None:
    one, alone = node(), SqliteStore()
    for store in (one, alone):
        for name in "abc":
            issue(store, name)
        store.append_after(b"b", lambda standing: (b"d", standing))
    mine, theirs = one.grown(3, None), alone.grown(3, None)
    alone.close()
    assert mine is not None
    assert theirs is not None
    assert (mine.root, mine.proof, mine.size) == (theirs.root, theirs.proof, theirs.size)
    assert mine.log != theirs.log


def test_the_log_goes_on_after_a_restart(node: Node) -> None:
    one = node()
    issue(one, "a")
    before = one.grown(0, None)
    again = node()
    issue(again, "b")
    after = again.grown(1, None)
    assert before is not None
    assert after is not None
    assert after.log == before.log
    verify_consistency(1, 2, after.proof, before.root, after.root)


def test_a_challenge_whose_connection_is_cut_behind_the_commit_is_issued_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = Storage(database_url)
    store = DatabaseStore(storage.database)
    dialect, cut = storage.engine.dialect, []
    commit = dialect.do_commit

    def commit_and_lose_the_line(connection: Any) -> None:
        commit(connection)
        if not cut:
            cut.append(connection.driver_connection)
            connection.driver_connection.close()
            commit(connection)

    monkeypatch.setattr(dialect, "do_commit", commit_and_lose_the_line)
    try:
        store.issue("a", "d", b"r", b"a", issued=0, expires=60, most=1)
        grown = store.grown(0, None)
        assert grown is not None
        assert (len(cut), store.open_of("d", 0), grown.size) == (1, 1, 1)
        assert store.use("a", "land"), "it was not ended by itself"
        with pytest.raises(PresenceRefused, match="too-many-open"):
            store.issue("b", "d", b"other", b"b", issued=0, expires=60, most=1)
    finally:
        storage.close()


def test_what_fails_half_way_leaves_no_trace(node: Node) -> None:
    one = node()
    issue(one, "a")

    def fails(_standing: Standing) -> tuple[bytes, None]:
        raise RuntimeError("the security module is away")

    with pytest.raises(RuntimeError):
        one.append_after(b"a", fails)
    with pytest.raises(DatabaseTrouble):
        issue(one, "a", b"another")
    grown = one.grown(0, None)
    assert grown is not None
    assert grown.size == 1
    issue(one, "b")
