"""P-256 keys of the sandbox: what the registers sign with, and the test device's own."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.wire.thumbprint import thumbprint

__all__ = ["SandboxKey"]


class SandboxKey:
    """Sign as ``auth.wire.endpoint.Signer`` does, with a key of this process."""

    def __init__(self, key: ec.EllipticCurvePrivateKey | None = None, *, key_id: str = "") -> None:
        """Take a key or make one; ``key_id`` is its thumbprint unless given, which only a liar does."""
        self._key = key or ec.generate_private_key(ec.SECP256R1())
        self._key_id = key_id or thumbprint(self.public_key)

    def __repr__(self) -> str:
        """Show the public id only."""
        return f"SandboxKey({self._key_id})"

    @property
    def key_id(self) -> str:
        """Return the id under which others know the public key."""
        return self._key_id

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the public key."""
        return self._key.public_key()

    @property
    def spki(self) -> bytes:
        """Return the public key as DER SubjectPublicKeyInfo."""
        return self.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, message: bytes) -> bytes:
        """Return the ECDSA P-256/SHA-256 signature as r ‖ s, 64 bytes (RFC 9421 §3.3.4)."""
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
