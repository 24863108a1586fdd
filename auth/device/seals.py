"""What seals software keys: a key that a passphrase gives (scrypt, RFC 7914), or one that the system's keychain keeps.

A third, which a token unwraps, is in ``auth.device.token_seal``. A folder says in ``seal.json`` how it is sealed, and
is opened in no other way.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from pathlib import Path
from typing import Annotated, Literal, Protocol

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auth.device.errors import DeviceKeyUnusable, KeychainUnavailable, PassphraseRefused
from auth.device.files import destroy_file, read_file, write_private
from auth.device.keychain import Keychain
from auth.device.keys import StoreKind
from auth.device.messages import KeyId
from auth.device.secrets import Secret

__all__ = [
    "MIN_PASSPHRASE",
    "SEAL_BYTES",
    "ByToken",
    "KeychainSeal",
    "PassphraseSeal",
    "Seal",
    "forget_seal",
    "read_seal",
    "sealed_how",
    "write_seal",
]

MIN_PASSPHRASE = 12
_FILE = "seal.json"
_MAX_FILE = 2_048
SEAL_BYTES, _SALT = 32, 16
# 128 MB and some tenths of a second for each guess. The file may not ask for less, nor for more than a desk has.
_COST, _BLOCK, _PARALLEL = 1 << 17, 8, 1


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    format: Literal["motcua-seal-1"] = "motcua-seal-1"


class _ByPassphrase(_Model):
    kind: Literal["passphrase"] = "passphrase"
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    check: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    cost: Annotated[int, Field(ge=_COST, le=_COST)] = _COST


class _ByKeychain(_Model):
    kind: Literal["keychain"] = "keychain"
    entry: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class ByToken(_Model):
    """Say which key of a token unwraps the seal; ``digest`` tells a damaged file before the token is asked."""

    kind: Literal["pkcs11-sealed"] = "pkcs11-sealed"
    key: KeyId
    wrapped: Annotated[str, Field(pattern=r"^[0-9a-f]{512}$")]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


_Said = _ByPassphrase | _ByKeychain | ByToken
_KINDS: dict[object, type[_Said]] = {"keychain": _ByKeychain, "pkcs11-sealed": ByToken}


class Seal(Protocol):
    """Give the 32 bytes under which a folder's keys are sealed."""

    @property
    def kind(self) -> StoreKind:
        """Return what kind of place the folder is."""
        ...

    def make(self) -> bytes:
        """Make the seal and return it; it is kept for good before this returns."""
        ...

    def key(self) -> bytes | None:
        """Return the seal, None where none was made yet; raise DeviceError where it is not to be had."""
        ...

    def destroy(self) -> None:
        """Destroy it; may be called again."""
        ...


def sealed_how(folder: Path) -> StoreKind | None:
    """Return how a folder is sealed, None where it is not; raise DeviceKeyUnusable for a damaged file."""
    said = read_seal(folder)
    return StoreKind(said.kind) if said is not None else None


class PassphraseSeal:
    """Derive the seal from a passphrase of at least ``MIN_PASSPHRASE`` bytes."""

    kind = StoreKind.PASSPHRASE

    def __init__(self, folder: Path, passphrase: Secret) -> None:
        self._folder = folder
        self._passphrase = passphrase

    def make(self) -> bytes:
        """Make the seal; raise PassphraseRefused for a passphrase that is too short."""
        passphrase = self._passphrase.reveal()
        if len(passphrase) < MIN_PASSPHRASE:
            raise PassphraseRefused("too short")
        salt = secrets.token_bytes(_SALT)
        key, check = _derive(passphrase, salt)
        write_seal(self._folder, _ByPassphrase(salt=salt.hex(), check=check.hex()))
        return key

    def key(self) -> bytes | None:
        """Return the seal; raise PassphraseRefused for a wrong passphrase."""
        said = read_seal(self._folder)
        if said is None:
            return None
        if not isinstance(said, _ByPassphrase):
            raise DeviceKeyUnusable("sealed in another way")
        key, check = _derive(self._passphrase.reveal(), bytes.fromhex(said.salt))
        if not hmac.compare_digest(check, bytes.fromhex(said.check)):
            raise PassphraseRefused("wrong")
        return key

    def destroy(self) -> None:
        """Destroy the salt, without which no passphrase gives the seal any more."""
        forget_seal(self._folder)
        self._passphrase.forget()


class KeychainSeal:
    """Keep the seal in the system's keychain, under an entry that the folder names."""

    kind = StoreKind.KEYCHAIN

    def __init__(self, folder: Path, keychain: Keychain) -> None:
        self._folder = folder
        self._keychain = keychain

    def make(self) -> bytes:
        """Make the seal; raise KeychainUnavailable where the keychain does not give back what it was given."""
        entry, key = secrets.token_hex(_SALT), secrets.token_bytes(SEAL_BYTES)
        text = base64.b64encode(key).decode()
        self._keychain.put(entry, text)
        if self._keychain.get(entry) != text:
            raise KeychainUnavailable("it does not keep what it is given")
        write_seal(self._folder, _ByKeychain(entry=entry))
        return key

    def key(self) -> bytes | None:
        """Return the seal; raise KeychainUnavailable where the keychain is locked or has it no more."""
        said = read_seal(self._folder)
        if said is None:
            return None
        if not isinstance(said, _ByKeychain):
            raise DeviceKeyUnusable("sealed in another way")
        text = self._keychain.get(said.entry)
        if text is None:
            raise KeychainUnavailable("the entry is gone")
        try:
            key = base64.b64decode(text, validate=True)
        except (ValueError, binascii.Error):
            key = b""
        if len(key) != SEAL_BYTES:
            raise DeviceKeyUnusable("the keychain's entry is damaged")
        return key

    def destroy(self) -> None:
        """Remove the entry, then the file that names it; one that was overwritten already names none any more."""
        try:
            said = read_seal(self._folder)
        except DeviceKeyUnusable:
            said = None
        if isinstance(said, _ByKeychain):
            self._keychain.remove(said.entry)
        forget_seal(self._folder)


def forget_seal(folder: Path) -> None:
    """Destroy what says how a folder is sealed."""
    destroy_file(folder / _FILE)


def _derive(passphrase: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """Return the seal, and what tells a wrong passphrase from a damaged file."""
    both = Scrypt(salt=salt, length=2 * SEAL_BYTES, n=_COST, r=_BLOCK, p=_PARALLEL).derive(passphrase)
    return both[:SEAL_BYTES], both[SEAL_BYTES:]


def read_seal(folder: Path) -> _Said | None:
    """Return how a folder is sealed, None where it is not; raise DeviceKeyUnusable for a damaged file."""
    raw = read_file(folder / _FILE, _MAX_FILE)
    if raw is None:
        return None
    try:
        said = json.loads(raw)
        kind = said.get("kind") if isinstance(said, dict) else None
        known = _KINDS.get(kind, _ByPassphrase) if isinstance(kind, str) else _ByPassphrase
        return known.model_validate(said)
    except (ValidationError, ValueError, RecursionError):
        raise DeviceKeyUnusable(f"{_FILE} is damaged") from None


def write_seal(folder: Path, said: _Said) -> None:
    """Write down how a folder is sealed."""
    write_private(folder / _FILE, said.model_dump_json().encode())
