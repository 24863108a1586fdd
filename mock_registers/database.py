"""One database, SQLite or PostgreSQL, behind one way in: pooled connections, and errors without anybody's password."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Executable, Row, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from mock_registers.asking import WHOLE, ask, say_again_if_cut
from mock_registers.database_errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseEncoding,
    DatabaseFull,
    DatabaseRefused,
    DatabaseTooOld,
    DatabaseTrouble,
    DatabaseUnreachable,
    DatabaseUrlInvalid,
)

__all__ = ["CONNECTIONS", "IN_MEMORY", "OLDEST", "Database", "open_database", "trouble_of"]

IN_MEMORY = "sqlite://"
CONNECTIONS = 8
"""Most connections to a PostgreSQL server, from all threads of this process."""
OLDEST = {"postgresql": (13,), "sqlite": (3, 35)}

_QUESTIONS = 2
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
_KNOWN = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")
_MEMORY = (None, "", ":memory:")
_CONNECT_S = 5
_STATEMENT_MS = 5_000
# Two programs that write what must be written once (tables, personas) take turns by this lock of ours.
_LOCK = 0x6D6F74637561

_BY_SQLITE: dict[str, type[DatabaseTrouble]] = {
    "SQLITE_CANTOPEN": DatabaseUnreachable,
    "SQLITE_NOTADB": DatabaseDamaged,
    "SQLITE_CORRUPT": DatabaseDamaged,
    "SQLITE_BUSY": DatabaseBusy,
    "SQLITE_LOCKED": DatabaseBusy,
    "SQLITE_READONLY": DatabaseRefused,
    "SQLITE_FULL": DatabaseFull,
}
# PostgreSQL's SQLSTATE: the whole code where its class says too little (appendix A of its manual).
_BY_STATE: dict[str, type[DatabaseTrouble]] = {
    "28": DatabaseRefused,
    "3D": DatabaseRefused,
    "42501": DatabaseRefused,
    "25006": DatabaseRefused,
    "40": DatabaseBusy,
    "55": DatabaseBusy,
    "57014": DatabaseBusy,
    "53100": DatabaseFull,
    "53": DatabaseBusy,
    "08": DatabaseUnreachable,
    "57": DatabaseUnreachable,
}


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Database:
    """Hold one open database; ``place`` names it for people, without user and password."""

    engine: Engine
    place: str

    @property
    def in_memory(self) -> bool:
        """Tell whether the database is in this process's memory alone, and empty when opened."""
        return self.engine.dialect.name == "sqlite" and self.engine.url.database in _MEMORY

    @property
    def workers(self) -> int:
        """Return on how many threads beside the event loop the database is best asked; 0 for on the loop itself.

        What is in memory answers in less time than a thread takes to be told. A file has one writer, and another
        program may be it for a while. While a server works on one question another one is prepared; more threads than
        that only wait for one another, and a tenth of the look-ups in a second is lost to it.
        """
        if self.engine.dialect.name == "postgresql":
            return _QUESTIONS
        return 0 if self.in_memory else 1

    @property
    def writing_engine(self) -> Engine:
        """Return the engine whose transactions may write: on SQLite they take the write lock at their beginning."""
        return self.engine.execution_options(writes=True)

    def ask(self, statement: Executable, values: Mapping[str, object] | None = None) -> Sequence[Row[Any]]:
        """Return all rows of one SELECT, which sees one moment; raise DatabaseTrouble for whatever goes wrong."""
        with self._mapped():
            return ask(self.engine, statement, values)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that reads; raise DatabaseTrouble for whatever goes wrong."""
        with self._mapped(), Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session whose work is committed at the end, whole or not at all; raise DatabaseTrouble."""
        with self._mapped(), Session(self.writing_engine) as session, session.begin():
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection whose work is committed at the end, however long it takes; raise DatabaseTrouble."""
        with self._mapped(), self.writing_engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))
            yield connection

    def change(self, work: Callable[[Connection], T]) -> T:
        """Return what ``work`` returns, its changes committed whole or not at all; raise DatabaseTrouble.

        It must be work that may come twice: where the connection was cut in its middle, it is done once more.
        """

        def done() -> T:
            with self.writing_engine.begin() as connection:
                return work(connection)

        with self._mapped():
            return say_again_if_cut(done)

    @contextmanager
    def alone(self, *, patience_s: int = 30) -> Iterator[Connection]:
        """Give such a connection, and let no other program's ``alone`` run beside it.

        Raise DatabaseBusy where the other one takes longer than ``patience_s``, DatabaseTrouble for anything else.
        """
        with self.transaction() as connection:
            # On SQLite every transaction that writes is alone.
            if self.engine.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{int(patience_s)}s'"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Give a connection that reads; raise DatabaseTrouble."""
        with self._mapped(), self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            # Not chained: what a driver says may hold the connection, and that the password.
            raise trouble_of(error, self.place) from None


