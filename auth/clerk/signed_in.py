"""What a sign-in brings: who it is, what they may do, and the tokens, each judged before it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Any, TypeGuard

from auth.clerk.keys import Identity, UnknownKey, read_identity
from auth.clerk.purposes import Granted, Wish, granted_purposes
from auth.clerk.server import AuthorizationClient
from auth.errors import SignInFailed, SignInRefused
from auth.wire.oauth import MAX_ACCESS_SECONDS, reaches

__all__ = ["SignedIn", "TokenAnswer", "is_token", "read_sign_in", "read_tokens"]

_MAX_TOKEN = 8_192
_MAX_REFRESH_SECONDS = 24 * 3600
_SKEW_S = 10
# A ``Date`` may be of a proxy, or of another node, whose clock is as wrong as a server may think our own.
_DATE_SKEW_S = 60


@dataclass(frozen=True, slots=True, repr=False)
class TokenAnswer:
    """Hold one answer of the token endpoint, and for how many seconds each token counts."""

    access_token: str
    access_seconds: int
    refresh_token: str
    refresh_seconds: int


@dataclass(frozen=True, slots=True, repr=False)
class SignedIn:
    """Hold who signed in, for which purposes, and the tokens for it."""

    identity: Identity
    granted: Granted
    tokens: TokenAnswer


def read_sign_in(
    client: AuthorizationClient,
    answer: Mapping[str, Any],
    wish: Wish,
    nonce: str,
    asked_at: float,
    late: float = inf,
) -> SignedIn:
    """Return who signed in from an answer of the token endpoint; raise SignInFailed, or RegisterError.

    ``asked_at`` is when that was asked, as ``time.monotonic`` counts: no identity token of it is older.
    What is refused here counts at the server all the same: it is told to take the tokens back, within ``late``.
    """
    try:
        return _judged(client, answer, wish, nonce, asked_at, late)
    except Exception:
        token = answer.get("refresh_token")
        if is_token(token):
            client.give_back(token, late)
        raise


def _judged(
    client: AuthorizationClient, answer: Mapping[str, Any], wish: Wish, nonce: str, asked_at: float, late: float
) -> SignedIn:
    tokens = read_tokens(answer)
    identity = _identity(client, answer.get("id_token"), nonce, late)
    _learn_time(client, identity.issued_at, asked_at)
    if not reaches(identity.acr, wish.acr):
        raise SignInFailed("identity-too-weak")
    if wish.max_age is not None and client.now() - identity.auth_time > wish.max_age + _SKEW_S:
        raise SignInFailed("identity-too-old")
    granted = granted_purposes(answer.get("authorization_details"), wish)
    if not granted:
        raise SignInRefused("no-purpose")
    return SignedIn(identity, granted, tokens)


def read_tokens(answer: Mapping[str, Any]) -> TokenAnswer:
    """Return the tokens of an answer, bounded; raise SignInFailed for anything else (RFC 6749 §5.1, RFC 9449 §5)."""
    if answer.get("token_type") != "DPoP":
        raise SignInFailed("tokens-not-bound")
    return TokenAnswer(
        _token(answer.get("access_token")),
        _seconds(answer.get("expires_in"), MAX_ACCESS_SECONDS),
        _token(answer.get("refresh_token")),
        _seconds(answer.get("refresh_expires_in"), _MAX_REFRESH_SECONDS),
    )


def _identity(client: AuthorizationClient, token: object, nonce: str, late: float) -> Identity:
    device_id = client.device.device_id
    try:
        return read_identity(token, client.keys(late), client.issuer, device_id, nonce, client.now())
    except UnknownKey:
        pass
    # The keys were rotated since they were fetched, or it is nobody's.
    try:
        return read_identity(token, client.keys(late, again=True), client.issuer, device_id, nonce, client.now())
    except UnknownKey:
        raise SignInFailed("identity-unknown-key") from None


def _learn_time(client: AuthorizationClient, issued_at: int, asked_at: float) -> None:
    """Set the desk's clock by an identity token; raise SignInFailed for one that was not made just now.

    The token endpoint makes it when it is asked (OpenID Connect Core §3.1.3.3), and it has our nonce in it. That alone
    says nothing of its ``iat``, which may be any time, and our own clock is what is in doubt. So it is held against the
    one other word that this server gave in the same sign-in, the ``Date`` of its answers. That is not signed: it can
    have a token refused, and alone sets no clock. Where there is none, nothing bears out the token, and it sets no
    clock either; the registers' signed answers do then. A server that is wrong in both words moves the clock as far as
    a register could, until a register puts that right.
    """
    said = client.said_now()
    if said is None:
        return
    if issued_at < said - (monotonic() - asked_at) - _DATE_SKEW_S:
        raise SignInFailed("identity-out-of-time")
    client.device.clock.learn(issued_at)


def _token(token: object) -> str:
    if not is_token(token):
        raise SignInFailed("tokens-malformed")
    return token


def is_token(token: object) -> TypeGuard[str]:
    """Tell whether something can be a token: a text of a bounded length, without blanks."""
    return isinstance(token, str) and 16 <= len(token) <= _MAX_TOKEN and token.isascii() and " " not in token


def _seconds(value: object, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise SignInFailed("tokens-malformed")
    return min(value, most)
