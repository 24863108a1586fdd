"""The id of a public key, which both sides can compute from the key itself."""

from __future__ import annotations

import base64
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["thumbprint"]

_COORDINATE = 32


def thumbprint(key: ec.EllipticCurvePublicKey) -> str:
    """Return the JWK SHA-256 thumbprint of a P-256 key, base64url without padding (RFC 7638 §3)."""
    numbers = key.public_numbers()
    jwk = {
        "crv": "P-256",
        "kty": "EC",
        "x": _base64url(numbers.x.to_bytes(_COORDINATE, "big")),
        "y": _base64url(numbers.y.to_bytes(_COORDINATE, "big")),
    }
    return _base64url(hashlib.sha256(json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()).digest())


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
