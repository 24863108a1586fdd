"""What the wire needs to know of the clerk who is logged in: the token to show, and what to do with the answer.

Clerks come and go while a request is on its way. So whoever is there is taken once, when an exchange begins, and stays
its clerk to the end: what is sent again, or asked for later, is sent in that name or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

__all__ = ["ClerkAccess", "ClerkAuthorization"]


class ClerkAccess(Protocol):
    """Show registers that one clerk is logged in at this device (RFC 9449), until that log-in is over."""

    def headers_for(self, register: str, purpose: str, method: str, url: str) -> Mapping[str, str]:
        """Return the fields ``authorization`` (``DPoP TOKEN``) and ``dpop``, names in lower case.

        Raise ``auth.errors.ClerkNotSignedIn`` where the log-in is over or the purpose asks for a fresher one.
        """
        ...

    def take_note(self, register: str, headers: Mapping[str, str]) -> None:
        """Take the fields of a verified answer of ``register``.

        Its ``dpop-nonce`` is to be used from now on (RFC 9449 §8.2), towards that register and no other.
        """
        ...

    def renew(self, purpose: str) -> None:
        """Drop the token of ``purpose``, which a register no longer takes: the next request shows a new one."""
        ...


class ClerkAuthorization(Protocol):
    """Know who is logged in at this device."""

    def access(self) -> ClerkAccess:
        """Return the access of whoever is logged in now, of nobody who comes after.

        Raise ``auth.errors.ClerkNotSignedIn`` where nobody is.
        """
        ...
