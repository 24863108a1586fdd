"""Sign a clerk in at a kiosk, which has no browser of its own: a code to type on another device (RFC 8628)."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from auth.clerk.purposes import Wish
from auth.clerk.server import AuthorizationClient, OAuthRefused
from auth.clerk.signed_in import SignedIn, read_sign_in
from auth.errors import (
    AnswerNotTrusted,
    RegisterTimeout,
    RegisterUnreachable,
    SignInCancelled,
    SignInRefused,
    SignInTimeout,
)
from auth.wire.oauth import AUTHORIZATION, DEVICE_GRANT

__all__ = ["CODE_SECONDS", "DevicePrompt", "Pause", "sign_in_by_code"]

CODE_SECONDS = 600.0
_SLOW_DOWN_S = 5
_MAX_INTERVAL_S = 60
_MAX_TEXT = 500

Pause = Callable[[float], bool]
"""Wait some seconds; True where somebody cancelled meanwhile."""


@dataclass(frozen=True, slots=True)
class DevicePrompt:
    """Hold what the clerk is shown: the code, and where to type it; ``complete`` has the code in it, for a QR code."""

    user_code: str
    address: str
    complete: str


def sign_in_by_code(
    client: AuthorizationClient,
    wish: Wish,
    show: Callable[[DevicePrompt], None],
    *,
    seconds: float = CODE_SECONDS,
    cancel: threading.Event | None = None,
    pause: Pause | None = None,
) -> SignedIn:
    """Show a code and return who signed in with it within ``seconds`` in all.

    Raises SignInFailed or its kinds, or RegisterError where the server is not to be believed; while it cannot be
    reached for a moment, asking goes on.
    """
    late = monotonic() + seconds
    stop = cancel or threading.Event()
    wait = pause or stop.wait
    nonce = secrets.token_urlsafe(24)
    try:
        codes = client.device_codes(_parameters(wish, nonce), late)
        device_code, interval, prompt = _read_codes(codes, client.issuer)
        show(prompt)
        fields = {"grant_type": DEVICE_GRANT, "device_code": device_code}
        while True:
            if wait(interval) or stop.is_set():
                raise SignInCancelled("cancelled")
            if monotonic() >= late:
                raise SignInTimeout("code")
            asked_at = monotonic()
            answer, interval = _ask(client, fields, interval, late)
            if answer is not None:
                return read_sign_in(client, answer, wish, nonce, asked_at, late)
    except OAuthRefused as refused:
        if refused.error == "expired_token":
            raise SignInTimeout("code") from None
        raise SignInRefused(refused.error) from None


def _parameters(wish: Wish, nonce: str) -> dict[str, str]:
    parameters = {
        "scope": "openid",
        "nonce": nonce,
        "acr_values": wish.acr,
        "ui_locales": wish.language,
        "authorization_details": json.dumps(wish.details()),
    }
    return {**parameters, "login_hint": wish.clerk_hint} if wish.clerk_hint else parameters


def _ask(
    client: AuthorizationClient, fields: Mapping[str, str], interval: float, late: float
) -> tuple[dict[str, Any] | None, float]:
    """Ask once; return the answer or None, and how long to wait before asking again (RFC 8628 §3.5)."""
    slower = min(interval + _SLOW_DOWN_S, _MAX_INTERVAL_S)
    try:
        return client.tokens(fields, late), interval
    except OAuthRefused as refused:
        if refused.error == "authorization_pending":
            return None, interval
        if refused.error == "slow_down":
            return None, slower
        raise
    except (RegisterUnreachable, RegisterTimeout):
        return None, slower


def _read_codes(answer: Mapping[str, Any], issuer: str) -> tuple[str, float, DevicePrompt]:
    device_code, user_code = _text(answer.get("device_code")), _text(answer.get("user_code"))
    address = _text(answer.get("verification_uri"))
    complete = _text(answer.get("verification_uri_complete", address))
    if not all(where.startswith(issuer.rstrip("/") + "/") for where in (address, complete)):
        raise AnswerNotTrusted(AUTHORIZATION, "address-elsewhere")
    interval = answer.get("interval", _SLOW_DOWN_S)
    if not isinstance(interval, int) or isinstance(interval, bool):
        raise AnswerNotTrusted(AUTHORIZATION, "malformed")
    return device_code, float(min(max(interval, 1), _MAX_INTERVAL_S)), DevicePrompt(user_code, address, complete)


def _text(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= _MAX_TEXT or not (value.isascii() and value.isprintable()):
        raise AnswerNotTrusted(AUTHORIZATION, "malformed")
    return value
