"""What the sandbox answers in a second with everything on: TLS, clerks, sealing, signatures, and cards that prove it.

The registers run in a process of their own, as ``mock-registers serve``; the desks, who verify what they get, in this
one. Both share the machine's cores. Cards prove themselves beforehand, since people bring them to the desk while others
are being looked up; how fast the verifier and emulated chips do that stands beside it. The clock then runs for the
look-ups alone: a token and its proof of possession, a sealed and signed question with the card's proof in it, which
the register judges, and a sealed and signed answer with the receipt, each over a TLS connection of its own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.figure import Figure
from benchmarks.population import KINDS, databases, filled
from benchmarks.sandbox_desks import Card, Desk, Question, cards, desks_at_work
from mock_cards.build import CardFactory
from mock_registers.filling import FillOrder

T = TypeVar("T")

ORDER = FillOrder(20_000, 40_000)
# A device may have twenty challenges open in a minute.
DESKS, TAPS = 10, 20
AT_ONCE = 4
GOAL_PER_S = 60


def figures(order: FillOrder = ORDER) -> list[Figure]:
    """Serve each database to desks that ask as fast as they are answered."""
    made = []
    factory = CardFactory("bench")
    there = cards(factory)
    for kind, name in KINDS.items():
        with databases(kind) as (url,):
            filled(url, order)
            with desks_at_work(url, DESKS, factory.anchors) as (desks, registers):
                taps, lookups = _work(desks, there, registers)
        made += [
            Figure(
                f"{name}: look-ups, each with a proof, {AT_ONCE} at once", lookups.rate, "a second", GOAL_PER_S, True
            ),
            Figure("  CPU of the registers, one look-up", lookups.there, "ms"),
            Figure("  CPU of the desks, one look-up", lookups.here, "ms"),
            Figure(f"{name}: cards proven, challenge and emulated chip included", taps.rate, "a second"),
            Figure("  CPU of the verifier, one card", taps.there, "ms"),
            Figure("  CPU of desk and chip, one card", taps.here, "ms"),
        ]
    return made


@dataclass(frozen=True, slots=True)
class _Pace:
    """Hold how many were done in a second, and the CPU milliseconds of each, here and in the registers' process."""

    rate: float
    here: float
    there: float


def _work(desks: list[Desk], there: tuple[Card, ...], registers: int) -> tuple[_Pace, _Pace]:
    """Return the pace of the taps, and that of the look-ups."""
    with ThreadPoolExecutor(AT_ONCE) as pool:

        def prove(number: int) -> list[Question]:
            return there[number % len(there)].prove(desks[number % len(desks)])

        # Everybody's first question is not timed: tokens are fetched then, and cards are issued.
        numbers = range(max(len(desks), len(there)))
        for question in [question for number in numbers for question in prove(number)]:
            assert question()
        numbers = range(len(numbers), len(desks) * TAPS)
        taps, tapping = _timed(lambda: list(pool.map(prove, numbers)), registers)
        asked = [question for tap in taps for question in tap]
        known, asking = _timed(lambda: list(pool.map(lambda question: question(), asked)), registers)
    assert all(known)
    return tapping, asking


def _timed(work: Callable[[], list[T]], registers: int) -> tuple[list[T], _Pace]:
    begin, here, there = time.perf_counter(), time.process_time(), _cpu_s(registers)
    done = work()
    seconds, here, there = time.perf_counter() - begin, time.process_time() - here, _cpu_s(registers) - there
    return done, _Pace(len(done) / seconds, 1000 * here / len(done), 1000 * there / len(done))


def _cpu_s(process: int) -> float:
    """Return the CPU seconds of another process so far (proc(5): user and system time, in clock ticks)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
