"""Row L3: the thread that looks after the queue tells of a disk that takes no more, and catches up once it does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from auth.errors import LedgerUnusable
from auth.outbox import Event, Letter
from auth.purposes import shipped_registry
from desk.lookups import ask, make_lookup
from desk.ports import Registers
from desk.registers_assembly import registers_of
from desk.settings import Settings
from desk.view import WaitingView
from mock_registers.sandbox import open_register_sandbox
from reader.lds import CalendarDate, Identity, Sex

IDENTITY = Identity("099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), Sex.MALE, "Việt Nam")


@pytest.fixture
def registers(tmp_path: Path) -> Iterator[Registers]:
    """Return registers that are away, whose look-ups can wait."""
    settings = Settings(ledger=tmp_path / "ledger.db", clerk_id="cb-001")
    with open_register_sandbox() as sandbox:
        away = [replace(one, base_url="https://127.0.0.1:9") for one in sandbox.endpoints]
        opened = registers_of(settings, away, sandbox.device)
        yield opened
        opened.close()


def failure_of(registers: Registers) -> str:
    register = registers.of("population")
    assert register.find is not None
    lookup = make_lookup(IDENTITY, shipped_registry().purpose("land-change-registration"), "cb-001")
    return ask(register.kind, register.find, lookup).failure


def test_a_disk_that_takes_no_more_is_told_before_a_card_is_put_on_and_until_it_does(
    registers: Registers, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = registers.waiting
    assert waiting is not None
    waiting.start(lambda: None)
    assert waiting.settled(1, 30)
    assert waiting.view() == WaitingView()
    with monkeypatch.context() as full:
        usage = shutil.disk_usage(Path.cwd())
        full.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000))
        waiting.wake()
        assert waiting.settled(2, 30)
        assert waiting.view() == WaitingView(trouble="ledger-no-room")
        assert failure_of(registers) == "ledger-no-room", "and a look-up that is tried all the same says it too"
    waiting.wake()
    assert waiting.settled(3, 30)
    assert waiting.view() == WaitingView()
    assert failure_of(registers) == "register-unreachable", "it is asked again"


def test_what_the_ledger_could_not_take_it_takes_later_though_nothing_waits_any_more(
    registers: Registers, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, keeper = registers.waiting, registers.keeper
    assert waiting is not None
    assert keeper is not None
    outbox, ledger = waiting._opened(), keeper.ledger()

    def refuse(_: object) -> int:
        raise LedgerUnusable("disk-full")

    asked = ("visit-1", "H-1", "population", "/p", "purpose", "basis", "cb-001", "key-1", "099090000001")
    item = outbox.put(Letter(*asked, b"a.b.c.d.e"))
    with monkeypatch.context() as full:
        full.setattr(ledger, "append_all", refuse)
        with pytest.raises(LedgerUnusable):
            outbox.happen(item, Event.GIVE_BACK)
    assert outbox.overview().waiting == 0
    waiting.start(lambda: None)
    assert waiting.settled(1, 30)
    assert [json.loads(leaf)["kind"] for _, leaf in ledger.leaves()] == ["queued", "returned"]
