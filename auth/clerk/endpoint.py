"""Where clerks sign in, and by what that place is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth.wire.endpoint import RegisterEndpoint
from auth.wire.oauth import AUTHORIZATION

# For the annotations only: settings that name an endpoint do not wait for them.
if TYPE_CHECKING:
    from auth.wire.client_certificate import ClientCertificate
    from auth.wire.revocation import RevocationSource

__all__ = ["AuthorizationEndpoint"]


@dataclass(frozen=True, slots=True)
class AuthorizationEndpoint:
    """Hold what a desk must know of its authorization server before it says a word to it.

    ``issuer`` is its https address and its name; everything it offers lies below it. ``tls_anchors`` are the DER
    certificates under which it must chain. With ``key_pins``, RFC 7638 thumbprints, only those keys count, whatever
    the server publishes. ``tls_revocation`` gives the revocation lists of the anchors, if there are any.
    ``client_certificate`` is shown to a server that asks for one.
    """

    issuer: str
    tls_anchors: tuple[bytes, ...]
    key_pins: tuple[str, ...] = ()
    tls_revocation: RevocationSource | None = None
    client_certificate: ClientCertificate | None = None

    @property
    def server(self) -> RegisterEndpoint:
        """Return it as the wire knows it: a server whose answers nobody signs."""
        return RegisterEndpoint(
            AUTHORIZATION,
            self.issuer,
            self.tls_anchors,
            (),
            tls_revocation=self.tls_revocation,
            client_certificate=self.client_certificate,
        )
