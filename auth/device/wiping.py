"""Execute a signed order to wipe: say so in advance, destroy everything, then hand over the last word.

The acknowledgement is signed while there is still a key, and sent only when there is none any more. The record says at
every step how far it came, so a process that is killed anywhere finishes at the next start and not a step twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal

from auth.device.errors import DeviceNotEnrolled, EnrolmentFailed
from auth.device.files import destroy_file
from auth.device.keys import KeyStore
from auth.device.messages import ENROLMENT
from auth.device.record import DeviceFolder, DeviceRecord, Wiping
from auth.device.service import DeviceService
from auth.device.software import SoftwareSigner
from auth.device.statements import Claims, Moment, Name, read_statement, write_statement
from auth.device.states import DeviceState
from auth.device_key import DeviceKey
from auth.wire.endpoint import RegisterEndpoint
from reader.errors import DataError

__all__ = [
    "ACKNOWLEDGEMENT_KIND",
    "SEALED",
    "WIPE_KIND",
    "AcknowledgementClaims",
    "WipeClaims",
    "acknowledge_wipe",
    "finish_wipe",
    "take_order",
]

SEALED = "sealed"
"""Where, in the device's folder, stores lie that go with its keys, such as the outbox."""
WIPE_KIND = "motcua-wipe-order+jwt"
ACKNOWLEDGEMENT_KIND = "motcua-wipe-acknowledgement+jwt"


class WipeClaims(Claims):
    """Order one device, by one of its keys, to destroy them; ``ledger`` says what becomes of the record of its acts."""

    iss: Name
    order: Name
    device: Name
    key: str
    iat: Moment
    ledger: Literal["keep", "export"] = "keep"


class AcknowledgementClaims(Claims):
    """Say that the order is carried out; whoever holds this has it from a device that has no key any more."""

    order: Name
    device: Name


def take_order(folder: DeviceFolder, store: KeyStore, order: str, keys: Mapping[str, DeviceKey]) -> None:
    """Verify an order and write down that it is to be executed; from here on it is, whatever happens.

    Raise EnrolmentFailed for an order that nobody known has signed or that is for another device or another key.
    """
    with folder.locked():
        record = folder.read()
        if record is None:
            raise DeviceNotEnrolled
        if record.wiping is not None:
            return
        try:
            said = read_statement(WIPE_KIND, WipeClaims, order, keys)
        except DataError:
            raise EnrolmentFailed("an order that cannot be believed") from None
        if said.iss != ENROLMENT or said.device != record.device_id or said.key not in record.all_keys:
            raise EnrolmentFailed("an order for another device")
        acknowledgement = write_statement(
            ACKNOWLEDGEMENT_KIND,
            AcknowledgementClaims(order=said.order, device=said.device),
            store.signer(said.key),
        )
        wiping = Wiping(order=said.order, acknowledgement=acknowledgement, ledger=said.ledger)
        folder.write(record.model_copy(update={"wiping": wiping, "state": DeviceState.REVOKED}))


def finish_wipe(
    folder: DeviceFolder,
    store: KeyStore,
    sealed_files: Iterable[Path] = (),
    export_ledger: Callable[[], None] | None = None,
) -> DeviceRecord:
    """Destroy the keys, what seals them, what lies in the folder ``SEALED`` of the device's, and ``sealed_files``.

    An order must have been taken; return the record after it. ``export_ledger`` is called first where the order wants
    that; the ledger itself stays. May be called again.
    """
    with folder.locked():
        record = folder.read()
        if record is None or record.wiping is None:
            raise DeviceNotEnrolled
        if record.wiping.destroyed:
            return record
        if record.wiping.ledger == "export" and export_ledger is not None:
            export_ledger()
        store.destroy_everything(record.all_keys)
        store.close()
        for path in (*_everything_in(folder.path / SEALED), *sealed_files):
            destroy_file(path)
        folder.forget_status()
        wiping = record.wiping.model_copy(update={"destroyed": True})
        record = record.model_copy(update={"wiping": wiping, "state": DeviceState.WIPED})
        folder.write(record)
        return record


def _everything_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()] if folder.is_dir() else []


def acknowledge_wipe(folder: DeviceFolder, endpoint: RegisterEndpoint) -> DeviceRecord:
    """Hand over the last word, once; raise RegisterError where the service is not reached, and try again later.

    The request is signed by a key made for it alone, since the device has none: what counts is the statement in it.
    """
    with folder.locked():
        record = folder.read()
        if record is None or record.wiping is None or not record.wiping.destroyed:
            raise DeviceNotEnrolled
        if record.wiping.acknowledged:
            return record
        with DeviceService(endpoint, SoftwareSigner.generate()) as service:
            service.wiped(record.device_id, record.wiping.acknowledgement)
        wiping = record.wiping.model_copy(update={"acknowledged": True})
        record = record.model_copy(update={"wiping": wiping})
        folder.write(record)
        return record
