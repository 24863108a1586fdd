"""One HTTPS exchange with one server, to a total deadline; what comes back is bounded and still proves nothing."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any, Protocol, TypeVar

import httpx2

from auth.errors import AnswerNotTrusted, RegisterTimeout, RegisterUnreachable
from auth.wire.dateless import read_validity
from auth.wire.deadline import DeadlineLoop, LoopClosed
from auth.wire.endpoint import RegisterEndpoint
from auth.wire.errand import CALLED_BACK, Recall
from auth.wire.profile import MAX_ANSWER_BYTES, MAX_HEADER_BYTES
from auth.wire.server_time import ServerTime
from auth.wire.signatures import HttpAnswer, HttpRequest
from auth.wire.tls import WrongPin, check_pin
from auth.wire.tls_context import EndpointTls
from auth.wire.tls_refusals import why_refused
from auth.wire.turned_away import hear_why

__all__ = ["HttpsExchange", "why_not_connected"]

T = TypeVar("T")

# Fields that decide what an answer means. Sent twice, two readers may pick different ones, so nobody gets to pick.
_SINGLE_FIELDS = (
    "content-type",
    "content-length",
    "content-digest",
    "content-encoding",
    "signature",
    "signature-input",
    "retry-after",
    "dpop-nonce",
    "location",
    "request-digest",
)


class HttpsExchange:
    """Send requests and bring answers, one at a time or several at once, from any thread.

    Every call opens its own connection: look-ups are minutes apart, and a fresh one cannot carry a leftover of the
    last. Proxies, .netrc, certificate and key-log variables of the environment are not read; redirects are not
    followed; compressed answers are refused.
    """

    def __init__(self, endpoint: RegisterEndpoint, accept: str, clock: ServerTime | None = None) -> None:
        """Take the media types to ask for; raise RegisterUnreachable for anchors that are none.

        ``clock`` is what is known of the registers' time: it tells a certificate that is over from a clock that is
        wrong.
        """
        self._accept = accept
        self._tls = EndpointTls(endpoint, clock)
        self._pins = endpoint.tls_pins
        self._loop = DeadlineLoop(f"wire-{endpoint.register}")
        self.register = endpoint.register

    def close(self) -> None:
        """Break off what is under way and end the thread; ``send`` raises RegisterUnreachable from then on."""
        self._loop.close()

    def send(self, request: HttpRequest, seconds: float, recall: Recall | None = None) -> HttpAnswer:
        """Return the whole answer; raise RegisterUnreachable, RegisterTimeout or AnswerNotTrusted.

        Every foreign exception of the way there and back is mapped onto our tree here, once. Where the TLS of the
        endpoint cannot be set up, its own errors (``EndpointTls.context``) come before anybody is called.
        """
        tls = self._tls.context()
        return self._run(lambda: self._send(request, tls, seconds), seconds, recall or Recall())

    def pause(self, seconds: float, recall: Recall) -> None:
        """Wait, at least so long; raise RegisterUnreachable where that is broken off."""
        # The loop's deadline is for work that does not end by itself. Where a busy computer holds it up beyond that,
        # the pause is over as well, and whoever asked looks at what is left of the time.
        with suppress(RegisterTimeout):
            self._run(lambda: asyncio.sleep(seconds), seconds + 1.0, recall)

    def _run(self, work: Callable[[], Coroutine[Any, Any, T]], seconds: float, recall: Recall) -> T:
        if recall.called:
            raise RegisterUnreachable(self.register, CALLED_BACK)
        try:
            return self._loop.run(work, seconds, recall.over)
        except (TimeoutError, httpx2.TimeoutException):
            raise RegisterTimeout(self.register, "deadline") from None
        except LoopClosed:
            raise RegisterUnreachable(self.register, _who_broke_off(recall)) from None
        except WrongPin:
            raise RegisterUnreachable(self.register, "tls-wrong-pin") from None
        except (httpx2.ConnectError, ssl.SSLError) as error:
            raise self._tls.refusal(_why_ended(error)) from None
        except httpx2.RemoteProtocolError as error:
            if _cut_short(error):
                raise RegisterUnreachable(self.register, "connection-broken") from None
            raise AnswerNotTrusted(self.register, "http-malformed") from None
        except (httpx2.HTTPError, OSError):
            raise RegisterUnreachable(self.register, "connection-broken") from None
        except (httpx2.InvalidURL, UnicodeError):
            raise RegisterUnreachable(self.register, "bad-address") from None

    async def _send(self, request: HttpRequest, tls: ssl.SSLContext, seconds: float) -> HttpAnswer:
        ends = asyncio.get_running_loop().time() + seconds
        headers = {
            **request.headers,
            "accept": self._accept,
            "accept-encoding": "identity",
            "connection": "close",
            "user-agent": "motcua",
        }
        opened, answered = _OpenedStreams(self._pins), False
        try:
            # Straight to the transport, since a client's cookies, redirects and log-ins are none of ours. No time-out
            # here: they are per operation. The loop's deadline ends all of it.
            asked = httpx2.Request(
                request.method,
                request.url,
                headers=headers,
                content=request.body,
                extensions={"trace": opened.take_note},
            )
            async with httpx2.AsyncHTTPTransport(verify=tls, trust_env=False) as transport:
                response = await transport.handle_async_request(asked)
                answered = True
                async with aclosing(response):
                    fields = _header_fields(self.register, response.headers.raw)
                    body = await self._body(response, fields)
                    return HttpAnswer(response.status_code, fields, body, request)
        except (httpx2.NetworkError, httpx2.RemoteProtocolError) as error:
            if opened.shook_hands and not answered and self._tls.shows_certificate:
                await hear_why(request.url, tls, ends)
            if not opened.shook_hands:
                await self._look_at_dates(request.url, why_not_connected(error), ends)
            raise
        finally:
            await opened.close()

    async def _look_at_dates(self, url: str, why: str, ends: float) -> None:
        """Raise RegisterUnreachable by the dates of the server's certificate, where they say whose fault ``why`` is."""
        dateless = self._tls.dateless(why)
        if dateless is not None:
            raise self._tls.refusal(why, await read_validity(url, dateless, self._pins, ends)) from None

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
    """Hold the server to its pins before a byte is sent, and close the sockets of one exchange.

    Those the library forgets when it is cancelled during the TLS handshake.
    """

    def __init__(self, pins: Sequence[bytes]) -> None:
        self._pins = pins
        self._streams: list[_Stream] = []
        self.shook_hands = False

    async def take_note(self, event: str, info: Mapping[str, Any]) -> None:
        """Take the library's trace of what it does (its ``trace`` extension); raise WrongPin for another key."""
        if event == "connection.connect_tcp.complete":
            self._streams.append(info["return_value"])
        if event == "connection.start_tls.complete":
            self.shook_hands = True
            check_pin(self._pins, info["return_value"].get_extra_info("ssl_object"))

    async def close(self) -> None:
        """Close them; one that is closed already stays so."""
        for stream in self._streams:
            await stream.aclose()


def _who_broke_off(recall: Recall) -> str:
    return CALLED_BACK if recall.called else "closed"


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


def _why_ended(error: httpx2.ConnectError | ssl.SSLError) -> str:
    """Return the stable reason of an error of the connection, or of the TLS once there is one."""
    if not isinstance(error, ssl.SSLError):
        return why_not_connected(error)
    # In TLS 1.3 a server refuses a client's certificate after the handshake, and the library hands that on as it is.
    why = why_refused(error)
    return "connection-broken" if why == "tls-refused" else why


def why_not_connected(error: BaseException) -> str:
    """Return the stable reason, from the innermost exception that has one."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionResetError | ssl.SSLEOFError):
            # Hung up, be it in the middle of the handshake: that is the line's end and nobody's word on TLS. What lies
            # behind a reset is only what the handshake was waiting for.
            return "no-connection"
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
