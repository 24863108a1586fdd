"""Row L3: each single write fails in turn, then there is room again: by itself, without a restart and with one.

What was acknowledged is answered and handed over, what was refused is never sent and never seen, nothing stays as being
sent, each effect is one, and the ledger has every act once.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from auth.device import SoftwareSigner
from auth.errors import LedgerUnusable, OutboxUnusable
from auth.ledger import Ledger
from auth.outbox import Letter, Outbox, OutboxBeside, State
from auth.wire.client import SignedAnswer
from auth.wire.guard import RegisterGuard

Letters = Callable[..., Letter]
TROUBLE = (LedgerUnusable, OutboxUnusable)
WRITES = ("BEGIN IMMEDIATE", "INSERT", "UPDATE", "DELETE", "COMMIT")


@dataclass
class Disk:
    """Let so many writes pass and then none, or only the next one not, as SQLite says it where ``word`` is why."""

    passes: int
    word: str
    once: bool = False
    whole: bool = False
    failed: int = 0

    def write(self) -> None:
        self.passes -= 1
        if self.whole or self.passes >= 0 or (self.once and self.failed):
            return
        self.failed += 1
        error = sqlite3.OperationalError("as the disk says")
        error.sqlite_errorname = self.word
        raise error


class OnDisk:
    """A connection whose writes go to ``disk`` first; all else is SQLite's own."""

    def __init__(self, database: sqlite3.Connection, disk: Disk) -> None:
        self._database, self._disk = database, disk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        if statement.startswith(WRITES):
            self._disk.write()
        return self._database.execute(statement, *values)

    def executemany(self, statement: str, *values: Any) -> sqlite3.Cursor:
        self._disk.write()
        return self._database.executemany(statement, *values)

    def commit(self) -> None:
        self._disk.write()
        self._database.commit()


@dataclass
class Walk:
    """A desk that queues, sends, and hands over to the dossier, whatever fails on the way."""

    folder: Path
    signer: SoftwareSigner
    bench_of: Callable[..., Any]
    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    handed_over: dict[str, bytes | None] = field(default_factory=dict)

    def open(self) -> None:
        self.ledger = Ledger(self.folder / "ledger.db", self.signer, machine="")
        self.bench = self.bench_of(self.folder / "outbox.db", self.ledger)
        for database in (self.ledger._db, self.bench.outbox._store._db):
            # What is tested is what fails, not what a power cut leaves.
            database.execute("PRAGMA synchronous = OFF")

    def close(self) -> None:
        self.bench.outbox.close()
        self.ledger.close()

    def fail(self, disk: Disk, files: str) -> None:
        if files != "ledger":
            self.bench.outbox._store._db = OnDisk(self.bench.outbox._store._db, disk)
        if files != "outbox":
            self.ledger._db = OnDisk(self.ledger._db, disk)

    def put(self, letter: Letter) -> None:
        try:
            self.bench.outbox.put(letter)
            self.acknowledged.append(letter.lookup_id)
        except TROUBLE:
            self.refused.append(letter.lookup_id)
        self.see_nothing_refused()

    def send(self) -> None:
        with suppress(*TROUBLE):
            self.bench.drain()
        self.see_nothing_refused()

    def hand_over(self) -> None:
        """As `motcua outbox take` does: written elsewhere first, then wiped here."""
        found = self.bench.outbox.look_at("H-1")
        self.handed_over.update({one.item.lookup_id: one.answer for one in found})
        with suppress(*TROUBLE):
            self.bench.outbox.take("H-1", numbers=[one.item.number for one in found])

    def see_nothing_refused(self) -> None:
        outbox = self.bench.outbox
        seen = {item.lookup_id for item in outbox.items() if item.state not in (State.RETURNED,)}
        assert not seen & set(self.refused)
        assert sum(outbox.overview().counts.values()) == len(outbox.items())

    def check(self) -> None:
        heard = {json.loads(answer)["lookup_id"] for answer in self.bench.register.effects.values()}
        assert heard == set(self.acknowledged), "sent is what was acknowledged, and that alone"
        assert self.bench.outbox.items() == []
        assert {lookup for lookup, answer in self.handed_over.items() if answer} == set(self.acknowledged)
        acts = [json.loads(leaf) for _, leaf in self.ledger.leaves()]
        assert [int(act["detail"].split()[1]) for act in acts] == list(range(1, len(acts) + 1)), "no act is missing"
        kinds = Counter((act["lookup"], act["kind"]) for act in acts)
        for lookup in self.acknowledged:
            assert [kinds[lookup, kind] for kind in ("queued", "answered", "taken")] == [1, 1, 1]
            assert kinds[lookup, "sent"] == kinds[lookup, "not-answered"] + 1
        assert not {act["lookup"] for act in acts if act["kind"] == "sent"} & set(self.refused)
        assert self.bench.outbox.overview().trouble == ""
        assert not list(self.folder.glob("*.refused-*"))


