"""A desk with real registers behind a line that breaks: whatever is lost, it is looked up once (row N1)."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from auth.ledger import Act, ActKind, Ledger
from auth.ledger.keeper import LedgerKeeper
from auth.outbox import State
from auth.purposes import shipped_registry
from auth.registers import Lookup
from auth.wire.errand import Recall, Stage
from auth.wire.exchange import HttpsExchange
from auth.wire.guard import RegisterGuard
from auth.wire.signatures import HttpAnswer, HttpRequest
from desk.lookups import Question, make_lookup
from desk.outcomes import LookupOutcome
from desk.patience import TRIES, Patience
from desk.ports import Registers
from desk.queueing import can_wait, queue_one
from desk.registers_assembly import connect_registers, record_registers, registers_of
from desk.settings import Settings
from desk.view import RegisterState
from desk.waiting_assembly import guard_registers
from mock_registers.faults import Fault
from mock_registers.idempotency import Answered
from mock_registers.promise_tables import PromiseRow
from mock_registers.sandbox import RegisterSandbox, open_register_sandbox
from mock_registers.soap_faults import SoapFault
from mock_registers.storage import Storage
from reader.lds import CalendarDate, Identity, Sex

IDENTITY = Identity("099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), Sex.MALE, "Việt Nam")
# More than a TLS client says before its request, less than with it.
REQUEST_IS_IN = 2_500


@dataclass
class Relay:
    """Carry connections to the registers; the first ones break where ``breaks`` says, one entry a connection."""

    to: int
    listener: socket.socket = field(default_factory=socket.socket)
    breaks: list[str] = field(default_factory=list)
    connections: int = 0
    threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Bound and not listening: whoever comes now is refused.
        self.listener.bind(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        port: int = self.listener.getsockname()[1]
        return port

    def start(self) -> None:
        self.listener.listen()
        self._spawn(self._accept)

    def stop(self) -> None:
        if self.threads:
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join()

    def _spawn(self, work: Callable[..., None], *arguments: object) -> None:
        self.threads.append(threading.Thread(target=work, args=arguments))
        self.threads[-1].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self._spawn(self._serve, client, self.breaks.pop(0) if self.breaks else "")

    def _serve(self, client: socket.socket, where: str) -> None:
        with client, socket.create_connection(("127.0.0.1", self.to)) as server:
            if where == "at once":
                _reset(client)
                return
            said = [0]
            upward = threading.Thread(target=_carry, args=(client, server, lambda: where == "in the handshake", said))
            upward.start()
            # What comes back once the whole request is there is its answer: it never arrives.
            _carry(server, client, lambda: where == "in the answer" and said[0] > REQUEST_IS_IN, [0])
            upward.join()


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _carry(source: socket.socket, sink: socket.socket, breaks: Callable[[], bool], said: list[int]) -> None:
    try:
        while came := source.recv(65_536):
            said[0] += len(came)
            if breaks():
                break
            sink.sendall(came)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue


@dataclass
class Line:
    """Registers as a desk asks them, with its ledger and its breakers, over the relay."""

    registers: Registers
    relay: Relay
    ledger: Path
    sandbox: RegisterSandbox
    database_url: str

    def accesses(self, register: str = "population") -> int:
        with closing(Storage(self.database_url)) as storage:
            return Answered(register, storage.engine).accesses(IDENTITY.personal_number)

    def acts(self) -> list[ActKind]:
        with closing(Ledger(self.ledger, self.sandbox.device.signer, machine="")) as ledger:
            return [Act.from_leaf(leaf).kind for _, leaf in ledger.leaves()]


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def line(tmp_path: Path, database_url: str) -> Iterator[Line]:
    with ExitStack() as stack:
        relay = Relay(_free_port())
        stack.callback(relay.stop)
        sandbox = stack.enter_context(open_register_sandbox(database_url=database_url, port=relay.to, front=relay.port))
        file = tmp_path / "ledger.db"
        keeper = LedgerKeeper(lambda: Ledger(file, sandbox.device.signer, machine=""), [], hours=0)
        connected = connect_registers(sandbox.endpoints, sandbox.device, 60.0)
        registers = guard_registers(record_registers(connected, keeper), RegisterGuard())
        stack.callback(registers.close)
        yield Line(registers, relay, file, sandbox, database_url)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[HttpRequest]:
    """Return what goes out, as it does."""
    requests: list[HttpRequest] = []
    send = HttpsExchange.send

    def listen(exchange: HttpsExchange, request: HttpRequest, seconds: float, recall: Recall) -> HttpAnswer:
        requests.append(request)
        return send(exchange, request, seconds, recall)

    monkeypatch.setattr(HttpsExchange, "send", listen)
    return requests


def _lookup(purpose: str = "land-change-registration") -> Lookup:
    return make_lookup(IDENTITY, shipped_registry().purpose(purpose), "cb-001")


def _patience(tell: Callable[[str, Stage], object] = lambda _register, _stage: None) -> Patience:
    return Patience(Recall(), tell, draw=lambda: 0.0)


def _ask(
    registers: Registers, tell: Callable[[str, Stage], object] = lambda _register, _stage: None
) -> LookupOutcome[Any]:
    register = registers.of("population")
    return Question(register, register.find, _lookup())(_patience(tell))


@pytest.mark.parametrize("where", ["at once", "in the handshake", "in the answer"])
def test_n1_what_breaks_once_is_tried_again_with_the_same_bytes_and_looked_up_once(
    line: Line, sent: list[HttpRequest], where: str
) -> None:
    told: list[tuple[str, Stage]] = []
    line.relay.breaks = [where]
    line.relay.start()
    outcome = _ask(line.registers, lambda register, stage: told.append((register, stage)))
    assert (outcome.state, outcome.failure) == (RegisterState.ANSWERED, "")
    assert told == [("population", Stage.AGAIN)]
    one, again = sent
    assert (one.body, one.headers["idempotency-key"]) == (again.body, again.headers["idempotency-key"])
    assert one.headers["signature"] != again.headers["signature"]
    assert one.headers["signature-input"] != again.headers["signature-input"], "another nonce"
    assert line.relay.connections == 2
    assert line.accesses() == 1
    line.registers.close()
    assert line.acts() == [ActKind.ASKED, ActKind.NOT_ANSWERED, ActKind.ASKED, ActKind.ANSWERED]


def test_n1_a_server_that_comes_up_meanwhile_is_reached(line: Line, sent: list[HttpRequest]) -> None:
    outcome = _ask(line.registers, lambda _register, _stage: line.relay.start())
    assert (outcome.state, len(sent), line.relay.connections) == (RegisterState.ANSWERED, 2, 1)


def test_n1_after_three_tries_it_may_wait(line: Line, sent: list[HttpRequest]) -> None:
    line.relay.breaks = ["at once", "in the handshake", "in the answer", "in the answer"]
    line.relay.start()
    outcome = _ask(line.registers)
    assert (outcome.state, outcome.failure) == (RegisterState.FAILED, "register-unreachable")
    assert can_wait(outcome, frozenset({"population"}))
    assert (len(sent), line.relay.connections) == (TRIES, TRIES)
    assert len({(request.body, request.headers["idempotency-key"]) for request in sent}) == 1


def test_n1_a_yes_or_no_that_is_lost_is_asked_for_again_under_a_key_of_its_own(
    line: Line, sent: list[HttpRequest]
) -> None:
    line.relay.breaks = ["in the answer"]
    line.relay.start()
    register, lookup = line.registers.of("population"), _lookup("marriage-registration")
    assert register.confirm is not None
    answer = _patience().ask("population", register.seconds, register.confirm, lookup)
    assert answer.record is not None
    one, again = sent
    assert (one.body, one.headers["idempotency-key"]) == (again.body, again.headers["idempotency-key"])
    assert one.headers["idempotency-key"] != f'"{lookup.lookup_id}"', "that one is the look-up's"
    assert line.accesses() == 1


# --- what is not tried again ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault.HANGS,
        Fault.UNSIGNED_ANSWER,
        Fault.ANOTHER_CITIZEN,
        Fault.HTTP_500,
        Fault.HTTP_503,
        Fault.MAINTENANCE,
        Fault.TOO_MANY_REQUESTS,
        Fault.NEVER_READY,
    ],
)
def test_a_word_or_a_silence_is_asked_for_once(sent: list[HttpRequest], fault: Fault) -> None:
    with open_register_sandbox(fault=fault) as sandbox:
        registers = connect_registers(sandbox.endpoints, sandbox.device, 1.0)
        assert _ask(registers).state is RegisterState.FAILED
        registers.close()
    assert len(sent) == 1


def test_through_a_gateway_too_what_is_lost_may_be_tried_again() -> None:
    with open_register_sandbox(soap="basic") as sandbox:
        registers = connect_registers(sandbox.endpoints, sandbox.device, 7.0)
        assert (registers.of("population").seconds, registers.of("land").seconds) == (7.0, 7.0)
        assert _ask(registers).state is RegisterState.ANSWERED
        registers.close()


@pytest.mark.parametrize("fault", [SoapFault.CLIENT_FAULT, SoapFault.SERVER_FAULT, SoapFault.UNAUTHORIZED])
def test_what_a_gateway_says_is_asked_for_once(sent: list[HttpRequest], fault: SoapFault) -> None:
    with open_register_sandbox(soap="basic", fault=f"gateway:{fault}") as sandbox:
        registers = connect_registers(sandbox.endpoints, sandbox.device, 7.0)
        assert _ask(registers).state is RegisterState.FAILED
        registers.close()
    assert len(sent) == 1


# --- a register that answers later ------------------------------------------------------------------------------------


def test_what_a_register_is_still_working_on_waits_and_is_fetched_with_one_effect(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Longer than this desk waits.
    monkeypatch.setattr("mock_registers.answering_later.READY_S", 60.0)
    with open_register_sandbox(fault=f"population:{Fault.ANSWERS_LATER}", database_url=database_url) as sandbox:
        hasty = Settings(ledger=tmp_path / "ledger.db", clerk_id="cb-001", lookup_seconds=3.0)
        registers = registers_of(hasty, sandbox.endpoints, sandbox.device)
        told: list[Stage] = []
        outcome = _ask(registers, lambda _register, stage: told.append(stage))
        assert (outcome.failure, set(told)) == ("register-working", {Stage.WORKING})
        assert can_wait(outcome, registers.can_wait)
        assert registers.waiting is not None
        assert queue_one(registers.waiting, outcome, "H-2026-7").state is RegisterState.QUEUED
        registers.close()
        patient = registers_of(hasty.model_copy(update={"lookup_seconds": 15.0}), sandbox.endpoints, sandbox.device)
        with closing(Storage(database_url)) as storage, storage.database.transaction() as connection:
            connection.execute(update(PromiseRow).values(ready_at=0))
        assert patient.waiting is not None
        _, overview = patient.waiting.send_now(threading.Event(), lambda _: None)
        patient.close()
    assert overview.counts == {State.ANSWERED: 1}
    with closing(Storage(database_url)) as storage:
        assert Answered("population", storage.engine).accesses(IDENTITY.personal_number) == 1


def test_at_the_desk_a_register_that_answers_later_is_waited_for_and_said_to_work() -> None:
    with open_register_sandbox(fault=Fault.ANSWERS_LATER) as sandbox:
        registers = connect_registers(sandbox.endpoints, sandbox.device, 15.0)
        told: list[Stage] = []
        outcome = _ask(registers, lambda _register, stage: told.append(stage))
        registers.close()
    assert (outcome.state, outcome.failure) == (RegisterState.ANSWERED, "")
    assert told
    assert set(told) == {Stage.WORKING}
