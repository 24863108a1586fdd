"""What a clerk's desk is given: access tokens (RFC 9068), identity tokens (OpenID Connect Core §2), refresh tokens."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from auth.wire.jwt import sign_jwt
from auth.wire.oauth import ACCESS_JWT, ID_JWT, audience
from mock_registers.authorization.clerks import Clerk
from mock_registers.authorization.faults import AuthorizationFault
from mock_registers.authorization.keyring import Keyring
from mock_registers.authorization.store import Family
from mock_registers.keys import SandboxKey

__all__ = ["ACCESS_SECONDS", "TokenMaker"]

ACCESS_SECONDS = 300
_ID_SECONDS = 120
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class TokenMaker:
    """Make out tokens of one issuer, rightly or with one fault."""

    issuer: str
    keyring: Keyring
    fault: AuthorizationFault | None = None
    _stranger: SandboxKey = field(default_factory=SandboxKey)

    def access_token(self, family: Family, details: Iterable[dict[str, Any]], now: float) -> str:
        """Return a token for the purposes in ``details``, bound to the device's key, for ACCESS_SECONDS."""
        granted = list(details)
        claims: dict[str, object] = {
            "iss": self.issuer,
            "sub": family.clerk_id,
            "aud": sorted({place for detail in granted for place in detail["locations"]}),
            "client_id": family.device_id,
            "iat": int(now),
            "exp": int(now) + ACCESS_SECONDS,
            "jti": secrets.token_urlsafe(16),
            "sid": family.family,
            "auth_time": family.auth_time,
            "acr": family.acr,
            "cnf": {"jkt": family.thumbprint},
            "authorization_details": granted,
        }
        return self._sign(ACCESS_JWT, self._with_fault(claims, int(now)))

    def id_token(self, family: Family, clerk: Clerk, now: float) -> str:
        """Return who signed in, for the desk itself."""
        if self.fault is AuthorizationFault.WRONG_NONCE:
            family = replace(family, nonce=secrets.token_urlsafe(16))
        return self._sign(
            ID_JWT,
            {
                "iss": self.issuer,
                "sub": family.clerk_id,
                "aud": family.device_id,
                "iat": int(now),
                "exp": int(now) + _ID_SECONDS,
                "nonce": family.nonce,
                "auth_time": family.auth_time,
                "acr": family.acr,
                "sid": family.family,
                "name": clerk.name,
            },
        )

    def _sign(self, kind: str, claims: dict[str, object]) -> str:
        key = self.keyring.current
        header = {"typ": kind, "kid": key.key_id}
        if self.fault is AuthorizationFault.EXPIRED_KEYS:
            header["kid"], key = self._stranger.key_id, self._stranger
        elif self.fault is AuthorizationFault.FOREIGN_KEY:
            key = self._stranger
        return sign_jwt(header, claims, key)

    def _with_fault(self, claims: dict[str, object], now: int) -> dict[str, object]:
        details = claims["authorization_details"]
        assert isinstance(details, list)  # noqa: S101 — said again for the type checker
        match self.fault:
            case AuthorizationFault.OTHER_DEVICE:
                return {**claims, "client_id": "another-desk"}
            case AuthorizationFault.OTHER_AUDIENCE:
                return {**claims, "aud": [audience("elsewhere")]}
            case AuthorizationFault.OTHER_PURPOSE:
                return {**claims, "authorization_details": [{**detail, "purpose": "another"} for detail in details]}
            case AuthorizationFault.TOKEN_WRONG_ISSUER:
                return {**claims, "iss": f"{self.issuer}/another"}
            case AuthorizationFault.EXPIRED_TOKEN:
                return {**claims, "iat": now - _DAY_S, "exp": now - _DAY_S + ACCESS_SECONDS}
            case AuthorizationFault.LONG_TOKEN:
                return {**claims, "exp": now + _DAY_S}
            case AuthorizationFault.UNBOUND_TOKEN:
                return {name: value for name, value in claims.items() if name != "cnf"}
            case _:
                return claims
