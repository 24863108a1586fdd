"""Which of the device's keys an outbox needs, told without opening it, and sealing it to the present one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from auth.device_opener import SoftwareOpener
from auth.errors import OutboxUnusable
from auth.outbox import Letter, OpenerBox, Outbox
from auth.outbox.resealing import reseal, sealed_to

Open = Callable[..., Outbox]
Letters = Callable[..., Letter]


def test_it_is_told_beside_an_open_outbox_and_after_it_to_which_key_it_is_sealed(open_outbox: Open, file: Path) -> None:
    old, new = SoftwareOpener.generate(), SoftwareOpener.generate()
    assert sealed_to(file) == "", "there is none"
    outbox = open_outbox(box=OpenerBox(old))
    assert sealed_to(file) == old.key_id
    outbox.reseal(OpenerBox(new, [old]))
    assert sealed_to(file) == new.key_id, "also while it stands in the write-ahead log only"
    outbox.close()
    assert sealed_to(file) == new.key_id


def test_what_cannot_be_told_is_not_taken_for_nothing(open_outbox: Open, file: Path) -> None:
    open_outbox().close()
    with pytest.raises(OutboxUnusable, match="damaged"):
        # The box of these tests names no key.
        sealed_to(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("DELETE FROM seal")
    with pytest.raises(OutboxUnusable, match="damaged"):
        sealed_to(file)
    file.write_bytes(b"no database")
    with pytest.raises(OutboxUnusable, match="damaged"):
        sealed_to(file)


def test_it_is_sealed_to_the_present_key_and_nothing_else_of_it_changes(
    open_outbox: Open, file: Path, letter_of: Letters
) -> None:
    old, new = SoftwareOpener.generate(), SoftwareOpener.generate()
    outbox = open_outbox(box=OpenerBox(old))
    item = outbox.put(letter_of())
    with pytest.raises(OutboxUnusable, match="in-use"):
        reseal(file, "desk-1", new, old)
    outbox.close()
    reseal(file, "desk-1", old, new)
    assert sealed_to(file) == old.key_id, "it was not sealed to that one"
    reseal(file, "desk-1", new, old)
    assert sealed_to(file) == new.key_id
    again = open_outbox(box=OpenerBox(new))
    assert again.items() == [item]
    assert again.overview().trouble == ""


def test_where_there_is_no_outbox_none_is_begun(file: Path) -> None:
    reseal(file, "desk-1", SoftwareOpener.generate(), SoftwareOpener.generate())
    assert not file.exists()


def test_one_that_was_built_and_has_not_come_to_its_place_is_needed_and_brought_there(
    open_outbox: Open, file: Path, letter_of: Letters
) -> None:
    old, new = SoftwareOpener.generate(), SoftwareOpener.generate()
    outbox = open_outbox(box=OpenerBox(old))
    item = outbox.put(letter_of())
    outbox.close()
    file.rename(file.with_name(f"{file.name}.new"))
    with pytest.raises(OutboxUnusable, match="unfinished"):
        sealed_to(file)
    reseal(file, "desk-1", new, old)
    assert sealed_to(file) == new.key_id
    assert open_outbox(box=OpenerBox(new)).items() == [item]
