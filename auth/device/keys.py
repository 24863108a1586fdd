"""The port before every place where a device's keys live."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from auth.device_key import DeviceKey
from auth.wire.endpoint import Opener, Signer

__all__ = ["IN_TOKEN", "KeyStore", "KeyUse", "StoreKind"]


class StoreKind(StrEnum):
    """Name where keys live, from the strongest place to the weakest; nobody goes down this list by himself."""

    PKCS11 = "pkcs11"
    PKCS11_SEALED = "pkcs11-sealed"
    KEYCHAIN = "keychain"
    PASSPHRASE = "passphrase"


IN_TOKEN = frozenset({StoreKind.PKCS11, StoreKind.PKCS11_SEALED})
"""Where keys are in a token, which may hold those of others."""


class KeyUse(StrEnum):
    """Name the one thing that a key is for."""

    SIGNING = "signing"
    OPENING = "opening"


class KeyStore(Protocol):
    """Keep P-256 keys, each under the RFC 7638 thumbprint of its public half; raise DeviceError of the right kind."""

    @property
    def kind(self) -> StoreKind:
        """Return what kind of place it is."""
        ...

    def create(self, use: KeyUse) -> DeviceKey:
        """Make a key; it is kept for good before this returns."""
        ...

    def public(self, key_id: str) -> DeviceKey:
        """Return the public half; raise DeviceKeyUnusable where there is no such key."""
        ...

    def signer(self, key_id: str) -> Signer:
        """Return what signs with the key; raise DeviceKeyUnusable where there is no such key for signing."""
        ...

    def opener(self, key_id: str) -> Opener:
        """Return what opens with the key; raise DeviceKeyUnusable where there is no such key for opening."""
        ...

    def key_ids(self) -> frozenset[str]:
        """Return the ids of all keys that are here."""
        ...

    def destroy(self, key_id: str) -> None:
        """Destroy a key; one that is not there is destroyed already."""
        ...

    def destroy_everything(self, key_ids: Iterable[str]) -> None:
        """Destroy these keys, and where the place is ours alone all keys and what seals them.

        It may be called again after it was interrupted.
        """
        ...

    def close(self) -> None:
        """Let go of sessions and secrets in memory."""
        ...
