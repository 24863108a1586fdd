"""A desk's files on a disk that takes no more: run by test_no_room.py where that can be made, ends with 0 if all held.

``room_child.py FOLDER WHY [FLAG]``: FOLDER is on the disk; for no-more-files it is filled up with files, for over-quota
FLAG is a file whose being there says that the quota is spent.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.errors import LedgerNoRoom, MotCuaError, OutboxNoRoom
from auth.ledger import Act, ActKind, Ledger
from auth.ledger.keeper import LedgerKeeper
from auth.outbox import Letter, OpenerBox, Outbox


class Disk:
    """Be the disk that is to be full, and again not."""

    def __init__(self, folder: Path, why: str, flag: Path | None) -> None:
        self.folder, self.why, self._flag = folder, why, flag
        self._filled = 0

    def fill(self) -> None:
        if self._flag is not None:
            self._flag.touch()
            return
        with suppress(OSError):
            while True:
                (self.folder / f"filler-{self._filled}").touch()
                self._filled += 1

    def free(self) -> None:
        if self._flag is not None:
            self._flag.unlink()
            return
        for number in range(self._filled):
            (self.folder / f"filler-{number}").unlink()
        self._filled = 0


def refused(act: Callable[[], object], error: type[MotCuaError], why: str) -> None:
    try:
        act()
    except error as raised:
        said = str(raised)
    else:
        said = "went through where the disk takes no more"
    assert said.endswith(f": {why}"), said


def letter() -> Letter:
    key = str(uuid.uuid4())
    return Letter(key, "H", "population", "/p", "p", "b", "c", key, "0", b"a.b.c.d." + b"x" * 5_000)


def run(disk: Disk) -> None:
    signer, box = SoftwareSigner.generate(), OpenerBox(SoftwareOpener.generate())
    opened: list[Ledger] = []

    def open_ledger() -> Ledger:
        opened.append(Ledger(disk.folder / "ledger.db", signer, machine=""))
        return opened[-1]

    def open_outbox() -> Outbox:
        return Outbox(disk.folder / "outbox.db", box, "desk-1", keeper.ledger())

    keeper = LedgerKeeper(open_ledger, ())
    outbox = open_outbox()
    kept = [outbox.put(letter()).number for _ in range(2)]
    asked: list[str] = []

    def look_up() -> None:
        with keeper.lookup():
            asked.append("somebody")

    look_up()
    disk.fill()
    for _ in range(3):
        refused(outbox.ready, OutboxNoRoom, disk.why)
        refused(outbox.probe, OutboxNoRoom, disk.why)
        refused(keeper.probe, LedgerNoRoom, disk.why)
        refused(look_up, LedgerNoRoom, disk.why)
    if disk.why == "over-quota":
        # Somebody else may use the room up between the trying and the writing; with inodes nothing more is needed then.
        refused(lambda: outbox.put(letter()), OutboxNoRoom, disk.why)
        act = Act(ActKind.ASKED, datetime.now(UTC), lookup="x" * 200)
        refused(lambda: keeper.ledger().append_all([(act, None)] * 20), LedgerNoRoom, disk.why)
    assert asked == ["somebody"], "nobody was asked since"
    assert [item.number for item in outbox.items()] == kept, "what waits can be read"
    assert len(outbox.payload(outbox.items()[0])) == 5_008
    assert len(list(keeper.ledger().leaves())) == len(kept), "and the acts"
    disk.free()
    outbox.ready()
    look_up()
    kept.append(outbox.put(letter()).number)
    outbox.close()
    keeper.close()

    # The same at the start of a program.
    disk.fill()
    keeper = LedgerKeeper(open_ledger, ())
    refused(look_up, LedgerNoRoom, disk.why)
    disk.free()
    look_up()
    keeper.ledger()
    disk.fill()
    refused(open_outbox, OutboxNoRoom, disk.why)
    disk.free()
    outbox = open_outbox()
    assert [item.number for item in outbox.items()] == kept
    assert not outbox.overview().trouble, "a full disk is no damage: nothing was put aside"
    assert not list(disk.folder.glob("*aside*"))
    kept.append(outbox.put(letter()).number)
    outbox.close()
    keeper.close()


if __name__ == "__main__":
    folder, why, *flags = sys.argv[1:]
    run(Disk(Path(folder), why, Path(flags[0]) if flags else None))
    sys.stdout.write("held")
