"""A damaged queue behind an open desk: what stops its rebuilding for a round or two loses nothing of it."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.errors import OutboxNoRoom, OutboxUnusable
from auth.ledger import Ledger
from auth.ledger.keeper import LedgerKeeper
from auth.outbox import Letter, OpenerBox, Outbox
from auth.outbox.acts import ActLog
from auth.outbox.standing import EnrolledDevice, SignedInClerk
from auth.outbox.swap import complete as completed
from auth.wire.guard import RegisterGuard
from desk.settings import Settings
from desk.view import WaitingView
from desk.waiting import WaitingLookups, WaitingParts
from desk.waiting_assembly import outbox_file, outbox_files, queue_needs

QUEUED = 5
DAMAGE = (
    "PRAGMA writable_schema = ON",
    "UPDATE sqlite_master SET sql = 'CREATE INDEX by_state ON item (number)' WHERE name = 'by_state'",
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(ledger=tmp_path / "ledger.db")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path / "ledger.db", SoftwareSigner.generate(), machine="")) as opened:
        yield opened


class LateBox(OpenerBox):
    """The device's key, behind a keychain that is locked as often as it is said."""

    locked = 0

    def open(self, sealed: bytes) -> bytes:
        if self.locked:
            self.locked -= 1
            raise OutboxUnusable("key-locked")
        return super().open(sealed)


@pytest.fixture
def box() -> LateBox:
    return LateBox(SoftwareOpener.generate())


@pytest.fixture
def damaged(settings: Settings, log: Ledger, box: LateBox) -> Path:
    file = outbox_file(settings)
    with closing(Outbox(file, box, "desk-1", log)) as outbox:
        for number in range(QUEUED):
            outbox.put(
                Letter(
                    lookup_id=str(uuid.uuid4()),
                    dossier=f"H-{number}",
                    register="population",
                    path="/v1/persons:lookup",
                    purpose="citizen-information",
                    legal_basis="Luật Căn cước 26/2023/QH15, Điều 22",
                    clerk="cb-001",
                    idempotency_key=str(uuid.uuid4()),
                    subject="099090000001",
                    sealed=b"aGVhZA.a2V5.aXY.dGV4dA.dGFn",
                )
            )
    with closing(sqlite3.connect(file)) as database, database:
        for statement in DAMAGE:
            database.execute(statement)
    return file


@pytest.fixture
def waiting(damaged: Path, log: Ledger, box: LateBox) -> Iterator[WaitingLookups]:
    def opened(acts: ActLog) -> Outbox:
        return Outbox(damaged, box, "desk-1", acts)

    keeper = LedgerKeeper(lambda: log, (), hours=0)
    made = WaitingLookups(
        WaitingParts(
            open_outbox=opened,
            keeper=keeper,
            clients={},
            guard=RegisterGuard(),
            device=EnrolledDevice(),
            clerks=SignedInClerk("cb-001"),
            device_id="desk-1",
            allows=lambda *_: True,
            round_seconds=0.01,
        )
    )
    yield made
    made.close()
    # Its thread would meet a ledger that is closed in the middle of another test.
    keeper.close()


def shown(waiting: WaitingLookups) -> Callable[[], list[str]]:
    """Begin, and return what says which troubles were shown one after the other."""
    seen: list[str] = []

    def look() -> None:
        view = waiting.view()
        if view is not None:
            seen.append(view.trouble)

    waiting.start(look)
    return lambda: seen


def check(waiting: WaitingLookups) -> None:
    view = waiting.view()
    assert view is not None
    assert view == WaitingView(count=QUEUED, since=view.since, trouble="outbox-damaged")
    assert waiting._opened().overview().lost == 0


@pytest.mark.logs  # of what was put aside
def test_a_key_that_is_locked_in_the_first_rounds_loses_nothing(waiting: WaitingLookups, box: LateBox) -> None:
    box.locked = 2
    troubles = shown(waiting)
    assert waiting.settled(4, 30)
    assert troubles()[0] == "outbox-unusable"
    check(waiting)


@pytest.mark.logs  # of what was put aside
def test_a_disk_that_is_full_in_the_first_round_loses_nothing(
    waiting: WaitingLookups, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [2]

    def full(file: Path) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise OutboxNoRoom("disk-full")
        completed(file)

    monkeypatch.setattr("auth.outbox.rebuild.complete", full)
    troubles = shown(waiting)
    assert waiting.settled(4, 30)
    assert troubles()[0] == "outbox-no-room"
    check(waiting)


def test_an_order_to_wipe_and_the_former_keys_know_a_queue_that_is_not_in_its_place_yet(
    damaged: Path, settings: Settings
) -> None:
    damaged.with_name("outbox.db.making").write_bytes(b"half")
    damaged.rename(damaged.with_name("outbox.db.new"))
    assert queue_needs(settings, "whichever it is"), "the keys that it is sealed to are still needed"
    there = {path for path in damaged.parent.glob("outbox.db*") if path.suffix != ".lock"}
    assert {path for path in outbox_files(settings) if path.exists()} == there
