"""One signed request over TLS to one register, and back only what the register verifiably said to it."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Protocol

import httpx2

from auth.errors import AnswerNotTrusted, RegisterRefused, RegisterTimeout, RegisterUnreachable
from auth.wire.deadline import DeadlineLoop, LoopClosed
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from auth.wire.profile import (
    CONTENT_TYPE,
    MAX_ANSWER_BYTES,
    MAX_HEADER_BYTES,
    PROBLEM_BASE,
    PROBLEM_TYPE,
    REFUSALS,
)
from auth.wire.signatures import AnswerVerifier, HttpAnswer, HttpRequest, sign_request
from auth.wire.tls import client_context, why_refused

__all__ = ["SignedAnswer", "WireClient"]

# Fields that decide what an answer means. Sent twice, two readers may pick different ones, so nobody gets to pick.
_SINGLE_FIELDS = (
    "content-type",
    "content-length",
    "content-digest",
    "content-encoding",
    "signature",
    "signature-input",
)


@dataclass(frozen=True, slots=True, repr=False)
class SignedAnswer:
    """Hold the body of an answer whose signature was verified and bound to our request."""

    body: bytes
    key_id: str
    created: datetime

    def __repr__(self) -> str:
        """Show the key, not what was said."""
        return f"SignedAnswer({self.key_id}, {len(self.body)} bytes)"


class WireClient:
    """Ask one register, one request at a time or several at once, from any thread.

    Every call opens its own connection: look-ups are minutes apart, and a fresh one cannot carry a leftover of the
    last. Proxies, .netrc, certificate and key-log variables of the environment are not read; redirects are not
    followed; compressed answers are refused.
    """

    def __init__(self, endpoint: RegisterEndpoint, device: DeviceCredential, *, deadline_s: float = 10.0) -> None:
        """Take ``deadline_s`` as the total from the call to the last byte; raise RegisterUnreachable for bad keys."""
        self._endpoint = endpoint
        self._device = device
        self._deadline_s = deadline_s
        self._tls = client_context(endpoint)
        self._verifier = AnswerVerifier(endpoint)
        self._loop = DeadlineLoop(f"wire-{endpoint.register}")

    @property
    def register(self) -> str:
        """Return the stable name of the register."""
        return self._endpoint.register

    def ask(self, path: str, body: bytes, purpose: str) -> SignedAnswer:
        """Return the verified answer to ``body``.

        Raises RegisterUnreachable, RegisterTimeout, AnswerNotTrusted, or RegisterRefused for a signed problem
        document (RFC 9457). An unsigned error is trouble on the way, never the register's verdict.
        """
        late = monotonic() + self._deadline_s
        request = sign_request(self._endpoint.base_url.rstrip("/") + path, body, purpose, self._device.signer)
        answer = self._exchange(request, late - monotonic())
        problem = _expect_answer(self.register, answer)
        verified = self._verifier.verify(answer)
        if problem:
            raise RegisterRefused(self.register, _refusal(answer.body))
        return SignedAnswer(answer.body, verified.key_id, verified.created)

    def close(self) -> None:
        """Break off what is under way and end the thread; ``ask`` raises RegisterUnreachable from then on."""
        self._loop.close()

    def _exchange(self, request: HttpRequest, seconds: float) -> HttpAnswer:
        """Map every foreign exception of the way there and back onto our tree, once."""
        try:
            return self._loop.run(lambda: self._send(request), seconds)
        except (TimeoutError, httpx2.TimeoutException):
            raise RegisterTimeout(self.register, "deadline") from None
        except LoopClosed:
            raise RegisterUnreachable(self.register, "closed") from None
        except httpx2.ConnectError as error:
            raise RegisterUnreachable(self.register, _why_not_connected(error)) from None
        except httpx2.RemoteProtocolError as error:
            if _cut_short(error):
                raise RegisterUnreachable(self.register, "connection-broken") from None
            raise AnswerNotTrusted(self.register, "http-malformed") from None
        except (httpx2.HTTPError, OSError):
            raise RegisterUnreachable(self.register, "connection-broken") from None
        except (httpx2.InvalidURL, UnicodeError):
            raise RegisterUnreachable(self.register, "bad-address") from None

    async def _send(self, request: HttpRequest) -> HttpAnswer:
        headers = {
            **request.headers,
            "accept": f"{CONTENT_TYPE}, {PROBLEM_TYPE}",
            "accept-encoding": "identity",
            "connection": "close",
            "user-agent": "motcua",
        }
        opened = _OpenedStreams()
        try:
            # No time-out here: they are per operation. The loop's deadline ends all of it.
            async with (
                httpx2.AsyncClient(verify=self._tls, trust_env=False, follow_redirects=False, timeout=None) as client,
                client.stream(
                    request.method,
                    request.url,
                    headers=headers,
                    content=request.body,
                    extensions={"trace": opened.take_note},
                ) as response,
            ):
                fields = _header_fields(self.register, response.headers.raw)
                body = await self._body(response, fields)
                return HttpAnswer(response.status_code, fields, body, request)
        finally:
            await opened.close()

    async def _body(self, response: httpx2.Response, fields: dict[str, str]) -> bytes:
        """Read the raw body up to the limit, whatever its Content-Length claims; never decompress."""
        if fields.get("content-encoding", "identity") != "identity":
            raise AnswerNotTrusted(self.register, "content-encoding")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise AnswerNotTrusted(self.register, "answer-too-large")
        return bytes(body)


class _Stream(Protocol):
    async def aclose(self) -> None: ...


class _OpenedStreams:
    """Close the sockets of one exchange, which the library forgets when it is cancelled during the TLS handshake."""

    def __init__(self) -> None:
        self._streams: list[_Stream] = []

    async def take_note(self, event: str, info: Mapping[str, Any]) -> None:
        """Take the library's trace of what it does (its ``trace`` extension)."""
        if event == "connection.connect_tcp.complete":
            self._streams.append(info["return_value"])

    async def close(self) -> None:
        """Close them; one that is closed already stays so."""
        for stream in self._streams:
            await stream.aclose()


