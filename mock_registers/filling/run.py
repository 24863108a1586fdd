"""Fill a database with a whole population: in portions that are in it whole or not at all, and gone on with later.

However it ends (cancelled, killed, out of room), the database holds whole households and knows how many; the same
order again goes on from there. Memory stays flat: no more than one portion is held.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from threading import Event
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from mock_registers.database import Database
from mock_registers.database_errors import FillConflict
from mock_registers.fill_tables import FillRow
from mock_registers.filling.household import HOUSEHOLD
from mock_registers.filling.invention import FillOrder, Invention
from mock_registers.filling.series import EDITION, SERIES, Drawn, Row, Series

__all__ = ["PORTION", "FillProgress", "FillReport", "fill"]

PORTION = 1_000
"""Households in one transaction: what is lost at most, and what is in memory at most."""
_ONLY = 1


@dataclass(frozen=True, slots=True)
class FillProgress:
    """Tell how far a fill is; ``seconds`` since this run began, ``left`` of them by the pace so far."""

    persons: int
    parcels: int
    seconds: float
    left: float


@dataclass(frozen=True, slots=True)
class FillReport:
    """Tell how a run ended: whether all are in the database, how many were before this run and how many are now."""

    finished: bool
    households_before: int
    households: int
    seconds: float


class _Stopped(Exception):
    """Leave a portion in its middle."""


def fill(
    database: Database,
    order: FillOrder,
    *,
    replace: bool = False,
    progress: Callable[[FillProgress], None] | None = None,
    cancel: Event | None = None,
) -> FillReport:
    """Write what is missing of ``order``; ``replace`` removes whatever population is there before.

    ``cancel`` ends the run after the household in hand, without the portion begun. Raise FillConflict where another
    population is in the database or another run is writing this one, DatabaseTrouble where the database fails.
    """
    started = time.monotonic()
    done = before = _begin(database, order, replace=replace)
    invention = Invention(order)
    while done < order.households and not _is_set(cancel):
        until = min(done + PORTION, order.households)
        try:
            _write(database, invention, range(done, until), cancel)
        except _Stopped:
            break
        done = until
        if progress is not None:
            progress(_progress(order, before, done, time.monotonic() - started))
    finished = done == order.households
    if finished and before < done:
        # The planner of PostgreSQL knows nothing of new rows until it is told; nor does SQLite's.
        with database.transaction() as connection:
            connection.execute(text("ANALYZE"))
    return FillReport(finished, before, done, time.monotonic() - started)


def _is_set(cancel: Event | None) -> bool:
    return cancel is not None and cancel.is_set()


def _begin(database: Database, order: FillOrder, *, replace: bool) -> int:
    """Return how many households are there already; raise FillConflict for those of another order."""
    with database.alone() as connection:
        if replace:
            for series in reversed(SERIES):
                connection.execute(delete(series.table))
            connection.execute(delete(FillRow))
        known = connection.execute(
            select(FillRow.seed, FillRow.persons, FillRow.parcels, FillRow.done, FillRow.edition)
        ).one_or_none()
        if known is None:
            connection.execute(
                insert(FillRow).values(
                    number=_ONLY,
                    seed=order.seed,
                    persons=order.persons,
                    parcels=order.parcels,
                    households=order.households,
                    done=0,
                    edition=EDITION,
                )
            )
            return 0
        if (known.seed, known.persons, known.parcels) != (order.seed, order.persons, order.parcels):
            there = f"{known.persons} persons, {known.parcels} parcels, seed {known.seed}"
            raise FillConflict(database.place, there)
        if known.edition != EDITION:
            raise FillConflict(database.place, "the same people, by another version of this program")
        return int(known.done)


def _write(database: Database, invention: Invention, numbers: range, cancel: Event | None) -> None:
    households = []
    for number in numbers:
        if _is_set(cancel):
            raise _Stopped
        households.append(Drawn.of(invention.household(number)))
    with database.transaction() as connection:
        # First, so that a second run on the same database waits here, and then sees that it is one too many.
        moved = connection.execute(update(FillRow).where(FillRow.done == numbers.start).values(done=numbers.stop))
        if moved.rowcount != 1:
            raise FillConflict(database.place, "another fill is running")
        for series in SERIES:
            _load(connection, series, [*chain.from_iterable(map(series.rows, households))])


def _load(connection: Connection, series: Series, rows: Sequence[Row]) -> None:
    """Write rows the quickest way that the database has."""
    if not rows:
        return
    columns = series.table.columns.keys()
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {series.table.name} ({names}) FROM STDIN", rows)
        return
    places = ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {series.table.name} ({names}) VALUES ({places})", [*rows])  # noqa: S608  # our own names of tables and columns


def _copy(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    """Write rows by COPY; raise DBAPIError for what the driver says, as for any other statement."""
    # Any: SQLAlchemy hands on the driver's connection without its type.
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(statement, None, error, hide_parameters=True) from None


def _progress(order: FillOrder, before: int, done: int, seconds: float) -> FillProgress:
    left = seconds / (done - before) * (order.households - done)
    parcels = done * order.parcels // order.households
    return FillProgress(min(done * HOUSEHOLD, order.persons), parcels, seconds, left)
