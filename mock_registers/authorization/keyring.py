"""The keys with which the authorization server signs, and their rotation (RFC 7517).

Three are published: the one in use, the one that comes next, and the one that was used before. So a desk that fetched
the set a while ago knows the next key already, and what was signed a moment ago still verifies after a change.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec

from auth.wire.jwt import public_jwk
from mock_registers.keys import SandboxKey

__all__ = ["Keyring"]


class Keyring:
    """Hold the key in use, the next and the one before."""

    def __init__(self) -> None:
        self._before: SandboxKey | None = None
        self._current = SandboxKey()
        self._next = SandboxKey()

    @property
    def current(self) -> SandboxKey:
        """Return the key to sign with."""
        return self._current

    def rotate(self) -> None:
        """Go over to the next key; what the one before the last signed no longer verifies."""
        self._before, self._current, self._next = self._current, self._next, SandboxKey()

    def public_key(self, key_id: str) -> ec.EllipticCurvePublicKey | None:
        """Return the published key of that id."""
        return {key.key_id: key.public_key for key in self._published()}.get(key_id)

    def document(self) -> dict[str, object]:
        """Return the JWK Set (RFC 7517 §5)."""
        return {
            "keys": [
                {**public_jwk(key.public_key), "kid": key.key_id, "use": "sig", "alg": "ES256"}
                for key in self._published()
            ]
        }

    def _published(self) -> tuple[SandboxKey, ...]:
        return tuple(key for key in (self._current, self._next, self._before) if key is not None)
