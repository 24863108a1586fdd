"""What a desk asks for when a clerk is to sign in: every parameter judged before anybody sees a page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from auth.wire.oauth import ACR_PASSWORD, ACR_TWO_FACTOR, CALLBACK_HOST, CALLBACK_PATH, DETAIL_TYPE
from mock_registers.authorization.errors import OAuthError

__all__ = ["CLIENT_FIELDS", "Detail", "DeviceRequest", "SignInRequest", "parse_details", "parse_request"]

# What a form may carry besides the request itself.
CLIENT_FIELDS = frozenset({"client_id", "client_assertion", "client_assertion_type"})
# What a signed request may carry besides it (RFC 9101 §4).
_JWT_FIELDS = frozenset({"iss", "aud", "iat", "exp", "jti", "nbf", "client_id"})
_MAX_DETAILS = 20
_S256 = re.compile(r"[A-Za-z0-9_-]{43}")

Opaque = Annotated[str, Field(min_length=16, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Detail(_Model):
    """One authorization detail (RFC 9396): a purpose and where its token may be shown."""

    type: Literal["urn:motcua:lookup"]
    purpose: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
    locations: Annotated[
        list[Annotated[str, Field(pattern=r"^urn:motcua:register:[a-z-]{1,30}$")]], Field(max_length=9)
    ]


class DeviceRequest(_Model):
    """What a kiosk asks for, which has no browser (RFC 8628 §3.1)."""

    scope: Literal["openid"]
    nonce: Opaque
    acr_values: Annotated[str, Field(pattern=f"^({ACR_PASSWORD}|{ACR_TWO_FACTOR})$")] = ACR_PASSWORD
    login_hint: Annotated[str, Field(max_length=60)] = ""
    ui_locales: Annotated[str, Field(max_length=20)] = ""
    authorization_details: Annotated[list[Detail], Field(min_length=1, max_length=_MAX_DETAILS)]

    @property
    def wants_code(self) -> bool:
        """Tell whether a one-time code is needed besides the password."""
        return self.acr_values == ACR_TWO_FACTOR


class SignInRequest(DeviceRequest):
    """What a desk with a browser asks for (RFC 9126, RFC 7636 with S256 only, RFC 8252 §7.3)."""

    response_type: Literal["code"]
    redirect_uri: Annotated[str, Field(max_length=200)]
    state: Opaque
    code_challenge: str
    code_challenge_method: Literal["S256"]
    max_age: Annotated[int | None, Field(ge=0, le=86_400)] = None

    @field_validator("code_challenge")
    @classmethod
    def _is_a_hash(cls, text: str) -> str:
        if not _S256.fullmatch(text):
            raise ValueError("no SHA-256 in base64url")
        return text

    @field_validator("redirect_uri")
    @classmethod
    def _is_loopback(cls, address: str) -> str:
        parts = urlsplit(address)
        if not parts.port or address != f"http://{CALLBACK_HOST}:{parts.port}{CALLBACK_PATH}":
            raise ValueError("not on the loopback of the desk")
        return address


def parse_request(given: Mapping[str, Any], model: type[DeviceRequest]) -> dict[str, Any]:
    """Return the parameters as JSON, judged; raise OAuthError invalid_request, or for its details invalid_….

    ``given`` are the fields of a form or the claims of a signed request.
    """
    fields = {name: value for name, value in given.items() if name not in CLIENT_FIELDS | _JWT_FIELDS}
    fields["authorization_details"] = _listed(fields.get("authorization_details"))
    if isinstance(fields.get("max_age"), str) and fields["max_age"].isascii() and fields["max_age"].isdecimal():
        fields["max_age"] = int(fields["max_age"][:9])
    try:
        return model.model_validate(fields).model_dump(mode="json")
    except ValidationError as error:
        where = sorted({str(problem["loc"][0]) for problem in error.errors() if problem["loc"]})
        if where == ["authorization_details"]:
            raise OAuthError("invalid_authorization_details", DETAIL_TYPE) from None
        raise OAuthError("invalid_request", " ".join(where)) from None


def parse_details(text: str) -> list[dict[str, Any]]:
    """Return the details that a token request narrows to; raise OAuthError invalid_authorization_details."""
    try:
        return [Detail.model_validate(detail).model_dump(mode="json") for detail in _listed(text)]
    except ValidationError:
        raise OAuthError("invalid_authorization_details", DETAIL_TYPE) from None


def _listed(details: object) -> list[Any]:
    """Return the details as the list that they are, or that their JSON is."""
    if isinstance(details, str):
        try:
            details = json.loads(details)
        except (ValueError, RecursionError):
            details = None
    if not isinstance(details, list) or not 1 <= len(details) <= _MAX_DETAILS:
        raise OAuthError("invalid_authorization_details", DETAIL_TYPE)
    return details
