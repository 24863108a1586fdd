"""Settings of the authorization server: where clerks sign in."""

from __future__ import annotations

import ssl
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from auth.clerk.endpoint import AuthorizationEndpoint
from desk.tls_settings import ClientCertificateSettings, ListFiles, lists_of

__all__ = ["AuthorizationSettings"]

Thumbprint = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{43}$")]


class AuthorizationSettings(BaseModel):
    """Where clerks sign in; the shape that ``mock-registers serve --clerks`` prints.

    ``issuer`` is the server's name and the address below which all of it lies. With ``key_pins`` only those of its keys
    count: RFC 7638 thumbprints, among them the one that comes next. With ``tls_crls``, files of revocation lists, the
    server's TLS certificate must be covered by them. ``client_certificate`` is shown to a server that asks for one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    issuer: Annotated[str, Field(pattern="^https://[^?#]+$", max_length=500)]
    tls_anchors: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)]
    key_pins: Annotated[tuple[Thumbprint, ...], Field(max_length=20)] = ()
    tls_crls: ListFiles = ()
    client_certificate: ClientCertificateSettings | None = None

    def endpoint(self) -> AuthorizationEndpoint:
        """Return the endpoint; raise ValueError for a certificate that is none."""
        anchors = tuple(ssl.PEM_cert_to_DER_cert(pem) for pem in self.tls_anchors)
        return AuthorizationEndpoint(
            self.issuer,
            anchors,
            self.key_pins,
            lists_of(self.tls_crls),
            self.client_certificate.certificate() if self.client_certificate else None,
        )
