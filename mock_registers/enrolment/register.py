"""What the service writes about a device: its keys and their challenges, and what became of an order to wipe."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import delete, select

from auth.device.messages import BeginRequest, key_from_text
from auth.device.states import DeviceState
from auth.device_key import DeviceKey
from mock_registers.database import Database
from mock_registers.enrolment.devices import CURRENT, NEXT, PREVIOUS, EnrolledDevices, NoSuchDevice
from mock_registers.enrolment_tables import DeviceKeysRow, DeviceRow
from mock_registers.gate import EnrolledDevice, Refusal

__all__ = ["OVERLAP_SECONDS", "DeviceRegister", "Ordered"]

OVERLAP_SECONDS = 7 * 86_400
"""For how long the keys before a rotation are taken too: as long as a desk may have been without a network."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Hold an order to wipe; ``order`` is empty where there is none."""

    order: str
    at: int
    ledger: Literal["keep", "export"]


class DeviceRegister:
    """Write what devices prove; every step may be said twice, for an answer may be lost on the way."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._devices = EnrolledDevices(database)

    def apply(self, said: BeginRequest, signing: DeviceKey, challenge: str) -> str:
        """Take up a device, or find it by its key again; return its number.

        Raise Refusal where the key is known with other words: the code on both screens speaks of those it came with.
        """
        with self._database.writing() as session:
            keys = session.get(DeviceKeysRow, signing.key_id)
            if keys is not None:
                row = session.get_one(DeviceRow, keys.device_id)
                if (keys.opening, row.office, row.counter) != (said.opening, said.office, said.counter):
                    raise Refusal(409, "wrong-device-state")
                keys.challenge = challenge
                return row.device_id
        device_id = f"desk-{secrets.token_hex(8)}"
        self._devices.add(
            DeviceRow(
                device_id=device_id,
                state=str(DeviceState.PENDING),
                proven=False,
                office=said.office,
                counter=said.counter,
                software=said.software,
                attestation=said.attestation,
                asked_at=int(time.time()),
            ),
            DeviceKeysRow(
                key_id=signing.key_id,
                device_id=device_id,
                signing=said.signing,
                opening=said.opening,
                role=CURRENT,
                challenge=challenge,
            ),
        )
        return device_id

    def prove(self, key_id: str, opened: bytes) -> None:
        """Believe that a device has the opening key beside its signing key; raise Refusal where it does not say it."""
        with self._database.writing() as session:
            keys = session.get_one(DeviceKeysRow, key_id)
            row = session.get_one(DeviceRow, keys.device_id)
            if row.proven and not keys.challenge:
                return
            _check(keys, opened)
            row.proven = True

    def announce(self, by: EnrolledDevice, keys: tuple[str, str, str], challenge: str) -> None:
        """Remember new keys (id, signing, opening) that do not count yet, in place of others announced before.

        Raise Refusal where they are another device's, were replaced once already, or are announced by a key that was:
        that one may only hear once more how its own rotation ended.
        """
        key_id, signing, opening = keys
        device_id = by.device_id
        with self._database.writing() as session:
            known = session.get(DeviceKeysRow, key_id)
            if known is not None:
                if (known.device_id, known.signing, known.opening) != (device_id, signing, opening):
                    raise Refusal(409, "wrong-device-state")
                if known.role == PREVIOUS:
                    raise Refusal(409, "wrong-device-state")
                known.challenge = challenge
                return
            if session.get_one(DeviceKeysRow, by.key_id).role != CURRENT:
                raise Refusal(409, "wrong-device-state")
            stale = delete(DeviceKeysRow).where(DeviceKeysRow.device_id == device_id, DeviceKeysRow.role == NEXT)
            session.execute(stale)
            session.add(
                DeviceKeysRow(
                    key_id=key_id,
                    device_id=device_id,
                    signing=signing,
                    opening=opening,
                    role=NEXT,
                    challenge=challenge,
                )
            )

    def switch(self, device_id: str, key_id: str, opened: bytes) -> int:
        """Let announced keys count, once their opening key is proven; return until when those before are taken too.

        Keys that count already stay so, whatever is said: the answer to the first time was lost.
        """
        with self._database.writing() as session:
            keys = session.get_one(DeviceKeysRow, key_id)
            of_device = select(DeviceKeysRow).where(DeviceKeysRow.device_id == device_id)
            others = [row for row in session.scalars(of_device) if row.key_id != key_id]
            if keys.role == PREVIOUS:
                raise Refusal(409, "wrong-device-state")
            if keys.role == CURRENT:
                keys.challenge = ""
                return max((row.until for row in others if row.role == PREVIOUS), default=0)
            if session.get_one(DeviceRow, device_id).state != DeviceState.ACTIVE:
                raise Refusal(409, "wrong-device-state")
            _check(keys, opened)
            until = int(time.time()) + OVERLAP_SECONDS
            for row in others:
                if row.role == CURRENT:
                    row.role, row.until = PREVIOUS, until
            keys.role = CURRENT
            return until

    def keys_ever(self, device_id: str) -> dict[str, DeviceKey]:
        """Return all signing keys that a device has had."""
        with self._database.reading() as session:
            rows = session.scalars(select(DeviceKeysRow).where(DeviceKeysRow.device_id == device_id))
            return {row.key_id: key_from_text(row.signing) for row in rows}

    def order_of(self, device_id: str) -> Ordered:
        """Return the order to wipe a device; raise NoSuchDevice."""
        with self._database.reading() as session:
            row = session.get(DeviceRow, device_id)
            if row is None:
                raise NoSuchDevice(device_id)
            return Ordered(row.wipe_order, row.wipe_at, "export" if row.wipe_ledger == "export" else "keep")

    def hear_last_word(self, device_id: str, acknowledgement: str) -> bool:
        """Keep a device's last word; tell whether it is news."""
        with self._database.writing() as session:
            row = session.get_one(DeviceRow, device_id)
            if row.state == DeviceState.WIPED:
                return False
            row.acknowledgement = acknowledgement
            return True


def _check(keys: DeviceKeysRow, opened: bytes) -> None:
    if not keys.challenge or not hmac.compare_digest(keys.challenge, hashlib.sha256(opened).hexdigest()):
        raise Refusal(401, "possession-not-proven")
    keys.challenge = ""
