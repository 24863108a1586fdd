"""Signed statements about a device: compact JWS with ES256, one header each, and a type that is never another's.

(RFC 7515 §3.1; typ pinned as RFC 8725 §3.11 advises.) A status list and an order to wipe are signed by the register
and kept; a new key and an acknowledgement are signed by the device. Claims have one encoding only, so two readers
never understand one statement in two ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auth.device_key import DeviceKey
from auth.presence.encoding import canonical, from_text, parse_canonical, to_text
from auth.wire.endpoint import RegisterEndpoint, Signer
from reader.errors import DataError

__all__ = ["MAX_STATEMENT", "Claims", "Moment", "Name", "issuer_keys", "read_statement", "write_statement"]

MAX_STATEMENT = 262_144
_MAX_HEADER = 512

Name = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")]
Moment = Annotated[int, Field(ge=0, le=1 << 40)]
"""Seconds since 1970."""


class Claims(BaseModel):
    """Hold what a statement says; each kind has its own fields and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


C = TypeVar("C", bound=Claims)


def write_statement(kind: str, claims: Claims, signer: Signer) -> str:
    """Return ``claims`` as a signed statement of type ``kind``."""
    header = canonical({"alg": "ES256", "kid": signer.key_id, "typ": kind})
    signed = f"{to_text(header)}.{to_text(canonical(claims.model_dump(mode='json')))}"
    return f"{signed}.{to_text(signer.sign(signed.encode('ascii')))}"


def read_statement(kind: str, model: type[C], statement: str, keys: Mapping[str, DeviceKey]) -> C:
    """Return the claims of a statement of type ``kind`` signed with one of ``keys``; raise DataError otherwise."""
    parts = statement.split(".") if len(statement) <= MAX_STATEMENT and statement.isascii() else []
    if len(parts) != 3:
        raise DataError("not a compact statement")
    header = parse_canonical(from_text(parts[0]), _MAX_HEADER)
    key_id = header.get("kid")
    if not isinstance(key_id, str) or header != {"alg": "ES256", "kid": key_id, "typ": kind}:
        raise DataError("statement with another header than its kind has")
    key = keys.get(key_id)
    if key is None or not key.verifies(f"{parts[0]}.{parts[1]}".encode("ascii"), from_text(parts[2])):
        raise DataError("statement that nobody known has signed")
    payload = from_text(parts[1])
    parse_canonical(payload, MAX_STATEMENT)
    try:
        return model.model_validate_json(payload)
    except ValidationError:
        raise DataError("statement with other claims than its kind has") from None


def issuer_keys(endpoint: RegisterEndpoint) -> dict[str, DeviceKey]:
    """Return the keys by which a register's statements are believed: its pinned answer keys; raise DataError."""
    return {key.key_id: DeviceKey.from_der(key.spki) for key in endpoint.answer_keys}
