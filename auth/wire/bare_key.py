"""A public key that says nothing of itself but the key: for the library that signs and seals by JSON Web Keys.

What a key may be used for, its profile says here, by one algorithm and one use. A JWK could say it too, in members that
the library would write out and read back for every message.
"""

from __future__ import annotations

from joserfc.jwk import ECKey

__all__ = ["BareKey"]


class BareKey(ECKey):
    """Be an EC key without ``use``, ``key_ops``, ``alg`` and ``kid`` (RFC 7517 §4: all of them are optional)."""

    def get(self, k: str, default: str | list[str] | None = None) -> str | list[str] | None:
        """Return ``default``: no member is there."""
        return default
