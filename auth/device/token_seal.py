"""A seal that a token unwraps: for tokens that sign but have no key agreement, as a TPM behind PKCS#11 mostly is."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from auth.device.errors import DeviceKeyUnusable
from auth.device.keys import StoreKind
from auth.device.seals import SEAL_BYTES, ByToken, forget_seal, read_seal, write_seal
from auth.device.token_store import TokenKeyStore

__all__ = ["TokenSeal"]


class TokenSeal:
    """Keep the seal beside the keys, wrapped by an RSA key that was made in the token and cannot be taken out."""

    kind = StoreKind.PKCS11_SEALED

    def __init__(self, folder: Path, token: TokenKeyStore) -> None:
        self._folder = folder
        self._token = token

    def make(self) -> bytes:
        """Make the seal; raise DeviceError where the token is not to be had or gives back something else."""
        seal = secrets.token_bytes(SEAL_BYTES)
        name, wrapped = self._token.make_seal(seal)
        if self._token.unseal(name, wrapped) != seal:
            raise DeviceKeyUnusable("the token does not open what is sealed to it")
        write_seal(self._folder, ByToken(key=name, wrapped=wrapped.hex(), digest=_digest(wrapped)))
        return seal

    def key(self) -> bytes | None:
        """Return the seal; raise DeviceError where the token is not to be had."""
        said = read_seal(self._folder)
        if said is None:
            return None
        if not isinstance(said, ByToken):
            raise DeviceKeyUnusable("sealed in another way")
        wrapped = bytes.fromhex(said.wrapped)
        # Not for the token to find out: some TPMs stop altogether over a cryptogram that is none.
        if not hmac.compare_digest(_digest(wrapped), said.digest):
            raise DeviceKeyUnusable("seal.json is damaged")
        seal = self._token.unseal(said.key, wrapped)
        if len(seal) != SEAL_BYTES:
            raise DeviceKeyUnusable("seal.json is damaged")
        return seal

    def destroy(self) -> None:
        """Destroy the key in the token, then the file that names it; one that was overwritten names none any more."""
        try:
            said = read_seal(self._folder)
        except DeviceKeyUnusable:
            said = None
        if isinstance(said, ByToken):
            self._token.destroy(said.key)
        forget_seal(self._folder)


def _digest(wrapped: bytes) -> str:
    return hashlib.sha256(wrapped).hexdigest()
