"""Signed tokens: JSON Web Signatures in compact form with ES256, and with nothing else (RFC 7515 §3.1, RFC 7518 §3.4).

A header has exactly one encoding here, made of the algorithm, the key's id and the expected type. So there is no
algorithm to negotiate and no header field to obey; a token of one kind is never taken for one of another. Signing goes
through ``Signer``, since the key may be in a security module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from auth.device_key import DeviceKey
from auth.presence.claims import IssuedClaims
from auth.presence.encoding import canonical, from_text, parse_canonical, to_text
from auth.wire.endpoint import Signer
from reader.errors import DataError

__all__ = ["MAX_TOKEN_CHARACTERS", "Issuers", "read_token", "sign_token"]

MAX_TOKEN_CHARACTERS = 8_192
_MAX_HEADER_BYTES = 512

Issuers = Mapping[str, Mapping[str, DeviceKey]]
"""Whose tokens are taken, and the keys of each by key id: a key speaks for its owner only."""

C = TypeVar("C", bound=IssuedClaims)


def sign_token(kind: str, claims: IssuedClaims, signer: Signer) -> str:
    """Return ``claims`` as a signed token of type ``kind``."""
    header = canonical({"alg": "ES256", "kid": signer.key_id, "typ": kind})
    signed = f"{to_text(header)}.{to_text(canonical(claims.model_dump(mode='json')))}"
    return f"{signed}.{to_text(signer.sign(signed.encode('ascii')))}"


def read_token(kind: str, model: type[C], token: str, issuers: Issuers) -> C:
    """Return the claims of a token of type ``kind`` signed by who they say; raise DataError for anything else."""
    parts = token.split(".") if len(token) <= MAX_TOKEN_CHARACTERS and token.isascii() else []
    if len(parts) != 3:
        raise DataError("not a compact token")
    header = parse_canonical(from_text(parts[0]), _MAX_HEADER_BYTES)
    key_id = header.get("kid")
    if not isinstance(key_id, str) or header != {"alg": "ES256", "kid": key_id, "typ": kind}:
        raise DataError("token with another header than its kind has")
    payload = from_text(parts[1])
    parse_canonical(payload, MAX_TOKEN_CHARACTERS)
    try:
        claims = model.model_validate_json(payload)
    except ValidationError:
        raise DataError("token with other claims than its kind has") from None
    key = issuers.get(claims.issuer, {}).get(key_id)
    if key is None or not key.verifies(f"{parts[0]}.{parts[1]}".encode("ascii"), from_text(parts[2])):
        raise DataError("token that nobody known has signed")
    return claims
