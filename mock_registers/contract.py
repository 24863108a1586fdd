"""The contract of the registers as OpenAPI 3.1, made from the same table of ways and the same models as the sandbox.

What is sealed is described twice: as the envelope that goes over the line, and, by ``contentSchema``, as the message
that is found in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from auth.wire.profile import (
    CONTENT_TYPE,
    MAX_ANSWER_BYTES,
    MAX_SEALED_BYTES,
    PROBLEM_BASE,
    PROBLEM_TYPE,
    REFUSALS,
    SEALED_TYPE,
)
from auth.wire.promise import TICKET
from mock_registers.messages import Working
from mock_registers.ways import Service, Way

__all__ = ["contract_of", "contract_text"]

_ABOUT = """\
Every request is signed by an enrolled device (RFC 9421, label `device`, tag `motcua-request-1`, ecdsa-p256-sha256,
with `created`, `keyid` and a fresh `nonce`) over @method, @target-uri, content-type, content-digest (RFC 9530),
purpose, idempotency-key and traceparent, and over authorization and dpop where it carries them. A device that asks to
be enrolled signs with the key that it brings; of one that was wiped only the signed statement in its last word counts.

Every answer is signed by the register (label `register`, tag `motcua-answer-1`) over @status, content-type,
content-digest and, of the request, @method, @target-uri, content-digest, idempotency-key and signature; Retry-After
and DPoP-Nonce are signed where they are there. An answer without such a signature is nobody's word.

Bodies of type application/jose are compact JWEs (RFC 7516): ECDH-ES+A256KW, A256GCM, no zip; `kid` names a published
key of the register, or in an answer the device's; `typ` is motcua-request-1 or motcua-answer-1, `cty` is json. The
message inside is described by contentSchema.

A look-up may be taken with 202: Location says below which path of the same register its answer will be, and Retry-After
when. There it is asked for by POST, with the look-up's own Purpose and Idempotency-Key and, signed but open, the digest
of what the look-up was: SHA-256 over its method, target, Purpose, Idempotency-Key and body, each behind its length in
four bytes, big-endian. Request-Digest in what comes names the look-up that it is about.

