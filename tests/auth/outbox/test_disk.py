"""Rows L2, L3 and L9: power cuts, disks without room or rights, older and newer files."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from auth.ledger import Ledger
from auth.outbox import Event, Letter, Outbox, OutboxUnusable, State
from auth.outbox.schema import LATEST, SCHEMA

Open = Callable[..., Outbox]
Letters = Callable[..., Letter]


@pytest.mark.logs  # of what was torn off
def test_a_power_cut_leaves_what_was_acknowledged_at_any_step(
    open_outbox: Open, letter_of: Letters, tmp_path: Path, file: Path, signer, box, clock
) -> None:
    """L2: both files as they are on the disk after each act, and with the end of the outbox's log torn off."""
    outbox = open_outbox()
    for step in range(12):
        item = outbox.put(letter_of(f"H-{step}"))
        if step % 3 == 1:
            outbox.happen(item, Event.SEND)
        for torn in (0, 500):
            cut = tmp_path / f"cut-{step}-{torn}"
            cut.mkdir()
            for name in ("outbox.db", "outbox.db-wal", "ledger.db", "ledger.db-wal"):
                raw = (tmp_path / name).read_bytes()
                (cut / name).write_bytes(raw[: len(raw) - torn] if name == "outbox.db-wal" else raw)
            log = Ledger(cut / "ledger.db", signer, machine="")
            again = open_outbox(file=cut / "outbox.db", log=log)
            numbers = [item.number for item in again.items()]
            assert numbers == list(range(1, step + 2))
            trouble = again.overview().trouble
            assert (trouble == "") is (torn == 0), "a synced log that lost its end is an older copy"
            again.close()
            log.close()
    outbox.close()


_FILLS_UP = textwrap.dedent(
    """
    import resource, signal, sys, uuid
    from pathlib import Path
    from auth.device import SoftwareSigner
    from auth.errors import LedgerUnusable, OutboxUnusable
    from auth.ledger import Ledger
    from auth.device_opener import SoftwareOpener
    from auth.outbox import Letter, OpenerBox, Outbox

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    signer = SoftwareSigner.from_encrypted_pem(sys.stdin.buffer.read(), b"x")
    folder, box = Path(sys.argv[1]), OpenerBox(SoftwareOpener.generate())
    def opened():
        return Outbox(folder / "outbox.db", box, "desk-1", ledger)
    ledger = Ledger(folder / "ledger.db", signer, machine="")
    outbox = opened()
    def put():
        outbox.ready()
        return outbox.put(Letter(str(uuid.uuid4()), "H", "population", "/p", "p", "b", "c", str(uuid.uuid4()), "0",
            b"a.b.c.d." + b"x" * 5000)).number
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), hard))
    kept = []
    try:
        while True:
            kept.append(put())
    except (OutboxUnusable, LedgerUnusable) as error:
        print(error, file=sys.stderr)
    assert [item.number for item in outbox.items()] == kept, "what was acknowledged, and nothing else, can be read"
    for _ in range(3):
        try:
            put()
            raise SystemExit("acknowledged without room")
        except (OutboxUnusable, LedgerUnusable):
            pass
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    kept.append(put())
    assert [item.number for item in outbox.items()] == kept, "with room again it goes on"
    outbox.close()
    outbox = opened()
    assert [item.number for item in outbox.items()] == kept
    assert not outbox.overview().trouble
    print(len(kept))
    """
)


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
@pytest.mark.parametrize("room", [150_000, 300_000])
def test_without_room_nothing_is_acknowledged_and_with_room_it_goes_on(tmp_path: Path, signer, room: int) -> None:
    """L3: the disk is full in the middle of the work, for the outbox or for the ledger."""
    done = subprocess.run(
        [sys.executable, "-c", _FILLS_UP, str(tmp_path), str(room)],
        input=signer.to_encrypted_pem(b"x"),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert int(done.stdout) > 2


def test_a_nearly_full_disk_is_told_before_anything_is_asked(
    outbox: Outbox, letter_of: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L3: before the card is tapped, not after."""
    outbox.ready()
    usage = shutil.disk_usage(Path.cwd())
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(OutboxUnusable, match="disk-full"):
        outbox.ready()
    monkeypatch.undo()
    outbox.ready()


def test_a_file_that_cannot_be_written_is_told_and_can_be_read_until_it_can(
    open_outbox: Open, letter_of: Letters, file: Path
) -> None:
    """L3: a read-only file system, as SQLite reports it."""
    outbox = open_outbox()
    item = outbox.put(letter_of())
    outbox._store._db.execute("PRAGMA query_only = ON")
    for attempt in (outbox.ready, lambda: outbox.put(letter_of()), lambda: outbox.happen(item, Event.SEND)):
        with pytest.raises(OutboxUnusable, match="not-writable"):
            attempt()
    assert outbox.items() == [item]
    assert outbox.payload(item) == letter_of().sealed
    outbox._store._db.execute("PRAGMA query_only = OFF")
    outbox.ready()
    assert outbox.happen(item, Event.SEND).state is State.SENDING


def test_an_older_file_comes_forward_whole_and_a_newer_one_is_left_alone(
    open_outbox: Open, letter_of: Letters, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L9: with a full queue."""
    with monkeypatch.context() as past:
        past.setattr("auth.outbox.store.LATEST", 1)
        past.setattr(
            "auth.outbox.store.SCHEMA",
            tuple(statement for statement in SCHEMA if "by_expiry" not in statement),
        )
        outbox = open_outbox()
        items = [outbox.put(letter_of(f"H-{number}")) for number in range(200)]
        outbox.happen(items[0], Event.DOUBT)
        outbox.happen(outbox.happen(items[1], Event.SEND), Event.ANSWER, answer=b'{"record": 1}')
        before = outbox.items()
        outbox.close()
    database = sqlite3.connect(file)
    assert database.execute("PRAGMA user_version").fetchone() == (1,)
    database.close()
    outbox = open_outbox()
    assert outbox.items() == before
    assert outbox.overview().trouble == ""
    assert outbox.payload(outbox.items()[0]) == letter_of().sealed
    assert outbox.take("H-1")[0].answer == b'{"record": 1}'
    outbox.close()
    database = sqlite3.connect(file)
    assert database.execute("PRAGMA user_version").fetchone() == (LATEST,)
    assert database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'by_expiry'").fetchone() == (1,)
    database.execute(f"PRAGMA user_version = {LATEST + 1}")
    database.close()
    raw = file.read_bytes()
    with pytest.raises(OutboxUnusable, match="newer-version"):
        open_outbox()
    assert file.read_bytes() == raw
    assert list(file.parent.glob("outbox.db.aside-*")) == []
