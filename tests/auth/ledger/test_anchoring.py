"""Countersigning against the sandbox registers over TLS: what they refuse, and what an older copy of a log shows."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

import auth.ledger.keeper as keeper_module
from auth.device import SoftwareSigner
from auth.device.errors import TokenUnavailable
from auth.device_opener import SoftwareOpener
from auth.errors import LedgerUnusable, RegisterRefused, RegisterTimeout, RequestRejected
from auth.ledger import Act, ActKind, Ledger, verify_ledger
from auth.ledger.countersigning import RegisterWitness, anchor
from auth.ledger.keeper import LedgerKeeper
from auth.ledger.witness import countersign
from auth.merkle import CheckpointInvalid, InvalidProof, SignedCheckpoint
from auth.registers import Answer, Lookup, PopulationRecord
from auth.registers.population import PopulationClient
from auth.registers.recorded import canonical, recorded
from auth.wire import DeviceCredential, RegisterEndpoint
from auth.wire.client import WireClient
from auth.wire.profile import COUNTERSIGN_PATH, LAST_CHECKPOINT_PATH
from mock_registers.gate import EnrolledDevice
from mock_registers.sandbox import serve_registers

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
PATIENCE = 30.0


def public_key(signer: SoftwareSigner) -> ec.EllipticCurvePublicKey:
    key = load_pem_public_key(signer.public_pem())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


@pytest.fixture
def signer() -> SoftwareSigner:
    return SoftwareSigner.generate()


@pytest.fixture
def opener() -> SoftwareOpener:
    return SoftwareOpener.generate()


@pytest.fixture
def device(signer: SoftwareSigner, opener: SoftwareOpener) -> DeviceCredential:
    return DeviceCredential("desk-1", signer, opener)


@pytest.fixture
def endpoints(signer: SoftwareSigner, opener: SoftwareOpener) -> Iterator[tuple[RegisterEndpoint, ...]]:
    with serve_registers([EnrolledDevice("desk-1", signer.key_id, public_key(signer), opener.public_key)]) as served:
        yield served


@pytest.fixture
def witness(endpoints: tuple[RegisterEndpoint, ...], device: DeviceCredential) -> Iterator[RegisterWitness]:
    opened = RegisterWitness(endpoints[0], device)
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(file: Path, signer: SoftwareSigner) -> Iterator[Ledger]:
    opened = Ledger(file, signer, machine="")
    yield opened
    opened.close()


def fill(ledger: Ledger, count: int, at: datetime = NOON) -> None:
    for _ in range(count):
        ledger.append(Act(ActKind.ASKED, at))


# --- one register, one log --------------------------------------------------------------------------------------------


def test_a_log_that_grows_is_countersigned_each_time(
    ledger: Ledger, witness: RegisterWitness, signer: SoftwareSigner
) -> None:
    assert witness.last_seen() is None
    for count in (1, 2, 5):
        fill(ledger, count)
        anchor(ledger, witness, NOON)
    seen = witness.last_seen()
    assert seen is not None
    assert seen.checkpoint.size == ledger.size == 8
    assert ledger.waiting_since(witness.keys) is None
    report = verify_ledger(ledger, {**witness.keys, signer.key_id: public_key(signer)}, signer.key_id)
    assert (report.holds, report.countersigned) == (True, 8)


def test_an_answer_that_was_lost_on_the_way_is_made_up_for(ledger: Ledger, witness: RegisterWitness) -> None:
    """L1: killed after the register has signed and before the desk has kept it."""
    fill(ledger, 3)
    witness.countersign(ledger.checkpoint(NOON), ())
    assert ledger.waiting_since(witness.keys) == NOON
    anchor(ledger, witness, NOON)
    assert ledger.waiting_since(witness.keys) is None


def test_an_older_copy_put_back_is_exposed_by_what_the_register_saw(
    file: Path, signer: SoftwareSigner, witness: RegisterWitness
) -> None:
    """L5, L7: the whole file replaced by an older copy, or a virtual machine set back."""
    ledger = Ledger(file, signer, machine="")
    fill(ledger, 3)
    anchor(ledger, witness, NOON)
    ledger.close()
    copy = shutil.copy(file, file.with_name("copy.db"))
    ledger = Ledger(file, signer, machine="")
    fill(ledger, 2)
    anchor(ledger, witness, NOON)
    ledger.close()
    shutil.copy(copy, file)
    ledger = Ledger(file, signer, machine="")
    for more in (0, 2, 1):  # shorter, as long, longer: another log each time
        fill(ledger, more, NOON + timedelta(days=1))
        with pytest.raises(LedgerUnusable, match="rolled-back"):
            anchor(ledger, witness, NOON)
    ledger.close()


def test_a_log_that_was_deleted_and_begun_anew_is_exposed(
    tmp_path: Path, ledger: Ledger, signer: SoftwareSigner, witness: RegisterWitness
) -> None:
    fill(ledger, 1)
    anchor(ledger, witness, NOON)
    anew = Ledger(tmp_path / "anew.db", signer, machine="")
    with pytest.raises(LedgerUnusable, match="rolled-back"):
        anchor(anew, witness, NOON)
    anew.close()


def test_the_register_refuses_what_does_not_continue(
    tmp_path: Path, ledger: Ledger, signer: SoftwareSigner, witness: RegisterWitness
) -> None:
    """L5: a desk that does not look for itself is stopped by the register."""
    fill(ledger, 4)
    anchor(ledger, witness, NOON)
    other = Ledger(tmp_path / "other.db", signer, machine="")
    fill(other, 6, NOON + timedelta(days=1))
    with pytest.raises(RegisterRefused, match="checkpoint-does-not-continue"):
        witness.countersign(other.checkpoint(NOON), other.prove_consistency(4, 6))
    other.close()
    seen = witness.last_seen()
    assert seen is not None
    assert seen.checkpoint.size == 4


@pytest.mark.parametrize(
    ("path", "body", "purpose", "why"),
    [
        (COUNTERSIGN_PATH, b'{"device": "desk-1", "checkpoint": "x"}', "ledger", "malformed-checkpoint"),
        (COUNTERSIGN_PATH, b'{"device": "desk-1", "proof": ["x"]}', "ledger", "malformed-checkpoint"),
        (COUNTERSIGN_PATH, b'{"device": "desk-1", "proof": ["\xc3\xa9"]}', "ledger", "malformed-checkpoint"),
        (COUNTERSIGN_PATH, b"[", "ledger", "malformed-checkpoint"),
        (LAST_CHECKPOINT_PATH, b'{"device": "desk-2"}', "ledger", "unknown-device"),
        (LAST_CHECKPOINT_PATH, b'{"device": "desk-1"}', "citizen-information", "purpose-mismatch"),
    ],
)
def test_the_register_says_why_it_refuses(
    endpoints: tuple[RegisterEndpoint, ...], device: DeviceCredential, path: str, body: bytes, purpose: str, why: str
) -> None:
    wire = WireClient(endpoints[0], device)
    expected = RegisterRefused if why == "unknown-device" else RequestRejected
    with pytest.raises(expected, match=why):
        wire.ask_unsealed(path, body, purpose)
    wire.close()


def test_the_registers_side_alone_follows_a_log_and_nothing_else(
    ledger: Ledger, tmp_path: Path, signer: SoftwareSigner
) -> None:
    register, stranger = SoftwareSigner.generate(), SoftwareSigner.generate()
    device = (signer.key_id, public_key(signer))
    seen: list[SignedCheckpoint] = []
    for size in range(1, 18):
        fill(ledger, 1)
        signed = ledger.checkpoint(NOON)
        for last in seen:
            proof = ledger.prove_consistency(last.checkpoint.size, size)
            assert countersign(signed, last, proof, device, register).signatures[-1][0] == register.key_id
            with pytest.raises(InvalidProof):
                countersign(last, signed, proof, device, register)
            with pytest.raises(InvalidProof):
                countersign(signed, last, (*proof, b"x" * 32), device, register)
        seen.append(signed)
    with pytest.raises(CheckpointInvalid):
        countersign(seen[-1], None, (), (stranger.key_id, public_key(stranger)), register)


# --- look-ups that leave their trace ----------------------------------------------------------------------------------


class FakePopulation:
    """Answer, or raise, as told; count how often it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked = 0

    def find_citizen(self, lookup: Lookup) -> Answer[PopulationRecord]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return Answer("population", None, "key", NOON)

    def close(self) -> None:
        return


