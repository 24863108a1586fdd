"""The sandbox's database: how long a million people take to be written, and that none of them takes longer to find.

The small and the large database are asked in turns, so that whatever else the machine does falls on both alike; and
everybody is asked about once before, for what is measured is the way to a row and not the disk.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

from benchmarks.figure import Figure
from benchmarks.population import KINDS, databases, filled
from mock_registers.filling import FillOrder, Invention
from mock_registers.messages import Citizen
from mock_registers.storage import Storage

FEW = FillOrder(1_000, 2_000)
MANY = FillOrder(1_000_000, 2_000_000)
ROUNDS = 2_000
FILL_GOAL_S = 900
RATIO_GOAL = 1.5


def figures(few: FillOrder = FEW, many: FillOrder = MANY, rounds: int = ROUNDS) -> list[Figure]:
    """Fill both sizes on both databases; times are medians."""
    return [figure for kind in KINDS for figure in _on(kind, few, many, rounds)]


def _on(kind: str, few: FillOrder, many: FillOrder, rounds: int) -> Iterator[Figure]:
    name = KINDS[kind]
    with databases(kind, 2) as (small, large):
        filled(small, few)
        report = filled(large, many)
        yield Figure(f"{name}: {many.persons:,} persons and {many.parcels:,} parcels", report.seconds, "s", FILL_GOAL_S)
        storages = Storage(small), Storage(large)
        try:
            for what, ask in (("person", Storage.find_person), ("holdings", Storage.find_holdings)):
                first, second = _in_turns(storages, (few, many), ask, rounds)
                yield Figure(f"{name}: {what} among {few.persons:,}", first, "ms")
                yield Figure(f"{name}: {what} among {many.persons:,}", second, "ms")
                yield Figure(f"{name}: {what}, many against few", second / first, "times", RATIO_GOAL)
        finally:
            for storage in storages:
                storage.close()


def _in_turns(
    storages: tuple[Storage, Storage],
    orders: tuple[FillOrder, FillOrder],
    ask: Callable[[Storage, Citizen], object],
    rounds: int,
) -> tuple[float, float]:
    """Return the median milliseconds of a look-up in each, people taken from all over it."""
    times: tuple[list[float], list[float]] = ([], [])
    asked = [_citizens(order, rounds) for order in orders]
    for storage, citizens in zip(storages, asked, strict=True):
        for citizen in citizens:
            ask(storage, citizen)
    for both in zip(*asked, strict=True):
        for storage, citizen, taken in zip(storages, both, times, strict=True):
            begin = time.perf_counter()
            found = ask(storage, citizen)
            taken.append(1_000 * (time.perf_counter() - begin))
            assert found is not None
    return statistics.median(times[0]), statistics.median(times[1])


def _citizens(order: FillOrder, number: int) -> list[Citizen]:
    invention = Invention(order)
    people = (invention.person(place * 7_919 % order.persons) for place in range(number))
    return [
        Citizen(personal_number=one.personal_number, full_name=one.full_name, date_of_birth=one.date_of_birth)
        for one in people
    ]
