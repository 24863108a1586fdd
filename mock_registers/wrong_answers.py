"""Answers with a fault in them: what a register says, seals, signs or sends otherwise than it should."""

from __future__ import annotations

import asyncio
import gzip
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from cryptography.hazmat.primitives.asymmetric import ec
from http_message_signatures import ContentDigest
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from auth.wire.endpoint import Signer
from auth.wire.envelope import SEALED_ANSWER, seal
from auth.wire.profile import ANSWER_COMPONENTS, CONTENT_TYPE
from auth.wire.signatures import HttpAnswer, HttpRequest
from auth.wire.thumbprint import thumbprint
from mock_registers.answers import PlainAnswer, plain_refusal, seal_answer, sign_answer
from mock_registers.faults import Fault, Hanging, http_response, until_disconnected
from mock_registers.keys import SandboxKey
from mock_registers.refusal import Refusal

__all__ = ["answer_wrongly", "lose_answer", "seal_wrongly"]

_DRIP_S = 0.1
_SLOW_S = 3.0


def seal_wrongly(fault: Fault, plain: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    """Return ``plain`` sealed to ``key``, with the fault where it is one of what is said or how it is sealed."""
    match fault:
        case Fault.UNSEALED_ANSWER:
            return plain
        case Fault.SEALED_TO_ANOTHER:
            return seal_answer(plain, SandboxKey().public_key)
        case Fault.SEALED_WRONGLY:
            return seal(plain, SEALED_ANSWER, thumbprint(key), SandboxKey().spki)
        case _:
            return seal_answer(_worded(fault, plain), key)


def answer_wrongly(fault: Fault, request: HttpRequest, answer: PlainAnswer, key: Signer) -> Response:
    """Return ``answer`` with ``fault``; what was worded or sealed wrongly goes out as it is."""
    return (
        _without_a_true_answer(fault)
        or _with_a_refusal(fault, request, key)
        or _with_another_content(fault, request, answer, key)
        or _with_a_wrong_signature(fault, request, answer, key)
        or _sent_wrongly(fault, sign_answer(request, answer, key))
    )


def lose_answer() -> Response:
    """Return an answer that never arrives: the connection ends before its first byte."""
    return _Dropping(b"")


def _worded(fault: Fault, plain: bytes) -> bytes:
    if fault is Fault.GARBAGE:
        return secrets.token_bytes(len(plain))
    said = json.loads(plain)
    record = said.get("record")
    if record is not None and fault is Fault.HALF_RECORD:
        said["record"] = {name: record[name] for name in list(record)[:2]}
    if record is not None and fault is Fault.EXTRA_FIELD:
        record["blood_group"] = "O"
    return json.dumps(said).encode()


def _without_a_true_answer(fault: Fault) -> Response | None:
    match fault:
        case Fault.HANGS:
            return Hanging()
        case Fault.DROP_CONNECTION:
            return _Dropping(b'{"lookup_id":')
        case Fault.HTTP_500:
            return PlainTextResponse("Internal Server Error", status_code=500)
        case Fault.HTTP_503:
            return PlainTextResponse("Service Unavailable", status_code=503, headers={"retry-after": "120"})
        case Fault.HTTP_429:
            date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
            return PlainTextResponse("Too Many Requests", status_code=429, headers={"retry-after": date})
        case Fault.REDIRECT:
            return RedirectResponse("https://127.0.0.1:9/elsewhere", status_code=307)
        case _:
            return None


def _with_a_refusal(fault: Fault, request: HttpRequest, key: Signer) -> Response | None:
    match fault:
        case Fault.SEAL_KEY_GONE:
            refusal = Refusal(400, "unknown-seal-key")
        case Fault.MAINTENANCE:
            refusal = Refusal(503, "maintenance", {"retry-after": "600"})
        case Fault.TOO_MANY_REQUESTS:
            refusal = Refusal(429, "too-many-requests", {"retry-after": "30"})
        case Fault.UNSIGNED_REFUSAL:
            plain = plain_refusal(request, Refusal(403, "purpose-not-allowed"))
            return Response(plain.body, status_code=plain.status, media_type=plain.media_type)
        case _:
            return None
    return http_response(sign_answer(request, plain_refusal(request, refusal), key))


def _with_another_content(fault: Fault, request: HttpRequest, answer: PlainAnswer, key: Signer) -> Response | None:
    match fault:
        case Fault.UNSEALED_ANSWER if answer.status == 200:
            signed = sign_answer(request, replace(answer, media_type=CONTENT_TYPE), key)
        case Fault.GARBAGE if answer.media_type == CONTENT_TYPE:
            garbage = PlainAnswer(200, CONTENT_TYPE, secrets.token_bytes(len(answer.body)))
            signed = sign_answer(request, garbage, key)
        case Fault.GZIP:
            squeezed = replace(answer, body=gzip.compress(answer.body))
            signed = sign_answer(request, squeezed, key, extra=[("content-encoding", "gzip")])
        case _:
            return None
    return http_response(signed)


def _with_a_wrong_signature(fault: Fault, request: HttpRequest, answer: PlainAnswer, key: Signer) -> Response | None:
    match fault:
        case Fault.UNSIGNED_ANSWER:
            return Response(answer.body, status_code=answer.status, media_type=answer.media_type)
        case Fault.FOREIGN_KEY:
            signed = sign_answer(request, answer, SandboxKey(key_id=key.key_id))
        case Fault.EXPIRED_KEY:
            signed = sign_answer(request, answer, SandboxKey())
        case Fault.OUT_OF_TIME:
            signed = sign_answer(request, answer, key, created=datetime.now(UTC) - timedelta(hours=1))
        case Fault.UNBOUND:
            own = [name for name in ANSWER_COMPONENTS if not name.endswith(";req")]
            signed = sign_answer(request, answer, key, components=own)
        case Fault.UNCOVERED_FIELD:
            signed = sign_answer(request, answer, key, extra=[("retry-after", "1")])
        case Fault.REPLAYED_ANSWER:
            signed = sign_answer(_another_request(request), answer, key)
        case _:
            return None
    return http_response(signed)


def _sent_wrongly(fault: Fault, signed: HttpAnswer) -> Response:
    match fault:
        case Fault.SLOW:
            return _streamed(signed, _after(signed.body))
        case Fault.SLOW_DRIP:
            return _streamed(signed, _drip(signed.body))
        case Fault.HALF_ANSWER:
            half = len(signed.body) // 2
            return _Dropping(signed.body[:half], signed.headers, len(signed.body))
        case _:
            return http_response(signed)


def _another_request(request: HttpRequest) -> HttpRequest:
    """Return a request like ``request`` of a moment before: same target and purpose, another body and signature."""
    body = b" " + request.body
    headers = {**request.headers, "content-digest": ContentDigest.create(body)}
    headers["signature"] = f"device=:{'A' * 86}==:"
    return HttpRequest(request.method, request.url, headers, body)


def _streamed(signed: HttpAnswer, body: AsyncIterator[bytes]) -> Response:
    return StreamingResponse(body, status_code=signed.status_code, headers=dict(signed.headers))


async def _after(body: bytes) -> AsyncIterator[bytes]:
    await asyncio.sleep(_SLOW_S)
    yield body


async def _drip(body: bytes) -> AsyncIterator[bytes]:
    for offset in range(len(body)):
        yield body[offset : offset + 1]
        await asyncio.sleep(_DRIP_S)


class _Dropping(Response):
    """Promise a body, send its beginning and hang up; without a beginning, send nothing at all."""

    def __init__(self, beginning: bytes, fields: Mapping[str, str] | None = None, promised: int = 4096) -> None:
        super().__init__()
        self._beginning = beginning
        self._fields = fields or {"content-type": CONTENT_TYPE}
        self._promised = promised

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say what there is to say and hang up."""
        if self._beginning:
            fields = {**self._fields, "content-length": str(self._promised)}
            headers = [(name.encode(), value.encode()) for name, value in fields.items()]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": self._beginning, "more_body": True})
        scope["state"]["hang_up"]()
        await until_disconnected(receive)
