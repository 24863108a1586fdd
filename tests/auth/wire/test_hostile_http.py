"""What stands in for a register on the way, or speaks HTTP badly, never becomes data."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from auth.errors import AnswerNotTrusted, RegisterError, RegisterTimeout, RegisterUnreachable
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential
from auth.wire.profile import MAX_ANSWER_BYTES

EndsBy = Callable[[float], AbstractContextManager[None]]


def _ask(register, device: DeviceCredential, lookup: Lookup, deadline_s: float = 5.0) -> RegisterError:
    client = PopulationClient(register.endpoint, device, deadline_s=deadline_s)
    try:
        with pytest.raises(RegisterError) as caught:
            client.find_citizen(lookup)
        return caught.value
    finally:
        client.close()


PORTAL = b"<html><body>Please log in to the network</body></html>"

RAW = {
    "captive portal": (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n%s" % (len(PORTAL), PORTAL),
        AnswerNotTrusted,
        "content-type",
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", AnswerNotTrusted, "unexpected-status"),
    "accepted": (b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n", AnswerNotTrusted, "content-type"),
    "accepted by nobody": (
        b"HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\nlocation: /v1/answers/x\r\n"
        b"content-length: 2\r\n\r\n{}",
        AnswerNotTrusted,
        "unsigned",
    ),
    "created": (b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n", AnswerNotTrusted, "unexpected-status"),
    "moved": (
        b"HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n",
        AnswerNotTrusted,
        "redirect",
    ),
    "wrong content type": (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/json\r\ncontent-length: 2\r\n\r\n{}",
        AnswerNotTrusted,
        "content-type",
    ),
    "no content type": (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", AnswerNotTrusted, "content-type"),
    "unsigned json": (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
        AnswerNotTrusted,
        "answer-not-sealed",
    ),
    "unsigned envelope": (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/jose\r\ncontent-length: 9\r\n\r\na.b.c.d.e",
        AnswerNotTrusted,
        "unsigned",
    ),
    "unsigned problem": (
        b"HTTP/1.1 403 No\r\ncontent-type: application/problem+json\r\ncontent-length: 2\r\n\r\n{}",
        RegisterUnreachable,
        "http-403",
    ),
    "unsigned not found": (
        b"HTTP/1.1 404 No\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nno",
        RegisterUnreachable,
        "http-404",
    ),
    "half a signature on a problem": (
        b"HTTP/1.1 403 No\r\ncontent-type: application/problem+json\r\nsignature: register=:AAAA:\r\n"
        b"content-length: 2\r\n\r\n{}",
        AnswerNotTrusted,
        "unsigned",
    ),
    "gateway error": (
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nno",
        RegisterUnreachable,
        "http-502",
    ),
    "early end": (
        b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"record":',
        RegisterUnreachable,
        "connection-broken",
    ),
    "early end of chunks": (
        b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"rec\r\n',
        RegisterUnreachable,
        "connection-broken",
    ),
    "early end of headers": (b"HTTP/1.1 200 OK\r\ncontent-ty", RegisterUnreachable, "connection-broken"),
    "nothing": (b"", RegisterUnreachable, "connection-broken"),
    "two content lengths": (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} ",
        AnswerNotTrusted,
        "http-malformed",
    ),
    "two content types": (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\n{}",
        AnswerNotTrusted,
        "duplicate-header",
    ),
    "not http": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", AnswerNotTrusted, "http-malformed"),
    "huge headers": (
        b"HTTP/1.1 200 OK\r\nx-long: " + b"x" * 2_000_000 + b"\r\n\r\n",
        AnswerNotTrusted,
        "http-malformed",
    ),
    "large headers": (
        b"HTTP/1.1 200 OK\r\nx-long: " + b"x" * 20_000 + b"\r\ncontent-length: 0\r\n\r\n",
        AnswerNotTrusted,
        "headers-too-large",
    ),
    "huge body": (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/jose\r\n\r\n" + b" " * (MAX_ANSWER_BYTES + 1),
        AnswerNotTrusted,
        "answer-too-large",
    ),
    "compressed": (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n\r\n"
        + gzip.compress(b"0" * 10_000_000),
        AnswerNotTrusted,
        "content-encoding",
    ),
    "brotli by another spelling": (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Encoding: BR\r\ncontent-length: 2\r\n\r\n{}",
        AnswerNotTrusted,
        "content-encoding",
    ),
}


@pytest.mark.parametrize("name", RAW)
def test_what_is_no_answer_is_never_data(raw_register, device: DeviceCredential, lookup: Lookup, name: str) -> None:
    answer, error, why = RAW[name]
    caught = _ask(raw_register(lambda _request, _key: answer), device, lookup)
    assert (type(caught), caught.why) == (error, why)


def test_a_redirect_is_not_followed(raw_register, device: DeviceCredential, lookup: Lookup) -> None:
    target = raw_register(lambda _request, _key: b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    location = f"{target.endpoint.base_url}/v1/persons:lookup".encode()
    moved = b"HTTP/1.1 308 Moved\r\nlocation: %s\r\ncontent-length: 0\r\n\r\n" % location
    assert _ask(raw_register(lambda _request, _key: moved), device, lookup).why == "redirect"
    assert target.heard == []


def _until_gone(connection: socket.socket, stop: threading.Event, piece: bytes) -> None:
    """Send ``piece`` over and over until the other side is gone."""
    while not stop.wait(0.05):
        connection.sendall(piece)


def _drip_headers(connection: socket.socket, stop: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nx-drip: ")
    _until_gone(connection, stop, b"x")


def _drip_chunks(connection: socket.socket, stop: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
    _until_gone(connection, stop, b"1\r\n \r\n")


def _say_nothing(connection: socket.socket, stop: threading.Event) -> None:
    stop.wait()


@pytest.mark.parametrize("talk", [_drip_headers, _drip_chunks, _say_nothing])
def test_the_deadline_holds_however_slowly_a_peer_talks(
    raw_register, device: DeviceCredential, lookup: Lookup, talk, ends_by: EndsBy
) -> None:
    register = raw_register(talk=talk)
    with ends_by(0.4):
        caught = _ask(register, device, lookup, deadline_s=0.4)
    assert (type(caught), caught.why) == (RegisterTimeout, "deadline")


def test_the_deadline_holds_when_the_tls_handshake_stalls(
    raw_register, device: DeviceCredential, lookup: Lookup, ends_by: EndsBy
) -> None:
    register = raw_register(talk=_say_nothing, tls=None)
    with ends_by(0.4):
        assert isinstance(_ask(register, device, lookup, deadline_s=0.4), RegisterTimeout)


def test_the_number_is_never_in_a_url_and_the_purpose_is_in_the_open(
    raw_register, device: DeviceCredential, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    register = raw_register(say)
    client = PopulationClient(register.endpoint, device)
    try:
        client.find_citizen(lookup)
    finally:
        client.close()
    (heard,) = register.heard
    head = heard.url + "".join(f"{name}{value}" for name, value in heard.headers.items())
    assert heard.method == "POST"
    assert heard.url == register.endpoint.base_url + "/v1/persons:lookup"
    assert heard.headers["purpose"] == lookup.purpose
    assert heard.headers["accept-encoding"] == "identity"
    assert lookup.personal_number not in head


def test_an_answer_without_a_record_is_a_find_of_nobody(
    raw_register, device, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    client = PopulationClient(raw_register(say).endpoint, device)
    try:
        assert client.find_citizen(lookup).record is None
    finally:
        client.close()
