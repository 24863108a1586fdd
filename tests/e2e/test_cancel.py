"""Cancelled between any two commands: nothing more is sent, no key stays in memory, and the part is marked (LF-09)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from reader.access.pace import PaceResult, _Agreed, _Run
from reader.access.secure_messaging import SessionKeys
from reader.errors import Cancelled
from reader.files import ReadCache, ReadOutcome
from reader.inspection import inspect
from reader.iso7816 import CardLink, CommandAPDU, ResponseAPDU, atr_of

Bench = Any  # lives in conftest.py, which cannot be imported from here
Left = Callable[..., list[str]]

PERSONA = "pham-thi-mau"
# After the last one there is nothing left to cancel.
COMMANDS = range(1, 90)
HOLD_KEYS = (SessionKeys, PaceResult, _Agreed, _Run)


class CancelAt:
    """Set a cancel event in the middle of one command."""

    def __init__(self, link: CardLink, at: int) -> None:
        self.link, self.at, self.sent = link, at, 0
        self.cancel = threading.Event()
        self.atr = atr_of(link)

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.sent += 1
        if self.sent == self.at:
            self.cancel.set()
        return self.link.transmit(command)


def cancelled_at(bench: Bench, at: int) -> ReadCache | None:
    """Cancel an inspection in the middle of command ``at``; return what it handed over."""
    card = bench.build(PERSONA)
    link = CancelAt(card.card, at)
    kept: list[ReadCache] = []
    ended = False
    # Not by pytest.raises: it would keep the frames, and with them what they hold.
    try:
        inspect(link, bench.request(card), cancel=link.cancel, keep=kept.append)
    except Cancelled:
        ended = True
    assert ended, at
    assert link.sent == at
    return kept[0] if kept else None


def cancelled_at_each(bench: Bench, left: Left, commands: range) -> None:
    for at in commands:
        kept = cancelled_at(bench, at)
        assert left() == [], at
        if kept is not None:
            assert {read.outcome for read in kept.reads} <= {ReadOutcome.COMPLETE, ReadOutcome.INTERRUPTED}


def test_at_a_sample_of_commands(bench: Bench, left_since: Callable[..., Left]) -> None:
    cancelled_at_each(bench, left_since(*HOLD_KEYS), COMMANDS[::12])


@pytest.mark.soak
def test_at_every_command(bench: Bench, left_since: Callable[..., Left]) -> None:
    cancelled_at_each(bench, left_since(*HOLD_KEYS), COMMANDS)


def test_the_file_that_was_being_read_is_a_part_and_the_ones_before_are_whole(bench: Bench) -> None:
    kept = cancelled_at(bench, 60)
    assert kept is not None
    assert [read.file.label for read in kept.reads if read.outcome is ReadOutcome.INTERRUPTED] == ["EF.DG2"]
    assert all(read.complete for read in kept.reads if read.file.label != "EF.DG2")


def test_while_a_channel_is_open_its_keys_are_found(bench: Bench, left_since: Callable[..., Left]) -> None:
    """The search would prove nothing if it found nothing in the middle of a reading."""
    left = left_since(*HOLD_KEYS)
    card = bench.build(PERSONA)
    seen: list[str] = []
    inspect(card.card, bench.request(card), on_event=lambda _: seen.extend(left(garbage_too=True) if not seen else []))
    assert "SessionKeys" in seen
    del card
    assert left() == []
