"""Row L4 after L1: an outbox is damaged, and what builds it anew is broken off, as often as you like, at any step."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from auth.device_opener import SoftwareOpener
from auth.ledger import Ledger, LedgerReader
from auth.outbox import Event, Letter, OpenerBox, Outbox, OutboxBeside, OutboxUnusable, State

Letters = Callable[..., Letter]
Open = Callable[..., Outbox]
pytestmark = [
    pytest.mark.logs,  # each of these tells of damage
    pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and file size limits are POSIX"),
]
CHILD = Path(__file__).with_name("rebuild_child.py")
STANDS = {1: State.QUEUED, 2: State.QUEUED, 3: State.ANSWERED, 4: State.NEEDS_DECISION, 6: State.QUEUED}
# Damage that shows before the key is looked at.
OF_AN_INDEX = (
    "PRAGMA writable_schema = ON",
    "UPDATE sqlite_master SET sql = 'CREATE INDEX by_state ON item (number)' WHERE name = 'by_state'",
)
POINTS = 12
TIMES = 4


def fill(outbox: Outbox, letter_of: Letters) -> None:
    """Put look-ups in that stand as ``STANDS`` says; number 2 is being sent, number 5 was taken out."""
    items = [outbox.put(letter_of(f"H-{number}")) for number in range(1, 7)]
    outbox.happen(outbox.happen(items[2], Event.SEND), Event.ANSWER, answer=b'{"record": 3}')
    outbox.happen(items[3], Event.DOUBT, "role-gone")
    outbox.happen(items[4], Event.EXPIRE)
    outbox.take("H-5")
    outbox.happen(items[1], Event.SEND)


def damage(file: Path, statements: tuple[str, ...] = OF_AN_INDEX) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        for statement in statements:
            database.execute(statement)


@dataclass
class Place:
    """A folder with a damaged outbox, copies of it, and a program that opens them."""

    whole: Path
    signer: Any
    opener: SoftwareOpener
    program: subprocess.Popen[str]

    def copy(self, name: str) -> Path:
        return Path(shutil.copytree(self.whole, self.whole.with_name(name)))

    def open(self, folder: Path, kill_at: int = 0, room: int = 0) -> dict[str, Any]:
        """Let a desk open the outbox there, killed or not; return what it said, or how it ended."""
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(json.dumps({"folder": str(folder), "kill_at": kill_at, "room": room}) + "\n")
        self.program.stdin.flush()
        said: dict[str, Any] = json.loads(self.program.stdout.readline())
        return said

    def check(self, folder: Path) -> None:
        """Hold that nothing is lost, that it is told once, and that one old file lies aside with all that is its."""
        file = folder / "outbox.db"
        with closing(Ledger(folder / "ledger.db", self.signer, machine="")) as ledger:
            for _ in range(2):
                with closing(Outbox(file, OpenerBox(self.opener), "desk-1", ledger)) as outbox:
                    overview = outbox.overview()
                    assert (overview.trouble, overview.lost) == ("damaged", 0)
                    assert {item.number: item.state for item in outbox.items()} == STANDS
                    assert [one.answer for one in outbox.look_at("H-3")] == [b'{"record": 3}']
        with closing(LedgerReader(folder / "ledger.db")) as reader:
            said = [json.loads(leaf)["detail"].split() for _, leaf in reader.leaves()]
        counts = [int(count) for _, count, *_ in said]
        assert counts == sorted(set(counts)), "no act stands there twice"
        assert [event for _, _, event, *_ in said].count("rebuilt") == 1
        names = {path.name for path in folder.iterdir()}
        mains = [name for name in names if ".aside-" in name and not name.endswith(("-wal", "-shm", "-journal"))]
        (aside,) = mains
        assert {name for name in names if ".aside-" in name} <= {aside, f"{aside}-wal", f"{aside}-shm"}
        assert not {name for name in names if ".making" in name or ".new" in name}
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.fixture
def place(tmp_path: Path, letter_of: Letters, signer: Any) -> Iterator[Place]:
    whole, opener = tmp_path / "whole", SoftwareOpener.generate()
    whole.mkdir()
    with closing(Ledger(whole / "ledger.db", signer, machine="")) as ledger:
        outbox = Outbox(whole / "outbox.db", OpenerBox(opener), "desk-1", ledger)
        fill(outbox, letter_of)
        outbox.close()
    damage(whole / "outbox.db")
    with subprocess.Popen(
        [sys.executable, str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as program:
        assert program.stdin is not None
        program.stdin.write(json.dumps([one.to_encrypted_pem(b"x").decode() for one in (signer, opener)]) + "\n")
        yield Place(whole, signer, opener, program)
        program.stdin.close()


@pytest.mark.parametrize("points", [POINTS, pytest.param(1000, marks=pytest.mark.soak)])
def test_killed_at_any_step_again_and_again_nothing_is_lost_and_all_is_told_once(place: Place, points: int) -> None:
    whole = place.copy("unbroken")
    said = place.open(whole)
    assert said["why"] == ""
    place.check(whole)
    draw, lines = random.Random(points), said["lines"]
    for first in range(1, lines + 1, max(1, lines // points)):
        folder = place.copy(f"killed-{first}")
        assert place.open(folder, first) == {"ended": -9}
        for _ in range(TIMES - 1):
            place.open(folder, draw.randrange(1, lines))
        place.check(folder)


def test_killed_at_each_step_of_the_exchange_one_after_the_other_it_comes_to_its_end(place: Place) -> None:
    """From the rename that completes the new one, each start gets one line further than the one before."""
    folder = place.copy("killed")
    while not (folder / "outbox.db.new").exists():
        assert place.open(folder, _line_of_commit(place)) == {"ended": -9}
    killed = 0
    while place.open(folder, killed + 1) == {"ended": -9}:
        killed += 1
    assert killed > 10
    place.check(folder)


def _line_of_commit(place: Place) -> int:
    """Return the first line at which the new one is complete."""
    low, high = 1, int(place.open(place.copy("counted"))["lines"])
    while low < high:
        middle = (low + high) // 2
        folder = place.copy(f"tried-{middle}")
        place.open(folder, middle)
        done = (folder / "outbox.db.new").exists() or bool(list(folder.glob("*.aside-*")))
        low, high = (low, middle) if done else (middle + 1, high)
    return low


def test_without_room_it_is_told_and_with_room_nothing_is_lost(place: Place) -> None:
    folder = place.copy("full")
    before = (folder / "outbox.db").read_bytes()
    for _ in range(3):
        assert place.open(folder, room=40_000)["why"] == "over-quota"
        assert (folder / "outbox.db").read_bytes() == before
        assert not [path for path in folder.iterdir() if "aside" in path.name or "making" in path.name]
    place.check(folder)


def test_while_the_key_is_locked_the_damaged_one_stays_and_once_it_opens_nothing_is_lost(
    open_outbox: Open, letter_of: Letters, file: Path, box: Any
) -> None:
    outbox = open_outbox()
    fill(outbox, letter_of)
    outbox.close()
    damage(file)
    before = file.read_bytes()
    box.locked = True
    for _ in range(3):
        with pytest.raises(OutboxUnusable, match="key-locked"):
            open_outbox()
        assert file.read_bytes() == before
        assert not list(file.parent.glob("*aside*"))
    box.locked = False
    outbox = open_outbox()
    assert (outbox.overview().trouble, outbox.overview().lost) == ("damaged", 0)
    assert {item.number: item.state for item in outbox.items()} == STANDS


def test_beside_an_exchange_it_is_said_to_be_in_use_and_not_that_there_is_none(
    open_outbox: Open, letter_of: Letters, file: Path, box: Any
) -> None:
    outbox = open_outbox()
    item = outbox.put(letter_of())
    outbox.close()
    file.rename(file.with_name("outbox.db.new"))
    with pytest.raises(OutboxUnusable, match="in-use"):
        OutboxBeside(file, box, "desk-1")
    assert open_outbox().items() == [item]
