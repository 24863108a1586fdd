"""Row L7: a folder that roams. It is copied to another computer, with logs and locks as they lie, and used in both."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.errors import LedgerMoved, LedgerUnusable
from auth.ledger import ActKind, LedgerReader
from auth.ledger.act import Act
from auth.purposes import shipped_registry
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from desk.lookups import ask, make_lookup
from desk.outcomes import LookupOutcome
from desk.ports import Registers
from desk.queueing import queue_one
from desk.registers_assembly import registers_of
from desk.settings import Settings
from desk.view import RegisterState
from mock_registers.gate import EnrolledDevice
from mock_registers.sandbox import serve_registers
from reader.lds import CalendarDate, Identity, Sex

NOWHERE = "https://127.0.0.1:9"
PATIENCE = 60.0
IDENTITY = Identity("099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), Sex.MALE, "Việt Nam")


@dataclass
class Computer:
    """One computer with its own mark, on which the folder of the same desk lies."""

    mark: str
    folder: Path
    device: DeviceCredential
    endpoints: tuple[RegisterEndpoint, ...]
    patch: pytest.MonkeyPatch
    opened: list[Registers] = field(default_factory=list)

    def start(self, *, away: bool = False) -> Registers:
        self.patch.setattr("auth.machine.machine_mark", lambda: self.mark)
        where = tuple(replace(one, base_url=NOWHERE) for one in self.endpoints) if away else self.endpoints
        settings = Settings(ledger=self.folder / "ledger.db", clerk_id="cb-001")
        self.opened.append(registers_of(settings, where, self.device))
        return self.opened[-1]

    def roam_to(self, other: Computer) -> None:
        """Copy everything as it lies there, in use or not."""
        shutil.rmtree(other.folder, ignore_errors=True)
        shutil.copytree(self.folder, other.folder)

    def acts(self) -> list[Act]:
        with closing(LedgerReader(self.folder / "ledger.db")) as ledger:
            return [Act.from_leaf(leaf) for _, leaf in ledger.leaves()]


@dataclass
class Place:
    """Two computers, and how often a register let somebody look."""

    here: Computer
    there: Computer
    database: Path

    def effects(self) -> int:
        with closing(sqlite3.connect(self.database)) as database:
            return int(database.execute("SELECT count(*) FROM accesses").fetchone()[0])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    keys = SoftwareSigner.generate(), SoftwareOpener.generate()
    public = load_pem_public_key(keys[0].public_pem())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    known, database = EnrolledDevice("desk-1", keys[0].key_id, public, keys[1].public_key), tmp_path / "registers.db"
    (tmp_path / "here").mkdir()
    with serve_registers([known], database_url=f"sqlite:///{database}") as served:
        device = DeviceCredential("desk-1", *keys)
        here, there = (Computer(name, tmp_path / name, device, served, monkeypatch) for name in ("here", "there"))
        yield Place(here, there, database)
        for registers in (*here.opened, *there.opened):
            registers.close()


def look_up(registers: Registers) -> LookupOutcome:
    register = registers.of("population")
    assert register.find is not None
    lookup = make_lookup(IDENTITY, shipped_registry().purpose("land-change-registration"), "cb-001")
    return ask(register.kind, register.find, lookup)


def until(what: Callable[[], bool], registers: Registers) -> None:
    """Wait for the registers to have been asked as often as it takes."""
    assert registers.keeper is not None
    for rounds in range(1, 10):
        if what():
            return
        registers.keeper.settled(rounds, PATIENCE)
    assert what()


def covered(registers: Registers) -> bool:
    assert registers.keeper is not None
    return registers.keeper._is_covered(registers.keeper.ledger())


def answered(registers: Registers) -> bool:
    return look_up(registers).state is RegisterState.ANSWERED


def refused_for_good(registers: Registers) -> bool:
    return look_up(registers).failure == "ledger-unusable"


@pytest.mark.logs  # a fork is worth an error in the log
def test_a_copy_asks_nobody_before_the_registers_have_seen_it_and_then_the_other_one_stops(place: Place) -> None:
    here = place.here.start()
    assert answered(here)
    until(lambda: covered(here), here)
    place.here.roam_to(place.there)
    there = place.there.start()
    assert look_up(there).failure == "ledger-moved", "at once, before anything is asked of anybody"
    until(lambda: answered(there), there)
    until(lambda: covered(there), there)
    (moved,) = [act for act in place.there.acts() if act.kind is ActKind.MOVED]
    assert moved.detail == "there"
    until(lambda: refused_for_good(here), here)
    again = place.here.start()
    until(lambda: refused_for_good(again), again)


@pytest.mark.logs  # a fork is worth an error in the log
def test_a_copy_of_a_folder_that_went_on_where_it_was_is_an_older_one(place: Place) -> None:
    here = place.here.start()
    assert answered(here)
    place.here.roam_to(place.there)
    until(lambda: covered(here), here)
    assert answered(here)
    until(lambda: covered(here), here)
    there = place.there.start()
    assert look_up(there).failure == "ledger-moved"
    until(lambda: refused_for_good(there), there)
    assert not [act for act in place.there.acts() if act.kind is ActKind.MOVED]
    assert answered(here), "the one whose it is goes on"


def test_away_from_the_registers_a_copy_asks_and_sends_nothing_and_says_why(place: Place) -> None:
    here = place.here.start(away=True)
    assert queue_one(here.waiting, look_up(here), "H-1").state is RegisterState.QUEUED
    place.here.roam_to(place.there)
    there = place.there.start(away=True)
    assert there.waiting is not None
    there.waiting.start(lambda: None)
    assert there.waiting.settled(1, PATIENCE)
    view = there.waiting.view()
    assert view is not None
    assert (view.count, view.trouble) == (1, "ledger-moved")
    with pytest.raises(LedgerMoved):
        there.waiting.send_now(threading.Event(), lambda _: None)
    assert look_up(there).failure == "ledger-moved"


@pytest.mark.logs  # a fork is worth an error in the log
def test_what_waited_in_both_places_is_sent_once_and_answered_once(place: Place) -> None:
    away = place.here.start(away=True)
    for dossier in ("H-1", "H-2"):
        assert queue_one(away.waiting, look_up(away), dossier).state is RegisterState.QUEUED
    # In use: the write-ahead logs and the file of the lock go with it, the lock itself stays.
    place.here.roam_to(place.there)
    assert {"outbox.db-wal", "outbox.db.lock", "ledger.db-wal"} <= {file.name for file in place.there.folder.iterdir()}
    away.close()
    here = place.here.start()
    assert here.waiting is not None
    progress, _ = here.waiting.send_now(threading.Event(), lambda _: None)
    assert (progress.answered, place.effects()) == (2, 2)
    until(lambda: covered(here), here)
    there = place.there.start()
    assert there.waiting is not None
    until(lambda: refused_for_good(there), there)
    with pytest.raises(LedgerUnusable, match="rolled-back"):
        there.waiting.send_now(threading.Event(), lambda _: None)
    assert place.effects() == 2


def test_what_the_registers_could_not_have_known_of_takes_effect_once_all_the_same(place: Place) -> None:
    """The first computer sent what waited and was gone before a register had countersigned that it did."""
    away = place.here.start(away=True)
    assert queue_one(away.waiting, look_up(away), "H-1").state is RegisterState.QUEUED
    place.here.roam_to(place.there)
    away.close()
    here = place.here.start()
    assert here.waiting is not None
    assert here.keeper is not None
    here.keeper._round = lambda: True  # type: ignore[method-assign]  # nobody is told of what it does
    progress, _ = here.waiting.send_now(threading.Event(), lambda _: None)
    assert (progress.answered, place.effects()) == (1, 1)
    there = place.there.start()
    assert there.waiting is not None
    until(lambda: answered(there), there)
    looked = place.effects()
    progress, _ = there.waiting.send_now(threading.Event(), lambda _: None)
    assert progress.answered == 1, "the register says again what it said"
    assert place.effects() == looked


def test_a_folder_that_is_carried_there_and_back_goes_on_in_each_place(place: Place) -> None:
    for number, (computer, other) in enumerate(((place.here, place.there), (place.there, place.here)) * 2):
        registers = computer.start()
        if number:
            assert look_up(registers).failure == "ledger-moved"
        until(lambda registers=registers: answered(registers), registers)  # type: ignore[misc]  # bound in this round
        until(lambda registers=registers: covered(registers), registers)  # type: ignore[misc]  # bound in this round
        registers.close()
        again = computer.start()
        assert answered(again), "where it was last used nobody need be asked first"
        again.close()
        computer.roam_to(other)
    assert [act.detail for act in place.here.acts() if act.kind is ActKind.MOVED] == ["there", "here", "there"]


@pytest.mark.logs  # a torn copy is worth an error in the log
def test_a_copy_that_lost_something_on_its_way_is_told(place: Place) -> None:
    """As where a tool copied one file after the other while they were written."""
    here = place.here.start()
    for _ in range(3):
        assert answered(here)
    until(lambda: covered(here), here)
    here.close()
    place.here.roam_to(place.there)
    with closing(sqlite3.connect(place.there.folder / "ledger.db")) as torn, torn:
        torn.execute("DELETE FROM leaf WHERE number = 1")
    there = place.there.start()
    assert look_up(there).failure == "ledger-moved"
    until(lambda: refused_for_good(there), there)
