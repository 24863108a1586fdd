"""A7 with L4: a new signing key begins a new ledger, which is told of the queue, and whatever breaks in between."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from auth.device import SoftwareSigner
from auth.errors import LedgerUnusable
from auth.ledger import Ledger
from auth.outbox import Event, Letter, Outbox, State

Letters = Callable[..., Letter]
Open = Callable[..., Outbox]
Row = tuple[Any, ...]
LIGHT = "UPDATE item SET state = 'answered' WHERE number = 1"


class Killed(BaseException):
    """As if the program had ended here."""


@pytest.fixture
def new_ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path / "next.db", SoftwareSigner.generate(), machine="")) as opened:
        yield opened


def change(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        for statement in statements:
            database.execute(statement)


def told(ledger: Ledger) -> list[tuple[str, int]]:
    """Return event and number of each act of the outbox, in order."""
    said = [json.loads(leaf)["detail"].split() for _, leaf in ledger.leaves()]
    counts = [int(one[1]) for one in said]
    assert counts == sorted(set(counts)), "each act counts once"
    return [(one[2], int(one[3])) for one in said]


def states(outbox: Outbox) -> dict[int, State]:
    return {item.number: item.state for item in outbox.items()}


def one_of_each(outbox: Outbox, letter_of: Letters) -> None:
    items = [outbox.put(letter_of(f"H-{number}")) for number in range(1, 8)]
    outbox.happen(items[2], Event.DOUBT, "role-gone")
    outbox.happen(outbox.happen(items[3], Event.SEND), Event.ANSWER, answer=b'{"record": 4}')
    outbox.happen(items[4], Event.FREEZE, "device-revoked")
    outbox.happen(items[5], Event.GIVE_BACK, "by-clerk")
    outbox.happen(items[6], Event.EXPIRE, "too-old")
    outbox.take("H-7")
    outbox.happen(items[1], Event.SEND)


@pytest.mark.logs  # of damage
def test_damaged_at_its_first_start_with_a_new_key_it_is_there_as_it_stood_and_told(
    open_outbox: Open, letter_of: Letters, file: Path, new_ledger: Ledger
) -> None:
    outbox = open_outbox()
    one_of_each(outbox, letter_of)
    before = {item.number: item for item in outbox.items()}
    outbox.close()
    change(file, LIGHT)
    outbox = open_outbox(log=new_ledger)
    assert (outbox.overview().trouble, outbox.overview().lost) == ("damaged", 0)
    after = {item.number: item for item in outbox.items()}
    # What was being sent is sent once more: the register knows its key.
    assert {number: item.state for number, item in after.items()} == {
        **{number: item.state for number, item in before.items()},
        2: State.QUEUED,
    }
    for number, item in after.items():
        for name in ("lookup_id", "dossier", "clerk", "idempotency_key", "subject", "reason", "expires_at"):
            assert getattr(item, name) == getattr(before[number], name)
    assert outbox.payload(after[2]) == letter_of().sealed
    assert outbox.look_at("H-4")[0].answer == b'{"record": 4}'
    assert told(new_ledger) == [
        ("rebuilt", 0),
        ("put", 1),
        ("put", 2),
        ("doubt", 3),
        ("answer", 4),
        ("freeze", 5),
        ("give-back", 6),
    ]
    clerks = {json.loads(leaf)["clerk"] for _, leaf in new_ledger.leaves(1)}
    assert clerks == {new_ledger.pseudonym("cb-001")}
    assert outbox.put(letter_of()).number == 8, "no number is given out twice"
    outbox.close()
    # From here on this ledger knows what is missing.
    change(file, "DELETE FROM item WHERE number = 1")
    outbox = open_outbox(log=new_ledger)
    assert outbox.overview().lost == 1
    assert set(states(outbox)) == {1, 2, 3, 4, 5, 6, 8}


@pytest.mark.logs  # of damage
@pytest.mark.parametrize(
    "what",
    [
        pytest.param(("UPDATE item SET sealed = x'00' WHERE number = 2",), id="a row that does not open"),
        pytest.param(("UPDATE payload SET sealed = x'00' WHERE number = 2", LIGHT), id="a payload that does not open"),
        pytest.param(("DELETE FROM item WHERE number = 2",), id="a row of which the payload is left"),
        pytest.param(
            ("DELETE FROM item WHERE number = 2", "DELETE FROM payload WHERE number = 2"), id="a row that is gone"
        ),
        pytest.param(
            ("DELETE FROM head", "UPDATE item SET sealed = x'00' WHERE number = 2"), id="a row, and the head too"
        ),
    ],
)
def test_what_a_new_ledger_never_knew_and_does_not_open_is_told_to_people_and_to_the_ledger(
    open_outbox: Open, letter_of: Letters, file: Path, new_ledger: Ledger, what: tuple[str, ...]
) -> None:
    outbox = open_outbox()
    kept = [outbox.put(letter_of(f"H-{number}")).lookup_id for number in range(1, 4)]
    outbox.close()
    change(file, *what)
    outbox = open_outbox(log=new_ledger)
    assert (outbox.overview().trouble, outbox.overview().lost) == ("damaged", 1)
    found = outbox.items()
    assert [item.lookup_id for item in found if item.state is State.QUEUED] == [kept[0], kept[2]]
    (lost,) = [item for item in found if item.state is State.RETURNED]
    assert (lost.dossier, lost.reason) == ("?", "lost")
    assert Counter(event for event, _ in told(new_ledger)) == {"rebuilt": 1, "put": 2, "give-back": 1}
    assert len(outbox.take("?")) == 1
    outbox.close()
    assert len(open_outbox(log=new_ledger).items()) == 2


@pytest.mark.logs  # of damage
def test_without_its_key_all_that_was_there_counts_as_lost(
    open_outbox: Open, letter_of: Letters, file: Path, new_ledger: Ledger
) -> None:
    outbox = open_outbox()
    for number in range(3):
        outbox.put(letter_of(f"H-{number}"))
    outbox.close()
    change(file, "UPDATE seal SET key = x'00'")
    outbox = open_outbox(log=new_ledger)
    assert outbox.overview().lost == 3
    assert set(states(outbox).values()) == {State.RETURNED}


@pytest.mark.logs  # of damage and of older copies
def test_what_was_taken_out_does_not_come_back(
    open_outbox: Open, letter_of: Letters, file: Path, ledger: Ledger, new_ledger: Ledger
) -> None:
    outbox = open_outbox()
    outbox.happen(outbox.put(letter_of("H-1")), Event.GIVE_BACK)
    outbox.put(letter_of("H-2"))
    outbox.close()
    older = file.read_bytes()
    with closing(sqlite3.connect(file)) as database:
        row: Row = database.execute("SELECT * FROM item WHERE number = 1").fetchone()
    outbox = open_outbox()
    outbox.take("H-1")
    outbox.close()
    whole = file.read_bytes()
    # A row that was put back, and the ledger says that it was taken.
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    outbox = open_outbox()
    assert (outbox.overview().trouble, states(outbox)) == ("damaged", {2: State.QUEUED})
    outbox.close()
    # A copy from before, and a ledger that never heard of what it was then.
    file.write_bytes(whole)
    outbox = open_outbox(log=new_ledger)
    outbox.put(letter_of("H-3"))
    outbox.close()
    for damage, trouble in (("SELECT 1", "rolled-back"), ("UPDATE item SET due = 1 WHERE number = 2", "damaged")):
        file.write_bytes(older)
        change(file, damage)
        outbox = open_outbox(log=new_ledger)
        assert outbox.overview().trouble == trouble
        assert states(outbox) == {2: State.QUEUED, 3: State.RETURNED}
        outbox.close()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(1, 5))
@pytest.mark.logs  # of the row that goes at the end
def test_broken_off_at_any_piece_a_new_ledger_is_told_the_rest_at_the_next_start(
    open_outbox: Open,
    letter_of: Letters,
    file: Path,
    new_ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
    *,
    after: bool,
) -> None:
    """In pieces of two, and the first that it hears is the last act of before: that number 7 was taken out."""
    monkeypatch.setattr("auth.outbox.opening._CHUNK", 2)
    outbox = open_outbox()
    items = [outbox.put(letter_of(f"H-{number}")) for number in range(1, 8)]
    outbox.happen(items[6], Event.GIVE_BACK)
    outbox.take("H-7")
    outbox.close()
    append, calls = new_ledger.append_all, [0]

    def dying(acts: Any) -> int:
        calls[0] += 1
        if calls[0] == step and not after:
            raise Killed
        done = append(acts)
        if calls[0] == step:
            raise Killed
        return done

    with monkeypatch.context() as moment:
        moment.setattr(new_ledger, "append_all", dying)
        with pytest.raises(Killed):
            open_outbox(log=new_ledger)
    everything = [("take", 7), *(("put", number) for number in range(1, 7))]
    assert told(new_ledger) == everything[: 2 * step - 1 if after else max(0, 2 * step - 3)]
    for _ in range(2):
        open_outbox(log=new_ledger).close()
        assert told(new_ledger) == everything
    change(file, "DELETE FROM item WHERE number = 6")
    outbox = open_outbox(log=new_ledger)
    assert outbox.overview().lost == 1
    assert states(outbox) == {**dict.fromkeys(range(1, 6), State.QUEUED), 6: State.RETURNED}


@pytest.mark.logs  # of damage
def test_damaged_when_a_new_ledger_was_told_of_a_part_nothing_is_lost(
    open_outbox: Open, letter_of: Letters, file: Path, new_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auth.outbox.opening._CHUNK", 2)
    outbox = open_outbox()
    for number in range(1, 6):
        outbox.put(letter_of(f"H-{number}"))
    outbox.close()
    append, calls = new_ledger.append_all, [0]

    def dying(acts: Any) -> int:
        calls[0] += 1
        if calls[0] == 3:
            raise Killed
        return append(acts)

    with monkeypatch.context() as moment:
        moment.setattr(new_ledger, "append_all", dying)
        with pytest.raises(Killed):
            open_outbox(log=new_ledger)
    change(file, LIGHT)
    outbox = open_outbox(log=new_ledger)
    assert outbox.overview().lost == 0
    assert states(outbox) == dict.fromkeys(range(1, 6), State.QUEUED)
    heard = Counter(number for event, number in told(new_ledger) if event == "put")
    assert set(heard) == set(range(1, 6))


@pytest.mark.logs  # of damage
def test_what_the_ledger_was_not_told_when_the_program_ended_stands_as_it_stood(
    open_outbox: Open, letter_of: Letters, file: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is on the disk, what was sent for it is wiped, and its act is not in the ledger yet."""
    outbox = open_outbox()
    outbox.put(letter_of("H-1"))
    sent = outbox.happen(outbox.put(letter_of("H-2")), Event.SEND)

    def killed(_: object) -> int:
        raise Killed

    with monkeypatch.context() as moment:
        moment.setattr(ledger, "append_all", killed)
        with pytest.raises(Killed):
            outbox.happen(sent, Event.ANSWER, answer=b'{"record": 2}')
    outbox.close()
    change(file, LIGHT)
    outbox = open_outbox()
    assert outbox.overview().lost == 0
    assert states(outbox) == {1: State.QUEUED, 2: State.ANSWERED}
    assert outbox.take("H-2")[0].answer == b'{"record": 2}'
    assert told(ledger)[-3:] == [("rebuilt", 0), ("answer", 2), ("take", 2)]


def test_a_damaged_outbox_is_not_built_anew_from_a_ledger_that_is_older(
    open_outbox: Open, letter_of: Letters, file: Path, tmp_path: Path, signer: SoftwareSigner
) -> None:
    """Evidence fails closed, as without damage."""
    outbox = open_outbox()
    for number in range(2):
        outbox.put(letter_of(f"H-{number}"))
    outbox.close()
    change(file, LIGHT)
    shorter = Ledger(tmp_path / "shorter.db", signer, machine="")
    with closing(shorter), pytest.raises(LedgerUnusable, match="shorter-than-outbox"):
        open_outbox(log=shorter)
    assert {path.name for path in tmp_path.glob("outbox.db.*")} == {"outbox.db.lock"}