The same Idempotency-Key with the same bytes is answered with the same envelope for at least eight days, signed anew,
whether or not the register still has the key that they were sealed to: `unknown-seal-key` says that nothing has come of
them, and that the message may be sealed to another key and sent under the same Idempotency-Key.
"""
_JWE = "^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+){4}$"
_SIGNED_FIELDS = {
    "Content-Digest": "Digest of the body (RFC 9530), sha-256.",
    "Signature-Input": "What the signature covers (RFC 9421 §4.1).",
    "Signature": "The signature (RFC 9421 §4.2).",
}
_REQUEST_FIELDS = {
    "Purpose": ("The purpose that the message names, in the open.", "^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$"),
    "Idempotency-Key": ("A UUIDv7 as a structured-field String.", '^"[0-9A-Za-z_-]{16,64}"$'),
    "Traceparent": ("Begins a trace, at random (W3C Trace Context).", "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"),
}
_PROOF = {"type": ["object", "null"], "description": "A proof of card presence for the request."}
_REFUSED = {
    400: "The request is not as it must be.",
    401: "The device or the clerk is not known here, or the signature does not hold.",
    403: "Not for this purpose, this clerk or this device.",
    404: "Nothing was promised under this ticket, to this device, for this request.",
    409: "Seen before, or being worked on.",
    413: "Too large.",
    415: "Not sealed.",
    422: "Another message came under this idempotency key.",
    429: "Too many requests; Retry-After says how long to wait.",
    503: "Away; Retry-After says how long to wait.",
}
_ONLY_SEALED = frozenset({415, 422})
_ONLY_PROMISED = frozenset({404})
_PROMISE_FIELDS = {
    "Location": "Where its answer will be (RFC 9110 §10.2.2): a path of this register, ending in a ticket.",
    "Retry-After": "In how many seconds it is worth asking there (RFC 9110 §10.2.3).",
}
_ANSWERED_REQUEST = {"Request-Digest": "Of the look-up that this is about, as Content-Digest is written (RFC 9530)."}
_TICKET = {
    "name": "ticket",
    "in": "path",
    "required": True,
    "description": "What the register drew for this answer, at random.",
    "schema": {"type": "string", "pattern": f"^{TICKET.pattern}$"},
}


def contract_of(services: Iterable[Service]) -> dict[str, Any]:
    """Return the contract of ``services``."""
    offered = list(services)
    ways = [(service.name, way) for service in offered for way in service.ways]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Một Cửa registers", "version": "1", "description": _ABOUT},
        "servers": [{"url": "https://{host}", "variables": {"host": {"default": "127.0.0.1"}}}],
        "paths": {f"/{name}{way.path}": {"post": _operation(name, way)} for name, way in ways},
        "components": {
            "schemas": _schemas(way for _, way in ways) | {"Problem": _problem()},
            "responses": {"Refused": _refused(), "Taken": _taken()},
            "securitySchemes": {
                "clerk": {
                    "type": "http",
                    "scheme": "DPoP",
                    "description": "The clerk's access token with its proof in DPoP (RFC 9449).",
                }
            },
        },
    }


def contract_text(services: Iterable[Service]) -> str:
    """Return the contract as it is published."""
    return json.dumps(contract_of(services), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _operation(service: str, way: Way) -> dict[str, Any]:
    said = _reference(way.message)
    if way.sealed:
        said = {
            "type": "object",
            "required": ["request", "presence"],
            "additionalProperties": False,
            "properties": {
                "request": {"type": "string", "contentMediaType": CONTENT_TYPE, "contentSchema": said},
                "presence": {"type": "null"} if way.alone else _PROOF,
            },
        }
    answered = _reference(way.reply) if way.reply is not None else {"type": "object"}
    statuses = [
        status
        for status in _REFUSED
        if (way.sealed or status not in _ONLY_SEALED) and (way.promised or status not in _ONLY_PROMISED)
    ]
    fields = _answer_fields() | (_fields(_ANSWERED_REQUEST) if way.promised else {})
    content = _content(way.sealed or way.promised, answered)
    answers: dict[str, Any] = {"200": {"description": "The register's answer.", "headers": fields, "content": content}}
    if way.later or way.promised:
        answers["202"] = {"$ref": "#/components/responses/Taken"}
    return {
        "operationId": f"{service}{re.sub('[{}]', '', way.path).replace('/', '-').replace(':', '-')}",
        "summary": f"{service}: {way.name}",
        "tags": [service],
        "security": [{}, {"clerk": []}],
        "parameters": [*([_TICKET] if way.promised else []), *_parameters()],
        "requestBody": {"required": True, "content": _content(way.sealed, said, MAX_SEALED_BYTES)},
        "responses": answers | {str(status): _refusal(status) for status in statuses},
    }


def _content(sealed: bool, message: dict[str, Any], limit: int = MAX_ANSWER_BYTES) -> dict[str, Any]:
    if not sealed:
        return {CONTENT_TYPE: {"schema": message}}
    envelope = {
        "type": "string",
        "pattern": _JWE,
        "maxLength": limit,
        "description": "Compact JWE; contentSchema is of its plaintext.",
        "contentMediaType": CONTENT_TYPE,
        "contentSchema": message,
    }
    return {SEALED_TYPE: {"schema": envelope}}


def _parameters() -> list[dict[str, Any]]:
    signed = {name: (about, "") for name, about in _SIGNED_FIELDS.items()}
    return [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": about,
            "schema": {"type": "string", "pattern": pattern} if pattern else {"type": "string"},
        }
        for name, (about, pattern) in (_REQUEST_FIELDS | signed).items()
    ] + [
        {
            "name": "DPoP",
            "in": "header",
            "required": False,
            "description": "Proof that the clerk's token is used by the device it was given to (RFC 9449 §4).",
            "schema": {"type": "string"},
        }
    ]


def _answer_fields() -> dict[str, Any]:
    return _fields(_SIGNED_FIELDS)


def _fields(named: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: {"description": about, "required": True, "schema": {"type": "string"}} for name, about in named.items()
    }


def _taken() -> dict[str, Any]:
    return {
        "description": "The look-up was taken and is being worked on; signed like any other answer (RFC 9110 §15.3.3).",
        "headers": _answer_fields() | _fields(_PROMISE_FIELDS | _ANSWERED_REQUEST),
        "content": {CONTENT_TYPE: {"schema": _reference(Working)}},
    }


def _refusal(status: int) -> dict[str, Any]:
    return {"$ref": "#/components/responses/Refused", "description": _REFUSED[status]}


def _refused() -> dict[str, Any]:
    hints = {
        "Retry-After": "How long to wait, in seconds or until a date (RFC 9110 §10.2.3).",
        "DPoP-Nonce": "The nonce to prove with from now on (RFC 9449 §8).",
    }
    fields = {name: {"description": about, "schema": {"type": "string"}} for name, about in hints.items()}
    return {
        "description": "A refusal, signed like any other answer (RFC 9457).",
        "headers": _answer_fields() | fields,
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _problem() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "title", "status", "origin", "retryable", "trace_id"],
        "properties": {
            "type": {"type": "string", "enum": sorted(PROBLEM_BASE + name for name in REFUSALS)},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "origin": {
                "type": "string",
                "enum": ["client", "gateway", "registry"],
                "description": "Who says no: only the registry's no is about the matter.",
            },
            "retryable": {"type": "boolean", "description": "Whether the same question may be answered later."},
            "trace_id": {"type": "string", "pattern": "^([0-9a-f]{32})?$"},
        },
    }


def _schemas(ways: Iterable[Way]) -> dict[str, Any]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Working, "serialization"): None}
    for way in ways:
        wanted[way.message, "validation"] = None
        if way.reply is not None:
            wanted[way.reply, "serialization"] = None
    _, found = models_json_schema(list(wanted), ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _reference(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
