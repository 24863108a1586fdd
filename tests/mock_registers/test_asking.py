"""One statement is one word to the database; a connection that died in the pool costs nothing but a new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import bindparam, event, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from mock_registers.asking import ask, say
from mock_registers.database_errors import DatabaseUnreachable
from mock_registers.storage import Storage
from mock_registers.tables import CheckpointRow

WRITE = insert(CheckpointRow)
FIRST = {"register": "land", "device_key": "one", "note": "first"}
READ = select(CheckpointRow.note).where(CheckpointRow.device_key == bindparam("device"))
CHANGE = update(CheckpointRow).where(CheckpointRow.device_key == bindparam("device")).values(note=bindparam("new"))


@pytest.fixture
def storage(database_url: str) -> Iterator[Storage]:
    opened = Storage(database_url)
    yield opened
    opened.close()


def _listen(storage: Storage) -> list[str]:
    """Return the first words of what is sent to the database from now on."""
    words: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        words.append(statement.split()[0])

    event.listen(storage.database.engine, "before_cursor_execute", listen)
    return words


def _notes(storage: Storage) -> list[str]:
    return [row.note for row in ask(storage.engine, READ, {"device": "one"})]


def test_one_statement_is_sent_alone_and_counts(storage: Storage) -> None:
    sent = _listen(storage)
    assert say(storage.engine, WRITE, FIRST) == 1
    assert _notes(storage) == ["first"]
    assert say(storage.engine, CHANGE, {"device": "one", "new": "second"}) == 1
    assert say(storage.engine, CHANGE, {"device": "nobody", "new": "third"}) == 0
    assert [row.note for row in storage.database.ask(READ, {"device": "one"})] == ["second"]
    assert sent == ["INSERT", "SELECT", "UPDATE", "UPDATE", "SELECT"]


def test_what_the_database_refuses_is_said_once(storage: Storage) -> None:
    sent = _listen(storage)
    say(storage.engine, WRITE, FIRST)
    with pytest.raises(IntegrityError):
        say(storage.engine, WRITE, FIRST)
    assert sent == ["INSERT", "INSERT"]
    assert _notes(storage) == ["first"]


def test_a_transaction_still_begins_and_is_whole_or_not_at_all(storage: Storage) -> None:
    sent = _listen(storage)

    def fail_in_the_middle() -> None:
        with storage.engine.begin() as connection:
            connection.execute(WRITE, FIRST)
            connection.execute(WRITE, FIRST)

    with pytest.raises(IntegrityError):
        fail_in_the_middle()
    assert sent == ["BEGIN", "INSERT", "INSERT"]
    assert _notes(storage) == []
    with storage.engine.begin() as connection:
        connection.execute(WRITE, FIRST)
    assert _notes(storage) == ["first"]


@pytest.fixture
def cut_off(postgres: Any) -> Iterator[tuple[Storage, Any]]:
    """Return a storage with several connections in its pool, and what cuts all of them, as a restart does."""
    name = postgres.create_database()
    storage = Storage(postgres.url(name))
    ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
    with postgres.connect() as admin:

        def cut() -> int:
            connections = [storage.engine.connect() for _ in range(3)]
            for connection in connections:
                connection.close()
            return sum(gone for (gone,) in admin.execute(ended, [name]).fetchall())

        yield storage, cut
    storage.close()
    postgres.drop_database(name)


def test_a_read_finds_another_connection_where_the_pools_have_died(cut_off: tuple[Storage, Any]) -> None:
    storage, cut = cut_off
    say(storage.engine, WRITE, FIRST)
    for _ in range(2):
        assert cut() >= 3
        assert _notes(storage) == ["first"]


def test_a_write_finds_another_connection_and_happens_once(cut_off: tuple[Storage, Any]) -> None:
    storage, cut = cut_off
    assert cut() >= 3
    sent = _listen(storage)
    assert say(storage.engine, WRITE, FIRST) == 1
    assert sent == ["INSERT", "INSERT"]
    assert _notes(storage) == ["first"]


def test_a_transaction_begins_on_another_connection(cut_off: tuple[Storage, Any]) -> None:
    storage, cut = cut_off
    assert cut() >= 3
    sent = _listen(storage)
    with storage.engine.begin() as connection:
        connection.execute(WRITE, FIRST)
    assert sent == ["BEGIN", "BEGIN", "INSERT"]
    assert _notes(storage) == ["first"]


def test_a_transaction_that_was_cut_in_its_middle_is_not_begun_again(cut_off: tuple[Storage, Any]) -> None:
    storage, cut = cut_off

    def cut_in_the_middle() -> None:
        with storage.engine.begin() as connection:
            connection.execute(WRITE, FIRST)
            assert cut() >= 3
            connection.execute(CHANGE, {"device": "one", "new": "second"})

    with pytest.raises(OperationalError):
        cut_in_the_middle()
    assert _notes(storage) == []


def test_a_server_that_stays_away_is_unreachable(cut_off: tuple[Storage, Any]) -> None:
    storage, cut = cut_off
    cut()
    # New connections are looked for where nobody is.
    event.listen(storage.database.engine, "do_connect", _to_nowhere)
    with pytest.raises(DatabaseUnreachable):
        storage.database.ask(READ, {"device": "one"})


def _to_nowhere(_dialect: object, _record: object, _arguments: object, named: dict[str, Any]) -> None:
    named["host"] = "/nowhere"
