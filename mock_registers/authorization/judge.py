"""The clerk at a register's gate: is this token for this device, this register, this purpose, and does it count now."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from auth.wire.dpop import DpopRefused, SeenProofs, judge_proof
from auth.wire.jwt import JwtRefused, read_jwt
from auth.wire.oauth import (
    ACCESS_JWT,
    ACR_TWO_FACTOR,
    DETAIL_TYPE,
    MAX_ACCESS_SECONDS,
    audience,
    reaches,
)
from auth.wire.profile import DPOP_NONCE_HEADER, USE_DPOP_NONCE
from auth.wire.signatures import HttpRequest
from mock_registers.authorization.clerks import Clerk
from mock_registers.authorization.nonces import Nonces
from mock_registers.authorization.service import AuthorizationService
from mock_registers.gate import EnrolledDevice
from mock_registers.refusal import Refusal

__all__ = ["SENSITIVE", "TokenJudge"]

# For these a clerk must have signed in with a one-time code, at most so many seconds ago: the registers' own list,
# which the desk's registry must agree with.
SENSITIVE = {"own-data": 900, "housing-purchase": 1_800}
_SCHEME = "DPoP "
_FUTURE_S = 10


class TokenJudge:
    """Judge the clerk's token and the proof beside it (``ClerkJudge`` of the registers' gates).

    Registers and authorization server are one process here, so a token that was revoked, a clerk who lost a role and a
    sign-in that ended are known at once; elsewhere the ten minutes of a token are the longest that either goes on.
    """

    def __init__(self, service: AuthorizationService, now: Callable[[], float] = time.time) -> None:
        self._service = service
        self._now = now
        self._seen = SeenProofs()
        self._nonces = Nonces()

    def judge(self, request: HttpRequest, device: EnrolledDevice, register: str, purpose: str) -> str:
        """Return the clerk's id; raise Refusal 401 for a token that does not count, 403 for a clerk who may not ask."""
        now = self._now()
        token = request.headers.get("authorization", "")
        if not token.startswith(_SCHEME):
            raise Refusal(401, "clerk-not-signed-in")
        token = token.removeprefix(_SCHEME)
        claims = self._claims(token)
        self._expect_bound(claims, token, request, device, register, now)
        clerk = self._expect_current(claims, now)
        self._expect_for(claims, clerk, register, purpose)
        self._expect_sign_in(claims, purpose, now)
        return str(claims["sub"])

    def _claims(self, token: str) -> dict[str, Any]:
        keyring = self._service.keyring
        try:
            claims = read_jwt(
                token, ACCESS_JWT, frozenset({"kid"}), lambda header: keyring.public_key(str(header.get("kid")))
            )
        except JwtRefused:
            raise Refusal(401, "token-invalid") from None
        if claims.get("iss") != self._service.issuer:
            raise Refusal(401, "token-invalid")
        return claims

    def _expect_bound(
        self,
        claims: dict[str, Any],
        token: str,
        request: HttpRequest,
        device: EnrolledDevice,
        register: str,
        now: float,
    ) -> None:
        confirmation = claims.get("cnf")
        if claims.get("client_id") != device.device_id or confirmation != {"jkt": device.key_id}:
            raise Refusal(401, "token-invalid")
        try:
            proven = judge_proof(
                request.headers.get("dpop", ""),
                request.method,
                request.url,
                now,
                self._seen,
                access_token=token,
                nonce_counts=lambda nonce: self._nonces.counts(nonce, now, register),
            )
        except DpopRefused as refused:
            if refused.why == "nonce":
                raise Refusal(401, USE_DPOP_NONCE, {DPOP_NONCE_HEADER: self._nonces.fresh(now, register)}) from None
            raise Refusal(401, "proof-invalid") from None
        if proven.thumbprint != device.key_id:
            raise Refusal(401, "proof-invalid")

    def _expect_current(self, claims: dict[str, Any], now: float) -> Clerk | None:
        """Return the clerk of the token's sign-in as they are now."""
        issued, expires = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int) or not isinstance(expires, int) or isinstance(issued, bool):
            raise Refusal(401, "token-invalid")
        if expires - issued > MAX_ACCESS_SECONDS or issued > now + _FUTURE_S:
            raise Refusal(401, "token-invalid")
        standing = self._service.store.standing(str(claims.get("sid")))
        if now >= expires or standing is None or standing.ended or standing.clerk_id != claims.get("sub"):
            raise Refusal(401, "token-expired")
        return standing.clerk

    def _expect_for(self, claims: dict[str, Any], clerk: Clerk | None, register: str, purpose: str) -> None:
        place = audience(register)
        if place not in claims.get("aud", ()):
            raise Refusal(401, "token-invalid")
        details = claims.get("authorization_details", ())
        if not any(
            (detail.get("type"), detail.get("purpose")) == (DETAIL_TYPE, purpose) and place in detail["locations"]
            for detail in details
        ):
            raise Refusal(403, "clerk-not-allowed")
        if clerk is None or not clerk.may(purpose):
            raise Refusal(403, "clerk-not-allowed")

    def _expect_sign_in(self, claims: dict[str, Any], purpose: str, now: float) -> None:
        most = SENSITIVE.get(purpose)
        if most is None:
            return
        recent = now - int(claims.get("auth_time", 0)) <= most
        if not recent or not reaches(claims.get("acr"), ACR_TWO_FACTOR):
            raise Refusal(401, "step-up-needed")
