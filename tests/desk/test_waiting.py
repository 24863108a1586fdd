"""A desk whose register is away: the clerk queues the look-up, and it is sent by itself once the register is there."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from auth.device import SoftwareSigner
from auth.device.states import DeviceState
from auth.device.status import Standing
from auth.device_opener import SoftwareOpener
from auth.errors import LedgerUnusable, OutboxNoRoom, OutboxUnusable, RegisterUnreachable
from auth.ledger import Ledger
from auth.outbox import Event, OutboxFull, State
from auth.outbox.trouble import DAMAGE
from auth.purposes import shipped_registry
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from desk.cli import main
from desk.device import DeskDevice, KeptDevice
from desk.failures import failure_codes
from desk.lookups import ask, make_lookup
from desk.outcomes import LookupOutcome
from desk.ports import Registers
from desk.queueing import can_wait, queue_one
from desk.registers_assembly import registers_of
from desk.settings import Settings
from desk.view import RegisterState, WaitingView
from desk.waiting_assembly import open_outbox, outbox_files
from desk.words.outbox_words import OUTBOX_REASONS, OUTBOX_STATES
from mock_registers.gate import EnrolledDevice
from mock_registers.sandbox import serve_registers
from reader.lds import CalendarDate, Identity, Sex

NOWHERE = "https://127.0.0.1:9"


@dataclass
class Office:
    """One desk's files, its device, and its registers, which are there or away."""

    settings: Settings
    device: DeviceCredential
    endpoints: tuple[RegisterEndpoint, ...]

    def registers(self, *, away: bool) -> Registers:
        where = tuple(replace(one, base_url=NOWHERE) for one in self.endpoints) if away else self.endpoints
        return registers_of(self.settings, where, self.device)


@pytest.fixture
def keys() -> tuple[SoftwareSigner, SoftwareOpener]:
    return SoftwareSigner.generate(), SoftwareOpener.generate()


@pytest.fixture
def endpoints(keys: tuple[SoftwareSigner, SoftwareOpener]) -> Iterator[tuple[RegisterEndpoint, ...]]:
    key = load_pem_public_key(keys[0].public_pem())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    with serve_registers([EnrolledDevice("desk-1", keys[0].key_id, key, keys[1].public_key)]) as served:
        yield served


@pytest.fixture
def office(tmp_path: Path, keys, endpoints: tuple[RegisterEndpoint, ...]) -> Office:
    settings = Settings(ledger=tmp_path / "ledger.db", clerk_id="cb-001")
    return Office(settings, DeviceCredential("desk-1", *keys), endpoints)