def open_database(database_url: str = IN_MEMORY) -> Database:
    """Open the database of an SQLAlchemy URL and see that it is one that works; SQLite in memory by default.

    ``postgresql://`` means psycopg too. Raise DatabaseUrlInvalid for another kind of database, DatabaseUnreachable,
    DatabaseRefused, DatabaseTooOld, DatabaseEncoding and DatabaseDamaged for what they say.
    """
    url = _url(database_url)
    try:
        database = Database(_engine(url), _place(url))
    except (ImportError, SQLAlchemyError, TypeError):
        raise DatabaseUrlInvalid(_place(url), "the driver is not installed or does not take this") from None
    try:
        with database.connected() as connection:
            _see_that_it_will_do(connection, database.place)
    except DatabaseTrouble:
        database.close()
        raise
    return database


def _url(database_url: str) -> URL:
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        # Not even shown: what does not parse may still hold a password.
        raise DatabaseUrlInvalid("the database") from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.drivername not in _KNOWN:
        raise DatabaseUrlInvalid(url.drivername)
    return url


def _place(url: URL) -> str:
    """Return what tells a reader which database it is; user, password and options stay out."""
    if url.get_backend_name() == "sqlite":
        return url.database or "the database in memory"
    host = url.host or url.query.get("host") or "the local socket"
    port = f":{url.port}" if url.port else ""
    return f"{url.database or 'the default database'} at {host}{port}"


def _engine(url: URL) -> Engine:
    # Parameters are hidden: they are somebody's number and name, and would stand in every error.
    if url.get_backend_name() == "postgresql":
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=_CONNECT_S,
            # Transactions begin where we say (below), and what is one statement needs none.
            isolation_level="AUTOCOMMIT",
            connect_args={
                "connect_timeout": _CONNECT_S,
                "application_name": "mock-registers",
                "client_encoding": "utf8",
            },
        )
        event.listen(engine, "connect", _bound_statements)
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    if url.database in _MEMORY:
        # One connection for all, handed from one to the next: each new one would open an empty database of its own.
        engine = create_engine(
            url,
            hide_parameters=True,
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            pool_timeout=_CONNECT_S,
            connect_args={"check_same_thread": False},
        )
    else:
        engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _bound_statements(connection: Any, _record: object) -> None:
    """Let no look-up hang in the server; Any: the driver's connection has no type that SQLAlchemy hands on."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {_STATEMENT_MS}")
    connection.commit()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Transactions begin where we say (below), and hold changes of tables too.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode not in ("wal", "memory"):
        # A second program that is starting may be doing the same: then it is done.
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")
    # With a write-ahead log a commit outlives the program without waiting for the disk, and a power cut takes no more
    # than the last of them; for a sandbox that is enough, and every look-up writes.
    connection.execute("PRAGMA synchronous = NORMAL")
    # In KiB: two million parcels come in at random places of their indices, and 2 MB hold few of these.
    connection.execute("PRAGMA cache_size = -65536")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the beginning where something will be written: a reader that becomes one may lose it."""
    options = connection.get_execution_options()
    if not options.get(WHOLE, False):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes", False) else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    """Begin, on another connection where this one died in the pool, as when the server was started anew.

    Nothing has been asked for yet, so nothing is asked twice; a question whether it still lives would cost as much as
    the statement that begins.
    """
    if not connection.get_execution_options().get(WHOLE, False):
        say_again_if_cut(lambda: connection.exec_driver_sql("BEGIN"))


def _see_that_it_will_do(connection: Connection, place: str) -> None:
    dialect = connection.dialect
    # Any: SQLAlchemy gives every dialect this, and types it nowhere.
    version: tuple[int, ...] = getattr(dialect, "server_version_info", None) or (0,)
    if version < OLDEST[dialect.name]:
        raise DatabaseTooOld(place, f"it is {'.'.join(map(str, version))}")
    if dialect.name == "postgresql":
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise DatabaseEncoding(place)
    else:
        # Reads the header: a file that is no database says so here.
        connection.execute(text("PRAGMA schema_version"))


def trouble_of(error: SQLAlchemyError, place: str) -> DatabaseTrouble:
    """Return what an error of SQLAlchemy or of a driver means, in our words and without theirs."""
    original = getattr(error, "orig", None)
    if isinstance(original, sqlite3.Error):
        name = getattr(original, "sqlite_errorname", None) or ""
        kind = next((kind for start, kind in _BY_SQLITE.items() if name.startswith(start)), DatabaseTrouble)
        return kind(place)
    state = getattr(original, "sqlstate", None)
    if state:
        return (_BY_STATE.get(state) or _BY_STATE.get(state[:2]) or DatabaseTrouble)(place, f"SQLSTATE {state}")
    if original is not None and "FATAL" in str(original):
        # The server answered, before there was a connection that could have had a state.
        return DatabaseRefused(place)
    if original is None and type(error).__name__ == "TimeoutError":
        return DatabaseBusy(place, "every connection is in use")
    return DatabaseUnreachable(place)
