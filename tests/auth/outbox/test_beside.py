"""Looking at an outbox beside the program that has it open: one moment of it, whole, and nothing is changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from auth.errors import OutboxUnusable
from auth.outbox import Event, Letter, Outbox, OutboxBeside, State
from auth.outbox.lock import in_use

LetterOf = Callable[..., Letter]


def test_it_shows_what_the_open_outbox_holds(outbox: Outbox, file: Path, box: Any, letter_of: LetterOf) -> None:
    first, second = outbox.put(letter_of("H-1")), outbox.put(letter_of("H-2"))
    outbox.happen(second, Event.FREEZE, "revoked")
    with OutboxBeside(file, box, "desk-1") as beside:
        assert beside.items() == outbox.items()
        assert beside.items(State.QUEUED) == [first]
        assert beside.overview() == outbox.overview()
        assert beside.frozen() == outbox.frozen()


def test_it_stays_at_its_moment_while_the_desk_goes_on(
    outbox: Outbox, file: Path, box: Any, letter_of: LetterOf
) -> None:
    outbox.put(letter_of("H-1"))
    with OutboxBeside(file, box, "desk-1") as beside:
        before = beside.overview()
        for number in range(5):
            outbox.put(letter_of(f"H-{number}"))
        outbox.happen_to_all(outbox.numbers(State.QUEUED), Event.FREEZE, "revoked")
        assert beside.overview() == before
        assert [item.number for item in beside.items()] == [1]
        assert beside.frozen() == []
    with OutboxBeside(file, box, "desk-1") as later:
        assert later.overview() == outbox.overview()


def test_it_is_whole_at_whatever_moment_it_looks(outbox: Outbox, file: Path, box: Any, letter_of: LetterOf) -> None:
    ended = threading.Event()
    done = 0

    def work() -> None:
        nonlocal done
        while not ended.is_set():
            item = outbox.put(letter_of(f"H-{done % 3}"))
            if done % 2:
                outbox.happen(item, Event.FREEZE, "revoked")
            done += 1

    outbox.put(letter_of())
    desk = threading.Thread(target=work)
    desk.start()
    try:
        for _ in range(40):
            with OutboxBeside(file, box, "desk-1") as beside:
                overview, items = beside.overview(), beside.items()
            assert sum(overview.counts.values()) == len(items)
            assert [item.number for item in items] == list(range(1, len(items) + 1))
    finally:
        ended.set()
        desk.join()
    assert done > 0


def test_nothing_is_changed_by_looking(outbox: Outbox, file: Path, box: Any, letter_of: LetterOf) -> None:
    outbox.put(letter_of())
    before = file.read_bytes(), file.with_name("outbox.db-wal").read_bytes()
    with OutboxBeside(file, box, "desk-1") as beside:
        beside.items()
        beside.frozen()
    assert (file.read_bytes(), file.with_name("outbox.db-wal").read_bytes()) == before
    outbox.put(letter_of("H-9"))


def test_whether_somebody_has_it_open_is_told_and_the_lock_left_alone(
    open_outbox: Callable[..., Outbox], file: Path
) -> None:
    assert not in_use(file)
    outbox = open_outbox()
    assert in_use(file)
    assert in_use(file)
    outbox.close()
    assert not in_use(file)
    open_outbox()


def test_a_locked_key_and_a_damaged_file_are_told_and_the_file_is_left_as_it_is(
    open_outbox: Callable[..., Outbox], file: Path, box: Any, other_box: Any, letter_of: LetterOf
) -> None:
    with closing(open_outbox()) as outbox:
        outbox.put(letter_of())
    with pytest.raises(OutboxUnusable, match="key-locked"):
        OutboxBeside(file, other_box, "desk-1")
    whole = file.read_bytes()
    file.write_bytes(whole[:-3000])
    with pytest.raises(OutboxUnusable, match="damaged"):
        OutboxBeside(file, box, "desk-1")
    assert file.read_bytes() == whole[:-3000]
    assert not list(file.parent.glob("*.aside-*"))


def test_where_there_is_none_none_is_begun(file: Path, box: Any) -> None:
    with pytest.raises(OutboxUnusable, match="not-begun"):
        OutboxBeside(file, box, "desk-1")
    assert not file.exists()
