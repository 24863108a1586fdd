"""Rows L4, L5 and L7: whatever happens to the file is seen, told, and made good as far as the ledger can."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from auth.errors import LedgerUnusable
from auth.ledger import Ledger
from auth.outbox import Event, Letter, Outbox, OutboxUnusable, State

Open = Callable[..., Outbox]
Letters = Callable[..., Letter]
PARTS = ("", "-wal", "-shm")
pytestmark = pytest.mark.logs  # each of these tells of damage


def states(outbox: Outbox) -> dict[int, State]:
    return {item.number: item.state for item in outbox.items()}


def fill(outbox: Outbox, letter_of: Letters) -> dict[int, State]:
    """Put six look-ups in, each standing otherwise; the last but one was taken out already."""
    items = [outbox.put(letter_of(f"H-{number}")) for number in range(1, 7)]
    outbox.happen(items[1], Event.DOUBT, "role-gone")
    outbox.happen(outbox.happen(items[2], Event.SEND), Event.ANSWER, answer=b'{"record": 3}')
    outbox.happen(items[3], Event.GIVE_BACK)
    outbox.happen(items[4], Event.EXPIRE)
    outbox.take("H-5")
    outbox.happen(outbox.happen(items[5], Event.SEND), Event.RETRY, "register-timeout")
    return states(outbox)


def copy(file: Path, to: str) -> None:
    for part in PARTS:
        source = file.with_name(file.name + part)
        if source.exists():
            shutil.copy(source, file.with_name(to + part))


def put_back(file: Path, name: str) -> None:
    for part in PARTS:
        file.with_name(file.name + part).unlink(missing_ok=True)
        source = file.with_name(name + part)
        if source.exists():
            shutil.copy(source, file.with_name(file.name + part))


def aside(file: Path) -> list[str]:
    return sorted(path.name for path in file.parent.glob("outbox.db.aside-*") if not path.name.endswith(PARTS[1:]))


def check_ledger_matches(outbox: Outbox, open_outbox: Open) -> None:
    """Hold the invariants of a rebuilt outbox: it goes on, and a further start finds nothing to mend."""
    before = outbox.items()
    outbox.take_note()
    outbox.close()
    again = open_outbox()
    assert again.items() == before
    assert again.overview().trouble == ""


# --- an older copy ----------------------------------------------------------------------------------------------------


def test_an_older_copy_put_back_is_seen_and_stands_as_the_ledger_says(
    open_outbox: Open, letter_of: Letters, file: Path
) -> None:
    """L5, L7: the restore of a backup, a virtual machine set back."""
    outbox = open_outbox()
    items = [outbox.put(letter_of(f"H-{number}")) for number in range(4)]
    outbox.close()
    copy(file, "older")
    outbox = open_outbox()
    outbox.happen(items[0], Event.GIVE_BACK, "by-clerk")
    outbox.happen(outbox.happen(items[1], Event.SEND), Event.ANSWER, answer=b"{}")
    outbox.take("H-1")
    outbox.happen(items[2], Event.SEND)
    new = outbox.put(letter_of("H-9"))
    outbox.close()
    put_back(file, "older")
    outbox = open_outbox()
    overview = outbox.overview()
    assert (overview.trouble, overview.lost) == ("rolled-back", 1)
    assert states(outbox) == {1: State.RETURNED, 3: State.QUEUED, 4: State.QUEUED, new.number: State.RETURNED}
    assert outbox.payload(outbox.items()[1]) == letter_of().sealed
    (lost,) = outbox.take("?")
    assert (lost.item.lookup_id, lost.item.reason) == (new.lookup_id, "lost")
    assert outbox.item(2) is None, "what the dossier took is not there again"
    assert len(aside(file)) == 1
    assert outbox.put(letter_of()).number == new.number + 1
    check_ledger_matches(outbox, open_outbox)


def test_each_older_copy_is_seen_however_little_happened_since(
    open_outbox: Open, letter_of: Letters, file: Path
) -> None:
    for changed in range(3):
        outbox = open_outbox()
        item = outbox.put(letter_of(f"H-{changed}"))
        outbox.close()
        copy(file, "older")
        outbox = open_outbox()
        if changed == 0:
            outbox.happen(item, Event.SEND)
        elif changed == 1:
            outbox.happen(item, Event.DOUBT)
        else:
            outbox.put(letter_of())
        outbox.close()
        put_back(file, "older")
        outbox = open_outbox()
        assert outbox.overview().trouble == "rolled-back"
        outbox.close()


def test_a_file_that_was_deleted_is_missed(open_outbox: Open, letter_of: Letters, file: Path) -> None:
    outbox = open_outbox()
    before = fill(outbox, letter_of)
    outbox.close()
    file.unlink()
    outbox = open_outbox()
    overview = outbox.overview()
    assert (overview.trouble, overview.lost) == ("missing", 4)
    assert set(states(outbox)) == set(before)
    assert {item.reason for item in outbox.items() if item.state is State.RETURNED} == {"lost", ""}
    check_ledger_matches(outbox, open_outbox)


def test_a_write_ahead_log_that_was_deleted_is_missed(open_outbox: Open, letter_of: Letters, file: Path) -> None:
    """L4: the file alone is an older copy of itself."""
    outbox = open_outbox()
    first = outbox.put(letter_of())
    outbox.close()
    outbox = open_outbox()
    second = outbox.put(letter_of())
    copy(file, "alive")
    outbox.close()
    put_back(file, "alive")
    file.with_name("outbox.db-wal").unlink()
    file.with_name("outbox.db-shm").unlink()
    outbox = open_outbox()
    assert outbox.overview().trouble == "rolled-back"
    assert states(outbox) == {first.number: State.QUEUED, second.number: State.RETURNED}


def test_a_ledger_that_is_shorter_than_the_outbox_knows_it_stops_it(
    open_outbox: Open, letter_of: Letters, tmp_path: Path, signer
) -> None:
    """Evidence fails closed: with an older ledger nothing is queued and nothing is put aside."""
    outbox = open_outbox()
    for number in range(3):
        outbox.put(letter_of(f"H-{number}"))
    outbox.close()
    shorter = Ledger(tmp_path / "shorter.db", signer, machine="")
    with pytest.raises(LedgerUnusable, match="shorter-than-outbox"):
        open_outbox(log=shorter)
    shorter.close()
    assert len(open_outbox().items()) == 3


# --- bytes ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sound(open_outbox: Open, letter_of: Letters, file: Path) -> dict[int, State]:
    outbox = open_outbox()
    found = fill(outbox, letter_of)
    outbox.close()
    copy(file, "sound")
    return found


@pytest.mark.parametrize(
    "seed", [pytest.param(0), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 20))]
)
def test_a_flipped_bit_anywhere_is_told_or_changes_nothing(
    sound: dict[int, State],
    open_outbox: Open,
    letter_of: Letters,
    file: Path,
    ledger: Ledger,
    tmp_path: Path,
    signer,
    seed: int,
) -> None:
    """L4: header, pages, seals, columns. Not one look-up vanishes without a word."""
    raw = file.read_bytes()
    told = 0
    ledger.close()
    shutil.copy(tmp_path / "ledger.db", tmp_path / "ledger-sound.db")
    for place in random.Random(seed).sample(range(len(raw)), 60):
        for path in file.parent.glob("outbox.db*"):
            path.unlink()
        shutil.copy(tmp_path / "ledger-sound.db", tmp_path / "flipped-ledger.db")
        log = Ledger(tmp_path / "flipped-ledger.db", signer, machine="")
        file.write_bytes(raw[:place] + bytes([raw[place] ^ 1 << place % 8]) + raw[place + 1 :])
        outbox = open_outbox(log=log)
        overview, now = outbox.overview(), states(outbox)
        told += bool(overview.trouble)
        assert set(now) == set(sound), f"byte {place}"
        if not overview.trouble:
            assert now == sound, f"byte {place}"
            for item in outbox.items():
                try:
                    content = outbox.payload(item)
                except OutboxUnusable:
                    continue
                assert content == letter_of().sealed
        outbox.close()
        log.close()
    assert told > 1, "most of so small a file is room for more"


@pytest.mark.parametrize("part", [1, 100, 4096, 9000, 20_000])
def test_a_file_cut_short_is_told(sound: dict[int, State], open_outbox: Open, file: Path, part: int) -> None:
    file.write_bytes(file.read_bytes()[:part])
    outbox = open_outbox()
    # Of less than a header SQLite makes an empty database, which the ledger knows better.
    assert outbox.overview().trouble == ("damaged" if part >= 100 else "rolled-back")
    assert set(states(outbox)) == set(sound)
    assert len(aside(file)) == 1
    check_ledger_matches(outbox, open_outbox)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE item SET state = 'answered' WHERE number = 1",
        "UPDATE item SET state = 'nonsense' WHERE number = 1",
        "UPDATE item SET due = 1 WHERE number = 1",
        "UPDATE item SET expires = 1e12 WHERE number = 1",
        "UPDATE item SET register = 'land' WHERE number = 1",
        "UPDATE item SET dossier = (SELECT dossier FROM item WHERE number = 2) WHERE number = 1",
        "UPDATE item SET sealed = (SELECT sealed FROM item WHERE number = 2) WHERE number = 1",
        "UPDATE item SET sealed = x'00' WHERE number = 1",
        "DELETE FROM item WHERE number = 1",
        "DELETE FROM head",
        "UPDATE head SET sealed = x'0011223344556677889900112233445566'",
        "UPDATE seal SET key = x'00'",
        "UPDATE seal SET device = 'desk-2'",
        "DROP TABLE payload",
        "DROP TABLE head",
    ],
)
def test_what_somebody_changed_in_a_row_is_told_and_made_good(
    sound: dict[int, State], open_outbox: Open, letter_of: Letters, file: Path, change: str
) -> None:
    """L4: rows copied, deleted, altered in the columns that are in the clear."""
    database = sqlite3.connect(file)
    with database:
        database.execute(change)
    database.close()
    outbox = open_outbox()
    if change != "DROP TABLE payload":
        assert outbox.overview().trouble == "damaged"
        assert set(states(outbox)) == set(sound)
    else:
        # Seen when it is to be sent; see test_drain.
        with pytest.raises(OutboxUnusable, match="damaged"):
            outbox.payload(outbox.items()[0])


def test_a_row_put_back_as_it_was_is_told(open_outbox: Open, letter_of: Letters, file: Path) -> None:
    """L4: a row of this outbox, this number, this device, sealed by us, only an older one."""
    outbox = open_outbox()
    item = outbox.put(letter_of())
    outbox.close()
    database = sqlite3.connect(file)
    (*old,) = database.execute("SELECT * FROM item").fetchone()
    database.close()
    outbox = open_outbox()
    outbox.happen(item, Event.GIVE_BACK)
    outbox.close()
    database = sqlite3.connect(file)
    with database:
        database.execute("DELETE FROM item")
        database.execute("INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", old)
    database.close()
    outbox = open_outbox()
    assert outbox.overview().trouble == "damaged"
    assert states(outbox) == {1: State.RETURNED}


def test_a_row_of_another_device_is_told(
    open_outbox: Open, letter_of: Letters, file: Path, tmp_path: Path, signer, box
) -> None:
    """L4: the same row number, the same keychain even, but another computer's outbox."""
    other_log = Ledger(tmp_path / "other-ledger.db", signer, machine="")
    other = open_outbox(file=tmp_path / "other.db", log=other_log, device_id="desk-2")
    other.put(letter_of())
    other.close()
    other_log.close()
    outbox = open_outbox()
    outbox.put(letter_of())
    outbox.close()
    database = sqlite3.connect(file)
    database.execute("ATTACH ? AS other", (str(tmp_path / "other.db"),))
    with database:
        database.execute("DELETE FROM item")
        database.execute("INSERT INTO item SELECT * FROM other.item")
    database.close()
    outbox = open_outbox()
    assert outbox.overview().trouble == "damaged"
    assert states(outbox) == {1: State.RETURNED}


def test_a_swapped_payload_is_not_sent(open_outbox: Open, letter_of: Letters, file: Path) -> None:
    outbox = open_outbox()
    items = [outbox.put(letter_of(f"H-{number}", sealed=b"a.b.c.d.%d" % number)) for number in range(2)]
    outbox.close()
    database = sqlite3.connect(file)
    with database:
        database.execute("UPDATE payload SET sealed = (SELECT sealed FROM payload WHERE number = 2) WHERE number = 1")
    database.close()
    outbox = open_outbox()
    with pytest.raises(OutboxUnusable, match="damaged"):
        outbox.payload(items[0])
    assert outbox.payload(items[1]) == b"a.b.c.d.1"


def test_the_note_of_what_happened_stays_until_somebody_takes_it(
    sound: dict[int, State], open_outbox: Open, file: Path
) -> None:
    file.write_bytes(b"SQLite format 3\x00 and then nothing")
    outbox = open_outbox()
    for _ in range(2):
        assert outbox.overview().trouble == "damaged"
        outbox.close()
        outbox = open_outbox()
    outbox.take_note()
    outbox.close()
    assert open_outbox().overview().trouble == ""
    assert aside(file)
