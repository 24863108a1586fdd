"""A million people and two million parcels on both databases: written in minutes, found as fast as among few."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from mock_registers.filling import FillOrder, Invention, fill
from mock_registers.messages import Citizen
from mock_registers.storage import Storage

FEW, MANY = FillOrder(1_000, 2_000), FillOrder(1_000_000, 2_000_000)
MINUTES = 30
TIMES = 2.0


@contextmanager
def _filled(url: str, order: FillOrder) -> Iterator[Storage]:
    storage = Storage(url)
    try:
        assert fill(storage.database, order, replace=True).finished
        yield storage
    finally:
        storage.close()


def _medians(storage: Storage, order: FillOrder) -> tuple[float, float]:
    """Return the median seconds of finding a person, and of finding their parcels, each for the second time."""
    people = [Invention(order).person(number * 7_919 % order.persons) for number in range(1_000)]
    times: tuple[list[float], list[float]] = ([], [])
    for person in people:
        citizen = Citizen(
            personal_number=person.personal_number, full_name=person.full_name, date_of_birth=person.date_of_birth
        )
        for ask, taken in ((storage.find_person, times[0]), (storage.find_holdings, times[1])):
            ask(citizen)
            begin = time.perf_counter()
            found = ask(citizen)
            taken.append(time.perf_counter() - begin)
            assert found is not None
            assert found.personal_number == person.personal_number
    return statistics.median(times[0]), statistics.median(times[1])


@pytest.mark.soak
def test_a_million_are_written_in_minutes_and_found_as_fast_as_a_thousand(database_url: str) -> None:
    with _filled(database_url, FEW) as storage:
        few = _medians(storage, FEW)
    begin = time.monotonic()
    with _filled(database_url, MANY) as storage:
        assert time.monotonic() - begin < 60 * MINUTES
        with storage.database.connected() as connection:
            persons, parcels = (
                connection.execute(text(query)).scalar_one()
                for query in ("SELECT count(*) FROM persons", "SELECT count(*) FROM parcels")
            )
        many = _medians(storage, MANY)
    assert (persons, parcels) == (1_000_000, 2_000_000)
    assert many[0] < TIMES * few[0]
    assert many[1] < TIMES * few[1]
