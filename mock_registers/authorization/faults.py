"""What the authorization server may do wrong: each fault has a name and does one thing."""

from __future__ import annotations

from mock_registers.named_fault import NamedFault

__all__ = ["AuthorizationFault"]


class AuthorizationFault(NamedFault):
    """Name a fault; ``about`` says what it does."""

    HANGS = "hangs", "takes every request of a desk and never answers"
    HTTP_500 = "http-500", "fails every request of a desk with a 500"
    NONCE_LOOP = "nonce-loop", "takes no DPoP nonce, whichever it gave itself"
    WRONG_ISSUER = "wrong-issuer", "names another issuer where it sends the browser back"
    WRONG_STATE = "wrong-state", "sends the browser back with another state"
    FOREIGN_METADATA = "foreign-metadata", "describes itself as another issuer"
    EXPIRED_KEYS = "expired-keys", "signs with a key that it no longer publishes"
    FOREIGN_KEY = "foreign-key", "signs with a stranger's key under its own key id"
    WRONG_NONCE = "wrong-nonce", "answers the sign-in of somebody else"
    OTHER_DEVICE = "other-device", "makes out tokens to another device"
    OTHER_AUDIENCE = "other-audience", "makes out tokens to another register"
    OTHER_PURPOSE = "other-purpose", "makes out tokens for another purpose"
    TOKEN_WRONG_ISSUER = "token-wrong-issuer", "names another issuer in access tokens"
    EXPIRED_TOKEN = "expired-token", "makes out access tokens of yesterday"
    LONG_TOKEN = "long-token", "makes out access tokens for a day"
    UNBOUND_TOKEN = "unbound-token", "makes out access tokens that are bound to no key"
    ALWAYS_SLOW_DOWN = "always-slow-down", "tells every polling desk to slow down"
