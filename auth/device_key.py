"""The public half of a device's key: who signed something, for somebody who was given that key beforehand."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from auth.wire.thumbprint import thumbprint
from reader.errors import DataError

__all__ = ["MAX_PEM_BYTES", "DeviceKey"]

_COORDINATE = 32
MAX_PEM_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """Hold a P-256 public key; ``key_id`` is its RFC 7638 thumbprint."""

    key: ec.EllipticCurvePublicKey
    key_id: str

    @classmethod
    def from_pem(cls, pem: bytes) -> DeviceKey:
        """Read a PEM SubjectPublicKeyInfo, as a device shows it; raise DataError for anything else."""
        if len(pem) > MAX_PEM_BYTES:
            raise DataError("device key: file too large")
        try:
            key = load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm):
            raise DataError("device key: no public key") from None
        return cls._of(key)

    @classmethod
    def from_der(cls, spki: bytes) -> DeviceKey:
        """Read a DER SubjectPublicKeyInfo; raise DataError for anything else."""
        try:
            key = load_der_public_key(spki)
        except (ValueError, UnsupportedAlgorithm):
            raise DataError("device key: no public key") from None
        return cls._of(key)

    @classmethod
    def _of(cls, key: object) -> DeviceKey:
        if not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)):
            raise DataError("device key: not on P-256")
        return cls(key, thumbprint(key))

    def to_der(self) -> bytes:
        """Return the key as DER SubjectPublicKeyInfo."""
        return self.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Tell whether ``signature``, ECDSA P-256/SHA-256 as r ‖ s, is this key's over ``message``."""
        if len(signature) != 2 * _COORDINATE:
            return False
        r, s = int.from_bytes(signature[:_COORDINATE], "big"), int.from_bytes(signature[_COORDINATE:], "big")
        try:
            self.key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True
