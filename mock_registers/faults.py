"""What a register, or somebody on the way to it, may do wrong: each fault has a name and does one thing."""

from __future__ import annotations

import asyncio
import gzip
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace

from http_message_signatures import ContentDigest
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from auth.wire.endpoint import Signer
from auth.wire.profile import ANSWER_COMPONENTS, CONTENT_TYPE
from auth.wire.signatures import HttpAnswer, HttpRequest
from mock_registers.answers import PlainAnswer, sign_answer
from mock_registers.keys import SandboxKey
from mock_registers.named_fault import NamedFault

__all__ = ["REGISTERS", "Fault", "Hanging", "answer_wrongly", "http_response", "parse_fault"]

REGISTERS = ("population", "land")
_DRIP_S = 0.1


class Fault(NamedFault):
    """Name a fault; ``about`` says what it does."""

    HANGS = "hangs", "takes the request and never answers"
    SLOW_DRIP = "slow-drip", "answers rightly, one byte every 0.1 s"
    UNSIGNED_ANSWER = "unsigned-answer", "leaves the signature out"
    FOREIGN_KEY = "foreign-key", "signs with a stranger's key under the register's key id"
    UNBOUND = "unbound", "signs the answer, but not which request it answers"
    ANOTHER_CITIZEN = "another-citizen", "signs and binds the record of somebody else"
    MORE_THAN_ASKED = "more-than-asked", "signs and binds fields and answers that nobody asked for"
    REPLAYED_ANSWER = "replayed-answer", "gives the answer that was made for another request"
    HTTP_500 = "http-500", "fails with an unsigned 500"
    GARBAGE = "garbage", "signs and binds bytes that are no message"
    REDIRECT = "redirect", "sends the desk elsewhere with a 307"
    GZIP = "gzip", "compresses the answer"
    DROP_CONNECTION = "drop-connection", "breaks the connection in the middle of the answer"


def parse_fault(text: str) -> tuple[frozenset[str], Fault]:
    """Return which registers have which fault, from NAME or REGISTER:NAME; raise ValueError for anything else."""
    register, colon, name = text.rpartition(":")
    if colon and register not in REGISTERS:
        raise ValueError(f"no such register; there are {', '.join(REGISTERS)}")
    for fault in Fault:
        if fault == name:
            return (frozenset({register}) if colon else frozenset(REGISTERS)), fault
    raise ValueError(f"no such fault; there are {', '.join(Fault)}")


def http_response(answer: HttpAnswer) -> Response:
    """Return a signed answer as it goes out."""
    return Response(answer.body, status_code=answer.status_code, headers=dict(answer.headers))


def answer_wrongly(fault: Fault, request: HttpRequest, answer: PlainAnswer, key: Signer) -> Response:
    """Return ``answer`` with ``fault``; another-citizen has happened before, so it goes out as it is."""
    return _without_a_true_answer(fault) or _with_a_wrong_signature(fault, request, answer, key)


def _without_a_true_answer(fault: Fault) -> Response | None:
    match fault:
        case Fault.HANGS:
            return Hanging()
        case Fault.DROP_CONNECTION:
            return _Dropping()
        case Fault.HTTP_500:
            return PlainTextResponse("Internal Server Error", status_code=500)
        case Fault.REDIRECT:
            return RedirectResponse("https://127.0.0.1:9/elsewhere", status_code=307)
        case _:
            return None


def _with_a_wrong_signature(fault: Fault, request: HttpRequest, answer: PlainAnswer, key: Signer) -> Response:
    match fault:
        case Fault.UNSIGNED_ANSWER:
            return Response(answer.body, status_code=answer.status, media_type=answer.media_type)
        case Fault.FOREIGN_KEY:
            key = SandboxKey(key_id=key.key_id)
        case Fault.UNBOUND:
            own = [name for name in ANSWER_COMPONENTS if not name.endswith(";req")]
            return http_response(sign_answer(request, answer, key, components=own))
        case Fault.REPLAYED_ANSWER:
            request = _another_request(request)
        case Fault.GARBAGE:
            answer = PlainAnswer(200, CONTENT_TYPE, secrets.token_bytes(len(answer.body)))
        case Fault.GZIP:
            squeezed = replace(answer, body=gzip.compress(answer.body))
            return http_response(sign_answer(request, squeezed, key, extra=[("content-encoding", "gzip")]))
        case Fault.SLOW_DRIP:
            slow = sign_answer(request, answer, key)
            return StreamingResponse(_drip(slow.body), status_code=slow.status_code, headers=dict(slow.headers))
    return http_response(sign_answer(request, answer, key))


def _another_request(request: HttpRequest) -> HttpRequest:
    """Return a request like ``request`` of a moment before: same target and purpose, another body and signature."""
    body = b" " + request.body
    headers = {**request.headers, "content-digest": ContentDigest.create(body)}
    headers["signature"] = f"device=:{'A' * 86}==:"
    return HttpRequest(request.method, request.url, headers, body)


async def _drip(body: bytes) -> AsyncIterator[bytes]:
    for offset in range(len(body)):
        yield body[offset : offset + 1]
        await asyncio.sleep(_DRIP_S)


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Hanging(Response):
    """Wait until the desk gives up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait until the desk gives up."""
        await _until_disconnected(receive)


class _Dropping(Response):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise a body, send its beginning and hang up."""
        headers = [(b"content-type", CONTENT_TYPE.encode()), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"lookup_id":', "more_body": True})
        scope["state"]["hang_up"]()
        await _until_disconnected(receive)
