"""Who this computer is towards the registers: the device that was enrolled here, or the key files of the settings."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from auth.device.certificate import DeviceCertificate
from auth.device.errors import DeviceNotEnrolled
from auth.device.files import write_private
from auth.device.keeper import DeviceKeeper
from auth.device.keys import KeyStore
from auth.device.late import LateOpener, forget_keys, late_credential
from auth.device.opening import open_store
from auth.device.record import DeviceFolder, DeviceRecord
from auth.device.secrets import secret_from_file
from auth.device.states import DeviceState
from auth.errors import LedgerUnusable
from auth.outbox.standing import DeviceState as QueueState
from auth.outbox.standing import EnrolledDevice
from auth.wire.endpoint import DeviceCredential, Opener
from desk.device_place import BOOKLET_SUFFIX, booklet_file, device_folder, ledger_file
from desk.enrolment import enrolment_endpoint
from desk.settings import Settings, SettingsInvalid
from desk.trust_source import TrustSource
from desk.waiting_assembly import QueueDevice, outbox_files, queue_needs

__all__ = ["DeskDevice", "desk_device", "export_ledger", "sealed_files", "store_of"]


@dataclass(frozen=True, slots=True)
class DeskDevice:
    """Hold who the desk is; ``keeper`` where it was enrolled and somebody may suspend it.

    ``former_opener`` is the key before the last rotation, with which something may still be sealed. ``certificate``
    returns that of the signing key as it is kept now, by which slips are signed.
    """

    credential: DeviceCredential
    keeper: DeviceKeeper | None = None
    former_opener: Opener | None = None
    certificate: Callable[[], DeviceCertificate | None] = lambda: None

    @property
    def queue(self) -> QueueDevice:
        """Return what the queue of look-ups must know of the device."""
        standing = KeptDevice(self.keeper) if self.keeper is not None else EnrolledDevice()
        return QueueDevice(standing, self.former_opener)

    def require_lookup(self) -> None:
        """Raise the DeviceError that says why nobody may be looked up now."""
        if self.keeper is not None:
            self.keeper.require_lookup()


class KeptDevice:
    """Say how a device stands by the status list that its keeper has (``auth.outbox.standing.DeviceStanding``)."""

    def __init__(self, keeper: DeviceKeeper) -> None:
        self._keeper = keeper

    def state(self) -> QueueState:
        """Return how it stands; what is not known freshly enough is not known."""
        standing = self._keeper.standing()
        if standing.outbox_frozen:
            return QueueState.REVOKED
        if standing.state is DeviceState.SUSPENDED:
            return QueueState.SUSPENDED
        return QueueState.ACTIVE if standing.may_look_up else QueueState.UNKNOWN


def store_of(settings: Settings, record: DeviceRecord) -> KeyStore:
    """Return the store that the record names; raise DeviceError where its PIN or passphrase is nowhere."""
    file = settings.device.passphrase_file if settings.device is not None else None
    secret = secret_from_file(file) if file is not None else None
    return open_store(device_folder(settings).path, record.place, secret)


def export_ledger(settings: Settings, folder: DeviceFolder) -> None:
    """Write the acts of the ledger beside the record, as an order to wipe may want; the ledger itself stays.

    A ledger that does not exist, or that nobody has signed yet, has nothing to export. Raise DeviceKeyUnusable where
    the file cannot be written.
    """
    from auth.ledger import LedgerReader
    from auth.ledger.export import export_lines

    record = folder.read()
    path = ledger_file(settings, record.keys.signing) if record is not None else None
    if path is None or not path.exists():
        return
    with suppress(LedgerUnusable), closing(LedgerReader(path)) as ledger:
        write_private(folder.path / "ledger-export.jsonl", "".join(export_lines(ledger)).encode())


def sealed_files(settings: Settings, folder: DeviceFolder) -> tuple[Path, ...]:
    """Return what an order to wipe destroys beside the keys: the queue, and the booklets of all keys that ever were.

    Raise DeviceKeyUnusable for a damaged record.
    """
    record = folder.read()
    if record is None:
        return outbox_files(settings)
    booklet = booklet_file(settings, record.keys.signing)
    # The file's name is that of a key, or begins with the name that the settings gave the ledger.
    begin = settings.ledger.stem if settings.ledger is not None else ""
    booklets = [found for name in (f"{begin}*", f".{begin}*.new") for found in booklet.parent.glob(name)]
    kept = [found for found in booklets if BOOKLET_SUFFIX in found.suffixes]
    return (*outbox_files(settings), *kept)


def desk_device(settings: Settings, source: TrustSource | None = None) -> DeskDevice:
    """Return who the desk is; nothing is opened, no token is asked for yet.

    ``source`` is where the keys of the enrolment service may come from. Raise SettingsInvalid where the settings name
    no device and none was enrolled here, or not where to ask how it stands; StoreDamaged.
    """
    if settings.device is not None and settings.device.folder is None:
        return DeskDevice(settings.device.credential())
    folder = device_folder(settings)
    record = folder.read()
    if record is None:
        if settings.device is None:
            raise SettingsInvalid("device: registers need a device; motcua enrol makes this computer one")
        raise DeviceNotEnrolled
    trust = source or TrustSource(settings)
    enrolment_endpoint(settings, trust)
    store = store_of(settings, record)
    credential = late_credential(record, store)
    former = LateOpener(store, record.previous.opening) if record.previous is not None else None
    keeper = DeviceKeeper(
        folder,
        store,
        partial(enrolment_endpoint, settings, trust),
        sealed_files=lambda: sealed_files(settings, folder),
        export_ledger=lambda: export_ledger(settings, folder),
        deadline_s=settings.lookup_seconds,
        in_use=record.keys.signing,
        needed=partial(queue_needs, settings),
        forget_keys=lambda: forget_keys(credential.signer, credential.opener, *credential.former, former),
    )
    return DeskDevice(credential, keeper, former, folder.certificate)
