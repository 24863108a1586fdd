"""The device's keys, opened when they are first needed: a desk opens without its token and waits for it.

Each use says for itself what is wrong — no token, a wrong PIN, a locked keychain — and the next one tries again. Which
keys they are is known from the record, so nothing else is ever used in their place.

After an order to wipe they are forgotten: from then on each use fails, and nothing of ours holds a key any more. That
is all that Python can promise: where a key lay in memory is given back and not written over, and what the system has
put out to a disk is not reached. Only the end of the program gives the memory back for good.
"""

from __future__ import annotations

import threading

from cryptography.hazmat.primitives.asymmetric import ec

from auth.device.errors import DeviceWiped
from auth.device.keys import KeyStore
from auth.device.record import DeviceRecord
from auth.wire.endpoint import DeviceCredential, Opener, Signer

__all__ = ["LateOpener", "LateSigner", "forget_keys", "late_credential"]


class LateSigner:
    """Sign with a key of a store (``auth.wire.endpoint.Signer``)."""

    def __init__(self, store: KeyStore, key_id: str) -> None:
        self._store = store
        self._key_id = key_id
        self._signer: Signer | None = None
        self._forgotten = False
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """Show the public id only."""
        return f"LateSigner({self._key_id})"

    @property
    def key_id(self) -> str:
        """Return the id under which the registers know the public key."""
        return self._key_id

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the public key; raise DeviceError where the store cannot be opened."""
        return self._store.public(self._key_id).key

    def sign(self, message: bytes) -> bytes:
        """Return the signature as r ‖ s, 64 bytes; raise DeviceError where the store cannot be opened now."""
        with self._lock:
            if self._forgotten:
                raise DeviceWiped
            if self._signer is None:
                self._signer = self._store.signer(self._key_id)
            signer = self._signer
        return signer.sign(message)

    def forget(self) -> None:
        """Let go of the key for good; ``sign`` raises DeviceWiped from now on."""
        with self._lock:
            self._forgotten, self._signer = True, None


class LateOpener:
    """Open with a key of a store (``auth.wire.endpoint.Opener``)."""

    def __init__(self, store: KeyStore, key_id: str) -> None:
        self._store = store
        self._key_id = key_id
        self._opener: Opener | None = None
        self._forgotten = False
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """Show the public id only."""
        return f"LateOpener({self._key_id})"

    @property
    def key_id(self) -> str:
        """Return the id under which the registers know the public key."""
        return self._key_id

    @property
    def spki(self) -> bytes:
        """Return the public key as DER SubjectPublicKeyInfo; raise DeviceError where the store cannot be opened."""
        return self._opened().spki

    def agree(self, point: bytes) -> bytes:
        """Return the shared secret, 32 bytes; raise DeviceError where the store cannot be opened now."""
        return self._opened().agree(point)

    def forget(self) -> None:
        """Let go of the key for good; each use raises DeviceWiped from now on."""
        with self._lock:
            self._forgotten, self._opener = True, None

    def _opened(self) -> Opener:
        with self._lock:
            if self._forgotten:
                raise DeviceWiped
            if self._opener is None:
                self._opener = self._store.opener(self._key_id)
            return self._opener


def forget_keys(*keys: object) -> None:
    """Let go of those that were opened late, whichever of them ``keys`` are."""
    for key in keys:
        if isinstance(key, LateSigner | LateOpener):
            key.forget()


def late_credential(record: DeviceRecord, store: KeyStore) -> DeviceCredential:
    """Return who the desk is, without opening anything; whether it may ask is its standing's word."""
    keys = record.keys
    former = (LateOpener(store, record.previous.opening),) if record.previous is not None else ()
    return DeviceCredential(record.device_id, LateSigner(store, keys.signing), LateOpener(store, keys.opening), former)
