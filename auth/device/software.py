"""The device's own signing key where no TPM or token holds it: P-256, in memory, at rest only under a passphrase."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from auth.wire.thumbprint import thumbprint
from reader.errors import DataError

__all__ = ["SoftwareSigner"]

_COORDINATE = 32
_MAX_PEM = 16_384
_UNENCRYPTED_MARKS = (b"BEGIN PRIVATE KEY", b"BEGIN EC PRIVATE KEY")


class SoftwareSigner:
    """Sign with a P-256 key that lives in this process (``auth.wire.endpoint.Signer``).

    ``key_id`` is the RFC 7638 thumbprint of the public key, so that both sides can compute it.
    """

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        if not isinstance(key.curve, ec.SECP256R1):
            raise DataError("device key: not on P-256")
        self._key = key
        self._key_id = thumbprint(key.public_key())

    def __repr__(self) -> str:
        """Show the public id only."""
        return f"SoftwareSigner({self._key_id})"

    @classmethod
    def generate(cls) -> SoftwareSigner:
        """Make a new key."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_encrypted_pem(cls, pem: bytes, passphrase: bytes) -> SoftwareSigner:
        """Load a key from an encrypted PKCS#8 PEM; raise DataError for plaintext, a wrong passphrase or another key."""
        if len(pem) > _MAX_PEM:
            raise DataError("device key: file too large")
        if any(mark in pem for mark in _UNENCRYPTED_MARKS) or not passphrase:
            raise DataError("device key: stored without a passphrase")
        try:
            key = load_pem_private_key(pem, passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise DataError("device key: wrong passphrase or damaged file") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise DataError("device key: not on P-256")
        return cls(key)

    def to_encrypted_pem(self, passphrase: bytes) -> bytes:
        """Return the key as encrypted PKCS#8 PEM; raise DataError for an empty passphrase."""
        if not passphrase:
            raise DataError("device key: no passphrase")
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the public key."""
        return self._key.public_key()

    def public_pem(self) -> bytes:
        """Return the public key as PEM SubjectPublicKeyInfo: what a register enrols."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def key_id(self) -> str:
        """Return the id under which the registers know the public key."""
        return self._key_id

    def sign(self, message: bytes) -> bytes:
        """Return the ECDSA P-256/SHA-256 signature as r ‖ s, 64 bytes (RFC 9421 §3.3.4)."""
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(_COORDINATE, "big") + s.to_bytes(_COORDINATE, "big")
