"""What a desk and the authorization server agree on: names, types and limits (FAPI 2.0 Security Profile, and ours).

A clerk's token says for which purposes it is good, as rich authorization requests do (RFC 9396): one detail a purpose,
with the registers that it may be shown to. It is bound to the device's key (RFC 9449), so it is of use at this desk
only.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "ACCESS_JWT",
    "ACR_PASSWORD",
    "ACR_TWO_FACTOR",
    "ASSERTION_JWT",
    "ASSERTION_TYPE",
    "AUTHORIZATION",
    "CALLBACK_HOST",
    "CALLBACK_PATH",
    "DETAIL_TYPE",
    "DEVICE_GRANT",
    "ID_JWT",
    "MAX_ACCESS_SECONDS",
    "REQUEST_JWT",
    "REQUEST_URI",
    "audience",
    "authorization_detail",
    "reaches",
]

AUTHORIZATION = "authorization"
"""The name of the server in addresses, errors and faults, beside those of the registers."""

DETAIL_TYPE = "urn:motcua:lookup"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
REQUEST_URI = "urn:ietf:params:oauth:request_uri:"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

# Types of signed tokens: one kind is never taken for another (RFC 8725 §3.11).
ASSERTION_JWT = "client-authentication+jwt"
REQUEST_JWT = "oauth-authz-req+jwt"
ACCESS_JWT = "at+jwt"
ID_JWT = "JWT"

# How a clerk signed in, the weaker first (RFC 9470).
ACR_PASSWORD = "urn:motcua:acr:password"
ACR_TWO_FACTOR = "urn:motcua:acr:two-factor"
_STRENGTH = (ACR_PASSWORD, ACR_TWO_FACTOR)

MAX_ACCESS_SECONDS = 600

# The redirect goes to this machine, whatever port was free (RFC 8252 §7.3), and never to a name (§8.3).
CALLBACK_HOST = "127.0.0.1"
CALLBACK_PATH = "/cb"

_REGISTER = "urn:motcua:register:"


def audience(register: str) -> str:
    """Return the name by which a token is addressed to a register."""
    return _REGISTER + register


def authorization_detail(purpose: str, registers: Iterable[str]) -> dict[str, object]:
    """Return the authorization detail of one purpose and the registers that it may ask."""
    return {"type": DETAIL_TYPE, "purpose": purpose, "locations": sorted(audience(name) for name in registers)}


def reaches(acr: object, wanted: str) -> bool:
    """Tell whether a sign-in of class ``acr`` is at least as strong as ``wanted``; an unknown class never is."""
    known = acr in _STRENGTH and wanted in _STRENGTH
    return known and _STRENGTH.index(str(acr)) >= _STRENGTH.index(wanted)