def outcome_of(registers: Registers, name: str = "population") -> LookupOutcome:
    identity = Identity("099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), Sex.MALE, "Việt Nam")
    register = registers.of(name)
    assert register.find is not None
    lookup = make_lookup(identity, shipped_registry().purpose("land-change-registration"), "cb-001")
    return ask(register.kind, register.find, lookup)


def queued(office: Office, dossier: str = "H-2026-7") -> LookupOutcome:
    registers = office.registers(away=True)
    try:
        outcome = outcome_of(registers)
        assert outcome.failure == "register-unreachable"
        assert can_wait(outcome, registers.can_wait)
        return queue_one(registers.waiting, outcome, dossier)
    finally:
        registers.close()


def test_a_look_up_for_a_register_that_is_away_waits_and_is_answered_later(office: Office) -> None:
    done = queued(office)
    assert (done.state, done.failure, done.lookup) == (RegisterState.QUEUED, "", None)
    registers = office.registers(away=False)
    waiting = registers.waiting
    assert waiting is not None
    progress, overview = waiting.send_now(threading.Event(), lambda _: None)
    assert (progress.answered, overview.counts) == (1, {State.ANSWERED: 1})
    registers.close()


@pytest.mark.parametrize("register", ["population", "land"])
def test_look_ups_of_every_register_that_is_sealed_to_can_wait(office: Office, register: str) -> None:
    registers = office.registers(away=True)
    assert registers.can_wait == {one.register for one in office.endpoints if one.gateway is None}
    assert queue_one(registers.waiting, outcome_of(registers, register), "H-1").state is RegisterState.QUEUED
    registers.close()


def test_the_desks_own_thread_sends_what_waits_and_shows_it(office: Office) -> None:
    queued(office)
    registers = office.registers(away=False)
    waiting = registers.waiting
    assert waiting is not None
    changes: list[WaitingView | None] = []
    waiting.start(lambda: changes.append(waiting.view()))
    assert waiting.settled(1, 30)
    registers.close()
    assert changes[0] == WaitingView(count=1, since=changes[0].since if changes[0] else "")
    assert changes[-1] == WaitingView(count=0, ended=1)


def test_while_a_register_rests_the_desk_says_so_at_once(office: Office) -> None:
    registers = office.registers(away=True)
    for _ in range(5):
        assert outcome_of(registers).failure == "register-unreachable"
    resting = outcome_of(registers)
    assert resting.failure == "register-resting"
    assert can_wait(resting, registers.can_wait), "and it can be queued then too"
    registers.close()
    again = office.registers(away=True)
    assert outcome_of(again).failure == "register-resting", "also after a restart"
    again.close()


def test_the_same_look_up_takes_effect_once_whether_it_was_sent_or_queued(office: Office) -> None:
    """A10: the register had answered, the answer was lost, and the clerk queued the look-up."""
    registers = office.registers(away=False)
    client = registers.of("population").client
    outcome = outcome_of(registers)
    assert outcome.state is RegisterState.ANSWERED
    assert client is not None
    ask_sealed = client._wire.ask_sealed  # type: ignore[attr-defined]  # to lose an answer on its way

    def lose(*arguments: object) -> object:
        ask_sealed(*arguments)
        raise RegisterUnreachable("population", "connection-broken")

    client._wire.ask_sealed = lose  # type: ignore[attr-defined]  # as above
    lost = outcome_of(registers)
    client._wire.ask_sealed = ask_sealed  # type: ignore[attr-defined]  # as above
    assert lost.lookup is not None
    assert queue_one(registers.waiting, lost, "H-1").state is RegisterState.QUEUED
    assert registers.waiting is not None
    progress, _ = registers.waiting.send_now(threading.Event(), lambda _: None)
    assert progress.answered == 1, "with other bytes under the key the register would have refused"
    registers.close()


@pytest.mark.parametrize("dossier", ["", "   ", "x" * 101])
def test_without_a_dossier_number_nothing_is_queued_and_it_is_asked_for_again(office: Office, dossier: str) -> None:
    done = queued(office, dossier)
    assert (done.state, done.failure) == (RegisterState.FAILED, "dossier-number-wrong")
    assert can_wait(done, frozenset({"population"}))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OutboxNoRoom("disk-full"), "outbox-no-room"),
        (OutboxFull(20_000), "outbox-full"),
        (LedgerUnusable("not-countersigned"), "ledger-unusable"),
        (KeyError("a fault of ours"), "internal"),
    ],
)
def test_where_it_cannot_be_queued_the_clerk_is_told_why(office: Office, error: Exception, code: str) -> None:
    registers = office.registers(away=True)
    outcome = outcome_of(registers)
    registers.close()

    class Refusing:
        def queue(self, *_: object, **__: object) -> None:
            raise error

    done = queue_one(Refusing(), outcome, "H-1")  # type: ignore[arg-type]  # it queues nothing
    assert (done.state, done.failure) == (RegisterState.FAILED, code)


def test_an_answer_or_a_refusal_is_not_offered_to_wait(office: Office) -> None:
    registers = office.registers(away=False)
    answered = outcome_of(registers)
    registers.close()
    assert not can_wait(answered, frozenset({"population"}))
    for failure in ("register-refused", "ledger-unusable", "register-answer-untrusted"):
        failed = replace(answered, state=RegisterState.FAILED, failure=failure)
        assert not can_wait(failed, frozenset({"population"}))


