"""Software keys in files, each sealed by AES-256-GCM under the folder's seal and bound to its id and its use."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from auth.device.errors import DeviceKeyUnusable
from auth.device.files import destroy_file, make_private_folder, read_file, write_private
from auth.device.keys import KeyUse, StoreKind
from auth.device.seals import Seal, sealed_how
from auth.device.software import SoftwareSigner
from auth.device_key import DeviceKey
from auth.device_opener import SoftwareOpener
from auth.wire.thumbprint import thumbprint

__all__ = ["SealedKeyStore"]

_LABEL = b"motcua-device-key-1"
_NONCE = 12
_MAX_FILE = 1_024
_KEYS = "keys"


class SealedKeyStore:
    """Keep keys below ``folder`` (``auth.device.keys.KeyStore``); a private key is never on the disk unsealed."""

    def __init__(self, folder: Path, seal: Seal) -> None:
        self._folder = folder
        self._seal = seal
        self._key: bytes | None = None

    def __repr__(self) -> str:
        """Show how it is sealed only."""
        return f"SealedKeyStore({self.kind})"

    @property
    def kind(self) -> StoreKind:
        """Return how the keys are sealed."""
        return self._seal.kind

    def create(self, use: KeyUse) -> DeviceKey:
        """Make a key and write it sealed; the first one makes the seal too."""
        sealing_key = self._sealing_key(make=True)
        key = ec.generate_private_key(ec.SECP256R1())
        public = DeviceKey(key.public_key(), thumbprint(key.public_key()))
        nonce = os.urandom(_NONCE)
        plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        make_private_folder(self._folder / _KEYS)
        sealed = nonce + AESGCM(sealing_key).encrypt(nonce, plain, _bound_to(public.key_id, use))
        write_private(self._path(public.key_id, use), sealed)
        return public

    def public(self, key_id: str) -> DeviceKey:
        """Return the public half of a key of either use."""
        for use in KeyUse:
            if self._path(key_id, use).is_file():
                return DeviceKey(self._load(key_id, use).public_key(), key_id)
        raise DeviceKeyUnusable("missing")

    def signer(self, key_id: str) -> SoftwareSigner:
        """Return what signs with the key, in memory from now on."""
        return SoftwareSigner(self._load(key_id, KeyUse.SIGNING))

    def opener(self, key_id: str) -> SoftwareOpener:
        """Return what opens with the key, in memory from now on."""
        return SoftwareOpener(self._load(key_id, KeyUse.OPENING))

    def key_ids(self) -> frozenset[str]:
        """Return the ids of all keys in the folder."""
        endings = tuple(f".{use}" for use in KeyUse)
        try:
            names = [entry.name for entry in (self._folder / _KEYS).iterdir()]
        except FileNotFoundError:
            return frozenset()
        except OSError:
            raise DeviceKeyUnusable("the device folder cannot be read") from None
        return frozenset(name.rpartition(".")[0] for name in names if name.endswith(endings))

    def destroy(self, key_id: str) -> None:
        """Destroy a key's file."""
        for use in KeyUse:
            destroy_file(self._path(key_id, use))

    def destroy_everything(self, key_ids: Iterable[str] = ()) -> None:
        """Destroy the seal first, without which nothing else can be read, then every file."""
        self._key = None
        self._seal.destroy()
        folder = self._folder / _KEYS
        try:
            names = list(folder.iterdir()) if folder.is_dir() else []
            for path in names:
                destroy_file(path)
            if folder.is_dir():
                folder.rmdir()
        except OSError:
            raise DeviceKeyUnusable("the device folder cannot be emptied") from None

    def close(self) -> None:
        """Let go of the seal."""
        self._key = None

    def _path(self, key_id: str, use: KeyUse) -> Path:
        if not key_id or not all(letter.isalnum() or letter in "-_" for letter in key_id):
            raise DeviceKeyUnusable("no key id")
        return self._folder / _KEYS / f"{key_id}.{use}"

    def _sealing_key(self, *, make: bool = False) -> bytes:
        if self._key is None:
            how = sealed_how(self._folder)
            if how not in (None, self._seal.kind):
                raise DeviceKeyUnusable("sealed in another way")
            self._key = self._seal.key()
            if self._key is None and make:
                make_private_folder(self._folder)
                self._key = self._seal.make()
        if self._key is None:
            raise DeviceKeyUnusable("missing")
        return self._key

    def _load(self, key_id: str, use: KeyUse) -> ec.EllipticCurvePrivateKey:
        sealed = read_file(self._path(key_id, use), _MAX_FILE)
        if sealed is None:
            raise DeviceKeyUnusable("missing")
        try:
            opener = AESGCM(self._sealing_key())
            key = load_der_private_key(opener.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound_to(key_id, use)), None)
        except (InvalidTag, ValueError, TypeError, UnsupportedAlgorithm):
            raise DeviceKeyUnusable("damaged") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or thumbprint(key.public_key()) != key_id:
            raise DeviceKeyUnusable("damaged")
        return key


def _bound_to(key_id: str, use: KeyUse) -> bytes:
    """Return what a sealed key is bound to: a file under another name or for another use does not open."""
    return b"\0".join((_LABEL, use.encode(), key_id.encode()))
