"""Answers that were promised, on SQLite and on PostgreSQL: one effect, one ticket, and for nobody else."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import update

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.errors import RegisterUnreachable, RegisterWorking
from auth.registers import Lookup
from auth.registers.housing import HousingClient
from auth.registers.land import LandClient
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential
from auth.wire.envelope import Inner
from auth.wire.errand import Errand, Recall
from auth.wire.promise import TICKET
from auth.wire.signatures import HttpAnswer, HttpRequest
from mock_registers.answering_later import READY_S
from mock_registers.faults import Fault
from mock_registers.gate import Admitted, AskedFor, EnrolledDevice
from mock_registers.idempotency import KEPT_S, Answered
from mock_registers.keys import SandboxKey
from mock_registers.messages import Citizen, LookupRequest
from mock_registers.promise_tables import PromiseRow
from mock_registers.promises import Promises
from mock_registers.sandbox import open_register_sandbox, serve_registers
from mock_registers.storage import Storage

DIGEST = "sha-256=:" + "A" * 43 + "=:"
NUMBER = "099090000001"
KEY = SandboxKey()


class _Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def _admitted(key: str = "k1") -> Admitted:
    lookup = LookupRequest(
        device="desk-1",
        lookup_id=f"visit-{key}",
        purpose="citizen-information",
        legal_basis="Luật Căn cước 26/2023/QH15",
        clerk="cb-001",
        citizen=Citizen(personal_number=NUMBER, full_name="Nguyễn Văn Mẫu", date_of_birth="1990-01-15"),
        fields=("full_name",),
    )
    device = EnrolledDevice("desk-1", KEY.key_id, KEY.public_key)
    return Admitted(device, lookup, Inner(b"{}"), key, "f1")


def _asked(admitted: Admitted) -> AskedFor:
    said = admitted.lookup
    return AskedFor(admitted.device, said.purpose, said.clerk, admitted.idempotency_key, DIGEST)


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def storage(upgraded_url: str) -> Iterator[Storage]:
    opened = Storage(upgraded_url)
    yield opened
    opened.close()


@pytest.fixture
def promises(storage: Storage, clock: _Clock) -> Promises:
    Answered("population", storage.engine, clock).once(_admitted(), lambda: b"the answer")
    return Promises("population", storage.engine, clock)


def test_one_effect_has_one_ticket_however_often_it_is_promised(promises: Promises, clock: _Clock) -> None:
    first = promises.make(_admitted(), DIGEST, 5.0)
    clock.now += 2
    again = promises.make(_admitted(), DIGEST, 5.0)
    assert (first.ticket, again.ticket) == (first.ticket, first.ticket)
    assert TICKET.fullmatch(first.ticket)
    assert (first.wait_s, again.wait_s) == (pytest.approx(5.0, abs=0.01), pytest.approx(3.0, abs=0.01))


def test_of_many_that_promise_at_once_all_name_the_same_ticket(upgraded_url: str, promises: Promises) -> None:
    storages = [Storage(upgraded_url) for _ in range(4)]
    start = threading.Barrier(4, timeout=30)

    def make(storage: Storage) -> str:
        start.wait()
        return Promises("population", storage.engine).make(_admitted(), DIGEST, 1.0).ticket

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(make, storages))) == 1
    for storage in storages:
        storage.close()


def test_whoever_it_was_promised_to_is_given_it_also_after_a_restart(
    promises: Promises, upgraded_url: str, clock: _Clock
) -> None:
    ticket = promises.make(_admitted(), DIGEST, 5.0).ticket
    found = promises.find(ticket, _asked(_admitted()))
    assert found is not None
    assert found[0].wait_s > 0
    clock.now += 6
    restarted = Storage(upgraded_url)
    found = Promises("population", restarted.engine, clock).find(ticket, _asked(_admitted()))
    restarted.close()
    assert found is not None
    assert (found[0].wait_s, found[0].request_digest, found[1]) == (0.0, DIGEST, b"the answer")


def test_to_anybody_else_the_ticket_is_unknown(promises: Promises, storage: Storage) -> None:
    ticket, mine = promises.make(_admitted(), DIGEST, 0.0).ticket, _asked(_admitted())
    assert promises.find(ticket, mine) is not None
    assert promises.find(ticket, replace(mine, clerk=None)) is not None, "where nobody judges clerks"
    others = [
        replace(mine, device=EnrolledDevice("desk-2", KEY.key_id, KEY.public_key)),
        replace(mine, purpose="permanent-residence"),
        replace(mine, clerk="cb-002"),
        replace(mine, idempotency_key="k2"),
        replace(mine, request_digest=DIGEST.replace("A", "B")),
    ]
    assert [promises.find(ticket, other) for other in others] == [None] * len(others)
    assert Promises("land", storage.engine).find(ticket, mine) is None
    for unknown in ("", "x", "A" * 43, ticket.swapcase(), f"{ticket}A", "' OR 1=1 --"):
        assert promises.find(unknown, mine) is None


def test_it_is_kept_as_long_as_the_answer_and_no_longer(promises: Promises, storage: Storage, clock: _Clock) -> None:
    ticket = promises.make(_admitted(), DIGEST, 0.0).ticket
    clock.now += KEPT_S - 10
    later = Promises("population", storage.engine, clock)
    later.make(_admitted("k2"), DIGEST, 0.0)
    assert later.find(ticket, _asked(_admitted())) is not None
    clock.now += 20
    Promises("population", storage.engine, clock).make(_admitted("k3"), DIGEST, 0.0)
    assert later.find(ticket, _asked(_admitted())) is None


# --- over the wire ----------------------------------------------------------------------------------------------------


def _accesses(url: str, register: str, number: str) -> int:
    storage = Storage(url)
    try:
        return Answered(register, storage.engine).accesses(number)
    finally:
        storage.close()


def test_every_register_answers_later_and_has_looked_once(upgraded_url: str, lookup: Lookup) -> None:
    lookup = replace(lookup, lookup_id=str(uuid.uuid4()))
    with open_register_sandbox(fault=Fault.ANSWERS_LATER, database_url=upgraded_url) as sandbox:
        population = PopulationClient(sandbox.endpoint("population"), sandbox.device)
        land = LandClient(sandbox.endpoint("land"), sandbox.device)
        housing = HousingClient(sandbox.endpoint("housing"), sandbox.device)
        started = time.monotonic()
        with ThreadPoolExecutor(3) as pool:
            asked = [
                pool.submit(population.find_citizen, lookup),
                pool.submit(land.find_holdings, lookup),
                pool.submit(housing.find_dwellings, lookup),
            ]
            answers = [one.result(30) for one in asked]
        assert time.monotonic() - started >= READY_S - 0.1
        for client in (population, land, housing):
            client.close()
    assert all(answer.record is not None for answer in answers)
    for register in ("population", "land", "housing"):
        assert _accesses(upgraded_url, register, lookup.personal_number) == 1


def _make_ready(url: str) -> None:
    """Let the time come at which what was promised is ready."""
    storage = Storage(url)
    try:
        with storage.database.transaction() as connection:
            connection.execute(update(PromiseRow).values(ready_at=0))
    finally:
        storage.close()


def test_what_was_not_ready_in_time_is_found_when_the_same_look_up_comes_again(
    upgraded_url: str, lookup: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mock_registers.answering_later.READY_S", 60.0)
    lookup = replace(lookup, lookup_id=str(uuid.uuid4()))
    with open_register_sandbox(fault=Fault.ANSWERS_LATER, database_url=upgraded_url) as sandbox:
        client = PopulationClient(sandbox.endpoint("population"), sandbox.device)
        with pytest.raises(RegisterWorking):
            client.sent_on(Errand.of(3.0)).find_citizen(lookup)
        _make_ready(upgraded_url)
        assert client.find_citizen(lookup).record is not None
        client.close()
    assert _accesses(upgraded_url, "population", lookup.personal_number) == 1


def test_another_desk_is_not_given_what_was_promised_to_this_one(
    upgraded_url: str, lookup: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has seen the ticket and all that was said, but signs with a key of another device, learns nothing."""
    ours, theirs = (SoftwareSigner.generate(), SoftwareSigner.generate())
    opener = SoftwareOpener.generate()
    enrolled = [
        EnrolledDevice(name, key.key_id, key.public_key, opener.public_key)
        for name, key in (("desk-1", ours), ("desk-2", theirs))
    ]
    with serve_registers(enrolled, fault=Fault.ANSWERS_LATER, database_url=upgraded_url) as endpoints:
        endpoint = next(one for one in endpoints if one.register == "population")
        client = PopulationClient(endpoint, DeviceCredential("desk-1", ours, opener))
        stranger = PopulationClient(endpoint, DeviceCredential("desk-2", theirs, opener))
        # The look-up goes out as ours; what fetches its answer is signed by the other desk.
        monkeypatch.setattr(client._wire, "_poll", stranger._wire._poll)
        with pytest.raises(RegisterUnreachable, match="promise-forgotten"):
            client.find_citizen(lookup)
        client.close()
        stranger.close()


def test_the_sandbox_answers_later_and_its_tickets_say_nothing(lookup: Lookup, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    with open_register_sandbox(fault=Fault.ANSWERS_LATER) as sandbox:
        client = PopulationClient(sandbox.endpoint("population"), sandbox.device)
        send = client._wire._https.send

        def listen(request: HttpRequest, seconds: float, recall: Recall) -> HttpAnswer:
            answer = send(request, seconds, recall)
            seen.append(answer.headers.get("location", ""))
            return answer

        monkeypatch.setattr(client._wire._https, "send", listen)
        answer = client.find_citizen(lookup)
        client.find_citizen(lookup)
        client.close()
    assert answer.record is not None
    assert answer.record.personal_number == lookup.personal_number
    tickets = {location.rpartition("/")[2] for location in seen if location}
    assert len(tickets) == 2
    assert all(TICKET.fullmatch(ticket) for ticket in tickets)
