"""A desk that is open rotates its keys when they are due: between two visits, once, and told in the ledger."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth.device.keeper import DeviceKeeper
from auth.device.rotating import ROTATION_DAYS, rotate
from auth.device.self_rotating import BASE_S, BUSY_S, CAP_S, SelfRotation
from auth.device.states import DeviceAct
from auth.errors import LedgerUnusable, RegisterError
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential
from auth.wire.client import WireClient


@dataclass
class OpenDesk:
    """A desk that was opened with the keys of that moment, and the days that have gone by since."""

    desk: Any
    days: float = 0
    idle: bool = True
    told: list[str] = field(default_factory=list)
    ledger_usable: bool = True

    def __post_init__(self) -> None:
        self.desk.become_active()
        self.in_use = self.desk.record.keys.signing
        self.credential: DeviceCredential = self.desk.credential
        self.rotation = SelfRotation(
            self.desk.folder,
            self.desk.store,
            lambda: self.desk.registrar.enrolment,
            idle=lambda: self.idle,
            write_down=self.write_down,
            is_written=self.is_written,
            now=self.now,
            draw=lambda: 0.5,
        )

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=self.days)

    def write_down(self, said: str) -> None:
        if not self.ledger_usable:
            raise LedgerUnusable("disk-full")
        self.told.append(said)

    def is_written(self, said: str) -> bool:
        return said in self.told

    def step(self) -> float | None:
        return self.rotation.step(self.in_use)

    @property
    def present(self) -> str:
        return str(self.desk.record.keys.signing)


@pytest.fixture
def opened(desk: Any) -> OpenDesk:
    return OpenDesk(desk)


def looks_up(opened: OpenDesk, lookup: Lookup, device: DeviceCredential) -> bool:
    endpoint = opened.desk.registrar.endpoints["population"]
    with closing(PopulationClient(endpoint, device)) as client:
        return client.find_citizen(lookup).record is not None


def test_before_they_are_due_nothing_happens_and_then_once(opened: OpenDesk, lookup: Lookup) -> None:
    opened.days = ROTATION_DAYS - 2
    assert (opened.step(), opened.present, opened.told) == (None, opened.in_use, [])
    opened.days = ROTATION_DAYS + 0.5
    assert opened.step() is None
    new = opened.present
    assert new != opened.in_use
    assert opened.told == [f"begun {opened.in_use}", f"done {new}"]
    opened.days = 3 * ROTATION_DAYS
    assert (opened.step(), opened.present, len(opened.told)) == (None, new, 2), "not again before it was opened anew"
    assert looks_up(opened, lookup, opened.credential), "it goes on with the keys that it was opened with"
    assert looks_up(opened, lookup, opened.desk.credential), "and at the next start with the new ones"


def test_never_while_a_visit_is_on(opened: OpenDesk) -> None:
    opened.days, opened.idle = ROTATION_DAYS + 1, False
    assert (opened.step(), opened.present, opened.told) == (BUSY_S, opened.in_use, [])
    opened.idle = True
    assert opened.step() is None
    assert opened.present != opened.in_use


def test_without_the_service_it_waits_longer_each_time_and_not_for_ever(
    opened: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.days = ROTATION_DAYS + 1
    asked = []

    def away(*_: Any) -> Any:
        asked.append(1)
        raise RegisterError("enrolment", "away")

    waits = []
    with monkeypatch.context() as patched:
        patched.setattr(WireClient, "ask_unsealed", away)
        for _ in range(12):
            wait = opened.step()
            assert wait is not None
            waits.append(wait)
            again = opened.step()
            assert again is not None
            assert 0 < again <= wait, "not before its time"
            opened.days += wait / 86_400 + 1e-6
    assert (waits[0], len(asked)) == (BASE_S, 12)
    assert waits == sorted(waits)
    assert BASE_S < waits[-1] <= CAP_S
    waiting = opened.desk.record.next
    assert waiting is not None
    opened.step()
    assert opened.present == waiting.signing, "the keys that were made at first"
    assert [said.split()[0] for said in opened.told] == ["begun", "done"]


def test_what_cannot_be_written_down_is_not_begun(opened: OpenDesk) -> None:
    opened.days, opened.ledger_usable = ROTATION_DAYS + 1, False
    assert opened.step() == BASE_S
    assert (opened.present, opened.desk.record.next) == (opened.in_use, None)


def test_what_was_done_and_could_not_be_written_down_is_written_down_later(
    opened: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.days = ROTATION_DAYS + 1

    def full_after_the_first(said: str) -> None:
        opened.write_down(said)
        opened.ledger_usable = False

    monkeypatch.setattr(opened.rotation, "_write_down", full_after_the_first)
    wait = opened.step()
    assert wait == BASE_S
    assert opened.present != opened.in_use
    again = opened.step()
    assert again is not None
    assert again <= wait, "not before its time"
    opened.ledger_usable = True
    opened.days += wait / 86_400 + 1e-6
    assert opened.step() is None
    assert opened.told == [f"begun {opened.in_use}", f"done {opened.present}"]


def test_while_something_is_sealed_to_keys_that_it_would_destroy_it_is_put_off(opened: OpenDesk) -> None:
    desk = opened.desk
    first = desk.record.keys
    rotate(desk.folder, desk.store, desk.registrar.enrolment)
    opened.in_use = opened.present
    sealed = {first.opening}
    opened.rotation = SelfRotation(
        desk.folder,
        desk.store,
        lambda: desk.registrar.enrolment,
        idle=lambda: True,
        write_down=opened.write_down,
        is_written=opened.is_written,
        now=opened.now,
        needed=sealed.__contains__,
        draw=lambda: 0.5,
    )
    opened.days = ROTATION_DAYS + 1
    assert (opened.step(), opened.present) == (BASE_S, opened.in_use)
    assert first.opening in desk.store.key_ids()
    assert [said.split()[0] for said in opened.told] == ["done"], "the one before, and nothing has begun"
    sealed.clear()
    opened.days += 1
    assert (opened.step(), opened.present == opened.in_use) == (None, False)
    assert first.opening not in desk.store.key_ids()


def test_of_two_programs_one_rotates(opened: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened.days = ROTATION_DAYS + 1

    def slower(said: str) -> None:
        if said.startswith("begun"):
            rotate(opened.desk.folder, opened.desk.store, opened.desk.registrar.enrolment)

    monkeypatch.setattr(opened.rotation, "_write_down", slower)
    # By the clock of the other program, which has just made them, they are young.
    monkeypatch.setattr("auth.device.self_rotating.days_left", lambda record, now: 0)
    monkeypatch.setattr(opened, "days", 0.0)
    assert opened.step() is None
    assert len(opened.desk.record.all_keys) == 4, "rotated once"


@pytest.mark.parametrize("act", [DeviceAct.SUSPEND, DeviceAct.REVOKE, DeviceAct.ORDER_WIPE])
def test_a_device_that_is_not_active_makes_no_keys(opened: OpenDesk, act: DeviceAct) -> None:
    opened.desk.registrar.act(opened.desk.record.device_id, act)
    DeviceKeeper(opened.desk.folder, opened.desk.store, opened.desk.registrar.enrolment).refresh()
    opened.days = ROTATION_DAYS + 1
    assert (opened.step(), opened.told) == (None, [])


def test_keys_that_a_desk_has_open_are_not_destroyed_and_until_when_they_serve_is_told(opened: OpenDesk) -> None:
    opened.days = ROTATION_DAYS + 1
    opened.step()
    opened.days += 30

    def keeper(**more: Any) -> DeviceKeeper:
        desk = opened.desk
        return DeviceKeeper(desk.folder, desk.store, desk.registrar.enrolment, now=opened.now, **more)

    open_desk = keeper(in_use=opened.in_use)
    open_desk.refresh()
    assert opened.in_use in opened.desk.store.key_ids()
    until = open_desk.restart_by()
    assert until is not None
    assert until.timestamp() == opened.desk.record.previous_until
    sealed = {opened.desk.record.previous.opening}
    started_again = keeper(in_use=opened.present, needed=sealed.__contains__)
    assert started_again.restart_by() is None
    started_again.refresh()
    assert opened.in_use in opened.desk.store.key_ids(), "something may be sealed to them yet"
    sealed.clear()
    started_again.refresh()
    assert opened.in_use not in opened.desk.store.key_ids()


def test_a_desk_whose_keys_were_replaced_twice_is_told_to_go_over_now(opened: OpenDesk) -> None:
    desk = opened.desk
    keeper = DeviceKeeper(
        desk.folder,
        desk.store,
        desk.registrar.enrolment,
        now=lambda: datetime(2026, 11, 27, tzinfo=UTC),
        in_use=opened.in_use,
    )
    assert keeper.restart_by() is None
    for _ in range(2):
        rotate(desk.folder, desk.store, desk.registrar.enrolment, needed=lambda _: False)
    assert opened.in_use not in desk.record.all_keys
    assert keeper.restart_by() == datetime(2026, 11, 27, tzinfo=UTC)
    nothing_open = DeviceKeeper(desk.folder, desk.store, desk.registrar.enrolment)
    assert nothing_open.restart_by() is None


def test_the_keeper_does_it_on_its_thread(opened: OpenDesk) -> None:
    opened.days = ROTATION_DAYS + 1
    desk = opened.desk
    keeper = DeviceKeeper(desk.folder, desk.store, desk.registrar.enrolment, now=opened.now, in_use=opened.in_use)
    # A day and more ahead, by this clock, no status list is young: that is told, and rotates all the same.
    keeper.rotate_when(lambda: True, opened.write_down, opened.is_written)
    seen: list[str] = []
    done = threading.Event()

    def news() -> None:
        seen.append(opened.present)
        done.set()

    keeper.follow(news)
    keeper.start()
    assert done.wait(30)
    keeper.close()
    assert seen[0] != opened.in_use
    assert [said.split()[0] for said in opened.told] == ["begun", "done"]