@pytest.mark.parametrize(
    ("state", "fresh", "queue"),
    [
        (DeviceState.ACTIVE, True, "active"),
        (DeviceState.ACTIVE, False, "unknown"),
        (DeviceState.SUSPENDED, True, "suspended"),
        (DeviceState.SUSPENDED, False, "suspended"),
        (DeviceState.REVOKED, True, "revoked"),
        (DeviceState.WIPED, False, "revoked"),
        (DeviceState.PENDING, True, "unknown"),
        (None, False, "unknown"),
    ],
)
def test_the_queue_goes_by_the_devices_status(state: DeviceState | None, fresh: bool, queue: str) -> None:
    class Kept:
        def standing(self) -> Standing:
            return Standing(state, fresh)

    assert KeptDevice(Kept()).state() == queue  # type: ignore[arg-type]  # a keeper's standing is all that is asked


def test_an_order_to_wipe_finds_every_file_of_the_queue(office: Office, tmp_path: Path) -> None:
    queued(office)
    (tmp_path / "outbox.db.aside-20261126T120000-0").write_bytes(b"x")
    there = {path.name for path in tmp_path.glob("outbox.db*") if not path.name.endswith(".lock")}
    assert there <= {path.name for path in outbox_files(office.settings)}


def test_after_a_rotation_the_queue_opens_and_is_sealed_to_the_new_key(office: Office, tmp_path: Path) -> None:
    """A7."""
    queued(office)
    former = office.device.opener
    rotated = replace(office.device, opener=SoftwareOpener.generate())
    with closing(Ledger(tmp_path / "ledger.db", office.device.signer, machine="")) as ledger:
        with closing(open_outbox(office.settings, rotated, ledger, former)) as outbox:
            assert len(outbox.items()) == 1
        with closing(open_outbox(office.settings, rotated, ledger)) as outbox:
            assert len(outbox.items()) == 1
        with pytest.raises(OutboxUnusable, match="key-locked"):
            open_outbox(office.settings, office.device, ledger)


def test_every_state_and_every_reason_of_ours_has_words() -> None:
    assert set(OUTBOX_STATES) == set(State)
    for phrase in (*OUTBOX_STATES.values(), *OUTBOX_REASONS.values()):
        assert phrase.vi
        assert phrase.en
    for trouble in DAMAGE:
        assert f"outbox-{trouble}" in failure_codes()


# --- the commands -----------------------------------------------------------------------------------------------------

Run = Callable[..., int]


