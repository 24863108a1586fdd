"""Rotation: announced by the old key, proven by the new ones, both taken for a while, and each taken over in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import update

from auth.device import SoftwareOpener, SoftwareSigner
from auth.device.errors import DeviceKeyUnusable, DeviceNotEnrolled, FormerKeysNeeded
from auth.device.keeper import DeviceKeeper
from auth.device.messages import NEW_KEYS_KIND, NewKeysClaims, RotateRequest, key_to_text, opened_to_text
from auth.device.record import DeviceRecord
from auth.device.rotating import days_left, forget_previous, rotate
from auth.device.service import DeviceService, open_challenge
from auth.device.statements import write_statement
from auth.device.states import DeviceAct
from auth.device_key import DeviceKey
from auth.errors import OutboxUnusable, RegisterError, RegisterRefused
from auth.outbox import OpenerBox
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential
from auth.wire.client import WireClient
from mock_registers.enrolment.register import OVERLAP_SECONDS
from mock_registers.enrolment_tables import DeviceKeysRow


def looks_up(desk: Any, lookup: Lookup, device: DeviceCredential) -> bool:
    with closing(PopulationClient(desk.registrar.endpoints["population"], device)) as client:
        return client.find_citizen(lookup).record is not None


def credential(desk: Any, pair: Any) -> DeviceCredential:
    return DeviceCredential(desk.record.device_id, desk.store.signer(pair.signing), desk.store.opener(pair.opening))


def rotate_here(desk: Any) -> DeviceRecord:
    return rotate(desk.folder, desk.store, desk.registrar.enrolment, needed=lambda _: False)


def forget_on_the_other_side(desk: Any, key_id: str) -> None:
    with desk.registrar.devices.database.transaction() as connection:
        connection.execute(update(DeviceKeysRow).where(DeviceKeysRow.key_id == key_id).values(until=1))


def test_after_a_rotation_both_pairs_are_taken_until_the_window_ends(desk: Any, lookup: Lookup) -> None:
    device = desk.become_active()
    old = desk.record.keys
    rotated = rotate_here(desk)
    assert rotated.previous == old
    assert not {rotated.keys.signing, rotated.keys.opening} & {old.signing, old.opening}
    assert abs(rotated.previous_until - time.time() - OVERLAP_SECONDS) < 60
    assert desk.credential.device_id == device
    for pair in (rotated.keys, old):
        assert looks_up(desk, lookup, credential(desk, pair))
    forget_on_the_other_side(desk, old.signing)
    assert looks_up(desk, lookup, credential(desk, rotated.keys))
    with pytest.raises(RegisterRefused, match="unknown-device"):
        looks_up(desk, lookup, credential(desk, old))


def test_a_rotation_waits_for_a_desk_that_holds_the_folder_for_a_moment(desk: Any) -> None:
    """An open desk does, whenever it asks for its status."""
    desk.become_active()
    before, held = desk.record.keys, threading.Event()

    def hold() -> None:
        with desk.folder.locked():
            held.set()
            time.sleep(0.3)

    holding = threading.Thread(target=hold)
    holding.start()
    assert held.wait(10)
    assert rotate_here(desk).keys != before
    holding.join()


def test_the_register_shows_the_new_keys_code_and_signs_for_the_new_key(desk: Any) -> None:
    device = desk.become_active()
    rotated = rotate_here(desk)
    assert desk.registrar.devices.key_of(device).key_id == rotated.keys.signing


def test_several_rotations_leave_two_pairs_at_most(desk: Any, lookup: Lookup) -> None:
    desk.become_active()
    for _ in range(3):
        rotate_here(desk)
    record = desk.record
    assert len(record.all_keys) == 4
    forget_previous(desk.folder, desk.store, time.time())
    assert desk.store.key_ids() == set(record.all_keys)
    assert looks_up(desk, lookup, desk.credential)


def test_the_old_keys_are_destroyed_when_the_window_has_ended_and_not_before(desk: Any) -> None:
    desk.become_active()
    old, until = desk.record.keys, rotate_here(desk).previous_until
    forget_previous(desk.folder, desk.store, until)
    assert old.signing in desk.store.key_ids()
    forget_previous(desk.folder, desk.store, until + 1)
    assert desk.store.key_ids() == {desk.record.keys.signing, desk.record.keys.opening}
    assert desk.record.previous is None
    with pytest.raises(DeviceKeyUnusable):
        desk.store.signer(old.signing)


def test_a_switch_whose_answer_was_lost_for_longer_than_the_window_is_found_out(
    desk: Any, lookup: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.become_active()
    old = desk.record.keys
    real = DeviceService.switch

    def lost(service: DeviceService, device: str, opened: str) -> Any:
        real(service, device, opened)
        raise RegisterError("enrolment", "lost")

    with monkeypatch.context() as patched:
        patched.setattr(DeviceService, "switch", lost)
        with pytest.raises(RegisterError, match="lost"):
            rotate_here(desk)
    assert desk.record.keys == old
    forget_on_the_other_side(desk, old.signing)
    announced = desk.record.next
    assert rotate_here(desk).keys == announced
    assert looks_up(desk, lookup, desk.credential)


def test_without_the_service_the_old_keys_go_on_and_the_new_ones_wait(
    desk: Any, lookup: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.become_active()
    old = desk.record.keys

    def away(*_arguments: Any) -> Any:
        raise RegisterError("enrolment", "away")

    with monkeypatch.context() as patched:
        patched.setattr(WireClient, "ask_unsealed", away)
        for _ in range(2):
            with pytest.raises(RegisterError, match="away"):
                rotate_here(desk)
    waiting = desk.record.next
    assert waiting is not None
    assert desk.record.keys == old
    assert looks_up(desk, lookup, desk.credential)
    forget_previous(desk.folder, desk.store, time.time() + 1e9)
    assert rotate_here(desk).keys == waiting


def _announcement(desk: Any, signer: SoftwareSigner, opener: SoftwareOpener, **changes: Any) -> RotateRequest:
    claims = {
        "device": desk.record.device_id,
        "old": desk.record.keys.signing,
        "signing": signer.key_id,
        "opening": opener.key_id,
        "iat": int(time.time()),
        **{name: value for name, value in changes.items() if name != "by"},
    }
    return RotateRequest(
        device=desk.record.device_id,
        signing=key_to_text(DeviceKey.from_pem(signer.public_pem())),
        opening=key_to_text(DeviceKey.from_der(opener.spki)),
        statement=write_statement(NEW_KEYS_KIND, NewKeysClaims(**claims), changes.get("by", signer)),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"by": SoftwareSigner.generate()},
        {"device": "desk-0000000000000000"},
        {"old": "o" * 43},
        {"signing": "s" * 43},
        {"opening": "p" * 43},
    ],
    ids=["not signed by itself", "another device", "after another key", "another key", "another opening key"],
)
def test_new_keys_that_do_not_speak_for_themselves_are_refused(desk: Any, changes: dict[str, Any]) -> None:
    desk.become_active()
    request = _announcement(desk, SoftwareSigner.generate(), SoftwareOpener.generate(), **changes)
    with (
        DeviceService(desk.registrar.enrolment, desk.credential.signer) as service,
        pytest.raises(RegisterError, match="malformed-device-message"),
    ):
        service.rotate(request)


def test_announced_keys_do_not_count_before_both_are_proven(desk: Any, lookup: Lookup) -> None:
    device = desk.become_active()
    signer, opener = SoftwareSigner.generate(), SoftwareOpener.generate()
    with DeviceService(desk.registrar.enrolment, desk.credential.signer) as service:
        challenge = service.rotate(_announcement(desk, signer, opener)).challenge
    with pytest.raises(RegisterRefused, match="unknown-device"):
        looks_up(desk, lookup, DeviceCredential(device, signer, opener))
    with DeviceService(desk.registrar.enrolment, signer) as service:
        with pytest.raises(RegisterRefused, match="possession-not-proven"):
            service.switch(device, opened_to_text(bytes(32)))
        service.switch(device, opened_to_text(open_challenge(challenge, opener)))
    assert looks_up(desk, lookup, DeviceCredential(device, signer, opener))


def test_a_key_that_was_replaced_announces_no_other(desk: Any) -> None:
    desk.become_active()
    old = desk.store.signer(desk.record.keys.signing)
    rotate_here(desk)
    request = _announcement(desk, SoftwareSigner.generate(), SoftwareOpener.generate(), old=old.key_id)
    with (
        DeviceService(desk.registrar.enrolment, old) as service,
        pytest.raises(RegisterRefused, match="wrong-device-state"),
    ):
        service.rotate(request)


@pytest.mark.parametrize("act", [DeviceAct.SUSPEND, DeviceAct.REVOKE])
def test_a_device_that_is_not_active_does_not_rotate(desk: Any, act: DeviceAct) -> None:
    device = desk.become_active()
    desk.registrar.act(device, act)
    with pytest.raises(RegisterRefused, match="wrong-device-state"):
        rotate_here(desk)
    DeviceKeeper(desk.folder, desk.store, desk.registrar.enrolment).refresh()
    with pytest.raises(DeviceNotEnrolled):
        rotate_here(desk)


def test_nothing_is_rotated_where_nothing_was_enrolled(desk: Any) -> None:
    with pytest.raises(DeviceNotEnrolled):
        rotate_here(desk)
    desk.enrol()
    with pytest.raises(DeviceNotEnrolled):
        rotate_here(desk)
    forget_previous(desk.folder, desk.store, time.time())
    assert len(desk.store.key_ids()) == 2


def test_keys_want_to_be_rotated_after_ninety_days(desk: Any) -> None:
    desk.become_active()
    made = desk.record.keys.made
    assert days_left(desk.record, made) == 90
    assert days_left(desk.record, made + 89.5 * 86_400) == 0
    assert days_left(desk.record, made + 90.5 * 86_400) == -1


@pytest.mark.parametrize("told", [True, False], ids=["told", "nobody says"])
def test_nothing_is_rotated_while_something_is_sealed_to_the_keys_that_it_would_destroy(
    desk: Any, told: bool, lookup: Lookup
) -> None:
    desk.become_active()
    first = desk.record.keys
    rotate_here(desk)
    before, keys = desk.record, desk.store.key_ids()
    knows: dict[str, Any] = {"needed": lambda key_id: key_id == first.opening} if told else {}
    for _ in range(2):
        with pytest.raises(FormerKeysNeeded):
            rotate(desk.folder, desk.store, desk.registrar.enrolment, **knows)
    assert (desk.record, desk.store.key_ids()) == (before, keys), "nothing was made, announced or destroyed"
    assert looks_up(desk, lookup, desk.credential)
    assert rotate_here(desk).previous == before.keys
    assert first.opening not in desk.store.key_ids()


def test_a_box_of_this_device_opens_before_and_after_a_rotation_and_nowhere_else(desk: Any) -> None:
    desk.become_active()
    before = desk.store.opener(desk.record.keys.opening)
    box = OpenerBox(before).seal(b"the outbox's key")
    rotate_here(desk)
    now = desk.store.opener(desk.record.keys.opening)
    assert OpenerBox(now, [before]).open(box) == b"the outbox's key"
    assert OpenerBox(now).open(OpenerBox(now, [before]).seal(b"again")) == b"again"
    for other in (now, SoftwareOpener.generate()):
        with pytest.raises(OutboxUnusable, match="key-locked"):
            OpenerBox(other).open(box)


def test_two_programs_do_not_rotate_one_device_at_once(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth.device.record._PATIENCE_S", 0.2)
    desk.become_active()
    with desk.folder.locked(), pytest.raises(DeviceKeyUnusable, match="another program"):
        rotate_here(desk)


def test_a_rotation_in_a_real_token(
    desk: Any, token_store: Callable[..., Any], token: Any, lookup: Lookup, tmp_path: Any
) -> None:
    import dataclasses

    from auth.device.record import DeviceFolder

    folder = DeviceFolder(tmp_path / "token")
    other = dataclasses.replace(desk, folder=folder, open_store=token_store, place=token.place)
    other.become_active()
    old = other.record.keys
    until = rotate_here(other).previous_until
    assert looks_up(other, lookup, other.credential)
    forget_previous(other.folder, other.store, until + 1)
    assert old.signing not in other.store.key_ids()
    assert {other.record.keys.signing, other.record.keys.opening} <= other.store.key_ids()