def acts(ledger: Ledger) -> list[Act]:
    return [Act.from_leaf(leaf) for _, leaf in ledger.leaves()]


def test_a_look_up_leaves_two_acts_that_name_nobody_and_is_countersigned_by_both_registers(
    endpoints: tuple[RegisterEndpoint, ...],
    device: DeviceCredential,
    file: Path,
    signer: SoftwareSigner,
    lookup: Lookup,
) -> None:
    witnesses = [RegisterWitness(endpoint, device) for endpoint in endpoints]
    keeper = LedgerKeeper(lambda: Ledger(file, signer, machine=""), witnesses)
    client = PopulationClient(endpoints[0], device)
    answer = recorded(keeper, "population", client.find_citizen)(lookup)
    client.close()
    keeper.close()
    raw = file.read_bytes()
    for secret in (lookup.personal_number, lookup.full_name, lookup.clerk, "NGUYEN"):
        assert secret.encode() not in raw
        assert secret.encode().hex().encode() not in raw
    ledger = Ledger(file, signer, machine="")
    asked, answered = acts(ledger)
    assert (asked.kind, answered.kind, answered.detail) == (ActKind.ASKED, ActKind.ANSWERED, "found")
    assert asked.lookup == answered.lookup == lookup.lookup_id
    assert asked.clerk == ledger.pseudonym(lookup.clerk)
    question, reply = ledger.opening(0), ledger.opening(1)
    assert question is not None
    assert reply is not None
    assert question.opens(asked.about, canonical(lookup))
    assert reply.opens(answered.about, canonical(answer.record))
    for endpoint in endpoints:
        key = load_der_public_key(endpoint.answer_keys[0].spki)
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert ledger.waiting_since({endpoint.answer_keys[0].key_id: key}) is None, endpoint.register
    ledger.close()


