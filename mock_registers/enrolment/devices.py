"""Devices in the database: found by the key that signs, and moved from state to state by the one table of acts."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from auth.device.code import confirmation_code
from auth.device.messages import key_from_text
from auth.device.states import DeviceAct, DeviceState, after
from auth.device_key import DeviceKey
from mock_registers.database import Database
from mock_registers.enrolment_tables import DeviceActRow, DeviceKeysRow, DeviceRow
from mock_registers.gate import Devices, EnrolledDevice, Refusal

__all__ = ["Device", "DevicesTogether", "EnrolledDevices", "NoSuchDevice"]

CURRENT, NEXT, PREVIOUS = "current", "next", "previous"
MAX_PENDING = 1_000
_TRIES = 5
_REFUSALS = {
    DeviceState.PENDING: "device-pending",
    DeviceState.SUSPENDED: "device-suspended",
    DeviceState.REVOKED: "device-revoked",
    DeviceState.WIPED: "device-revoked",
}


_OF_KEY = (
    select(*DeviceKeysRow.__table__.columns, DeviceRow.state)
    .join_from(DeviceKeysRow, DeviceRow, DeviceRow.device_id == DeviceKeysRow.device_id)
    .where(DeviceKeysRow.key_id == bindparam("key"))
)


class NoSuchDevice(Exception):
    """Say that no device has this number."""


@dataclass(frozen=True, slots=True)
class Device:
    """Hold a device as the registrar sees it; ``code`` is what he compares before he approves."""

    device_id: str
    place: int
    state: DeviceState
    proven: bool
    office: str
    counter: str
    software: str
    asked_at: int
    code: str
    wipe_ordered: bool


class EnrolledDevices:
    """Keep devices; the gates of registers ask ``get`` (``mock_registers.gate.Devices``)."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def get(self, key_id: str, /) -> EnrolledDevice | None:
        """Return the active device that signs with a key; raise Refusal for one that may not ask now."""
        row = self._of_key(key_id, announced=False)
        if row is None:
            return None
        state = DeviceState(row.state)
        if state is not DeviceState.ACTIVE:
            raise Refusal(403, _REFUSALS[state])
        return _enrolled(row)

    def in_any_state(self, key_id: str, *, announced: bool = False) -> EnrolledDevice | None:
        """Return the device of a key that counts, or counted until lately, whatever its state.

        With ``announced`` also by a key that it has announced and not yet proven.
        """
        row = self._of_key(key_id, announced=announced)
        return None if row is None else _enrolled(row)

    def _of_key(self, key_id: str, *, announced: bool) -> Row[Any] | None:
        """Return the keys that count now, with the state of their device."""
        for row in self.database.ask(_OF_KEY, {"key": key_id}):
            late = row.role == PREVIOUS and row.until < time.time()
            return None if late or (row.role == NEXT and not announced) else row
        return None

    def list(self) -> tuple[Device, ...]:
        """Return all devices that have proven both keys, the oldest first."""
        with self.database.reading() as session:
            rows = session.scalars(select(DeviceRow).where(DeviceRow.proven).order_by(DeviceRow.place))
            return tuple(_device(session, row) for row in rows)

    def find(self, device_id: str) -> Device:
        """Return one device; raise NoSuchDevice."""
        with self.database.reading() as session:
            return _device(session, _row(session, device_id))

    def states(self) -> dict[int, DeviceState]:
        """Return how every device stands, by its place in status lists."""
        with self.database.reading() as session:
            return {
                place: DeviceState(state) for place, state in session.execute(select(DeviceRow.place, DeviceRow.state))
            }

    def key_of(self, device_id: str) -> DeviceKey:
        """Return the signing key of a device that counts now; raise NoSuchDevice."""
        with self.database.reading() as session:
            return key_from_text(_keys(session, device_id, CURRENT).signing)

    def add(self, row: DeviceRow, keys: DeviceKeysRow) -> None:
        """Take up a device that nobody has decided about, with the next free place.

        Raise Refusal where too many wait already: anybody may ask.
        """
        with self.database.writing() as session:
            waiting = select(func.count()).select_from(DeviceRow).where(DeviceRow.state == DeviceState.PENDING)
            if (session.scalar(waiting) or 0) >= MAX_PENDING:
                raise Refusal(429, "too-many-requests")
            row.place = (session.scalar(select(func.max(DeviceRow.place))) or 0) + 1
            session.add(row)
            session.flush()
            session.add(keys)

    def act(self, device_id: str, act: DeviceAct, *, ledger: Literal["keep", "export"] = "keep") -> Device:
        """Do ``act``; raise NoSuchDevice, or WrongAct where the device's state does not allow it.

        Somebody else may act at the same moment, so the state that was read must still be there when the new one is
        written. Who has not proven both keys is not there yet to be approved. A second order to wipe replaces nothing:
        the device is to execute one.
        """
        for _ in range(_TRIES):
            with self.database.reading() as session:
                row = _row(session, device_id)
                if act is DeviceAct.APPROVE and not row.proven:
                    raise NoSuchDevice(device_id)
                before = row.state
            state = after(DeviceState(before), act)
            with self.database.writing() as session:
                unchanged = update(DeviceRow).where(DeviceRow.device_id == device_id, DeviceRow.state == before)
                if session.connection().execute(unchanged.values(state=str(state))).rowcount != 1:
                    continue
                if act is DeviceAct.ORDER_WIPE:
                    ordered = {"wipe_order": secrets.token_hex(16), "wipe_at": int(time.time()), "wipe_ledger": ledger}
                    once = update(DeviceRow).where(DeviceRow.device_id == device_id, DeviceRow.wipe_order == "")
                    session.execute(once.values(**ordered))
                note = DeviceActRow(device_id=device_id, act=str(act), state=str(state), at=int(time.time()))
                session.add(note)
            return self.find(device_id)
        raise Refusal(409, "request-in-progress")


class DevicesTogether:
    """Look for a device among those given at the start, then among those that were enrolled."""

    def __init__(self, given: Mapping[str, EnrolledDevice], enrolled: Devices) -> None:
        self._given = dict(given)
        self._enrolled = enrolled

    def get(self, key_id: str, /) -> EnrolledDevice | None:
        """Return the device that signs with a key; raise Refusal for one that may not ask now."""
        return self._given.get(key_id) or self._enrolled.get(key_id)


def _enrolled(row: Row[Any]) -> EnrolledDevice:
    signing, opening = key_from_text(row.signing), key_from_text(row.opening)
    return EnrolledDevice(row.device_id, row.key_id, signing.key, opening.key)


def _row(session: Session, device_id: str) -> DeviceRow:
    row = session.get(DeviceRow, device_id)
    if row is None:
        raise NoSuchDevice(device_id)
    return row


def _keys(session: Session, device_id: str, role: str) -> DeviceKeysRow:
    wanted = select(DeviceKeysRow).where(DeviceKeysRow.device_id == device_id, DeviceKeysRow.role == role)
    row = session.scalars(wanted).one_or_none()
    if row is None:
        raise NoSuchDevice(device_id)
    return row


def _device(session: Session, row: DeviceRow) -> Device:
    keys = _keys(session, row.device_id, CURRENT)
    opening = key_from_text(keys.opening).key_id
    return Device(
        row.device_id,
        row.place,
        DeviceState(row.state),
        row.proven,
        row.office,
        row.counter,
        row.software,
        row.asked_at,
        confirmation_code(row.device_id, keys.key_id, opening, row.office, row.counter),
        bool(row.wipe_order),
    )
