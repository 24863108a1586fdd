"""Signing in with the browser: what a desk takes, and everything that it does not take for a sign-in."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from auth.clerk.desk_clerk import ClerkPresence, ClerkState, DeskClerk
from auth.clerk.endpoint import AuthorizationEndpoint
from auth.clerk.loopback import CallbackListener
from auth.clerk.purposes import Wish
from auth.clerk.server import AuthorizationClient
from auth.clerk.signing_in import sign_in_by_browser
from auth.clerk.ways import by_browser
from auth.errors import (
    AnswerNotTrusted,
    RegisterTimeout,
    RegisterUnreachable,
    SignInCancelled,
    SignInFailed,
    SignInRefused,
    SignInTimeout,
)
from mock_registers import RegisterSandbox
from mock_registers.authority import TestAuthority
from mock_registers.authorization.sandbox import AuthorizationSandbox

NOBODY = ClerkPresence(ClerkState.NOBODY)


def _client_of(sandbox: RegisterSandbox, **more: Any) -> AuthorizationClient:
    assert sandbox.clerks is not None
    return AuthorizationClient(sandbox.clerks.endpoint, sandbox.device, **more)


def _refused(sandbox: RegisterSandbox, error: type[Exception], seconds: float = 20.0) -> str:
    assert sandbox.clerks is not None
    client = _client_of(sandbox, deadline_s=60.0)
    desk = DeskClerk(client)
    with pytest.raises(error) as caught:
        desk.sign_in(by_browser(sandbox.clerks.browser(), seconds=seconds))
    assert desk.presence == NOBODY
    client.close()
    return str(getattr(caught.value, "why", ""))


def test_a_clerk_signs_in(desk: DeskClerk, authorization: AuthorizationSandbox) -> None:
    assert desk.presence == NOBODY
    came = desk.sign_in(by_browser(authorization.browser(), seconds=20))
    assert came == ClerkPresence(ClerkState.SIGNED_IN, "canbo.mau", "Nguyễn Thị Cán Bộ")
    assert desk.presence == came


def test_the_address_shows_nothing_but_which_request_it_is(client: AuthorizationClient) -> None:
    opened: list[str] = []
    with pytest.raises(SignInFailed, match="no-browser"):
        sign_in_by_browser(client, Wish.for_all(), lambda address: bool(opened.append(address)))
    assert set(dict(parse_qsl(urlsplit(opened[0]).query))) == {"client_id", "request_uri"}


def test_a_clerk_who_cancels_on_the_page_is_not_signed_in(
    desk: DeskClerk, authorization: AuthorizationSandbox, visitors: Any
) -> None:
    browser = authorization.browser()
    with pytest.raises(SignInRefused, match="access_denied"):
        desk.sign_in(by_browser(visitors.open(lambda address: browser.sign_in(address, act="cancel")), seconds=20))
    assert desk.presence == NOBODY


def test_a_sign_in_can_be_cancelled_at_the_desk(
    desk: DeskClerk, ends_by: Callable[[float], AbstractContextManager[None]]
) -> None:
    states: list[ClerkState] = []

    def open_browser(_address: str) -> bool:
        states.append(desk.presence.state)
        threading.Timer(0.05, desk.cancel).start()
        return True

    with ends_by(0.0), pytest.raises(SignInCancelled):
        desk.sign_in(by_browser(open_browser, seconds=60))
    assert states == [ClerkState.SIGNING_IN]
    assert desk.presence == NOBODY


def test_a_sign_in_ends_at_its_deadline(desk: DeskClerk) -> None:
    with pytest.raises(SignInTimeout):
        desk.sign_in(by_browser(lambda _address: True, seconds=2))
    assert desk.presence == NOBODY


def test_two_sign_ins_at_once_are_one_too_many(desk: DeskClerk) -> None:
    def open_browser(_address: str) -> bool:
        with pytest.raises(SignInFailed, match="under-way"):
            desk.sign_in(by_browser(lambda _address: True))
        return False

    with pytest.raises(SignInFailed, match="no-browser"):
        desk.sign_in(by_browser(open_browser))


@pytest.mark.parametrize(
    ("fault", "error", "why"),
    [
        ("wrong-state", SignInFailed, "state"),
        ("wrong-issuer", SignInFailed, "issuer"),
        ("wrong-nonce", SignInFailed, "identity-nonce"),
        ("expired-keys", SignInFailed, "identity-unknown-key"),
        ("foreign-key", SignInFailed, "identity-wrong-signature"),
        ("foreign-metadata", AnswerNotTrusted, "another-issuer"),
        ("nonce-loop", SignInRefused, "use_dpop_nonce"),
        ("http-500", RegisterUnreachable, "http-500"),
    ],
)
def test_a_server_that_does_wrong_signs_nobody_in(
    serve: Callable[..., RegisterSandbox], fault: str, error: type[Exception], why: str
) -> None:
    assert _refused(serve(fault), error) == why


def test_a_server_that_hangs_costs_its_deadline(
    serve: Callable[..., RegisterSandbox], ends_by: Callable[[float], AbstractContextManager[None]]
) -> None:
    with ends_by(2.0):
        assert _refused(serve("hangs"), RegisterTimeout, seconds=2.0) == "deadline"


def test_a_server_under_another_authority_is_not_spoken_to(sandbox: RegisterSandbox) -> None:
    assert sandbox.clerks is not None
    stranger = AuthorizationEndpoint(sandbox.clerks.endpoint.issuer, (TestAuthority().anchor,))
    client = AuthorizationClient(stranger, sandbox.device)
    with pytest.raises(RegisterUnreachable, match="tls-unknown-authority"):
        sign_in_by_browser(client, Wish.for_all(), lambda _address: True)
    client.close()


def test_a_key_that_is_not_pinned_does_not_count(sandbox: RegisterSandbox, authorization: AuthorizationSandbox) -> None:
    current = authorization.service.keyring.current.key_id
    for pins, fine in (((current,), True), ((sandbox.device.signer.key_id,), False)):
        endpoint = AuthorizationEndpoint(authorization.endpoint.issuer, authorization.endpoint.tls_anchors, pins)
        client = AuthorizationClient(endpoint, sandbox.device)
        if fine:
            assert sign_in_by_browser(client, Wish.for_all(), authorization.browser()).identity.clerk_id == "canbo.mau"
        else:
            with pytest.raises(AnswerNotTrusted, match="no-key"):
                sign_in_by_browser(client, Wish.for_all(), authorization.browser())
        client.close()


def test_keys_that_were_rotated_are_fetched_anew(
    desk: DeskClerk, authorization: AuthorizationSandbox, client: AuthorizationClient
) -> None:
    known = set(client.keys().by_id)
    for _ in range(3):
        authorization.service.keyring.rotate()
    assert authorization.service.keyring.current.key_id not in known
    assert desk.sign_in(by_browser(authorization.browser())).clerk_id == "canbo.mau"


def _knock(address: str, raw: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), timeout=5) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(4096):
            answer += chunk
        return answer


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        b"GET /cb?state=x HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n",
        b"GET /cb?state=x HTTP/1.1\r\n\r\n",
        b"GET /cb?state=x HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n\r\n",
        b"POST /cb?state=x HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        b"GET /cb?state=x&state=y HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        b"GET /cb HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        b"GET /cb?code=x HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        b"GET /cb?state=x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"",
        b"G" * 9000,
    ],
)
def test_whoever_else_knocks_is_turned_away_and_waited_past(raw: bytes, visitors: Any) -> None:
    answers: list[bytes] = []

    def browser(address: str) -> None:
        port = str(urlsplit(address).port).encode()
        answers.append(_knock(address, raw.replace(b"{port}", port)))
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(address).port, timeout=5)
        connection.request("GET", "/cb?" + urlencode({"state": "s", "code": "c"}))
        answers.append(connection.getresponse().read())
        connection.close()

    with CallbackListener() as listener:
        visitors.open(browser)(listener.redirect_uri)
        brought = listener.wait(monotonic() + 10, threading.Event())
    visitors.wait()
    assert brought == {"state": "s", "code": "c"}
    assert not answers[0].startswith(b"HTTP/1.1 200")
    assert b"<script" not in answers[1]
    assert "Quay lại Một Cửa" in answers[1].decode()


def test_a_program_that_keeps_knocking_ends_the_sign_in(visitors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth.clerk.loopback._MAX_CONNECTIONS", 3)

    def knock(address: str) -> None:
        for _ in range(3):
            _knock(address, b"GET / HTTP/1.1\r\n\r\n")

    with CallbackListener() as listener:
        visitors.open(knock)(listener.redirect_uri)
        with pytest.raises(SignInFailed, match="too-many-callers"):
            listener.wait(monotonic() + 10, threading.Event())


def test_a_program_that_says_nothing_is_not_waited_for_long(visitors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth.clerk.loopback._CONNECTION_S", 0.05)
    held: list[socket.socket] = []

    def hold(address: str) -> None:
        held.append(socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), timeout=5))
        held.append(socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), timeout=5))
        held[1].sendall(b"GET /cb?state=s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % (urlsplit(address).port or 0))

    with CallbackListener() as listener:
        visitors.open(hold)(listener.redirect_uri)
        assert listener.wait(monotonic() + 10, threading.Event()) == {"state": "s"}
    for connection in held:
        connection.close()


def test_only_this_machine_can_bring_anything_back() -> None:
    with CallbackListener() as first, CallbackListener() as second:
        assert first.redirect_uri.startswith("http://127.0.0.1:")
        assert first.redirect_uri.endswith("/cb")
        assert first.redirect_uri != second.redirect_uri
        assert first._listener.getsockname()[0] == "127.0.0.1"
