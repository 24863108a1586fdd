"""A look-up over a bad line comes through or ends at its deadline, as what may wait in the outbox (row N11).

Loss, delay and small packets are made by a relay before the TLS: where segments are lost TCP sends them again, later,
which is all that an application sees of it. Machines that let a test lose real packets do so in
``test_packet_lines.py``.
"""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import pytest

from auth.errors import RegisterTimeout
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential, RegisterEndpoint

EndsBy = Callable[[float], AbstractContextManager[None]]

FIRST_WAIT_S = 0.05


@dataclass(frozen=True)
class Line:
    """How bad it is: seconds one way, the share of segments that are lost, the largest that fits, those that vanish."""

    one_way_s: float = 0.0
    loss: float = 0.0
    segment: int = 1_460
    vanish_beyond: int = 65_536


@pytest.fixture
def over(raw_register, say: Callable[..., bytes]) -> Callable[[Line], RegisterEndpoint]:
    """Return what puts a register behind a line."""

    def behind(line: Line) -> RegisterEndpoint:
        fronts: list[str] = []

        def answer(request, key) -> bytes:
            return say(replace(request, url=request.url.replace(register.endpoint.base_url, fronts[0])), key)

        register = raw_register(answer)
        port = int(register.endpoint.base_url.rpartition(":")[2])

        def relay(client: socket.socket, stop: threading.Event) -> None:
            with socket.create_connection(("127.0.0.1", port)) as server:
                there = threading.Thread(target=_carry, args=(client, server, line, stop, 1))
                there.start()
                _carry(server, client, line, stop, 2)
                there.join()

        fronts.append(raw_register(talk=relay, tls=None).endpoint.base_url)
        return replace(register.endpoint, base_url=fronts[0])

    return behind


def _carry(source: socket.socket, sink: socket.socket, line: Line, stop: threading.Event, seed: int) -> None:
    """Carry bytes one way, as late and in such pieces as the line has it; whoever hangs up ends it."""
    draw = random.Random(seed)
    try:
        while came := source.recv(65_536):
            if len(came) > line.vanish_beyond:
                stop.wait(60)
                break
            stop.wait(line.one_way_s)
            for begin in range(0, len(came), line.segment):
                wait = FIRST_WAIT_S
                while draw.random() < line.loss:
                    stop.wait(wait)
                    wait *= 2
                sink.sendall(came[begin : begin + line.segment])
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue


@pytest.fixture
def ask(device: DeviceCredential, lookup: Lookup) -> Callable[[RegisterEndpoint, float], object]:
    def asked(endpoint: RegisterEndpoint, deadline_s: float) -> object:
        client = PopulationClient(endpoint, device, deadline_s=deadline_s)
        try:
            return client.find_citizen(lookup)
        finally:
            client.close()

    return asked


@pytest.mark.parametrize(
    "line",
    [Line(one_way_s=1.0), Line(loss=0.3, segment=300), Line(segment=64), Line(0.1, 0.3, 500)],
    ids=["round trip of 2 s", "30 % loss", "64 bytes at a time", "all of it"],
)
def test_n11_over_a_bad_line_the_answer_comes_through(over, ask, line: Line) -> None:
    assert ask(over(line), 20.0).record is None, "nobody of that name, which is an answer"


@pytest.mark.parametrize(
    "line",
    [Line(one_way_s=1.0), Line(loss=0.98, segment=100), Line(vanish_beyond=600)],
    ids=["round trip of 2 s", "nearly all lost", "large packets vanish"],
)
def test_n11_what_does_not_come_in_time_ends_at_the_deadline_and_may_wait(
    over, ask, line: Line, ends_by: EndsBy
) -> None:
    with ends_by(1.5), pytest.raises(RegisterTimeout, match="deadline"):
        ask(over(line), 1.5)
