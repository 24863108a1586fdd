"""The authorization server's public keys (RFC 7517), and who it says has signed in (OpenID Connect Core §3.1.3.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from auth.errors import AnswerNotTrusted, SignInFailed
from auth.wire.jwt import JwtRefused, read_jwt
from auth.wire.oauth import AUTHORIZATION, ID_JWT
from auth.wire.thumbprint import thumbprint

__all__ = ["Identity", "ServerKeys", "UnknownKey", "read_identity"]

_MAX_KEYS = 20
_SKEW_S = 10
_MAX_TEXT = 200
_ID = re.compile("[!-~]{1,100}")


class UnknownKey(Exception):
    """Say that a token names a key that the set does not have: after a rotation the set is fetched again."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Hold who signed in, when and how."""

    clerk_id: str
    name: str
    auth_time: int
    acr: str
    issued_at: int = 0


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """Hold the P-256 signing keys of a server by their id."""

    by_id: Mapping[str, ec.EllipticCurvePublicKey]

    @classmethod
    def of(cls, document: Mapping[str, Any], pins: tuple[str, ...] = ()) -> ServerKeys:
        """Read a JWK Set; keys of other kinds are passed over, with ``pins`` also those that are not pinned.

        Raise AnswerNotTrusted for what is no set, or one in which nothing is left.
        """
        listed = document.get("keys")
        if not isinstance(listed, list) or len(listed) > _MAX_KEYS:
            raise AnswerNotTrusted(AUTHORIZATION, "malformed-keys")
        keys: dict[str, ec.EllipticCurvePublicKey] = {}
        for jwk in listed:
            key, key_id = _signing_key(jwk)
            if key is not None and (not pins or thumbprint(key) in pins):
                keys[key_id] = key
        if not keys:
            raise AnswerNotTrusted(AUTHORIZATION, "no-key")
        return cls(keys)


def _signing_key(jwk: object) -> tuple[ec.EllipticCurvePublicKey | None, str]:
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != ("EC", "P-256") or "d" in jwk:
        return None, ""
    key_id = jwk.get("kid")
    if not isinstance(key_id, str) or jwk.get("use", "sig") != "sig" or jwk.get("alg", "ES256") != "ES256":
        return None, ""
    try:
        key = ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y")}).public_key
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None, ""
    return key, key_id


def read_identity(token: object, keys: ServerKeys, issuer: str, device_id: str, nonce: str, now: float) -> Identity:
    """Return who an identity token says has signed in, for our request and at our device.

    Raise UnknownKey where its key is not in the set, SignInFailed for everything else that is wrong with it.
    """
    unknown: list[str] = []

    def key_for(header: dict[str, Any]) -> ec.EllipticCurvePublicKey | None:
        key = keys.by_id.get(str(header.get("kid")))
        if key is None:
            unknown.append("kid")
        return key

    try:
        claims = read_jwt(token if isinstance(token, str) else "", ID_JWT, frozenset({"kid"}), key_for)
    except JwtRefused as error:
        if unknown:
            raise UnknownKey from None
        raise SignInFailed(f"identity-{error.why}") from None
    expected = {"iss": issuer, "aud": device_id, "nonce": nonce}
    for name, value in expected.items():
        if claims.get(name) != value:
            raise SignInFailed(f"identity-{name}")
    issued, expires, auth_time = (_seconds(claims.get(name)) for name in ("iat", "exp", "auth_time"))
    # Nobody is told of before they have signed in, by whatever clock.
    if issued > now + _SKEW_S or expires <= now - _SKEW_S or auth_time > min(now, issued) + _SKEW_S:
        raise SignInFailed("identity-out-of-time")
    return Identity(_id(claims.get("sub")), _text(claims.get("name")), auth_time, _text(claims.get("acr")), issued)


def _seconds(value: object) -> int:
    # Bounded, since it is reckoned with from here on.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 40:
        raise SignInFailed("identity-malformed")
    return value


def _id(value: object) -> str:
    """Return by what registers will be told of the clerk; OpenID Connect Core §2 has it ASCII, and no more."""
    text = _text(value)
    if _ID.fullmatch(text) is None:
        raise SignInFailed("identity-subject")
    return text


def _text(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= _MAX_TEXT or not value.isprintable():
        raise SignInFailed("identity-malformed")
    return value
