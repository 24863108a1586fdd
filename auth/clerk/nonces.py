"""The nonces that servers want in the proofs made for them: each its own, and of each the last (RFC 9449 §8 and §9)."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from auth.wire.profile import DPOP_NONCE_HEADER

__all__ = ["ServerNonces"]

_MAX_NONCE = 256
# More registers than any desk has.
_MAX_SERVERS = 32


class ServerNonces:
    """Remember the nonce that each server gave last; for any number of threads.

    Shown to another server, a nonce is one that this did not give: the request is refused and made again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_server: dict[str, str] = {}

    def take_note(self, server: str, headers: Mapping[str, str]) -> None:
        """Take the nonce in an answer of ``server``, where it holds one that can be put into a proof."""
        nonce = headers.get(DPOP_NONCE_HEADER, "")
        if not (0 < len(nonce) <= _MAX_NONCE and nonce.isascii() and nonce.isprintable()):
            return
        with self._lock:
            # Who gave one last stands last, so that the first to go is the one that was silent the longest.
            self._by_server.pop(server, None)
            self._by_server[server] = nonce
            while len(self._by_server) > _MAX_SERVERS:
                del self._by_server[next(iter(self._by_server))]

    def of(self, server: str) -> str | None:
        """Return the nonce of ``server``, None where it gave none."""
        with self._lock:
            return self._by_server.get(server)

    def forget(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._by_server.clear()
