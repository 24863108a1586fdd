"""What a presence verifier remembers of booklets in the registers' database: counted and logged, or neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select

from auth.presence import Page, PresenceRefused, Reason
from auth.presence.page_store import FORGOTTEN_AFTER_S, FORGOTTEN_AT_ONCE
from mock_registers.database_errors import DatabaseTrouble
from mock_registers.presence_pages import DatabasePages
from mock_registers.presence_store import DatabaseStore
from mock_registers.presence_tables import NodeRow, PageRow, PageTakenRow
from mock_registers.storage import Storage

MOST = 20
ROOT = b"r" * 32


@dataclass
class Node:
    """One node of a verifier: its log, and its booklets in the same database."""

    storage: Storage
    store: DatabaseStore
    pages: DatabasePages

    def give(self, *names: str, device: str = "d", now: int = 0) -> None:
        pages = [Page(name, name.encode()) for name in names]
        self.pages.give(device, pages, now=now, expires=now + 60, most=MOST)

    def refused(self, jti: str, audience: str, counter: int, root: bytes = ROOT, device: str = "d") -> Reason | None:
        try:
            self.pages.use((jti, device, audience, counter, root))
        except PresenceRefused as refused:
            return refused.reason
        return None

    @property
    def remembered(self) -> tuple[int, int]:
        with self.storage.database.connected() as connection:
            pages, taken = (
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (PageRow, PageTakenRow)
            )
        return pages, taken

    @property
    def logged(self) -> int:
        grown = self.store.grown(0, None)
        assert grown is not None
        return grown.size


@pytest.fixture
def node(database_url: str) -> Iterator[Callable[[], Node]]:
    """Return a function that opens another node on one database."""
    opened: list[Storage] = []

    def another() -> Node:
        storage = Storage(database_url)
        opened.append(storage)
        store = DatabaseStore(storage.database)
        return Node(storage, store, DatabasePages(store))

    yield another
    for storage in opened:
        storage.close()


def test_pages_that_could_not_be_logged_are_not_counted(node: Callable[[], Node]) -> None:
    one = node()
    # The place in the log at which the fifth page would stand is taken: four are counted and logged before it fails.
    taken = {"place": 4 << 6, "hash": b"h" * 32}
    with one.storage.database.transaction() as connection:
        connection.execute(insert(NodeRow), taken)
    with pytest.raises(DatabaseTrouble):
        one.give(*(f"p{number}" for number in range(MOST)))
    assert one.logged == 0
    assert one.refused("p0", "land", 1) is Reason.TOKEN_INVALID, "nobody was given it"
    with one.storage.database.transaction() as connection:
        connection.execute(delete(NodeRow))
    one.give(*(f"p{number}" for number in range(MOST)))
    assert one.logged == MOST
    with pytest.raises(PresenceRefused, match="too-many-open"):
        one.give("more")
    assert one.logged == MOST, "what was refused is not logged"


def test_a_device_holds_so_many_pages_and_no_more_on_all_nodes_together(node: Callable[[], Node]) -> None:
    nodes = [node(), node()]

    def ask(number: int) -> bool:
        try:
            nodes[number % 2].give(f"a{number}", f"b{number}")
        except PresenceRefused as refused:
            return refused.reason is not Reason.TOO_MANY_OPEN
        return True

    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(ask, range(MOST)))
    assert 2 * given.count(True) == MOST == nodes[0].logged
    nodes[1].give("other", device="e")
    nodes[1].give("later", now=61)


def test_a_page_is_taken_once_by_each_register_on_whatever_node(node: Callable[[], Node]) -> None:
    one, other = node(), node()
    one.give("a", "b", "c")
    assert other.refused("a", "land", 7) is None
    assert one.refused("a", "land", 7) is Reason.ALREADY_USED
    assert one.refused("a", "population", 8) is Reason.ALREADY_USED, "one tap has one counter"
    assert one.refused("a", "population", 7, b"o" * 32) is Reason.ALREADY_USED, "and its requests"
    assert one.refused("a", "population", 7) is None
    assert other.refused("b", "land", 7) is Reason.COUNTER_BACK
    assert other.refused("b", "land", 9) is None
    assert one.refused("c", "land", 8) is Reason.COUNTER_BACK
    assert one.refused("nobody's", "land", 10) is Reason.TOKEN_INVALID


def test_of_nodes_that_take_a_page_at_once_one_does(node: Callable[[], Node]) -> None:
    nodes = [node() for _ in range(3)]
    nodes[0].give("a")
    with ThreadPoolExecutor(6) as pool:
        came = list(pool.map(lambda number: nodes[number % 3].refused("a", "land", 7), range(12)))
    assert came.count(None) == 1
    assert set(came) == {None, Reason.ALREADY_USED}


def test_pages_whose_connection_is_cut_behind_the_commit_are_given_once(
    node: Callable[[], Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = node()
    dialect, cut = one.storage.engine.dialect, []
    commit = dialect.do_commit

    def commit_and_lose_the_line(connection: Any) -> None:
        commit(connection)
        if not cut:
            cut.append(connection.driver_connection)
            connection.driver_connection.close()
            commit(connection)

    monkeypatch.setattr(dialect, "do_commit", commit_and_lose_the_line)
    one.give(*(f"p{number}" for number in range(MOST)))
    assert (len(cut), one.logged) == (1, MOST)
    assert one.refused("p0", "land", 1) is None


def test_pages_that_expired_long_ago_are_forgotten_and_do_not_add_up(node: Callable[[], Node]) -> None:
    nodes, most = [node(), node()], 0
    for booklet in range(50):
        one, names = nodes[booklet % 2], [f"{booklet}-{number}" for number in range(MOST)]
        one.give(*names, now=booklet * (61 + FORGOTTEN_AFTER_S))
        assert one.refused(names[0], "land", booklet) is None
        most = max(most, one.remembered[0])
    assert (most, one.remembered) == (MOST, (MOST, 1))


def test_what_was_taken_is_kept_as_long_as_the_page_is_and_never_taken_anew(node: Callable[[], Node]) -> None:
    one = node()
    one.give("a", "b")
    assert one.refused("a", "land", 1) is None
    one.give("c", now=60 + FORGOTTEN_AFTER_S)
    assert one.remembered == (3, 1)
    assert one.refused("a", "land", 2) is Reason.ALREADY_USED
    one.give("d", now=61 + FORGOTTEN_AFTER_S)
    assert one.remembered == (2, 0)
    assert one.refused("a", "land", 2) is Reason.TOKEN_INVALID
    assert one.refused("c", "land", 1) is Reason.COUNTER_BACK, "how far the device had counted stays known"


def test_one_call_forgets_so_many_and_the_next_goes_on(node: Callable[[], Node]) -> None:
    one, old = node(), FORGOTTEN_AT_ONCE + 1
    rows = [{"jti": f"old-{number}", "device_key": "e", "expires": 0} for number in range(old)]
    with one.storage.database.transaction() as connection:
        connection.execute(insert(PageRow), rows)
    one.give("a", now=FORGOTTEN_AFTER_S + 1)
    assert one.remembered == (2, 0)
    one.give("b", now=FORGOTTEN_AFTER_S + 1)
    assert one.remembered == (2, 0)
