"""The nonce that a server wants in the proofs made for it (RFC 9449 §8 and §9)."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from auth.wire.profile import DPOP_NONCE_HEADER

__all__ = ["LastNonce"]

_MAX_NONCE = 256


class LastNonce:
    """Remember the nonce that was given last; for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nonce: str | None = None

    def take_note(self, headers: Mapping[str, str]) -> None:
        """Take the nonce of a verified answer, where it holds one that can be put into a proof."""
        nonce = headers.get(DPOP_NONCE_HEADER, "")
        if 0 < len(nonce) <= _MAX_NONCE and nonce.isascii() and nonce.isprintable():
            with self._lock:
                self._nonce = nonce

    @property
    def latest(self) -> str | None:
        """Return it, None where none was given."""
        with self._lock:
            return self._nonce

    def forget(self) -> None:
        """Forget it."""
        with self._lock:
            self._nonce = None
