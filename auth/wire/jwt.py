"""Signed JSON Web Tokens with ES256 and nothing else (RFC 7519, RFC 7515 §3.1, RFC 8725).

Signing goes through ``Signer``, since the key may be in a security module. Reading is strict: one algorithm, the type
that is expected and no other, bounded before it is parsed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.errors import JoseError

from auth.wire.bare_key import BareKey
from auth.wire.endpoint import Signer

__all__ = ["MAX_JWT_CHARACTERS", "JwtRefused", "base64url", "header_of", "public_jwk", "read_jwt", "sign_jwt"]

ALGORITHM = "ES256"
MAX_JWT_CHARACTERS = 8_192
_COORDINATE = 32

Claims = dict[str, Any]


class JwtRefused(Exception):
    """Say that a token is not taken; ``why`` is a short stable word and nothing of the token."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def base64url(value: bytes) -> str:
    """Return ``value`` in base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def public_jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Return a P-256 key as a JWK (RFC 7518 §6.2.1)."""
    numbers = key.public_numbers()
    x, y = (base64url(number.to_bytes(_COORDINATE, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def sign_jwt(header: Mapping[str, object], claims: Mapping[str, object], signer: Signer) -> str:
    """Return ``claims`` as a compact token; ``alg`` is added to ``header``."""
    signed = ".".join(
        base64url(json.dumps(part, separators=(",", ":")).encode()) for part in ({"alg": ALGORITHM, **header}, claims)
    )
    return f"{signed}.{base64url(signer.sign(signed.encode('ascii')))}"


def header_of(token: str) -> Claims:
    """Return the header of a token, unproven; raise JwtRefused where it is too large or no compact token."""
    return dict(_taken_apart(token).headers())


def read_jwt(
    token: str, typ: str, fields: frozenset[str], key_for: Callable[[Claims], ec.EllipticCurvePublicKey | None]
) -> Claims:
    """Return the claims of a token of type ``typ`` whose header holds exactly ``fields`` besides alg and typ.

    ``key_for`` names the key from the header, None where there is none. Raise JwtRefused: malformed, wrong-type,
    wrong-algorithm, wrong-header, unknown-key, wrong-signature.
    """
    parts = _taken_apart(token)
    header = dict(parts.headers())
    if header.get("typ") != typ:
        raise JwtRefused("wrong-type")
    if header.get("alg") != ALGORITHM:
        raise JwtRefused("wrong-algorithm")
    if set(header) != fields | {"alg", "typ"}:
        raise JwtRefused("wrong-header")
    key = key_for(header)
    if key is None:
        raise JwtRefused("unknown-key")
    try:
        if not jws.validate_compact(parts, BareKey(key, key), algorithms=[ALGORITHM]):
            raise JwtRefused("wrong-signature")
        claims = json.loads(parts.payload)
    except JoseError:
        raise JwtRefused("wrong-signature") from None
    except (ValueError, RecursionError):
        raise JwtRefused("malformed") from None
    if not isinstance(claims, dict):
        raise JwtRefused("malformed")
    return claims


def _taken_apart(token: str) -> jws.CompactSignature:
    """Return the parts of a token, unproven; raise JwtRefused where it is too large or no compact token."""
    if len(token) > MAX_JWT_CHARACTERS or not token.isascii():
        raise JwtRefused("malformed")
    try:
        parts = jws.extract_compact(token.encode("ascii"))
        dict(parts.headers())
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise JwtRefused("malformed") from None
    return parts
