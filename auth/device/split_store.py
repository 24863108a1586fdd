"""Two places for two keys, where a token signs but agrees on no secrets (ECDH): chosen by name, never fallen back to.

The key that signs is in the token and never leaves it. The key that opens lies in a file, sealed under what only the
token unwraps: on the disk it is as safe as the token. To open one answer it is unsealed, by the token each time, and
let go of; for that moment it is in this program's memory, which tells this place from a token that does it all.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from auth.device.keys import KeyUse, StoreKind
from auth.device.sealed_store import SealedKeyStore
from auth.device.token_seal import TokenSeal
from auth.device.token_store import TokenKeyStore, TokenOpener, TokenSigner
from auth.device_key import DeviceKey

__all__ = ["SplitKeyStore"]


class SplitKeyStore:
    """Keep signing keys in ``token`` and opening keys below ``folder`` (``auth.device.keys.KeyStore``)."""

    kind = StoreKind.PKCS11_SEALED

    def __init__(self, folder: Path, token: TokenKeyStore) -> None:
        self._folder = folder
        self._token = token

    def __repr__(self) -> str:
        """Show what it is only."""
        return "SplitKeyStore()"

    def create(self, use: KeyUse) -> DeviceKey:
        """Make a key where its use has its place."""
        return self._token.create(use) if use is KeyUse.SIGNING else self._sealed().create(use)

    def public(self, key_id: str) -> DeviceKey:
        """Return the public half of a key of either use."""
        sealed = self._sealed()
        return sealed.public(key_id) if key_id in sealed.key_ids() else self._token.public(key_id)

    def signer(self, key_id: str) -> TokenSigner:
        """Return what signs in the token."""
        return self._token.signer(key_id)

    def opener(self, key_id: str) -> TokenOpener:
        """Return what opens with the token's help, each time anew."""
        return TokenOpener(self, key_id, self._sealed().opener(key_id).spki)

    def agree(self, key_id: str, point: bytes) -> bytes:
        """Return the ECDH shared secret; the key is unsealed for it, and let go of."""
        return self._sealed().opener(key_id).agree(point)

    def key_ids(self) -> frozenset[str]:
        """Return the ids of all keys, here and in the token."""
        return self._sealed().key_ids() | self._token.key_ids()

    def destroy(self, key_id: str) -> None:
        """Destroy a key wherever it is."""
        self._sealed().destroy(key_id)
        self._token.destroy(key_id)

    def destroy_everything(self, key_ids: Iterable[str]) -> None:
        """Destroy what unseals first, in the token, then the files, then these keys in the token."""
        self._sealed().destroy_everything()
        self._token.destroy_everything(key_ids)

    def close(self) -> None:
        """Log out of the token and forget its PIN."""
        self._token.close()

    def _sealed(self) -> SealedKeyStore:
        # A new one each time: it keeps the seal for as long as it lives.
        return SealedKeyStore(self._folder, TokenSeal(self._folder, self._token))
