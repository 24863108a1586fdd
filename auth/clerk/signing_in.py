"""Sign a clerk in with the system's browser: PAR, PKCE, state, nonce and issuer, each checked (RFC 8252, RFC 9700)."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlencode

from auth.clerk.loopback import CallbackListener
from auth.clerk.purposes import Wish
from auth.clerk.server import AuthorizationClient, OAuthRefused
from auth.clerk.signed_in import SignedIn, read_sign_in
from auth.errors import SignInCancelled, SignInFailed, SignInRefused
from auth.wire.jwt import base64url

__all__ = ["BROWSER_SECONDS", "OpenBrowser", "sign_in_by_browser"]

OpenBrowser = Callable[[str], bool]
"""Open an address in the system's browser; False where there is none."""

BROWSER_SECONDS = 300.0


@dataclass(frozen=True, slots=True, repr=False)
class _Attempt:
    """Hold what binds one sign-in together; each part is fresh and known to nobody before it is needed."""

    verifier: str
    state: str
    nonce: str

    @classmethod
    def fresh(cls) -> _Attempt:
        return cls(secrets.token_urlsafe(48), secrets.token_urlsafe(24), secrets.token_urlsafe(24))

    def parameters(self, wish: Wish, redirect_uri: str) -> dict[str, object]:
        challenge = base64url(hashlib.sha256(self.verifier.encode("ascii")).digest())
        parameters: dict[str, object] = {
            "response_type": "code",
            "scope": "openid",
            "redirect_uri": redirect_uri,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "acr_values": wish.acr,
            "ui_locales": wish.language,
            "authorization_details": wish.details(),
        }
        if wish.clerk_hint:
            parameters["login_hint"] = wish.clerk_hint
        if wish.max_age is not None:
            parameters["max_age"] = wish.max_age
        return parameters


def sign_in_by_browser(
    client: AuthorizationClient,
    wish: Wish,
    open_browser: OpenBrowser,
    *,
    seconds: float = BROWSER_SECONDS,
    cancel: threading.Event | None = None,
) -> SignedIn:
    """Return who signed in within ``seconds`` in all.

    Raises SignInFailed or its kinds, or RegisterError where the server is not to be reached or not to be believed.
    """
    late = monotonic() + seconds
    stop = cancel or threading.Event()
    attempt = _Attempt.fresh()
    try:
        with CallbackListener() as listener:
            where = client.push(attempt.parameters(wish, listener.redirect_uri), late)
            query = urlencode({"client_id": client.device.device_id, "request_uri": where})
            _go_on(stop)
            if not open_browser(f"{client.metadata(late).authorization}?{query}"):
                raise SignInFailed("no-browser")
            code = _code_of(listener.wait(late, stop), attempt.state, client.issuer)
        _go_on(stop)
        asked_at = monotonic()
        answer = client.tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "code_verifier": attempt.verifier,
                "redirect_uri": listener.redirect_uri,
            },
            late,
        )
        return read_sign_in(client, answer, wish, attempt.nonce, asked_at, late)
    except OAuthRefused as refused:
        raise SignInRefused(refused.error) from None
    except OSError:
        raise SignInFailed("no-loopback") from None


def _go_on(stop: threading.Event) -> None:
    if stop.is_set():
        raise SignInCancelled("cancelled")


def _code_of(brought: Mapping[str, str], state: str, issuer: str) -> str:
    """Return the code that the browser brought, once it is the answer to our request and from our server.

    The issuer is wanted even in a refusal (RFC 9207 §2.4).
    """
    if not secrets.compare_digest(brought.get("state", "").encode("utf-8"), state.encode("utf-8")):
        raise SignInFailed("state")
    if brought.get("iss") != issuer:
        raise SignInFailed("issuer")
    if "error" in brought:
        raise SignInRefused("access_denied" if brought["error"] == "access_denied" else "refused")
    code = brought.get("code", "")
    if not 16 <= len(code) <= 512 or not code.isascii():
        raise SignInFailed("no-code")
    return code
