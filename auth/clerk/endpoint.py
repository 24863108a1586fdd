"""Where clerks sign in, and by what that place is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

# For the annotation only: settings that name an endpoint do not wait for it.
if TYPE_CHECKING:
    from auth.wire.revocation import RevocationSource

__all__ = ["AuthorizationEndpoint"]


@dataclass(frozen=True, slots=True)
class AuthorizationEndpoint:
    """Hold what a desk must know of its authorization server before it says a word to it.

    ``issuer`` is its https address and its name; everything it offers lies below it. ``tls_anchors`` are the DER
    certificates under which it must chain. With ``key_pins``, RFC 7638 thumbprints, only those keys count, whatever
    the server publishes. ``tls_revocation`` gives the revocation lists of the anchors, if there are any.
    """

    issuer: str
    tls_anchors: tuple[bytes, ...]
    key_pins: tuple[str, ...] = ()
    tls_revocation: RevocationSource | None = None
