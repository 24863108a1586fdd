"""DPoP nonces (RFC 9449 §8): a time of ours under a MAC of ours, so that nothing has to be remembered.

Several servers of one sandbox share the key and not the nonces: each knows its own only, as servers elsewhere do.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets

from auth.wire.jwt import base64url

__all__ = ["Nonces"]

_LIFE_S = 300
_MAC_BYTES = 16


class Nonces:
    """Give out nonces and know them again for five minutes; a new process knows none of the old."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def fresh(self, now: float, server: str = "") -> str:
        """Return the nonce that ``server`` gives in this second."""
        when = int(now).to_bytes(8, "big")
        return base64url(when + self._mac(when, server))

    def counts(self, nonce: str, now: float, server: str = "") -> bool:
        """Tell whether ``server`` gave ``nonce`` lately."""
        try:
            raw = base64.urlsafe_b64decode(nonce + "=" * (-len(nonce) % 4)) if len(nonce) == 32 else b""
        except (binascii.Error, ValueError):
            return False
        when, mac = raw[:8], raw[8:]
        return hmac.compare_digest(mac, self._mac(when, server)) and 0 <= now - int.from_bytes(when, "big") <= _LIFE_S

    def _mac(self, when: bytes, server: str) -> bytes:
        return hmac.digest(self._key, when + server.encode(), "sha256")[:_MAC_BYTES]
