"""What the wire needs to know of the clerk who is logged in: the token to show, and what to do with the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

__all__ = ["ClerkAuthorization"]


class ClerkAuthorization(Protocol):
    """Show a register, with each request, that a clerk is logged in at this device (RFC 9449)."""

    def headers_for(self, register: str, purpose: str, method: str, url: str) -> Mapping[str, str]:
        """Return the fields ``authorization`` (``DPoP TOKEN``) and ``dpop``, names in lower case.

        Raise ``auth.errors.ClerkNotSignedIn`` where nobody is logged in or the purpose asks for a fresher log-in.
        """
        ...

    def take_note(self, headers: Mapping[str, str]) -> None:
        """Take the fields of a verified answer; ``dpop-nonce`` is to be used from now on (RFC 9449 §8.2)."""
        ...

    def renew(self, purpose: str) -> None:
        """Drop the token of ``purpose``, which a register no longer takes: the next request shows a new one."""
        ...
