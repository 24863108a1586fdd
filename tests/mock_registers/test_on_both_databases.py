"""The sandbox as desks see it, over real TLS, on SQLite and on PostgreSQL."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from ssl import PEM_cert_to_DER_cert

import httpx2
import pytest
from typer.testing import CliRunner

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.errors import RegisterError
from auth.registers import Lookup
from auth.registers.land import LandClient
from auth.registers.population import PopulationClient
from auth.wire import AnswerKey, DeviceCredential, RegisterEndpoint, SealKey
from auth.wire.tls import client_context
from mock_cards.personas import SAMPLE, Persona, load_persona
from mock_registers import RegisterSandbox, open_register_sandbox
from mock_registers.cli import app
from mock_registers.filling import FillOrder, InventedPerson, Invention, fill
from mock_registers.storage import Storage
from reader.lds.identity import CalendarDate

ORDER = FillOrder(400, 800, "desks")


def _lookup(who: Persona | InventedPerson, number: int = 0) -> Lookup:
    card = who.card if isinstance(who, Persona) else who
    return Lookup(
        lookup_id=f"visit-{number}",
        personal_number=card.personal_number,
        full_name=card.full_name,
        date_of_birth=CalendarDate.from_iso(card.date_of_birth),
        purpose="land-change-registration",
        legal_basis="Luật Đất đai 31/2024/QH15, Điều 133",
        clerk="cb-001",
    )


@pytest.fixture
def sandbox(database_url: str) -> Iterator[RegisterSandbox]:
    with open_register_sandbox(database_url=database_url) as opened:
        yield opened


@pytest.mark.parametrize("name", SAMPLE)
def test_a_persona_is_found_in_both_registers(sandbox: RegisterSandbox, name: str) -> None:
    persona = load_persona(name)
    population = PopulationClient(sandbox.endpoint("population"), sandbox.device)
    land = LandClient(sandbox.endpoint("land"), sandbox.device)
    try:
        record = population.find_citizen(_lookup(persona)).record
        holdings = land.find_holdings(_lookup(persona)).record
    finally:
        population.close()
        land.close()
    assert record is not None
    assert record.personal_number == persona.card.personal_number
    assert holdings is not None
    assert len(holdings.parcels) == len(persona.parcels)


def test_many_desks_are_answered_at_once_each_with_its_own(database_url: str) -> None:
    storage = Storage(database_url)
    fill(storage.database, ORDER)
    storage.close()
    people = [Invention(ORDER).person(number) for number in range(0, 400, 10)]
    with open_register_sandbox(database_url=database_url) as sandbox:
        client = PopulationClient(sandbox.endpoint("population"), sandbox.device)

        def ask(number: int) -> str:
            record = client.find_citizen(_lookup(people[number], number)).record
            return record.personal_number if record is not None else ""

        try:
            with ThreadPoolExecutor(8) as pool:
                told = list(pool.map(ask, range(len(people))))
        finally:
            client.close()
    assert told == [person.personal_number for person in people]


def test_two_sandboxes_on_one_database_start_at_once_and_both_answer(database_url: str) -> None:
    together = threading.Barrier(2, timeout=30)

    def visit(_number: int) -> bool:
        together.wait()
        with open_register_sandbox(database_url=database_url) as sandbox:
            client = PopulationClient(sandbox.endpoint("population"), sandbox.device)
            try:
                return client.find_citizen(_lookup(load_persona("nguyen-van-mau"))).record is not None
            finally:
                client.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(visit, range(2))) == [True, True]


def test_a_database_that_hangs_holds_up_nobody_who_does_not_need_it(postgres) -> None:
    name = postgres.create_database()
    with open_register_sandbox(database_url=postgres.url(name)) as sandbox, postgres.connect(name) as holder:
        client = PopulationClient(sandbox.endpoint("population"), sandbox.device)
        endpoint = sandbox.endpoint("population")
        holder.execute("BEGIN; LOCK TABLE persons IN ACCESS EXCLUSIVE MODE")
        try:
            with ThreadPoolExecutor(1) as pool:
                waiting = pool.submit(client.find_citizen, _lookup(load_persona("nguyen-van-mau")))
                _wait_for_lock(holder)
                with httpx2.Client(verify=client_context(endpoint), trust_env=False, timeout=4.0) as other:
                    refused = other.post(f"{endpoint.base_url}/v1/persons:lookup", content=b"{}")
                still_waiting = not waiting.done()
                holder.execute("ROLLBACK")
                found = waiting.result(timeout=10.0)
        finally:
            client.close()
    assert refused.status_code in (400, 401)
    assert still_waiting
    assert found.record is not None
    postgres.drop_database(name)


def _wait_for_lock(holder) -> None:
    pause = threading.Event()
    for _ in range(1_000):
        waiting = holder.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
        if waiting is not None and waiting[0]:
            return
        pause.wait(0.01)
    raise AssertionError("nobody waits for the lock")


@pytest.mark.logs
def test_a_database_that_goes_away_makes_a_register_that_is_down_and_comes_back(
    postgres, caplog: pytest.LogCaptureFixture
) -> None:
    name = postgres.create_database()
    with open_register_sandbox(database_url=postgres.url(name)) as sandbox:
        client = PopulationClient(sandbox.endpoint("population"), sandbox.device)
        persona = load_persona("nguyen-van-mau")
        with postgres.connect() as admin:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            with pytest.raises(RegisterError):
                client.find_citizen(_lookup(persona))
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert client.find_citizen(_lookup(persona, 1)).record is not None
        client.close()
    said = caplog.text
    assert "a request was not answered: database-" in said
    for secret in (postgres.password, persona.card.personal_number, persona.card.full_name, "sandbox:"):
        assert secret not in said
    postgres.drop_database(name)


def test_the_command_serves_from_the_database_it_is_given(database_url: str, tmp_path: Path) -> None:
    signer, opener = SoftwareSigner.generate(), SoftwareOpener.generate()
    public = tmp_path / "device.pem"
    public.write_bytes(signer.public_pem() + opener.public_pem())
    person = Invention(ORDER).person(8)
    program = [sys.executable, "-W", "error", "-c", "from mock_registers.cli import main; main()"]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "MOCK_REGISTERS_DATABASE_URL": database_url,
    }

    def run(*arguments: str) -> str:
        # In this process, unlike what is to serve: a program takes longer to start than to fill.
        done = CliRunner().invoke(app, arguments, env={"MOCK_REGISTERS_DATABASE_URL": database_url})
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "400 persons" in run("fill", "--persons", "400", "--parcels", "800", "--seed", "desks")
    assert "revision" in run("database", "check")
    with subprocess.Popen(
        [*program, "serve", "--device", f"desk-7={public}"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as serving:
        assert serving.stdout is not None
        assert serving.stderr is not None
        told = json.loads(serving.stdout.readline())["registers"][0]
        endpoint = RegisterEndpoint(
            told["register"],
            told["base_url"],
            tuple(PEM_cert_to_DER_cert(pem) for pem in told["tls_anchors"]),
            tuple(AnswerKey(key["key_id"], base64.b64decode(key["spki"])) for key in told["answer_keys"]),
            seal_keys=tuple(SealKey(key["key_id"], base64.b64decode(key["spki"])) for key in told["seal_keys"]),
        )
        client = PopulationClient(endpoint, DeviceCredential("desk-7", signer, opener))
        try:
            for who in (person, load_persona("nguyen-van-mau")):
                assert client.find_citizen(_lookup(who)).record is not None
        finally:
            client.close()
            serving.send_signal(signal.SIGTERM)
        assert serving.wait(20.0) == 0
        assert serving.stderr.read() == ""
