"""The keeper: it believes the service's signed word and nothing else, and does what it says."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from auth.device import SoftwareSigner
from auth.device.errors import (
    DeviceNotEnrolled,
    DevicePending,
    DeviceRevoked,
    DeviceStatusUnknown,
    DeviceSuspended,
    DeviceWiped,
    EnrolmentFailed,
    TokenUnavailable,
)
from auth.device.keeper import DeviceKeeper
from auth.device.keys import KeyUse
from auth.device.late import late_credential
from auth.device.messages import StatusReply
from auth.device.rotating import ROTATION_DAYS, WARN_DAYS
from auth.device.service import DeviceService
from auth.device.statements import write_statement
from auth.device.states import DeviceAct, DeviceState
from auth.device.status import STATUS_KIND, StatusClaims, pack_states
from auth.device.wiping import (
    ACKNOWLEDGEMENT_KIND,
    WIPE_KIND,
    AcknowledgementClaims,
    WipeClaims,
    acknowledge_wipe,
    finish_wipe,
    take_order,
)
from auth.device_key import DeviceKey
from auth.errors import LedgerUnusable, RegisterError, RegisterUnreachable
from auth.wire import AnswerKey, RegisterEndpoint
from mock_registers.enrolment_tables import DeviceRow


def keeper_of(desk: Any, **other: Any) -> DeviceKeeper:
    return DeviceKeeper(desk.folder, desk.store, desk.registrar.enrolment, **other)


def later(**delta: float) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + timedelta(**delta)


def test_the_standing_follows_the_registrar_and_is_kept_between_starts(desk: Any) -> None:
    with pytest.raises(DeviceNotEnrolled):
        keeper_of(desk).require_lookup()
    device = desk.enrol().device_id
    with pytest.raises(DevicePending):
        keeper_of(desk).require_lookup()
    desk.registrar.act(device, DeviceAct.APPROVE)
    desk.enrol()
    with pytest.raises(DeviceStatusUnknown):
        keeper_of(desk).require_lookup()
    assert keeper_of(desk).refresh().may_look_up
    keeper_of(desk).require_lookup()
    for act, error in (
        (DeviceAct.SUSPEND, DeviceSuspended),
        (DeviceAct.RESUME, None),
        (DeviceAct.REVOKE, DeviceRevoked),
    ):
        desk.registrar.act(device, act)
        standing = keeper_of(desk).refresh()
        if error is None:
            keeper_of(desk).require_lookup()
        else:
            with pytest.raises(error):
                keeper_of(desk, now=later(days=400)).require_lookup()
        assert standing.outbox_frozen is (act is DeviceAct.REVOKE)


def test_without_network_good_news_last_a_day_across_starts(desk: Any) -> None:
    desk.become_active()
    keeper_of(desk).refresh()
    keeper_of(desk, now=later(hours=23)).require_lookup()
    for wrong in (later(hours=25), later(days=-1)):
        with pytest.raises(DeviceStatusUnknown):
            keeper_of(desk, now=wrong).require_lookup()


@pytest.mark.parametrize("damage", [b"", b"x", b"\xff\xfe", b"a.b.c"])
def test_a_status_file_that_was_changed_counts_for_nothing(desk: Any, damage: bytes) -> None:
    desk.become_active()
    keeper_of(desk).refresh()
    (desk.folder.path / "status.jws").write_bytes(damage)
    with pytest.raises(DeviceStatusUnknown):
        keeper_of(desk).require_lookup()
    keeper_of(desk).refresh()
    keeper_of(desk).require_lookup()


def test_another_devices_or_a_strangers_list_opens_nothing(desk: Any) -> None:
    device = desk.become_active()
    desk.registrar.act(device, DeviceAct.SUSPEND)
    keeper_of(desk).refresh()
    now = int(time.time())
    claims = StatusClaims(
        iss="enrolment",
        iat=now,
        exp=now + 900,
        ttl=900,
        status_list=pack_states({desk.record.index: DeviceState.ACTIVE}),
    )
    desk.folder.write_status(write_statement(STATUS_KIND, claims, SoftwareSigner.generate()))
    with pytest.raises(DeviceSuspended):
        keeper_of(desk).require_lookup()


class Service:
    """Play the service's signed answers with a key that the desk has pinned."""

    def __init__(self, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.key = SoftwareSigner.generate()
        self.desk = desk
        spki = DeviceKey.from_pem(self.key.public_pem()).to_der()
        pinned = (AnswerKey(self.key.key_id, spki),)
        self.endpoint: RegisterEndpoint = dataclasses.replace(desk.registrar.enrolment, answer_keys=pinned)
        self.status_list = self.list_of(int(time.time()))
        self.wipe_order = ""
        monkeypatch.setattr(DeviceService, "status", lambda _service, device: self.reply(device))

    def list_of(self, iat: int, state: DeviceState = DeviceState.ACTIVE, **other: Any) -> str:
        array = pack_states({self.desk.record.index: state})
        said = {"iss": "enrolment", "iat": iat, "exp": iat + 86_400, "ttl": 900, "status_list": array, **other}
        return write_statement(STATUS_KIND, StatusClaims(**said), self.key)

    def order(self, **other: Any) -> str:
        record = self.desk.record
        said = {"iss": "enrolment", "order": "o1", "device": record.device_id, "key": record.keys.signing, "iat": 1}
        return write_statement(WIPE_KIND, WipeClaims(**{**said, **other}), self.key)

    def reply(self, device: str) -> StatusReply:
        return StatusReply(device=device, status_list=self.status_list, wipe_order=self.wipe_order)

    def keeper(self, **other: Any) -> DeviceKeeper:
        return DeviceKeeper(self.desk.folder, self.desk.store, self.endpoint, **other)


@pytest.fixture
def service(desk: Any, monkeypatch: pytest.MonkeyPatch) -> Service:
    desk.become_active()
    return Service(desk, monkeypatch)


def test_an_older_list_than_the_one_that_is_kept_is_refused(service: Service) -> None:
    now = int(time.time())
    service.status_list = service.list_of(now, DeviceState.SUSPENDED)
    service.keeper().refresh()
    service.status_list = service.list_of(now - 3_600)
    with pytest.raises(EnrolmentFailed, match="older"):
        service.keeper().refresh()
    with pytest.raises(DeviceSuspended):
        service.keeper().require_lookup()


@pytest.mark.parametrize(
    "other", [{"iss": "population"}, {"exp": 5}, {"status_list": pack_states({0: DeviceState.ACTIVE})}]
)
def test_a_list_of_somebody_else_or_without_this_device_is_refused(
    service: Service, desk: Any, other: dict[str, Any]
) -> None:
    desk.folder.write(desk.record.model_copy(update={"index": 9_000}) if "status_list" in other else desk.record)
    service.status_list = service.list_of(int(time.time()), **other)
    with pytest.raises(EnrolmentFailed):
        service.keeper().refresh()


@pytest.mark.parametrize(
    "order",
    [
        lambda service: service.order(device="desk-0000000000000000"),
        lambda service: service.order(key="k" * 43),
        lambda service: service.order() + "A",
        lambda service: service.list_of(1),
        lambda service: "x",
        lambda service: service.order(iss="population"),
    ],
    ids=["another device", "another key", "changed", "no order", "nothing", "another service"],
)
def test_an_order_that_cannot_be_believed_or_is_for_another_destroys_nothing(
    service: Service, desk: Any, order: Callable[[Service], str]
) -> None:
    service.wipe_order = order(service)
    with pytest.raises(EnrolmentFailed, match="order"):
        service.keeper().refresh()
    assert desk.record.wiping is None
    assert desk.store.key_ids() == set(desk.record.all_keys)


def test_a_wipe_exports_the_ledger_first_where_the_order_wants_that(desk: Any) -> None:
    device = desk.become_active()
    desk.registrar.devices.act(device, DeviceAct.ORDER_WIPE, ledger="export")
    keys_then: list[int] = []
    keeper = keeper_of(desk, export_ledger=lambda: keys_then.append(len(desk.store.key_ids())))
    assert keeper.refresh().state is DeviceState.WIPED
    assert keys_then == [2]


def test_a_wipe_destroys_everything_sealed_and_nothing_readable_is_left(
    desk: Any, keychain: Any, tmp_path: Any
) -> None:
    device = desk.become_active()
    signing = desk.store._load(desk.record.keys.signing, KeyUse.SIGNING)
    secret = signing.private_numbers().private_value.to_bytes(32, "big")
    sealed, elsewhere = desk.folder.path / "sealed" / "deep" / "outbox.db", tmp_path / "elsewhere.db"
    sealed.parent.mkdir(parents=True)
    for file in (sealed, elsewhere):
        file.write_bytes(b"SEALED-CONTENT")
    handle = sealed.open("rb")
    ledger = tmp_path / "ledger.db"
    ledger.write_bytes(b"the record of look-ups")
    desk.registrar.act(device, DeviceAct.ORDER_WIPE)
    keeper_of(desk, sealed_files=lambda: (elsewhere,)).refresh()
    # Not only unlinked: who still holds the file open, or finds its blocks, finds it overwritten.
    assert b"SEALED-CONTENT" not in handle.read()
    handle.close()
    assert ledger.read_bytes() == b"the record of look-ups"
    assert keychain.kept == {}
    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert secret not in left
    assert b"SEALED-CONTENT" not in left
    assert {path.name for path in desk.folder.path.rglob("*") if path.is_file()} == {"device.json", "lock"}
    assert desk.registrar.devices.find(device).state is DeviceState.WIPED


def test_the_last_word_is_handed_over_later_where_the_service_is_away(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = desk.become_active()
    desk.registrar.act(device, DeviceAct.ORDER_WIPE)

    def away(*_arguments: Any) -> Any:
        raise RegisterUnreachable("enrolment", "no-connection")

    with monkeypatch.context() as patched:
        patched.setattr(DeviceService, "wiped", away)
        with pytest.raises(RegisterUnreachable):
            keeper_of(desk).refresh()
    assert desk.store.key_ids() == set()
    assert desk.registrar.devices.find(device).state is DeviceState.REVOKED
    for _ in range(2):
        assert keeper_of(desk).refresh().state is DeviceState.WIPED
    assert desk.registrar.devices.find(device).state is DeviceState.WIPED


def test_only_the_wiped_devices_own_word_counts(desk: Any) -> None:
    device = desk.become_active()
    signer = desk.credential.signer
    desk.registrar.act(device, DeviceAct.ORDER_WIPE)
    with desk.registrar.devices.database.engine.connect() as connection:
        asked = select(DeviceRow.wipe_order).where(DeviceRow.device_id == device)
        order = connection.execute(asked).scalar_one()
    said = [(order, device, SoftwareSigner.generate()), ("another", device, signer), (order, "desk-x", signer)]
    forged = [
        *(
            write_statement(ACKNOWLEDGEMENT_KIND, AcknowledgementClaims(order=which, device=whose), by)
            for which, whose, by in said
        ),
        "x",
    ]
    with DeviceService(desk.registrar.enrolment, SoftwareSigner.generate()) as service:
        for statement in forged:
            with pytest.raises(RegisterError, match="malformed-device-message"):
                service.wiped(device, statement)
    assert desk.registrar.devices.find(device).state is DeviceState.REVOKED


def test_a_wiped_device_does_nothing_any_more(desk: Any) -> None:
    device = desk.become_active()
    desk.registrar.act(device, DeviceAct.ORDER_WIPE)
    keeper_of(desk).refresh()
    with pytest.raises(DeviceWiped):
        desk.enrol()
    with pytest.raises(DeviceWiped):
        keeper_of(desk).require_lookup()


def test_nothing_is_wiped_without_an_order(desk: Any) -> None:
    with pytest.raises(DeviceNotEnrolled):
        take_order(desk.folder, desk.store, "", {})
    for enrolled in (False, True):
        if enrolled:
            desk.become_active()
        with pytest.raises(DeviceNotEnrolled):
            finish_wipe(desk.folder, desk.store)
        with pytest.raises(DeviceNotEnrolled):
            acknowledge_wipe(desk.folder, desk.registrar.enrolment)
    assert len(desk.store.key_ids()) == 2


def test_the_thread_asks_at_once_and_ends_when_it_is_closed(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.become_active()
    asked = threading.Event()
    real = DeviceKeeper.refresh

    def noticed(keeper: DeviceKeeper) -> Any:
        standing = real(keeper)
        asked.set()
        return standing

    monkeypatch.setattr(DeviceKeeper, "refresh", noticed)
    keeper = keeper_of(desk)
    keeper.start()
    assert asked.wait(20.0)
    keeper.require_lookup()
    keeper.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "device"]


def test_a_wipe_that_failed_is_taken_up_again_whatever_of_ours_it_was(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = desk.become_active()
    desk.registrar.devices.act(device, DeviceAct.ORDER_WIPE, ledger="export")
    calls: list[int] = []
    again = threading.Event()

    def export() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise LedgerUnusable("damaged")
        again.set()

    monkeypatch.setattr("auth.device.keeper.RETRY_SECONDS", 0.0)
    keeper = keeper_of(desk, export_ledger=export)
    keeper.start()
    assert again.wait(20.0)
    keeper.close()
    assert keeper.standing().state is DeviceState.WIPED
    assert desk.store.key_ids() == frozenset()


def test_a_key_that_cannot_be_opened_is_told_at_each_use_and_used_once_it_can(desk: Any) -> None:
    desk.become_active()
    real, absent = desk.store, [True]

    class Store:
        def __getattr__(self, name: str) -> Any:
            if absent[0]:
                raise TokenUnavailable("taken out, or not there")
            return getattr(real, name)

    device = late_credential(desk.record, Store())  # type: ignore[arg-type]  # a store that is not there yet
    assert device.signer.key_id == desk.record.keys.signing
    assert device.opener is not None
    assert device.opener.key_id == desk.record.keys.opening
    for use in (lambda: device.signer.sign(b"m"), lambda: device.opener.agree(bytes(65)), lambda: device.opener.spki):
        with pytest.raises(TokenUnavailable):
            use()
    absent[0] = False
    key = real.public(desk.record.keys.signing)
    assert key.verifies(b"m", device.signer.sign(b"m"))
    assert device.opener.spki == real.public(desk.record.keys.opening).to_der()


def test_the_day_for_new_keys_is_told_two_weeks_before_and_once_it_is_past(desk: Any) -> None:
    assert keeper_of(desk).rotation_due() is None, "nobody has keys yet"
    desk.registrar.act(desk.enrol().device_id, DeviceAct.APPROVE)
    desk.enrol()
    assert keeper_of(desk).rotation_due() is None
    assert keeper_of(desk, now=later(days=ROTATION_DAYS - WARN_DAYS - 2)).rotation_due() is None
    due = keeper_of(desk, now=later(days=ROTATION_DAYS - 3)).rotation_due()
    assert due in (2, 3)
    overdue = keeper_of(desk, now=later(days=ROTATION_DAYS + 5)).rotation_due()
    assert overdue in (-5, -6)


@pytest.mark.logs  # a fault of ours is worth an error in the log, and ends no thread
def test_whoever_follows_is_told_after_each_round_answered_or_not(desk: Any) -> None:
    desk.registrar.act(desk.enrol().device_id, DeviceAct.APPROVE)
    desk.enrol()
    nobody_there = dataclasses.replace(desk.registrar.enrolment, base_url="https://127.0.0.1:9")
    for service in (desk.registrar.enrolment, nobody_there, lambda: 1 // 0):
        keeper, told = DeviceKeeper(desk.folder, desk.store, service), threading.Event()
        keeper.follow(told.set)
        keeper.start()
        try:
            assert told.wait(20), service
        finally:
            keeper.close()
