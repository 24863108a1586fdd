"""The seal on every row, and the boxes in which the key to it lies.

A row is sealed with AES-256-GCM under a key that this outbox made for itself. What is authenticated with it — the
table and its version, the row's number, the device — makes a row that was copied to another place or from another
computer unreadable. The key lies beside the rows, sealed to the device: whoever has the disk alone has nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from auth.errors import OutboxUnusable
from auth.wire.endpoint import Opener
from auth.wire.envelope import EnvelopeInvalid, open_sealed, seal
from reader.errors import DataError, MotCuaError

__all__ = ["KEY_BYTES", "KeyBox", "OpenerBox", "Vault"]

KEY_BYTES = 32
_NONCE = 12
_KIND = "motcua-outbox-key-1"


class KeyBox(Protocol):
    """Seal a small secret so that only this device opens it: by a passphrase, a keychain, a token or a TPM."""

    def seal(self, secret: bytes) -> bytes:
        """Return ``secret``, sealed; raise OutboxUnusable "key-locked" where that cannot be done now."""
        ...

    def open(self, sealed: bytes) -> bytes:
        """Return what ``seal`` was given; raise OutboxUnusable "key-locked" where that cannot be done now.

        Nothing weaker is ever tried in its place: a locked keychain or a token that was pulled means that the outbox
        waits.
        """
        ...


class OpenerBox:
    """Seal to the key to which the registers seal their answers (``KeyBox``), wherever the device keeps that.

    With the old one among ``others``, what was sealed before a rotation still opens; ``Outbox.reseal`` seals it anew.
    """

    def __init__(self, opener: Opener, others: Sequence[Opener] = ()) -> None:
        self._opener = opener
        self._openers = {one.key_id: one for one in (*others, opener)}

    def seal(self, secret: bytes) -> bytes:
        """Return ``secret``, sealed to the present key."""
        return seal(secret, _KIND, self._opener.key_id, self._opener.spki)

    def open(self, sealed: bytes) -> bytes:
        """Return what was sealed; raise OutboxUnusable "key-locked" where the device's key does not open it now."""
        try:
            return open_sealed(sealed, _KIND, self._openers)
        except (EnvelopeInvalid, MotCuaError):
            raise OutboxUnusable("key-locked") from None


class Vault:
    """Seal and open rows under one key, for one device and one version of the tables."""

    def __init__(self, key: bytes, device_id: str, version: int) -> None:
        """Take the key; raise OutboxUnusable where it is none."""
        if len(key) != KEY_BYTES:
            raise OutboxUnusable("key-locked")
        self._cipher = AESGCM(key)
        self._tags = hmac.new(key, b"motcua-outbox-tags", hashlib.sha256).digest()
        self._same = f"motcua-outbox {version} {device_id} ".encode()

    def __repr__(self) -> str:
        """Show nothing."""
        return "Vault(…)"

    def seal(self, table: str, number: int, content: bytes) -> bytes:
        """Return ``content``, sealed for row ``number`` of ``table``."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, self._place(table, number))

    def open(self, table: str, number: int, sealed: bytes) -> bytes:
        """Return what row ``number`` of ``table`` holds; raise DataError where that is not what was sealed for it."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._place(table, number))
        except (InvalidTag, ValueError):
            raise DataError(f"outbox: {table} {number} does not open") from None

    def tag(self, kind: str, text: str) -> bytes:
        """Return by what ``text`` can be looked for without standing there."""
        return hmac.new(self._tags, f"{kind} {text}".encode(), hashlib.sha256).digest()

    def hash_of(self, kind: str, text: str) -> str:
        """Return by what ``text`` is known again where it is not kept, in hex; "" for none."""
        return self.tag(kind, text).hex() if text else ""

    def _place(self, table: str, number: int) -> bytes:
        return self._same + f"{table} {number}".encode()
