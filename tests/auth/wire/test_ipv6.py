"""Registers by IPv6: a literal in the address, and a name of which one address is a black hole (row N11)."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth.clerk.desk_clerk import DeskClerk
from auth.clerk.server import AuthorizationClient
from auth.clerk.ways import by_browser
from auth.errors import ClockInDoubt, RegisterTimeout, RegisterUnreachable
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential, RegisterEndpoint
from mock_registers.authority import TestAuthority
from mock_registers.authorization import clerks
from mock_registers.faults import Fault
from mock_registers.sandbox import open_register_sandbox

EndsBy = Callable[[float], AbstractContextManager[None]]

NAME = "register.test"
# RFC 8305 §5: how long the first address has the field to itself.
ALONE_S = 0.25


@pytest.fixture
def ask(device: DeviceCredential, lookup: Lookup) -> Callable[..., object]:
    def asked(endpoint: RegisterEndpoint, deadline_s: float = 30.0) -> object:
        client = PopulationClient(endpoint, device, deadline_s=deadline_s)
        try:
            return client.find_citizen(lookup).record
        finally:
            client.close()

    return asked


def test_n11_by_an_ipv6_literal_a_clerk_signs_in_and_is_answered_now_and_later(
    lookup: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The literal is in the URL, the certificate, @target-uri, htu and Location; each side judges the other's."""
    monkeypatch.setitem(clerks._COST, "n", 2)
    for fault in ("", Fault.ANSWERS_LATER):
        with open_register_sandbox(host="::1", clerks=True, fault=fault) as sandbox:
            endpoint, authorization = sandbox.endpoint("population"), sandbox.clerks
            assert endpoint.base_url.startswith("https://[::1]:")
            assert authorization is not None
            server = AuthorizationClient(authorization.endpoint, sandbox.device)
            clerk = DeskClerk(server)
            clerk.sign_in(by_browser(authorization.browser(), seconds=20))
            client = PopulationClient(endpoint, sandbox.device, deadline_s=20.0, clerk=clerk)
            answer = client.find_citizen(replace(lookup, clerk=clerk.presence.clerk_id))
            client.close()
            server.close()
        assert answer.record is not None


def test_n11_a_certificate_for_another_address_is_refused_by_ipv6_too(
    raw_register, authority: TestAuthority, ask: Callable[..., object]
) -> None:
    register = raw_register(lambda _r, _k: b"", address="::1", tls=authority.server_context(("127.0.0.1",)))
    with pytest.raises(RegisterUnreachable, match="tls-wrong-host"):
        ask(register.endpoint)


def test_n11_what_is_signed_names_the_literal_in_its_brackets(
    raw_register, ask: Callable[..., object], say: Callable[..., bytes]
) -> None:
    register = raw_register(say, address="::1")
    assert ask(register.endpoint) is None
    assert register.heard[0].url.startswith("https://[::1]:")
    assert register.heard[0].headers["host"].startswith("[::1]:")


# --- a name of two addresses ------------------------------------------------------------------------------------------


@contextmanager
def _black_hole(address: str, port: int = 0) -> Iterator[int]:
    """Hold a port whose queue is full, so that what knocks there is dropped without an answer."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server((address, port), family=family, backlog=0))
        port = listener.getsockname()[1]
        for _ in range(4):
            waiting = stack.enter_context(socket.socket(family))
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
        yield port


@pytest.fixture
def resolving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the name resolve to both loopback addresses, the newer first; the resolver alone is replaced."""
    resolve = socket.getaddrinfo

    def both(host: str | bytes | None, port: Any, *rest: Any, **more: Any) -> list[Any]:
        if host not in (NAME, NAME.encode()):
            return resolve(host, port, *rest, **more)
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("::1", port, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", both)


def _port(endpoint: RegisterEndpoint) -> int:
    return int(endpoint.base_url.rpartition(":")[2])


@pytest.mark.usefixtures("resolving")
def test_n11_a_black_hole_in_ipv6_costs_a_moment_where_ipv4_works(
    raw_register, authority: TestAuthority, ask: Callable[..., object], say: Callable[..., bytes], ends_by: EndsBy
) -> None:
    register = raw_register(say, host=NAME, tls=authority.server_context((NAME,)))
    with _black_hole("::1", _port(register.endpoint)):
        started = time.monotonic()
        with ends_by(ALONE_S):
            assert ask(register.endpoint) is None, "nobody of that name, which is an answer"
        assert time.monotonic() - started >= ALONE_S, "IPv6 was tried, and first"


@pytest.mark.usefixtures("resolving")
def test_n11_a_black_hole_in_ipv6_hides_no_dates_of_a_certificate(
    raw_register, authority: TestAuthority, ask: Callable[..., object], device: DeviceCredential
) -> None:
    """By the time that a register has said the certificate is valid, which the second handshake finds out as well."""
    now, hour = datetime.now(UTC), timedelta(hours=1)
    expired = authority.server_context((NAME,), not_before=now - 48 * hour, not_after=now - hour)
    register = raw_register(lambda _r, _k: b"", host=NAME, tls=expired)
    device.clock.learn((now - 2 * hour).timestamp())
    with _black_hole("::1", _port(register.endpoint)), pytest.raises(ClockInDoubt):
        ask(register.endpoint)


@pytest.mark.usefixtures("resolving")
def test_n11_a_black_hole_in_ipv4_costs_nothing_where_ipv6_works(
    raw_register, authority: TestAuthority, ask: Callable[..., object], say: Callable[..., bytes]
) -> None:
    register = raw_register(say, host=NAME, address="::1", tls=authority.server_context((NAME,)))
    with _black_hole("127.0.0.1", _port(register.endpoint)):
        assert ask(register.endpoint) is None


@pytest.mark.usefixtures("resolving")
def test_n11_nobody_listening_by_ipv6_is_no_end_where_ipv4_works(
    raw_register, authority: TestAuthority, ask: Callable[..., object], say: Callable[..., bytes]
) -> None:
    register = raw_register(say, host=NAME, tls=authority.server_context((NAME,)))
    assert ask(register.endpoint) is None


@pytest.mark.usefixtures("resolving")
def test_n11_black_holes_both_ways_cost_the_deadline_and_no_more(
    raw_register, authority: TestAuthority, ask: Callable[..., object], ends_by: EndsBy
) -> None:
    register = raw_register(lambda _r, _k: b"", host=NAME, tls=authority.server_context((NAME,)))
    with _black_hole("127.0.0.1") as port, _black_hole("::1", port):
        endpoint = replace(register.endpoint, base_url=f"https://{NAME}:{port}")
        with ends_by(1.0), pytest.raises(RegisterTimeout, match="deadline"):
            ask(endpoint, 1.0)
