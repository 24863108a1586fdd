"""The network breaks where it likes: each place has its name, nothing hangs beyond the deadline, nothing grows."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace

import pytest

from auth.errors import AnswerNotTrusted, RegisterError, RegisterTimeout, RegisterUnreachable
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential, RegisterEndpoint
from auth.wire.exchange import why_not_connected
from mock_registers import Fault, open_register_sandbox

EndsBy = Callable[[float], AbstractContextManager[None]]


def _ask(
    endpoint: RegisterEndpoint, device: DeviceCredential, lookup: Lookup, deadline_s: float = 5.0
) -> RegisterError:
    client = PopulationClient(endpoint, device, deadline_s=deadline_s)
    try:
        with pytest.raises(RegisterError) as caught:
            client.find_citizen(lookup)
        return caught.value
    finally:
        client.close()


def test_a_name_that_there_is_not_is_said_as_such(
    raw_register, device: DeviceCredential, lookup: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = replace(raw_register(lambda _request, _key: b"").endpoint, base_url="https://register.invalid")

    def nobody(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    caught = _ask(endpoint, device, lookup)
    assert (type(caught), caught.why) == (RegisterUnreachable, "name-not-found")


def _reset(connection: socket.socket) -> None:
    """End a connection with a reset instead of a farewell."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _in_the_handshake(connection: socket.socket, _stop: threading.Event) -> None:
    connection.recv(16)
    _reset(connection)


def _before_the_request(connection: socket.socket, _stop: threading.Event) -> None:
    _reset(connection)


def _in_the_request(connection: socket.socket, _stop: threading.Event) -> None:
    connection.recv(16)
    _reset(connection)


def _in_the_headers(connection: socket.socket, _stop: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-ty")
    _reset(connection)


def _in_the_body(connection: socket.socket, _stop: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/jose\r\ncontent-length: 900\r\n\r\neyJ")
    _reset(connection)


@pytest.mark.parametrize("talk", [_before_the_request, _in_the_request, _in_the_headers, _in_the_body])
def test_a_connection_that_is_reset_is_broken_wherever_that_happens(
    raw_register, device: DeviceCredential, lookup: Lookup, talk: Callable[[socket.socket, threading.Event], None]
) -> None:
    caught = _ask(raw_register(talk=talk).endpoint, device, lookup)
    assert (type(caught), caught.why) == (RegisterUnreachable, "connection-broken")


def test_a_reset_in_the_handshake_is_no_connection(raw_register, device: DeviceCredential, lookup: Lookup) -> None:
    caught = _ask(raw_register(talk=_in_the_handshake, tls=None).endpoint, device, lookup)
    assert (type(caught), caught.why) == (RegisterUnreachable, "no-connection")


def test_a_farewell_in_the_handshake_is_no_connection_either(
    raw_register, device: DeviceCredential, lookup: Lookup
) -> None:
    caught = _ask(raw_register(talk=lambda connection, _stop: connection.recv(16), tls=None).endpoint, device, lookup)
    assert (type(caught), caught.why) == (RegisterUnreachable, "no-connection")


def test_a_reset_while_the_handshake_waits_is_no_word_on_tls() -> None:
    """As it comes from the libraries: the reset, and behind it that the handshake wanted to read on."""
    reset = ConnectionResetError()
    reset.__context__ = ssl.SSLWantReadError()
    assert why_not_connected(reset) == "no-connection"


@pytest.fixture
def black_hole() -> Iterator[int]:
    """Return a port whose queue is full, so that what knocks there is dropped without an answer."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port = listener.getsockname()[1]
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        yield port


def test_a_black_hole_costs_the_deadline_and_no_more(
    raw_register, device: DeviceCredential, lookup: Lookup, black_hole: int, ends_by: EndsBy
) -> None:
    endpoint = raw_register(lambda _request, _key: b"").endpoint
    with ends_by(0.5):
        caught = _ask(replace(endpoint, base_url=f"https://127.0.0.1:{black_hole}"), device, lookup, deadline_s=0.5)
    assert (type(caught), caught.why) == (RegisterTimeout, "deadline")


def test_a_slow_line_is_waited_for_within_the_deadline(lookup: Lookup) -> None:
    with open_register_sandbox(fault=Fault.SLOW) as sandbox:
        client = PopulationClient(sandbox.endpoint("population"), sandbox.device, deadline_s=30.0)
        try:
            assert client.find_citizen(lookup).record is not None
        finally:
            client.close()


def test_an_endless_body_is_cut_off_before_it_fills_the_memory(
    raw_register, device: DeviceCredential, lookup: Lookup
) -> None:
    def flood(connection: socket.socket, stop: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/jose\r\n\r\n")
        piece = b"x" * 1_000_000
        while not stop.is_set():
            connection.sendall(piece)

    register = raw_register(talk=flood)
    tracemalloc.start()
    try:
        caught = _ask(register.endpoint, device, lookup)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (type(caught), caught.why) == (AnswerNotTrusted, "answer-too-large")
    assert peak < 20_000_000


def test_what_follows_the_promised_length_is_not_part_of_the_answer(
    raw_register, device: DeviceCredential, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    register = raw_register(lambda request, key: say(request, key) + b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    client = PopulationClient(register.endpoint, device)
    try:
        assert client.find_citizen(lookup).record is None
    finally:
        client.close()


def test_a_shorter_length_than_was_signed_is_no_answer(
    raw_register, device: DeviceCredential, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    def shortened(request, key) -> bytes:
        head, _, body = say(request, key).partition(b"\r\n\r\n")
        return head.replace(b"content-length: %d" % len(body), b"content-length: %d" % (len(body) - 7)) + (
            b"\r\n\r\n" + body
        )

    caught = _ask(raw_register(shortened).endpoint, device, lookup)
    assert (type(caught), caught.why) == (AnswerNotTrusted, "digest-mismatch")