def _header_fields(register: str, raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the fields by lower-case name; raise AnswerNotTrusted where they are too large or ambiguous."""
    if sum(len(name) + len(value) for name, value in raw) > MAX_HEADER_BYTES:
        raise AnswerNotTrusted(register, "headers-too-large")
    fields: dict[str, str] = {}
    for name_bytes, value_bytes in raw:
        name, value = name_bytes.decode("latin-1").lower(), value_bytes.decode("latin-1")
        if name in fields and name in _SINGLE_FIELDS:
            raise AnswerNotTrusted(register, "duplicate-header")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _expect_answer(register: str, answer: HttpAnswer) -> bool:
    """Tell whether ``answer`` claims to be a problem document; raise where it is neither that nor a result.

    What stands in for the register on the way — a captive portal, a proxy's error page, a redirect — ends here.
    """
    status = answer.status_code
    if 300 <= status < 400:
        raise AnswerNotTrusted(register, "redirect")
    if status >= 500 and "signature" not in answer.headers:
        raise RegisterUnreachable(register, f"http-{status}")
    problem = status >= 400
    if not problem and status != 200:
        raise AnswerNotTrusted(register, "unexpected-status")
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != (PROBLEM_TYPE if problem else CONTENT_TYPE):
        raise AnswerNotTrusted(register, "content-type")
    return problem


def _refusal(body: bytes) -> str:
    """Return the name of a problem type that we know, else "refused": a register's free text is never passed on."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return "refused"
    kind = document.get("type") if isinstance(document, dict) else None
    name = kind.removeprefix(PROBLEM_BASE) if isinstance(kind, str) else ""
    return name if name in REFUSALS else "refused"


def _why_not_connected(error: BaseException) -> str:
    """Return the stable reason, from the innermost exception that has one."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return why_refused(cause)
        if isinstance(cause, ConnectionRefusedError):
            return "connection-refused"
        if isinstance(cause, socket.gaierror):
            return "name-not-found"
        cause = cause.__cause__ or cause.__context__
    return "no-connection"


def _cut_short(error: httpx2.RemoteProtocolError) -> bool:
    """Tell a connection that ended too early from bytes that are no HTTP; the library has one class for both."""
    text = str(error)
    return text.startswith(("Server disconnected", "peer closed connection", "peer unexpectedly closed"))
