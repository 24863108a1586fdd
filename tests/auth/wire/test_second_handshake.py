"""A second look at a server that was refused: the fault that is known already is told before the time is over."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auth.errors import CertificateOutOfTime, RegisterError, RegisterUnreachable
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential
from auth.wire.client_certificate import ClientCertificate
from auth.wire.dateless import read_validity
from auth.wire.server_time import ServerTime
from auth.wire.tls import client_context
from auth.wire.turned_away import hear_why
from mock_registers.authority import TestAuthority

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
PASSPHRASE = b"a passphrase of the office"
DEADLINE_S = 3.0
# How long the second look would wait of itself: well within the deadline, and far beyond it.
PATIENCE_S = [0.5, 20.0]
# Far more than a busy machine holds anything up; the second connection is silent for ever.
LATE_S = 10.0


class SilentAtTheSecond:
    """Speak TLS on the first connection, and never a word on those that follow."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.calls = 0
        self._tls = tls

    def talk(self, connection: socket.socket, stop: threading.Event) -> None:
        self.calls += 1
        if self.calls > 1:
            stop.wait()
            return
        with self._tls.wrap_socket(connection, server_side=True) as shaken:
            shaken.recv(1)
            # What is still unread goes with a reset.
            shaken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def two_hours_ahead() -> ServerTime:
    """Return a clock of which the registers have said so: only then are a certificate's dates asked for."""
    clock = ServerTime(NOW.timestamp)
    clock.learn((NOW - timedelta(hours=2)).timestamp())
    return clock


def told(endpoint: Any, device: DeviceCredential, lookup: Lookup) -> RegisterError:
    """Return the error of a look-up, which must come within the deadline."""
    client = PopulationClient(endpoint, device, deadline_s=DEADLINE_S)
    began = time.monotonic()
    try:
        with pytest.raises(RegisterError) as caught:
            client.find_citizen(lookup)
    finally:
        client.close()
    assert time.monotonic() - began < DEADLINE_S + LATE_S
    return caught.value


@pytest.mark.parametrize("patience_s", PATIENCE_S)
def test_a_certificate_out_of_its_time_is_told_however_little_of_the_deadline_is_left(
    raw_register: Callable[..., Any],
    authority: TestAuthority,
    device: DeviceCredential,
    lookup: Lookup,
    monkeypatch: pytest.MonkeyPatch,
    patience_s: float,
) -> None:
    monkeypatch.setattr("auth.wire.second_handshake._PATIENCE_S", patience_s)
    server = SilentAtTheSecond(authority.server_context(not_before=NOW - 9 * DAY, not_after=NOW - DAY))
    register = raw_register(talk=server.talk, tls=None)
    error = told(register.endpoint, replace(device, clock=two_hours_ahead()), lookup)
    assert type(error) is CertificateOutOfTime
    assert server.calls == 2


def test_with_no_time_left_nobody_is_called_a_second_time(
    raw_register: Callable[..., Any], authority: TestAuthority
) -> None:
    server = SilentAtTheSecond(authority.server_context())
    register = raw_register(talk=server.talk, tls=None)

    async def look() -> None:
        url, tls = register.endpoint.base_url, client_context(register.endpoint)
        for left in (0.1, 0.0, -1.0):
            ends = asyncio.get_running_loop().time() + left
            assert await read_validity(url, tls, (), ends) is None
            await hear_why(url, tls, ends)

    asyncio.run(look())
    assert server.calls == 0


@pytest.mark.parametrize("patience_s", PATIENCE_S)
def test_a_connection_that_broke_is_told_where_the_server_does_not_say_why_in_time(
    raw_register: Callable[..., Any],
    authority: TestAuthority,
    device: DeviceCredential,
    lookup: Lookup,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    patience_s: float,
) -> None:
    monkeypatch.setattr("auth.wire.second_handshake._PATIENCE_S", patience_s)
    pems = authority.client_pems(PASSPHRASE)
    files = tmp_path / "client.pem", tmp_path / "client.key"
    files[0].write_bytes(pems.certificate)
    files[1].write_bytes(pems.key)
    server = SilentAtTheSecond(authority.server_context())
    register = raw_register(talk=server.talk, tls=None)
    endpoint = replace(register.endpoint, client_certificate=ClientCertificate(*files, lambda: PASSPHRASE))
    error = told(endpoint, device, lookup)
    assert (type(error), error.why) == (RegisterUnreachable, "connection-broken")
    assert server.calls == 2