@pytest.mark.parametrize(
    ("error", "detail"),
    [(RegisterTimeout("population", "deadline"), "register-timeout"), (RuntimeError("099090000001"), "fault")],
)
def test_a_look_up_without_an_answer_says_so_by_a_code(
    file: Path, signer: SoftwareSigner, lookup: Lookup, error: Exception, detail: str
) -> None:
    keeper = LedgerKeeper(lambda: Ledger(file, signer, machine=""), ())
    with pytest.raises(type(error)):
        recorded(keeper, "population", FakePopulation(error).find_citizen)(lookup)
    keeper.close()
    ledger = Ledger(file, signer, machine="")
    assert [(act.kind, act.detail) for act in acts(ledger)] == [(ActKind.ASKED, ""), (ActKind.NOT_ANSWERED, detail)]
    assert ledger.last_checkpoint() is not None, "covered by the device's own signature at close"
    ledger.close()


def test_nobody_is_asked_where_no_trace_can_be_left_until_it_can(
    tmp_path: Path, signer: SoftwareSigner, lookup: Lookup
) -> None:
    folder = tmp_path / "missing"
    keeper = LedgerKeeper(lambda: Ledger(folder / "ledger.db", signer, machine=""), ())
    register = FakePopulation()
    with pytest.raises(LedgerUnusable):
        recorded(keeper, "population", register.find_citizen)(lookup)
    assert register.asked == 0
    folder.mkdir()
    recorded(keeper, "population", register.find_citizen)(lookup)
    assert register.asked == 1
    keeper.close()
    with pytest.raises(LedgerUnusable, match="closed"):
        recorded(keeper, "population", register.find_citizen)(lookup)


def test_look_ups_stop_after_the_policys_hours_without_a_countersignature_and_go_on_with_one(
    file: Path, signer: SoftwareSigner, lookup: Lookup
) -> None:
    now = [NOON]
    register_key = SoftwareSigner.generate()
    witness = FakeWitness(register_key)
    witness.reachable = False
    keeper = LedgerKeeper(
        lambda: Ledger(file, signer, machine=""), [witness], hours=24, now=lambda: now[0], start_seconds=0
    )
    find = recorded(keeper, "population", FakePopulation().find_citizen)
    find(lookup)
    now[0] += timedelta(hours=24)
    find(lookup)
    now[0] += timedelta(seconds=1)
    with pytest.raises(LedgerUnusable, match="not-countersigned"):
        find(lookup)
    # Not before the refusal: the keeper's own thread asks at any moment.
    witness.reachable = True
    keeper.close()
    assert witness.signed, "what nobody has countersigned is offered at the end"
    again = LedgerKeeper(lambda: Ledger(file, signer, machine=""), [witness], hours=24, now=lambda: now[0])
    recorded(again, "population", FakePopulation().find_citizen)(lookup)
    again.close()


