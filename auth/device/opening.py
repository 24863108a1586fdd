"""Find the store that a record names, and make of it who the desk is towards the registers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from auth.device.errors import (
    DeviceKeyUnusable,
    DeviceNotEnrolled,
    DevicePending,
    DeviceWiped,
    PassphraseRefused,
    TokenUnavailable,
)
from auth.device.keychain import Keychain
from auth.device.keys import KeyStore, StoreKind
from auth.device.record import DeviceFolder, DeviceRecord, StorePlace
from auth.device.sealed_store import SealedKeyStore
from auth.device.seals import KeychainSeal, PassphraseSeal
from auth.device.secrets import Secret, secret_from_file
from auth.device.states import DeviceState
from auth.wire.endpoint import DeviceCredential

__all__ = ["credential_of", "open_store", "record_of"]


def open_store(
    folder: Path,
    place: StorePlace,
    secret: Secret | None = None,
    keychain: Callable[[], Keychain] = Keychain,
) -> KeyStore:
    """Return the store that ``place`` names; it and no other, whatever is wrong with it.

    ``secret`` is the PIN or passphrase, by default that of the file that the record names. Raises PassphraseRefused
    where there is neither, TokenUnavailable where the extra ``hsm`` is not installed.
    """
    if place.kind is StoreKind.KEYCHAIN:
        return SealedKeyStore(folder, KeychainSeal(folder, keychain()))
    if secret is None:
        if not place.secret_file:
            raise PassphraseRefused("not given")
        secret = secret_from_file(Path(place.secret_file))
    if place.kind is StoreKind.PASSPHRASE:
        return SealedKeyStore(folder, PassphraseSeal(folder, secret))
    try:
        from auth.device.token_store import TokenKeyStore
    except ImportError:
        raise TokenUnavailable("the extra hsm is not installed") from None
    token = TokenKeyStore(Path(place.module), place.token, secret)
    if place.kind is StoreKind.PKCS11:
        return token
    from auth.device.split_store import SplitKeyStore

    return SplitKeyStore(folder, token)


def record_of(folder: DeviceFolder) -> DeviceRecord:
    """Return the record of a device that may have keys; raise DeviceNotEnrolled or DeviceWiped otherwise."""
    record = folder.read()
    if record is None:
        raise DeviceNotEnrolled
    if record.wiping is not None:
        raise DeviceWiped
    return record


def credential_of(record: DeviceRecord, store: KeyStore) -> DeviceCredential:
    """Return who the desk is; raise DevicePending for a device that has no number or was not approved yet."""
    if not record.device_id or record.state in (None, DeviceState.PENDING):
        raise DevicePending
    try:
        signer, opener = store.signer(record.keys.signing), store.opener(record.keys.opening)
    except DeviceKeyUnusable as error:
        raise DeviceKeyUnusable(f"the device's key: {error.why}") from None
    return DeviceCredential(record.device_id, signer, opener)
