"""A queue before a register that gives up the keys its look-ups are sealed to, over real TLS."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace

import pytest

from auth.errors import RegisterTimeout
from auth.outbox import Letter, Outbox, State
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential
from auth.wire.client import SignedAnswer
from mock_registers.gate import EnrolledDevice
from mock_registers.idempotency import Answered
from mock_registers.sandbox import serve_registers
from mock_registers.storage import Storage


@dataclass
class _Losing:
    """Ask the register and lose what it says (``Sender``)."""

    client: PopulationClient

    def ask_sealed(self, path: str, sealed: bytes, purpose: str, idempotency_key: str) -> SignedAnswer:
        self.client.ask_sealed(path, sealed, purpose, idempotency_key)
        raise RegisterTimeout("population", "deadline")


@pytest.fixture
def start(device: DeviceCredential, database_url: str) -> Iterator[Callable[[], PopulationClient]]:
    """Return what starts the register, each time with other keys and in the place of the one before."""
    assert device.opener is not None
    signer = device.signer
    enrolled = EnrolledDevice(device.device_id, signer.key_id, signer.public_key, device.opener.public_key)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    with ExitStack() as stack:

        def start_anew() -> PopulationClient:
            stack.close()
            endpoints = stack.enter_context(serve_registers([enrolled], database_url=database_url, port=port))
            endpoint = next(one for one in endpoints if one.register == "population")
            return stack.enter_context(closing(PopulationClient(endpoint, device)))

        yield start_anew


@pytest.fixture
def asked(lookup: Lookup) -> Lookup:
    return replace(lookup, lookup_id=str(uuid.uuid4()))


@pytest.fixture
def queue(bench, asked: Lookup) -> Callable[[PopulationClient], None]:
    def put(client: PopulationClient) -> None:
        enclosed = client.enclose(asked)
        bench.outbox.put(
            Letter(
                lookup_id=asked.lookup_id,
                dossier="H-1",
                register="population",
                path=enclosed.path,
                purpose=asked.purpose,
                legal_basis=asked.legal_basis,
                clerk=asked.clerk,
                idempotency_key=enclosed.idempotency_key,
                subject=asked.personal_number,
                sealed=enclosed.sealed,
            )
        )

    return put


def _accesses(url: str, asked: Lookup) -> int:
    with closing(Storage(url)) as storage:
        return Answered("population", storage.engine).accesses(asked.personal_number)


def test_a_lost_answer_comes_after_both_were_started_anew_and_the_register_has_other_keys(
    bench,
    open_outbox: Callable[..., Outbox],
    start: Callable[[], PopulationClient],
    queue: Callable[[PopulationClient], None],
    asked: Lookup,
    database_url: str,
) -> None:
    client = start()
    queue(client)
    bench.register = _Losing(client)
    assert bench.drain().failed == 1
    bench.outbox.close()
    bench.outbox = open_outbox()
    bench.register = start()
    bench.clock.let_pass(3600.0)
    assert bench.drain().answered == 1
    assert bench.states() == [State.ANSWERED]
    assert _accesses(database_url, asked) == 1


def test_what_was_never_read_waits_for_a_decision_and_given_back_it_may_be_asked_anew(
    bench,
    start: Callable[[], PopulationClient],
    queue: Callable[[PopulationClient], None],
    asked: Lookup,
    database_url: str,
) -> None:
    queue(start())
    bench.register = client = start()
    assert bench.drain().held == 1
    (item,) = bench.outbox.items()
    assert (item.state, item.reason) == (State.NEEDS_DECISION, "unknown-seal-key")
    assert _accesses(database_url, asked) == 0
    assert client.find_citizen(replace(asked, lookup_id=str(uuid.uuid4()))).record is not None
    assert _accesses(database_url, asked) == 1
