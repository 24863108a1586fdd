"""What an authorization server says of itself (RFC 8414), taken only as far as it says what we insist on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from auth.errors import AnswerNotTrusted
from auth.wire.oauth import AUTHORIZATION

__all__ = ["ServerMetadata", "parse_metadata", "well_known"]

_WELL_KNOWN = "/.well-known/oauth-authorization-server"
_MAX_ADDRESS = 500


@dataclass(frozen=True, slots=True)
class ServerMetadata:
    """Hold the addresses of one server."""

    authorization: str
    token: str
    keys: str
    pushed: str
    revocation: str
    device: str


def well_known(issuer: str) -> str:
    """Return where the metadata of ``issuer`` are: the path goes behind the well-known part (RFC 8414 §3.1)."""
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}{_WELL_KNOWN}{parts.path.rstrip('/')}"


def parse_metadata(document: Mapping[str, object], issuer: str) -> ServerMetadata:
    """Return the addresses; raise AnswerNotTrusted where the server is another than was asked, or promises less.

    Its addresses must lie below the issuer: nothing may send a clerk's desk elsewhere (RFC 8414 §6.2, RFC 9207).
    """
    if document.get("issuer") != issuer:
        raise AnswerNotTrusted(AUTHORIZATION, "another-issuer")
    promised = ("require_pushed_authorization_requests", "authorization_response_iss_parameter_supported")
    if not all(document.get(promise) is True for promise in promised):
        raise AnswerNotTrusted(AUTHORIZATION, "profile")
    needed = {
        "code_challenge_methods_supported": "S256",
        "token_endpoint_auth_methods_supported": "private_key_jwt",
        "dpop_signing_alg_values_supported": "ES256",
    }
    if not all(_lists(document.get(name), value) for name, value in needed.items()):
        raise AnswerNotTrusted(AUTHORIZATION, "profile")
    return ServerMetadata(
        authorization=_below(issuer, document.get("authorization_endpoint")),
        token=_below(issuer, document.get("token_endpoint")),
        keys=_below(issuer, document.get("jwks_uri")),
        pushed=_below(issuer, document.get("pushed_authorization_request_endpoint")),
        revocation=_below(issuer, document.get("revocation_endpoint")),
        device=_below(issuer, document.get("device_authorization_endpoint")),
    )


def _lists(offered: object, value: str) -> bool:
    return isinstance(offered, list) and value in offered


def _below(issuer: str, address: object) -> str:
    if not isinstance(address, str) or len(address) > _MAX_ADDRESS or not address.startswith(issuer.rstrip("/") + "/"):
        raise AnswerNotTrusted(AUTHORIZATION, "address-elsewhere")
    return address
