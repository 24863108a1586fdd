"""The token endpoint: a code, a refresh token or a device code against tokens (RFC 6749, RFC 7636, RFC 8628)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from auth.wire.jwt import base64url
from auth.wire.oauth import DEVICE_GRANT
from mock_registers.authorization.clerks import Clerk, ClerkBook
from mock_registers.authorization.errors import OAuthError
from mock_registers.authorization.faults import AuthorizationFault
from mock_registers.authorization.requests import parse_details
from mock_registers.authorization.store import Family, TokenStore, Waiting, new_secret
from mock_registers.authorization.tokens import ACCESS_SECONDS, TokenMaker
from mock_registers.gate import EnrolledDevice

__all__ = ["FAMILY_SECONDS", "Grants"]

FAMILY_SECONDS = 8 * 3600
_MAX_INTERVAL_S = 60
_SLOW_DOWN_S = 5


@dataclass(frozen=True, slots=True)
class Grants:
    """Give tokens out and take them back."""

    store: TokenStore
    clerks: ClerkBook
    tokens: TokenMaker

    def grant(self, form: Mapping[str, str], device: EnrolledDevice, now: float) -> dict[str, object]:
        """Return the answer of the token endpoint to ``device``; raise OAuthError."""
        match form.get("grant_type"):
            case "authorization_code":
                return self._by_code(form, device, now)
            case "refresh_token":
                return self._by_refresh(form, device, now)
            case grant if grant == DEVICE_GRANT:
                return self._by_device_code(form, device, now)
            case _:
                raise OAuthError("unsupported_grant_type")

    def revoke(self, token: str, device: EnrolledDevice) -> None:
        """End the sign-in that a refresh token came of (RFC 7009); a token of nobody's is no error."""
        name = self.store.family_of_refresh(token)
        family = self.store.family(name) if name is not None else None
        if family is not None and family.device_id == device.device_id:
            self.store.end_family(family.family)

    def _by_code(self, form: Mapping[str, str], device: EnrolledDevice, now: float) -> dict[str, object]:
        redeemed = self.store.redeem_code(form.get("code", ""))
        if redeemed is None:
            raise OAuthError("invalid_grant", "no such code")
        if redeemed.again:
            # Somebody has the code besides whom it was for: nothing that came of it may count (RFC 6749 §4.1.2).
            self.store.end_family(redeemed.family)
            raise OAuthError("invalid_grant", "code used before")
        family, clerk = self._standing(redeemed.family, device, now)
        verifier = form.get("code_verifier", "")
        challenge = base64url(hashlib.sha256(verifier.encode("utf-8")).digest())
        if not 43 <= len(verifier) <= 128 or not hmac.compare_digest(challenge, redeemed.challenge):
            raise OAuthError("invalid_grant", "code_verifier")
        if form.get("redirect_uri") != redeemed.redirect_uri or redeemed.expires <= now:
            raise OAuthError("invalid_grant", "redirect_uri or time")
        return self._answer(family, clerk, form, now, identity=True)

    def _by_refresh(self, form: Mapping[str, str], device: EnrolledDevice, now: float) -> dict[str, object]:
        token = form.get("refresh_token", "")
        name = self.store.family_of_refresh(token)
        if name is None:
            raise OAuthError("invalid_grant", "no such token")
        family, clerk = self._standing(name, device, now)
        # Narrowed before it is used up: a desk that asks for too much has not lost its sign-in.
        self._narrowed(family, clerk, form)
        if not self.store.use_refresh(token):
            self.store.end_family(name)
            raise OAuthError("invalid_grant", "token used before")
        return self._answer(family, clerk, form, now)

    def _by_device_code(self, form: Mapping[str, str], device: EnrolledDevice, now: float) -> dict[str, object]:
        waiting = self.store.device_code(form.get("device_code", ""))
        if waiting is None or waiting.device_id != device.device_id or waiting.state == "used":
            raise OAuthError("invalid_grant", "no such code")
        if waiting.expires <= now:
            raise OAuthError("expired_token")
        if waiting.state == "denied":
            raise OAuthError("access_denied")
        if waiting.state == "waiting":
            raise OAuthError(self._patience(waiting, now))
        family, clerk = self._standing(waiting.family, device, now)
        if not self.store.settle(waiting.key, "approved", "used"):
            raise OAuthError("invalid_grant", "code used before")
        return self._answer(family, clerk, form, now, identity=True)

    def _patience(self, waiting: Waiting, now: float) -> str:
        """Return authorization_pending, or slow_down with a longer interval for who asks too often (RFC 8628 §3.5)."""
        hurried = now - waiting.polled < waiting.interval or self.tokens.fault is AuthorizationFault.ALWAYS_SLOW_DOWN
        interval = min(waiting.interval + _SLOW_DOWN_S, _MAX_INTERVAL_S) if hurried else waiting.interval
        self.store.polled(waiting.key, now, interval)
        return "slow_down" if hurried else "authorization_pending"

    def _standing(self, name: str, device: EnrolledDevice, now: float) -> tuple[Family, Clerk]:
        """Return a sign-in that still counts at this device, and its clerk as they are now; raise OAuthError."""
        family = self.store.family(name)
        if family is None or family.device_id != device.device_id or family.thumbprint != device.key_id:
            raise OAuthError("invalid_grant", "another device's")
        clerk = self.clerks.find(family.clerk_id)
        if family.ended or family.expires <= now or clerk is None or not clerk.active:
            raise OAuthError("invalid_grant", "ended")
        return family, clerk

    def _answer(
        self, family: Family, clerk: Clerk, form: Mapping[str, str], now: float, *, identity: bool = False
    ) -> dict[str, object]:
        details = self._narrowed(family, clerk, form)
        refresh = new_secret()
        self.store.save_refresh(refresh, family.family)
        answer: dict[str, object] = {
            "access_token": self.tokens.access_token(family, details, now),
            "token_type": "DPoP",
            "expires_in": ACCESS_SECONDS,
            "refresh_token": refresh,
            "refresh_expires_in": int(family.expires - now),
            "scope": "openid",
            "authorization_details": list(details),
        }
        if identity:
            answer["id_token"] = self.tokens.id_token(family, clerk, now)
        return answer

    def _narrowed(self, family: Family, clerk: Clerk, form: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
        """Return what of the grant is asked for now and the clerk may still do; raise OAuthError where it is nothing.

        A role that was taken away since takes effect with the next token (RFC 9396 §6).
        """
        wanted: Iterable[dict[str, Any]] = family.details
        if "authorization_details" in form:
            wanted = parse_details(form["authorization_details"])
            if any(detail not in family.details for detail in wanted):
                raise OAuthError("invalid_authorization_details", "more than was granted")
        allowed = tuple(detail for detail in wanted if clerk.may(detail["purpose"]))
        if not allowed:
            raise OAuthError("access_denied", "no role for the purpose")
        return allowed
