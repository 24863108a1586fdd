"""The device's folder, and the one file in it that says which keys count and how the device stands.

device.json    this record, replaced in one step: before and after every step of an enrolment or a rotation it names
               keys that exist
status.jws     the last status list that was believed
keys/, seal.json   software keys and their seal (``auth.device.sealed_store``)
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auth.device.certificate import MAX_ISSUERS, DeviceCertificate
from auth.device.errors import DeviceKeyUnusable
from auth.device.files import destroy_file, make_private_folder, read_file, write_private
from auth.device.keys import KeyStore, KeyUse, StoreKind
from auth.device.messages import CertificateText, KeyId, KeyText, Words, key_to_text
from auth.device.statements import MAX_STATEMENT, Moment, Name
from auth.device.states import DeviceState
from auth.device_key import DeviceKey
from auth.distribution.errors import StoreBusy, StoreUnwritable
from auth.distribution.folder import StoreFolder, default_stores
from reader.errors import DataError

__all__ = [
    "MOST_UNTOLD",
    "DeviceFolder",
    "DeviceRecord",
    "KeptCertificate",
    "KeyPair",
    "StorePlace",
    "Wiping",
    "default_device_folder",
    "make_pair",
]

_MAX_RECORD = 65_536
_PATIENCE_S = 3.0
MOST_UNTOLD = 100


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class KeyPair(_Model):
    """Name the two keys of a device by their thumbprints; ``public`` is the signing key itself, base64 of its DER.

    It is public, and what the device's ledger is verified by when there is no key any more.
    """

    signing: KeyId
    opening: KeyId
    public: KeyText
    made: Moment

    @classmethod
    def of(cls, signing: DeviceKey, opening: DeviceKey, made: float) -> KeyPair:
        """Return the pair of two keys made at ``made``."""
        return cls(signing=signing.key_id, opening=opening.key_id, public=key_to_text(signing), made=int(made))


def make_pair(store: KeyStore) -> KeyPair:
    """Make both keys; raise DeviceError where one cannot be made."""
    # The one that opens first: a token may have no such keys, and then nothing is left behind in it.
    opening = store.create(KeyUse.OPENING)
    return KeyPair.of(store.create(KeyUse.SIGNING), opening, time.time())


class StorePlace(_Model):
    """Say where the keys live, and from which file the PIN or passphrase comes where nobody types it."""

    kind: Annotated[StoreKind, Field(strict=False)]
    module: Annotated[str, Field(max_length=1_000)] = ""
    token: Annotated[str, Field(max_length=32)] = ""
    secret_file: Annotated[str, Field(max_length=1_000)] = ""


class KeptCertificate(_Model):
    """Hold the certificate of a signing key, base64 of DER, and those of the authorities above it."""

    signing: KeyId
    certificate: CertificateText
    issuers: Annotated[tuple[CertificateText, ...], Field(max_length=MAX_ISSUERS, strict=False)]


class Wiping(_Model):
    """Hold an order to wipe that was begun, and the last word to send; nothing of it is secret."""

    order: Name
    acknowledgement: Annotated[str, Field(max_length=4_096)]
    ledger: Literal["keep", "export"]
    destroyed: bool = False
    acknowledged: bool = False


class DeviceRecord(_Model):
    """Say which keys count, and how the register saw the device last; ``state`` is None until it was asked.

    ``untold`` are the ids of signing keys that took the place of others, as long as no ledger says so.
    """

    format: Literal["motcua-device-1"] = "motcua-device-1"
    place: StorePlace
    office: Words
    counter: Words
    keys: KeyPair
    device_id: Name | Literal[""] = ""
    index: Annotated[int, Field(ge=0, le=1 << 24)] | None = None
    state: Annotated[DeviceState, Field(strict=False)] | None = None
    next: KeyPair | None = None
    previous: KeyPair | None = None
    previous_until: Moment = 0
    untold: Annotated[tuple[KeyId, ...], Field(max_length=MOST_UNTOLD, strict=False)] = ()
    wiping: Wiping | None = None
    certificate: KeptCertificate | None = None

    @property
    def all_keys(self) -> tuple[str, ...]:
        """Return the ids of every key that the record names."""
        pairs = (self.keys, self.next, self.previous)
        return tuple(key for pair in pairs if pair is not None for key in (pair.signing, pair.opening))


class DeviceFolder:
    """Read and write the record of one device."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        """Show what it is only."""
        return "DeviceFolder()"

    def read(self) -> DeviceRecord | None:
        """Return the record, None where there is none; raise DeviceKeyUnusable for a damaged one."""
        raw = read_file(self.path / "device.json", _MAX_RECORD)
        if raw is None:
            return None
        try:
            return DeviceRecord.model_validate_json(raw)
        except (ValidationError, ValueError):
            raise DeviceKeyUnusable("device.json is damaged") from None

    def write(self, record: DeviceRecord) -> None:
        """Replace the record in one step; raise DeviceKeyUnusable where that cannot be."""
        make_private_folder(self.path)
        write_private(self.path / "device.json", record.model_dump_json(indent=1).encode())

    def certificate(self) -> DeviceCertificate | None:
        """Return the certificate of the keys that count, None where there is none; never raise for a damaged one."""
        with suppress(DeviceKeyUnusable, DataError):
            record = self.read()
            kept = record.certificate if record is not None and record.wiping is None else None
            if record is not None and kept is not None and kept.signing == record.keys.signing:
                return DeviceCertificate.from_texts(kept.certificate, kept.issuers)
        return None

    def read_status(self) -> str:
        """Return the status list that was kept, empty where there is none."""
        raw = read_file(self.path / "status.jws", MAX_STATEMENT)
        try:
            return (raw or b"").decode("ascii")
        except UnicodeDecodeError:
            # Whoever reads it finds no statement in it, and the device asks anew.
            return ""

    def write_status(self, statement: str) -> None:
        """Keep a status list."""
        write_private(self.path / "status.jws", statement.encode("ascii"))

    def forget_status(self) -> None:
        """Remove the status list."""
        destroy_file(self.path / "status.jws")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder alone while its record changes; raise DeviceKeyUnusable where another process keeps on.

        A desk that is open holds it for a moment whenever it asks for its status.
        """
        make_private_folder(self.path)
        try:
            with StoreFolder(self.path).locked(_PATIENCE_S):
                yield
        except StoreBusy:
            raise DeviceKeyUnusable("another program is at it") from None
        except StoreUnwritable:
            raise DeviceKeyUnusable("the device folder cannot be written") from None


def default_device_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return where this user's device lies when nobody says otherwise: beside the user's other data."""
    return default_stores(os.environ if environment is None else environment)[1].parent / "device"
