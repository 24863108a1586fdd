"""How many whole reads with all checks one core does a second, and where its time goes.

A card of 2021 with 256-bit curves and short lengths, issued once; every read puts it on a fresh chip. The portrait's
own process and the registers are left out. Rates are by CPU time of all threads, so other work on the machine does not
count, and once by the clock with the process held to one core.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.figure import Figure
from benchmarks.inspection_request import request_for
from mock_cards.build import CardFactory
from mock_cards.card import EmulatedCard
from reader.inspection import inspect
from reader.iso7816 import CommandAPDU, ResponseAPDU
from reader.trust import TrustMaterial

__all__ = ["figures"]

PERSONA = "nguyen-van-mau"
ROUNDS = 40
READS_GOAL = 8.0
START_GOAL_MS = 100.0


def figures() -> list[Figure]:
    """Read the card over and over; figures are of medians."""
    factory = CardFactory("benchmark")
    _read(factory)
    with _one_core():
        spent = [_read(factory) for _ in range(ROUNDS)]
    cpu, inside, wall = (statistics.median(column) for column in zip(*spent, strict=True))
    return [
        Figure("whole reads a second of CPU time", 1 / cpu, "reads/s", READS_GOAL, at_least=True),
        Figure("whole reads a second by the clock, one core", 1 / wall, "reads/s"),
        Figure("CPU time of a read", 1000 * cpu, "ms"),
        Figure("of it in the card", 1000 * inside, "ms"),
        Figure("of it in the reader", 1000 * (cpu - inside), "ms"),
        *_starts(),
    ]


class _Timed:
    """Add up the CPU time that this thread spends inside the card."""

    def __init__(self, card: EmulatedCard) -> None:
        self.card = card
        self.atr = card.atr
        self.cpu = 0.0

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Hand ``command`` on."""
        begin = time.thread_time()
        try:
            return self.card.transmit(command)
        finally:
            self.cpu += time.thread_time() - begin


def _read(factory: CardFactory) -> tuple[float, float, float]:
    """Read once; return the CPU seconds of all threads, those inside the card, and the seconds by the clock."""
    wall, cpu = time.perf_counter(), time.process_time()
    built = factory.build(PERSONA)
    built.card.power_on()
    timed = _Timed(built.card)
    request = request_for(built, TrustMaterial.of(factory.anchors))
    inspection = inspect(timed, request)
    if inspection.decision.value != "proceed":
        raise AssertionError("a genuine card did not pass")
    return time.process_time() - cpu, timed.cpu, time.perf_counter() - wall


def _starts() -> Iterator[Figure]:
    """Measure from nothing but the imported modules to a powered card that answers."""
    for name, persona, goal in (
        ("a first card from an issuer of its own", PERSONA, START_GOAL_MS),
        ("the same with an RSA key of its own", "tran-minh-thu", 0.0),
    ):
        yield Figure(name, 1000 * statistics.median(_start(CardFactory(), persona) for _ in range(15)), "ms", goal)
    factory = CardFactory()
    _start(factory, PERSONA)
    again = statistics.median(_start(factory, PERSONA) for _ in range(ROUNDS))
    yield Figure("a card that was issued before", 1000 * again, "ms", START_GOAL_MS)


def _start(factory: CardFactory, persona: str) -> float:
    begin = time.perf_counter()
    card = factory.build(persona).card
    card.power_on()
    if card.transmit(CommandAPDU(0x00, 0xB0, 0x9C, 0x00, ne=256)).sw != 0x9000:
        raise AssertionError("the card does not answer")
    return time.perf_counter() - begin


@contextmanager
def _one_core() -> Iterator[None]:
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
