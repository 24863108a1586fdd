"""What is wiped beside a reader: it leaves the write-ahead log once the reader lets it, and is owed until then."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from auth.outbox import Event, Letter, Outbox, OutboxBeside
from auth.outbox.wiping import WipedPages

Letters = Callable[..., Letter]
Open = Callable[..., Outbox]
SOON = 0.05


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for five seconds for a reader that a test holds open."""
    monkeypatch.setattr("auth.outbox.store.BUSY_SECONDS", SOON)


@pytest.fixture
def answered(impatient: None, open_outbox: Open, letter_of: Letters, file: Path) -> tuple[Outbox, bytes]:
    """Return an outbox with one answer for H-1, and the answer as it lies on the disk."""
    outbox = open_outbox()
    sent = outbox.happen(outbox.put(letter_of("H-1")), Event.SEND)
    outbox.happen(sent, Event.ANSWER, answer=b'{"record": 1}')
    with closing(sqlite3.connect(file)) as database:
        (sealed,) = database.execute("SELECT sealed FROM answer").fetchone()
    return outbox, sealed


def on_disk(file: Path) -> bytes:
    """Return all that can be read of an outbox."""
    parts = (file.with_name(file.name + part) for part in ("", "-wal"))
    return b"".join(part.read_bytes() for part in parts if part.exists())


def test_what_was_taken_is_gone_from_the_disk_at_once(answered: tuple[Outbox, bytes], file: Path) -> None:
    outbox, sealed = answered
    assert sealed in on_disk(file)
    outbox.take("H-1")
    assert sealed not in on_disk(file)


@pytest.mark.parametrize("what", ["put", "sweep", "close"])
def test_beside_a_reader_it_is_gone_with_what_the_desk_does_next(
    answered: tuple[Outbox, bytes], file: Path, box: Any, letter_of: Letters, what: str
) -> None:
    outbox, sealed = answered
    with OutboxBeside(file, box, "desk-1") as beside:
        outbox.take("H-1")
        outbox.put(letter_of("H-2"))
        assert beside.overview().counts, "the reader still sees its moment"
        assert sealed in on_disk(file), "a reader is in the way"
    {"put": lambda: outbox.put(letter_of("H-3")), "sweep": outbox.sweep, "close": outbox.close}[what]()
    assert sealed not in on_disk(file)


def test_a_reader_that_outlives_the_desk_leaves_it_to_the_next_start(
    answered: tuple[Outbox, bytes], file: Path, box: Any, open_outbox: Open
) -> None:
    outbox, sealed = answered
    with OutboxBeside(file, box, "desk-1"):
        outbox.take("H-1")
        outbox.close()
    assert sealed in on_disk(file)
    open_outbox()
    assert sealed not in on_disk(file)


def test_killed_between_wiping_and_emptying_the_next_start_makes_up_for_it(
    answered: tuple[Outbox, bytes], file: Path, monkeypatch: pytest.MonkeyPatch, open_outbox: Open, tmp_path: Path
) -> None:
    outbox, sealed = answered
    killed = tmp_path / "killed"
    killed.mkdir()

    def copy(_: WipedPages) -> None:
        for name in (file.name, f"{file.name}-wal"):
            shutil.copy(file.with_name(name), killed / name)

    with monkeypatch.context() as moment:
        moment.setattr(WipedPages, "forget", copy)
        moment.setattr(WipedPages, "pay", lambda _: None)
        outbox.take("H-1")
    assert sealed in on_disk(killed / file.name)
    again = open_outbox(file=killed / file.name)
    assert again.overview().trouble == ""
    assert sealed not in on_disk(killed / file.name)


def test_while_it_is_owed_no_change_waits_for_the_reader(
    open_outbox: Open, letter_of: Letters, file: Path, box: Any, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = open_outbox()
    outbox.put(letter_of("H-1"))
    store = outbox._store
    with OutboxBeside(file, box, "desk-1"):
        store._db.execute(f"PRAGMA busy_timeout = {SOON * 1000:.0f}")
        with caplog.at_level(logging.INFO, "motcua.outbox"):
            store.forget_wiped()
        assert "still holds what was wiped" in caplog.text
        store._db.execute("PRAGMA busy_timeout = 600000")
        outbox.put(letter_of("H-2"))
    assert store._db.execute("PRAGMA busy_timeout").fetchone() == (600000,), "who else holds it is waited for as before"