@pytest.fixture
def walk_in(
    tmp_path: Path, signer: SoftwareSigner, box: Any, clock: Any, bench: Any
) -> Iterator[Callable[[Path], Walk]]:
    with closing(RegisterGuard(now=clock, draw=lambda: 0.5)) as guard:

        def bench_of(file: Path, ledger: Ledger) -> Any:
            outbox = Outbox(file, box, "desk-1", ledger, now=clock)
            bench.register.outbox = outbox
            return type(bench)(outbox, clock, bench.register, guard)

        begun = Walk(tmp_path / "begun", signer, bench_of)
        begun.folder.mkdir()
        begun.open()
        begun.close()

        def walk(folder: Path) -> Walk:
            # To begin the files anew each time costs more than all that happens to them.
            shutil.copytree(begun.folder, folder)
            bench.register.effects.clear()
            walk = Walk(folder, signer, bench_of)
            walk.open()
            return walk

        yield walk


@pytest.mark.parametrize("restarted", [False, True], ids=["goes on", "is started again"])
@pytest.mark.parametrize(
    ("files", "word", "once"),
    [
        ("outbox", "SQLITE_FULL", False),
        ("ledger", "SQLITE_FULL", False),
        ("both", "SQLITE_FULL", False),
        ("outbox", "SQLITE_BUSY", True),
        ("ledger", "SQLITE_BUSY", True),
    ],
)
def test_whichever_write_fails_nothing_acknowledged_is_lost_and_nothing_refused_is_sent(
    walk_in: Callable[[Path], Walk],
    letter_of: Letters,
    tmp_path: Path,
    files: str,
    word: str,
    once: bool,
    restarted: bool,
) -> None:
    passes, refusals = 0, 0
    while True:
        walk = walk_in(tmp_path / f"at-{passes}")
        disk = Disk(passes, word, once)
        walk.fail(disk, files)
        walk.put(letter_of())
        walk.put(letter_of())
        walk.send()
        walk.hand_over()
        disk.whole = True
        if restarted:
            walk.close()
            walk.open()
        walk.send()
        walk.hand_over()
        walk.check()
        walk.close()
        passes, refusals = passes + 1, refusals + len(walk.refused)
        if not disk.failed:
            break
    assert refusals
    assert passes > 20


def test_a_look_up_that_was_refused_and_not_taken_back_is_not_sent_and_not_seen_while_it_lasts(
    walk_in: Callable[[Path], Walk], letter_of: Letters, tmp_path: Path, box: Any
) -> None:
    """Neither file takes another page: the look-up is on the disk, and its caller was told that it is not."""
    walk = walk_in(tmp_path / "full")
    kept, letter = letter_of("H-1"), letter_of("H-2")
    walk.put(kept)
    full = Disk(0, "SQLITE_FULL")
    walk.fail(full, "ledger")
    append = walk.ledger.append_all

    def full_by_then(acts: Any) -> int:
        walk.fail(full, "outbox")
        return append(acts)

    walk.ledger.append_all = full_by_then  # type: ignore[method-assign]  # the room goes between the two writes
    with pytest.raises(LedgerUnusable):
        walk.bench.outbox.put(letter)
    outbox = walk.bench.outbox
    assert outbox._store._db.execute("SELECT count(*) FROM item").fetchone() == (2,)
    assert [item.lookup_id for item in outbox.items()] == [kept.lookup_id]
    assert (outbox.item(2), outbox.find("population", letter.idempotency_key)) == (None, None)
    assert (outbox.numbers(State.QUEUED), outbox.overview().waiting) == ([1], 1)
    with OutboxBeside(walk.folder / "outbox.db", box, "desk-1") as beside:
        assert [item.lookup_id for item in beside.items()] == [kept.lookup_id]
    for attempt in (outbox.ready, walk.bench.drain, lambda: outbox.put(letter_of())):
        with pytest.raises(TROUBLE):
            attempt()
    full.whole = True
    again = outbox.put(letter)
    assert (again.number, again.state) == (3, State.QUEUED), "and it can be queued then"
    assert walk.bench.drain().answered == 2
    walk.close()