@pytest.mark.logs  # an older copy is worth an error in the log
def test_a_desk_on_an_older_copy_looks_nobody_up(
    endpoints: tuple[RegisterEndpoint, ...],
    device: DeviceCredential,
    file: Path,
    signer: SoftwareSigner,
    lookup: Lookup,
) -> None:
    """L5, L7: the register's memory stops the desk soon after it has started, before it has written anything."""
    ledger = Ledger(file, signer, machine="")
    ledger.close()
    copy = shutil.copy(file, file.with_name("copy.db"))
    ledger = Ledger(file, signer, machine="")
    fill(ledger, 2)
    witness = RegisterWitness(endpoints[0], device)
    anchor(ledger, witness, NOON)
    ledger.close()
    shutil.copy(copy, file)
    keeper = LedgerKeeper(lambda: Ledger(file, signer, machine=""), [witness], start_seconds=0)
    assert keeper.settled(1, PATIENCE)
    register = FakePopulation()
    with pytest.raises(LedgerUnusable, match="rolled-back"):
        recorded(keeper, "population", register.find_citizen)(lookup)
    assert register.asked == 0
    keeper.close()


@pytest.mark.logs  # an older copy is worth an error in the log
def test_an_older_copy_shows_also_where_the_register_could_not_be_reached_at_first(
    endpoints: tuple[RegisterEndpoint, ...],
    device: DeviceCredential,
    file: Path,
    signer: SoftwareSigner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeper_module, "RETRY_SECONDS", 0.01)
    witness = RegisterWitness(endpoints[0], device)
    ledger = Ledger(file, signer, machine="")
    fill(ledger, 1)
    anchor(ledger, witness, NOON)
    ledger.close()
    copy = shutil.copy(file, file.with_name("copy.db"))
    ledger = Ledger(file, signer, machine="")
    fill(ledger, 1)
    anchor(ledger, witness, NOON)
    ledger.close()
    shutil.copy(copy, file)
    offline = [RegisterTimeout("population", "deadline")]
    truly = witness.last_seen

    def last_seen() -> SignedCheckpoint | None:
        if offline:
            raise offline.pop()
        return truly()

    monkeypatch.setattr(witness, "last_seen", last_seen)
    keeper = LedgerKeeper(lambda: Ledger(file, signer, machine=""), [witness], start_seconds=0)
    assert keeper.settled(2, PATIENCE)
    with pytest.raises(LedgerUnusable, match="rolled-back"), keeper.lookup():
        pass
    keeper.close()


class FakeWitness:
    """Countersign everything, unless it is unreachable or holds its breath."""

    def __init__(self, signer: SoftwareSigner) -> None:
        self._signer = signer
        self.keys = {signer.key_id: public_key(signer)}
        self.reachable = True
        self.free = threading.Event()
        self.free.set()
        self.signed = 0
        self.meanwhile: Callable[[], object] | None = None

    def last_seen(self) -> SignedCheckpoint | None:
        self.free.wait(PATIENCE)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        if not self.reachable:
            raise RegisterTimeout("population", "deadline")
        return None

    def countersign(self, signed: SignedCheckpoint, proof: tuple[bytes, ...]) -> SignedCheckpoint:
        signature = self._signer.sign(signed.checkpoint.to_text().encode())
        self.signed += 1
        return signed.with_signature(self._signer.key_id, signature)

    def close(self) -> None:
        self.free.set()


@pytest.mark.logs  # what is missing for the way to a register is worth an error in the log
def test_what_one_register_needs_and_lacks_keeps_no_other_from_countersigning(
    file: Path, signer: SoftwareSigner, lookup: Lookup
) -> None:
    def lacking() -> object:
        raise TokenUnavailable

    first, second = FakeWitness(SoftwareSigner.generate()), FakeWitness(SoftwareSigner.generate())
    first.meanwhile = lacking
    keeper = LedgerKeeper(lambda: Ledger(file, signer, machine=""), [first, second], start_seconds=PATIENCE)
    recorded(keeper, "population", FakePopulation().find_citizen)(lookup)
    assert keeper.settled(1, PATIENCE)
    assert (first.signed, second.signed) == (0, 1)
    keeper.close()