@pytest.fixture
def run(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setattr("desk.cli.outbox.desk_device", lambda _: DeskDevice(office.device))
    monkeypatch.setattr("desk.cli.outbox.endpoints_of", lambda _: office.endpoints)
    Path("own.toml").write_text(f'ledger = "{tmp_path / "ledger.db"}"\nclerk_id = "cb-001"\n')

    def call(*words: str) -> int:
        with pytest.raises(SystemExit) as end:
            main(["outbox", *words, *([] if "--help" in words else ["--settings", "own.toml"])])
        return int(end.value.code or 0)

    return call


def test_an_empty_queue_says_so(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    out = capsys.readouterr().out
    assert "Nothing is queued" in out
    assert "60 of 60" in out
    assert run("list", "--lang", "vi") == 0
    assert "Không có gì" in capsys.readouterr().out


def test_from_queue_to_dossier_by_commands(run: Run, office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    queued(office)
    assert run("list") == 5
    out = capsys.readouterr().out
    assert "1 waiting" in out
    assert "H-2026-7" in out
    assert "Population" in out
    assert run("list", "--json") == 5
    said = json.loads(capsys.readouterr().out)
    assert (said["waiting"], said["items"][0]["state"]) == (1, "queued")
    assert run("send") == 0
    assert "1 answered" in capsys.readouterr().out
    assert run("take", "H-2026-7", "--out", "answers.jsonl") == 0
    (line,) = Path("answers.jsonl").read_text().splitlines()
    assert json.loads(line)["answer"]["record"]["personal_number"] == "099090000001"
    assert run("list") == 0
    assert run("take", "H-2026-7", "--out", "again.jsonl") == 0
    assert Path("again.jsonl").read_text() == ""


def hold(office: Office, event: str, tmp_path: Path) -> None:
    """Let something happen to all that waits."""
    ledger = Ledger(tmp_path / "ledger.db", office.device.signer, machine="")
    outbox = open_outbox(office.settings, office.device, ledger)
    outbox.happen_to_all(outbox.numbers(State.QUEUED), Event(event), "role-gone")
    outbox.close()
    ledger.close()


def test_a_decision_is_asked_for_made_and_not_made_twice(
    run: Run, office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queued(office)
    hold(office, "doubt", tmp_path)
    assert run("list") == 10
    out = capsys.readouterr().out
    assert "the clerk may no longer ask this" in out
    assert "outbox decide" in out
    assert run("decide", "1", "send") == 0
    assert run("decide", "1", "send") == 2
    assert run("decide", "1", "return") == 0
    assert run("decide", "9", "send") == 2
    assert run("decide", "1", "perhaps") == 2
    assert run("list") == 0


def test_a_frozen_queue_is_exported_sealed(
    run: Run, office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queued(office)
    hold(office, "freeze", tmp_path)
    assert run("list") == 10
    assert "--supervisor" in capsys.readouterr().out
    assert run("export", "--supervisor", " ", "--out", "out.jsonl") == 2
    assert run("export", "--supervisor", "gs-1", "--out", "out.jsonl") == 0
    said = json.loads(Path("out.jsonl").read_text())
    assert (said["sealed"].count("."), str(uuid.UUID(said["idempotency_key"]))) == (4, said["idempotency_key"])
    assert "099090000001" not in Path("out.jsonl").read_text()
    again = run("export", "--supervisor", "gs-1", "--out", "out.jsonl"), json.loads(Path("out.jsonl").read_text())
    assert (*again, run("list")) == (2, said, 0), "its only copy is written over by nothing"


@pytest.mark.logs  # of what was put aside
def test_a_queue_that_was_lost_is_told_until_it_is_noted(
    run: Run, office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queued(office)
    (tmp_path / "outbox.db").unlink()
    for _ in range(2):
        assert run("list") == 10
        assert "1 lost" in capsys.readouterr().out
    assert run("noted") == 0
    assert run("take", "?", "--out", "lost.jsonl") == 0
    assert run("list") == 0


def test_no_command_changes_another_computers_queue(run: Run, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    queued(office)
    monkeypatch.setattr("desk.cli.outbox.machine_mark", lambda: "another computer")
    for change in (("decide", "1", "return"), ("take", "H-2026-7", "--out", "out.jsonl"), ("noted",)):
        assert run(*change) == 4
    assert run("list") == 5, "it is shown, as it was"


def test_beside_an_open_desk_the_queue_is_shown_and_copied_and_changed_by_nobody_else(
    run: Run, office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queued(office)
    hold(office, "freeze", tmp_path)
    registers = office.registers(away=True)
    assert registers.waiting is not None
    registers.waiting._opened()
    assert run("list", "--json") == 10
    said = capsys.readouterr()
    assert json.loads(said.out)["items"][0]["dossier"] == "H-2026-7"
    assert "The desk is open" in said.err
    assert run("export", "--copy", "--out", "copy.jsonl") == 0
    assert json.loads(Path("copy.jsonl").read_text())["sealed"].count(".") == 4
    changing = ("send",), ("decide", "1", "send"), ("take", "H-2026-7", "--out", "x"), ("noted",)
    for words in (*changing, ("export", "--supervisor", "gs-1", "--out", "x")):
        capsys.readouterr()
        assert run(*words) == 4
        assert "only one program makes changes" in capsys.readouterr().err
    registers.close()
    assert run("export", "--copy", "--supervisor", "gs-1", "--out", "x") == 2
    assert run("export", "--supervisor", "gs-1", "--out", "out.jsonl") == 0
    assert Path("out.jsonl").read_text() == Path("copy.jsonl").read_text()


def test_help_teaches(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ((), ("list",), ("send",), ("decide",), ("take",), ("export",), ("noted",)):
        assert run(*words, "--help") == 0
    assert "Exit codes" in capsys.readouterr().out
