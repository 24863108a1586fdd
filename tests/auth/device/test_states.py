"""The states of a device: every pair of state and act is walked, and each ends where the table says or is refused."""

from __future__ import annotations

import itertools

import pytest

from auth.device.states import TRANSITIONS, DeviceAct, DeviceState, WrongAct, after
from mock_registers.enrolment.devices import EnrolledDevices
from mock_registers.enrolment_tables import DeviceActRow, DeviceKeysRow, DeviceRow
from mock_registers.storage import Storage

PENDING, ACTIVE, SUSPENDED, REVOKED, WIPED = DeviceState
# Written down once more, by hand: the table as the registrar is told it.
EXPECTED = {
    PENDING: {DeviceAct.APPROVE: ACTIVE, DeviceAct.REVOKE: REVOKED},
    ACTIVE: {DeviceAct.SUSPEND: SUSPENDED, DeviceAct.REVOKE: REVOKED, DeviceAct.ORDER_WIPE: REVOKED},
    SUSPENDED: {DeviceAct.RESUME: ACTIVE, DeviceAct.REVOKE: REVOKED, DeviceAct.ORDER_WIPE: REVOKED},
    REVOKED: {DeviceAct.ORDER_WIPE: REVOKED, DeviceAct.ACKNOWLEDGE_WIPE: WIPED},
    WIPED: {},
}


@pytest.mark.parametrize(("state", "act"), list(itertools.product(DeviceState, DeviceAct)))
def test_every_act_in_every_state_ends_where_the_table_says_or_is_refused(state: DeviceState, act: DeviceAct) -> None:
    expected = EXPECTED[state].get(act)
    if expected is None:
        with pytest.raises(WrongAct, match=f"{act}: not for a device that is {state}"):
            after(state, act)
    else:
        assert after(state, act) is expected


def test_every_state_is_reached_and_nothing_leads_back_from_revoked() -> None:
    assert {state for state, _ in TRANSITIONS} | set(TRANSITIONS.values()) == set(DeviceState)
    assert {TRANSITIONS[pair] for pair in TRANSITIONS if pair[0] in (REVOKED, WIPED)} == {REVOKED, WIPED}


def test_the_database_walks_the_same_table_and_notes_every_act() -> None:
    storage = Storage()
    devices = EnrolledDevices(storage.database)
    for number, (state, act) in enumerate(itertools.product(DeviceState, DeviceAct)):
        device_id = _device(devices, number, state)
        expected = EXPECTED[state].get(act)
        if expected is None:
            with pytest.raises(WrongAct):
                devices.act(device_id, act)
            assert devices.find(device_id).state is state
            assert _acts(storage, device_id) == []
        else:
            assert devices.act(device_id, act).state is expected
            assert _acts(storage, device_id) == [(str(act), str(expected))]
    storage.close()


def test_a_second_order_to_wipe_is_the_same_order() -> None:
    storage = Storage()
    devices = EnrolledDevices(storage.database)
    device_id = _device(devices, 1, ACTIVE)
    orders = set()
    for _ in range(2):
        devices.act(device_id, DeviceAct.ORDER_WIPE)
        with devices.database.engine.connect() as connection:
            orders.add(connection.execute(DeviceRow.__table__.select()).one().wipe_order)
    assert len(orders) == 1
    storage.close()


def _device(devices: EnrolledDevices, number: int, state: DeviceState) -> str:
    from auth.device import SoftwareSigner
    from auth.device.messages import key_to_text
    from auth.device_key import DeviceKey

    device_id = f"desk-{number}"
    signing, opening = (DeviceKey.from_pem(SoftwareSigner.generate().public_pem()) for _ in range(2))
    devices.add(
        DeviceRow(
            device_id=device_id,
            state=str(state),
            proven=True,
            office="o",
            counter="c",
            software="s",
            attestation="",
            asked_at=0,
        ),
        DeviceKeysRow(
            key_id=signing.key_id,
            device_id=device_id,
            signing=key_to_text(signing),
            opening=key_to_text(opening),
            role="current",
        ),
    )
    return device_id


def _acts(storage: Storage, device_id: str) -> list[tuple[str, str]]:
    table = DeviceActRow.__table__
    with storage.engine.connect() as connection:
        rows = connection.execute(table.select().where(table.c.device_id == device_id))
        return [(row.act, row.state) for row in rows]
