"""The key to which answers are sealed, where no TPM or token holds it: P-256, in memory, at rest under a passphrase.

It is another key than the one that signs: one key for two uses would let one protocol be an oracle for the other.
"""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from auth.wire.thumbprint import thumbprint
from reader.errors import DataError

__all__ = ["SoftwareOpener"]

_MAX_PEM = 16_384
_UNENCRYPTED_MARKS = (b"BEGIN PRIVATE KEY", b"BEGIN EC PRIVATE KEY")


class SoftwareOpener:
    """Open with a P-256 key that lives in this process (``auth.wire.endpoint.Opener``).

    ``key_id`` is the RFC 7638 thumbprint of the public key, so that both sides can compute it.
    """

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        if not isinstance(key.curve, ec.SECP256R1):
            raise DataError("opening key: not on P-256")
        self._key = key
        self._key_id = thumbprint(key.public_key())
        self._spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def __repr__(self) -> str:
        """Show the public id only."""
        return f"SoftwareOpener({self._key_id})"

    @classmethod
    def generate(cls) -> SoftwareOpener:
        """Make a new key."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_encrypted_pem(cls, pem: bytes, passphrase: bytes) -> SoftwareOpener:
        """Load a key from an encrypted PKCS#8 PEM; raise DataError for plaintext, a wrong passphrase or another key."""
        if len(pem) > _MAX_PEM:
            raise DataError("opening key: file too large")
        if any(mark in pem for mark in _UNENCRYPTED_MARKS) or not passphrase:
            raise DataError("opening key: stored without a passphrase")
        try:
            key = load_pem_private_key(pem, passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise DataError("opening key: wrong passphrase or damaged file") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise DataError("opening key: not on P-256")
        return cls(key)

    def to_encrypted_pem(self, passphrase: bytes) -> bytes:
        """Return the key as encrypted PKCS#8 PEM; raise DataError for an empty passphrase."""
        if not passphrase:
            raise DataError("opening key: no passphrase")
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))

    def public_pem(self) -> bytes:
        """Return the public key as PEM SubjectPublicKeyInfo: what a register enrols."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the public key."""
        return self._key.public_key()

    @property
    def key_id(self) -> str:
        """Return the id under which others know the public key."""
        return self._key_id

    @property
    def spki(self) -> bytes:
        """Return the public key as DER SubjectPublicKeyInfo."""
        return self._spki

    def agree(self, point: bytes) -> bytes:
        """Return the x-coordinate of ECDH with ``point``, 32 bytes; raise DataError for a point that is none."""
        try:
            peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except ValueError:
            raise DataError("opening key: not a point of P-256") from None
        return self._key.exchange(ec.ECDH(), peer)
