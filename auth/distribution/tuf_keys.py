"""Operators' keys as TUF knows them: the same Ed25519 key, under TUF's own key id."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from securesystemslib.signer import Signature, Signer, SSlibKey

from auth.distribution.operators import Operator, OperatorKey

__all__ = ["TufSigner", "tuf_key"]


def tuf_key(operator: Operator) -> SSlibKey:
    """Return an operator's public key as TUF metadata hold it."""
    return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(operator.public), scheme="ed25519")


class TufSigner(Signer):
    """Sign TUF metadata with an operator's key."""

    def __init__(self, key: OperatorKey) -> None:
        self._key = key
        self._public = tuf_key(key.operator("?"))

    @property
    def public_key(self) -> SSlibKey:
        """Return the public key."""
        return self._public

    def sign(self, payload: bytes) -> Signature:
        """Return the signature over ``payload``."""
        return Signature(self._public.keyid, self._key.sign(payload).value.hex())

    @classmethod
    def from_priv_key_uri(cls, *_: object) -> Signer:
        """Refuse: a key is handed over by whoever unlocked it, never fetched by an address."""
        raise NotImplementedError("operators' keys have no address")
