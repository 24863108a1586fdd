"""One outbox in the place of another, broken off between any two of its steps."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import chain, combinations
from pathlib import Path

import pytest

from auth.errors import OutboxUnusable
from auth.outbox.swap import complete, files_of, finish, is_there, making

PARTS = ("", "-wal", "-shm", "-journal")
EVERY = tuple(chain.from_iterable(combinations(PARTS, count) for count in range(len(PARTS) + 1)))
STAMP = 1_795_694_400


class Killed(BaseException):
    """As if the program had ended here."""


def beside(file: Path, name: str) -> Path:
    return file.with_name(file.name + name)


def lay(file: Path, parts: tuple[str, ...], *, new: bool = True) -> None:
    for part in parts:
        beside(file, part).write_text(f"old{part}")
    if new:
        beside(file, ".new").write_text("new")
        os.utime(beside(file, ".new"), (STAMP, STAMP))


def check(file: Path, parts: tuple[str, ...]) -> None:
    """Hold that the new one is in its place, alone, and all of the old one aside under one name."""
    assert file.read_text() == "new"
    assert not [part for part in PARTS[1:] if beside(file, part).exists()]
    assert not beside(file, ".new").exists()
    aside = {path.name: path.read_text() for path in file.parent.glob("*.aside-*")}
    assert aside == {f"{file.name}.aside-20261126T120000-0{part}": f"old{part}" for part in parts}


@pytest.mark.parametrize("parts", EVERY, ids=lambda parts: "+".join(part or "file" for part in parts) or "none")
def test_whatever_is_left_of_the_old_one_goes_aside_together(file: Path, parts: tuple[str, ...]) -> None:
    lay(file, parts)
    finish(file)
    check(file, parts)
    finish(file)
    check(file, parts)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(5))
def test_broken_off_at_any_rename_the_next_start_ends_it(
    file: Path, monkeypatch: pytest.MonkeyPatch, step: int, *, after: bool
) -> None:
    lay(file, PARTS)
    left = [step]

    def dying(move: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def moved(self: Path, target: Path) -> Path:
            left[0] -= 1
            if left[0] == -1 and not after:
                raise Killed
            done = move(self, target)
            if left[0] == -1:
                raise Killed
            return done

        return moved

    with monkeypatch.context() as moment:
        moment.setattr(Path, "rename", dying(Path.rename))
        moment.setattr(Path, "replace", dying(Path.replace))
        with pytest.raises(Killed):
            finish(file)
    assert is_there(file)
    assert file.exists() is ((step, after) in ((0, False), (4, True)))
    finish(file)
    check(file, PARTS)


def test_what_was_put_aside_before_is_never_written_over(file: Path) -> None:
    for count in range(3):
        lay(file, ("-wal",)[: count % 2])
        file.write_text(f"old {count}")
        finish(file)
    aside = {path.name: path.read_text() for path in file.parent.glob("*.aside-*")}
    assert aside == {
        "outbox.db.aside-20261126T120000-0": "old 0",
        "outbox.db.aside-20261126T120000-1": "old 1",
        "outbox.db.aside-20261126T120000-1-wal": "old-wal",
        "outbox.db.aside-20261126T120000-2": "old 2",
    }


def test_what_was_not_built_to_its_end_is_thrown_away_and_the_old_one_stays(file: Path) -> None:
    lay(file, PARTS, new=False)
    for part in PARTS:
        beside(making(file), part).write_text("half")
    finish(file)
    assert not list(file.parent.glob("*.making*"))
    assert [beside(file, part).read_text() for part in PARTS] == [f"old{part}" for part in PARTS]


def test_what_still_has_a_log_of_its_own_is_not_complete(file: Path) -> None:
    """Renamed without it, its last changes would be gone."""
    lay(file, PARTS, new=False)
    making(file).write_text("made")
    beside(making(file), "-wal").write_text("and more")
    with pytest.raises(OutboxUnusable, match="disk-trouble"):
        complete(file)
    assert not beside(file, ".new").exists()
    beside(making(file), "-wal").write_text("")
    complete(file)
    assert beside(file, ".new").read_text() == "made"
    assert not beside(file, ".new-wal").exists()


def test_every_file_of_it_is_known_by_name_or_by_its_beginning(file: Path) -> None:
    """What an order to wipe destroys."""
    for name in ("", ".making", ".new", ".aside-20261126T120000-0"):
        lay(beside(file, name), PARTS, new=False)
    there = set(file.parent.iterdir())
    beside(file, ".lock").touch()
    file.with_name("ledger.db").touch()
    assert {path for path in files_of(file) if path.exists()} == there
