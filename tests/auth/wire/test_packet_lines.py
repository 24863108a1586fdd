"""Real packets are lost, late, overtaken, doubled and swallowed; TCP makes of it what it does in a kernel (row N11).

Desk and register are one process in a network of its own (``tests/peers/packet_desk.py``), with a line for each test.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "tests" / "peers" / "packet_desk.py"
PATIENCE_S = 90.0
# Where the first is refused, as to root in some containers, a user's own namespace may not be.
WAYS = (("unshare", "--net"), ("unshare", "--user", "--map-root-user", "--net"))
# A second more, and it would be the caller who gave the loop up (``auth.wire.deadline``).
# Far more than a busy machine holds anything up, and far less than TCP goes on for by itself.
LATE_S = 10.0

Ask = Callable[..., dict[str, Any]]


class Desk:
    """The process, and what it said first."""

    def __init__(self, way: tuple[str, ...]) -> None:
        self._process = subprocess.Popen(
            [*way, sys.executable, PROGRAM, os.readlink("/proc/self/ns/net")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        # Whoever is refused a namespace says nothing here.
        self.cannot: str = self._heard().get("cannot", "namespaces are refused on this machine")

    def ask(self, family: int, seconds: float, **line: float) -> dict[str, Any]:
        """Have it look somebody up within so many seconds; return what came of it."""
        assert self._process.stdin is not None
        order = {"family": family, "seconds": seconds, "line": line}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return self._heard()

    def close(self) -> None:
        """End it: with nothing more to do it ends by itself, and what hangs is killed."""
        try:
            self._process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def _heard(self) -> dict[str, Any]:
        stdout = self._process.stdout
        assert stdout is not None
        if not select.select([stdout], [], [], PATIENCE_S)[0]:
            self._process.kill()
        said: dict[str, Any] = json.loads(stdout.readline() or b"{}")
        return said


@contextmanager
def _a_desk() -> Iterator[Desk | str]:
    """Start one, or tell why there is none."""
    why = "there are no network namespaces on this system"
    for way in WAYS if sys.platform == "linux" else ():
        try:
            desk = Desk(way)
        except FileNotFoundError:
            break
        try:
            if not desk.cannot:
                yield desk
                return
        finally:
            desk.close()
        why = desk.cannot
    yield why


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Return what has a desk look somebody up over a line; skip where the machine gives nobody a network and a TUN.

    Nothing that could be unpacked would give one to a container that has none, so it is no failure in CI either.
    """
    with _a_desk() as desk:
        if isinstance(desk, str):
            pytest.skip(desk)
        yield desk.ask


@pytest.mark.parametrize(
    ("family", "line", "seen"),
    [
        (4, {"every": 5}, "lost"),
        (6, {"every": 5}, "lost"),
        (4, {"held": 0.3, "twice": 0.3}, "held"),
        (4, {"dead_s": 0.5}, "lost"),
        (4, {"largest": 600, "says_so": True}, "too large"),
        (4, {"one_way_s": 1.0}, "carried"),
    ],
    ids=[
        "each fifth packet lost",
        "each fifth packet lost, IPv6",
        "out of order and doubled",
        "dead at first",
        "600 bytes, and says so",
        "round trip of 2 s",
    ],
)
def test_n11_what_tcp_can_mend_is_answered_with_one_effect(
    ask: Ask, family: int, line: dict[str, float], seen: str
) -> None:
    came = ask(family, 20.0, **line)
    assert came["state"] == "ANSWERED", came
    assert came["fates"].get(seen, 0) > 0, "it was as bad as that"
    assert came["effects_in_all"] == 1
    assert came["took"] >= 6 * line.get("one_way_s", 0.0), "to connect, to shake hands and to ask: a round trip each"


@pytest.mark.parametrize("family", [4, 6])
def test_n11_a_line_that_swallows_what_is_larger_than_1280_bytes_is_given_nothing_larger(ask: Ask, family: int) -> None:
    came = ask(family, 20.0, largest=1_280)
    assert (came["state"], came["effects_in_all"]) == ("ANSWERED", 1), came
    assert "too large" not in came["fates"], "neither there nor back, since both ends go by the smaller"


@pytest.mark.parametrize(
    ("family", "seconds", "line", "seen", "before"),
    [
        (4, 1.0, {"dead_s": 600.0}, "lost", 0),
        (6, 1.0, {"one_way_s": 0.6}, "carried", 0),
        (4, 1.0, {"largest": 1_000}, "too large", 0),
        (4, 2.0, {"loses_answers": True}, "lost", 1),
    ],
    ids=["black hole", "late, IPv6", "large packets vanish", "the answer is lost"],
)
def test_n11_what_is_not_answered_in_time_waits_and_has_one_effect(
    ask: Ask, family: int, seconds: float, line: dict[str, float], seen: str, before: int
) -> None:
    came = ask(family, seconds, **line)
    assert (came["state"], came["failure"]) == ("QUEUED", "register-timeout"), came
    assert came["fates"].get(seen, 0) > 0, "it was as bad as that"
    assert seconds <= came["took"] < seconds + LATE_S
    assert came["effects"] == before, "where the answer alone was lost the register had let the desk look"
    assert (came["answered_later"], came["effects_in_all"]) == (1, 1)


@pytest.mark.parametrize("family", [4, 6])
def test_n11_with_30_percent_lost_each_way_it_is_answered_or_waits_and_has_one_effect(ask: Ask, family: int) -> None:
    came = ask(family, 2.0, loss=0.3)
    assert came["fates"]["lost"] > 0
    assert came["took"] < 2.0 + LATE_S
    assert came["state"] == "ANSWERED" or (came["state"], came["answered_later"]) == ("QUEUED", 1), came
    assert came["effects_in_all"] == 1