@pytest.mark.logs  # a fault of ours is worth an error in the log
def test_a_fault_of_ours_ends_no_thread_without_which_look_ups_would_stop_for_good(
    file: Path, signer: SoftwareSigner, lookup: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "RETRY_SECONDS", 0.01)
    faults = [RuntimeError("of Nguyễn Văn Mẫu")]

    def fault() -> None:
        if faults:
            raise faults.pop()

    witness = FakeWitness(SoftwareSigner.generate())
    witness.meanwhile = fault
    keeper = LedgerKeeper(lambda: Ledger(file, signer, machine=""), [witness], start_seconds=PATIENCE)
    recorded(keeper, "population", FakePopulation().find_citizen)(lookup)
    assert keeper.settled(2, PATIENCE)
    assert (faults, witness.signed) == ([], 1)
    keeper.close()


def test_a_ledger_that_is_closed_over_a_countersigning_is_no_error(
    file: Path, signer: SoftwareSigner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr(keeper_module, "CLOSE_SECONDS", 0.05)
    asked, go_on = threading.Event(), threading.Event()

    def hold_on() -> None:
        asked.set()
        go_on.wait(PATIENCE)

    witness = FakeWitness(SoftwareSigner.generate())
    witness.meanwhile = hold_on
    ledger = Ledger(file, signer, machine="")
    fill(ledger, 1)
    keeper = LedgerKeeper(lambda: ledger, [witness], start_seconds=0)
    assert asked.wait(PATIENCE)
    keeper.close()
    go_on.set()
    keeper._thread.join(PATIENCE)
    told = [record for record in caplog.records if record.name == "motcua.ledger"]
    assert {record.levelname for record in told} == {"INFO"}, "it is told, and nobody need do anything"


def test_no_look_up_waits_for_a_register_that_does_not_countersign_and_closing_breaks_it_off(
    file: Path, signer: SoftwareSigner, lookup: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "CLOSE_SECONDS", 0.2)
    witness = FakeWitness(SoftwareSigner.generate())
    witness.free.clear()
    keeper = LedgerKeeper(lambda: Ledger(file, signer, machine=""), [witness], start_seconds=0)
    register = FakePopulation()
    for _ in range(3):
        recorded(keeper, "population", register.find_citizen)(lookup)
    assert register.asked == 3
    assert witness.signed == 0
    keeper.close()
    assert witness.free.is_set()


def test_each_register_countersigns_what_came_while_another_was_asked(
    file: Path, signer: SoftwareSigner, lookup: Lookup
) -> None:
    """An act that is appended between two registers is offered to the first one too."""
    first, second = FakeWitness(SoftwareSigner.generate()), FakeWitness(SoftwareSigner.generate())
    keeper = LedgerKeeper(lambda: Ledger(file, signer, machine=""), [first, second], start_seconds=PATIENCE)
    find = recorded(keeper, "population", FakePopulation().find_citizen)
    second.meanwhile = lambda: find(lookup)
    find(lookup)
    assert keeper.settled(2, PATIENCE)
    keeper.close()
    ledger = Ledger(file, signer, machine="")
    assert ledger.size == 4
    assert [ledger.waiting_since(witness.keys) for witness in (first, second)] == [None, None]
    ledger.close()


def test_two_desks_on_one_file_are_both_countersigned(
    endpoints: tuple[RegisterEndpoint, ...],
    device: DeviceCredential,
    file: Path,
    signer: SoftwareSigner,
    lookup: Lookup,
) -> None:
    """L7: two instances take turns, also in front of the register."""
    keepers = [
        LedgerKeeper(lambda: Ledger(file, signer, machine=""), [RegisterWitness(endpoints[0], device)], start_seconds=0)
        for _ in range(2)
    ]
    for _ in range(5):
        for keeper in keepers:
            recorded(keeper, "population", FakePopulation().find_citizen)(lookup)
    for keeper in keepers:
        keeper.close()
    ledger = Ledger(file, signer, machine="")
    assert ledger.size == 20
    witness = RegisterWitness(endpoints[0], device)
    assert verify_ledger(ledger, {**witness.keys, signer.key_id: public_key(signer)}, signer.key_id).holds
    anchor(ledger, witness, NOON)
    assert ledger.waiting_since(witness.keys) is None
    witness.close()
    ledger.close()