def test_while_the_desk_has_no_room_for_an_answer_it_is_asked_for_again_with_one_effect(
    bench: Any, letter_of: Letters
) -> None:
    """A real limit of SQLite's: the file takes no more pages."""
    first, _ = bench.outbox.put(letter_of("H-1")), bench.outbox.put(letter_of("H-1"))
    database, ask = bench.outbox._store._db, bench.register.ask_sealed

    def grown(path: str, sealed: bytes, purpose: str, idempotency_key: str) -> SignedAnswer:
        (pages,) = database.execute("PRAGMA page_count").fetchone()
        database.execute(f"PRAGMA max_page_count = {pages}")
        answer = ask(path, sealed, purpose, idempotency_key)
        return SignedAnswer(answer.body[:-1] + b',"more":"' + b"x" * 40_000 + b'"}', answer.key_id, answer.created)

    bench.register.ask_sealed = grown
    with pytest.raises(OutboxUnusable, match="disk-full"):
        bench.drain()
    assert bench.states() == [State.SENDING, State.QUEUED]
    database.execute("PRAGMA max_page_count = 1000000")
    bench.register.ask_sealed = ask
    assert bench.drain().answered == 2
    assert [key for key, _ in bench.register.heard].count(first.idempotency_key) == 2
    assert len(bench.register.effects) == 2


@pytest.mark.parametrize("moment", ["before", "while"])
def test_a_ledger_that_somebody_holds_for_a_moment_holds_up_nothing_for_longer(
    bench: Any, letter_of: Letters, tmp_path: Path, ledger: Ledger, moment: str
) -> None:
    """A real lock, as another desk on the same ledger takes it, before the request goes out or while it is answered."""
    ledger._db.execute("PRAGMA busy_timeout = 50")
    bench.outbox.put(letter_of())
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
        ask = bench.register.ask_sealed

        def held(*asked: Any) -> SignedAnswer:
            answer = ask(*asked)
            other.execute("BEGIN IMMEDIATE")
            return answer

        if moment == "before":
            other.execute("BEGIN IMMEDIATE")
        else:
            bench.register.ask_sealed = held
        with pytest.raises(LedgerUnusable, match="in-use"):
            bench.drain()
        other.execute("ROLLBACK")
        bench.register.ask_sealed = ask
        bench.drain()
    assert bench.states() == [State.ANSWERED]
    assert len(bench.register.effects) == 1


def test_what_another_thread_sends_is_not_given_back_and_not_sent_twice(bench: Any, letter_of: Letters) -> None:
    """`send` by hand beside the desk's own thread."""
    bench.outbox.put(letter_of("H-1"))
    ask = bench.register.ask_sealed

    def beside(*asked: Any) -> SignedAnswer:
        bench.register.ask_sealed = ask
        assert bench.states() == [State.SENDING]
        assert bench.drain().sent == 0
        assert bench.states() == [State.SENDING]
        answer: SignedAnswer = ask(*asked)
        return answer

    bench.register.ask_sealed = beside
    assert bench.drain().answered == 1
    assert len(bench.register.heard) == 1


def test_what_the_ledger_took_though_it_was_not_told_goes_back_to_its_dossier_unsent(
    walk_in: Callable[[Path], Walk], letter_of: Letters, tmp_path: Path
) -> None:
    """Written, and the word of it lost: nobody can take a leaf out again, and nobody sends what was refused."""
    walk = walk_in(tmp_path / "told")
    append = walk.ledger.append_all

    def lost(acts: Any) -> int:
        append(acts)
        raise LedgerUnusable("not-usable")

    walk.ledger.append_all = lost  # type: ignore[method-assign]  # the word of it is lost
    letter = letter_of()
    walk.put(letter)
    walk.ledger.append_all = append  # type: ignore[method-assign]  # as it was
    walk.send()
    with pytest.raises(OutboxUnusable, match="not-acknowledged"):
        walk.bench.outbox.put(letter)
    (taken,) = walk.bench.outbox.take("H-1")
    assert (taken.item.state, taken.item.reason) == (State.RETURNED, "not-acknowledged")
    assert walk.bench.register.effects == {}
    walk.check()
    walk.close()
