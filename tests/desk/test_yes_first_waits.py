"""A purpose that wants a yes before data, its register away: both wait, and the questions are sent first."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.outbox import State
from auth.purposes import purpose
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from desk.cli import main
from desk.consenting import consent_now
from desk.device import DeskDevice
from desk.lookups import plan
from desk.outcomes import LookupOutcome
from desk.ports import Registers
from desk.queueing import can_wait, queue_one
from desk.registers_assembly import registers_of
from desk.settings import Settings
from desk.view import RegisterState
from mock_registers.gate import EnrolledDevice
from mock_registers.sandbox import serve_registers
from reader.inspection.report import Inspection
from reader.lds import Identity

NOWHERE, DOSSIER = "https://127.0.0.1:9", "H-2026-7"
MARRIAGE, HOUSING, ELECTRICITY = "marriage-registration", "housing-ownership", "electricity-contract"


@dataclass
class Office:
    """Hold a desk's files, its device, and its registers, which are there or away."""

    settings: Settings
    device: DeviceCredential
    endpoints: tuple[RegisterEndpoint, ...]

    def registers(self, *away: str) -> Registers:
        where = tuple(replace(one, base_url=NOWHERE) if one.register in away else one for one in self.endpoints)
        return registers_of(self.settings, where, self.device)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    signer, opener = SoftwareSigner.generate(), SoftwareOpener.generate()
    key = load_pem_public_key(signer.public_pem())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    with serve_registers([EnrolledDevice("desk-1", signer.key_id, key, opener.public_key)]) as served:
        settings = Settings(ledger=tmp_path / "ledger.db", clerk_id="cb-001")
        yield Office(settings, DeviceCredential("desk-1", signer, opener), served)


@pytest.fixture
def queued(office: Office, inspection: Callable[..., Inspection]) -> Callable[..., list[LookupOutcome[Any]]]:
    """Return a function that asks with registers away, and queues what can wait; it returns what was told."""

    def queue(id: str, *away: str, identity: Identity | None = None) -> list[LookupOutcome[Any]]:
        registers, known = office.registers(*away), purpose(id)
        consent = consent_now(known, "vi", "read-by-citizen") if known.needs_consent else None
        try:
            planned = plan(inspection(identity=identity), registers, known, "cb-001", consent=consent)
            outcomes = [question() for question in planned.questions]
            waiting = registers.waiting
            assert waiting is not None
            return [queue_one(waiting, one, DOSSIER) if can_wait(one, registers.can_wait) else one for one in outcomes]
        finally:
            registers.close()

    return queue


def sent(office: Office, *away: str) -> list[tuple[str, str, State, str]]:
    """Send what can be sent, and return how everything in the queue stands then."""
    registers = office.registers(*away)
    waiting = registers.waiting
    assert waiting is not None
    try:
        waiting.send_now(threading.Event(), lambda _: None)
        items = waiting._opened().items()
        return [(item.register, item.path.rpartition(":")[2], item.state, item.reason) for item in items]
    finally:
        registers.close()


def test_the_questions_wait_once_and_the_data_of_each_register_behind_them(
    office: Office, queued: Callable[..., list[LookupOutcome[Any]]]
) -> None:
    told = queued(HOUSING, "population")
    assert [one.state for one in told] == [RegisterState.QUEUED] * 2
    assert sent(office) == [
        ("population", "confirm", State.ANSWERED, ""),
        ("population", "lookup", State.ANSWERED, ""),
        ("housing", "lookup", State.ANSWERED, ""),
    ]


def test_after_a_no_nothing_else_is_sent(
    office: Office, queued: Callable[..., list[LookupOutcome[Any]]], identity: Callable[..., Identity]
) -> None:
    queued(HOUSING, "population", identity=identity(full_name="Nguyễn Văn Khác"))
    first, *others = sent(office)
    assert first[1:3] == ("confirm", State.ANSWERED)
    assert {one[2:] for one in others} == {(State.RETURNED, "citizen-not-confirmed")}


@pytest.mark.parametrize(("language", "told"), [("vi", "2 trả lại hồ sơ mà không gửi"), ("en", "2 returned unsent")])
def test_after_a_no_the_command_says_that_the_data_went_back_and_that_nothing_is_to_decide(
    office: Office,
    queued: Callable[..., list[LookupOutcome[Any]]],
    identity: Callable[..., Identity],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
    told: str,
) -> None:
    queued(HOUSING, "population", identity=identity(full_name="Nguyễn Văn Khác"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("desk.cli.outbox.desk_device", lambda _: DeskDevice(office.device))
    monkeypatch.setattr("desk.cli.outbox.endpoints_of", lambda _: office.endpoints)
    own = tmp_path / "own.toml"
    own.write_text(f'ledger = "{tmp_path / "ledger.db"}"\nclerk_id = "cb-001"\n')
    with pytest.raises(SystemExit) as end:
        main(["outbox", "send", "--lang", language, "--settings", str(own)])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert told in said
    assert {"vi": "0 cần quyết định", "en": "0 to decide"}[language] in said


def test_a_purpose_that_wants_only_a_yes_or_no_waits_for_that(
    office: Office, queued: Callable[..., list[LookupOutcome[Any]]]
) -> None:
    (told,) = queued(ELECTRICITY, "population")
    assert told.state is RegisterState.QUEUED
    assert [one[1:3] for one in sent(office)] == [("confirm", State.ANSWERED)]
    registers = office.registers()
    assert registers.waiting is not None
    (taken,) = registers.waiting._opened().take(DOSSIER)
    registers.close()
    assert set(json.loads(taken.answer or b"")["answers"].values()) == {True}


def test_while_the_questions_are_not_answered_no_register_hears_of_the_citizen(
    office: Office, queued: Callable[..., list[LookupOutcome[Any]]]
) -> None:
    queued(HOUSING, "population")
    assert [one[2] for one in sent(office, "population")] == [State.QUEUED] * 3


def test_data_whose_yes_came_wait_by_themselves(
    office: Office, queued: Callable[..., list[LookupOutcome[Any]]]
) -> None:
    told = queued(HOUSING, "housing")
    assert [one.state for one in told] == [RegisterState.ANSWERED, RegisterState.QUEUED]
    assert sent(office) == [("housing", "lookup", State.ANSWERED, "")]


def test_asked_for_twice_they_wait_once(office: Office, inspection: Callable[..., Inspection]) -> None:
    """A10."""
    registers = office.registers("population")
    try:
        (question,) = plan(inspection(), registers, purpose(MARRIAGE), "cb-001").questions
        outcome, waiting = question(), registers.waiting
        assert waiting is not None
        for _ in range(3):
            assert queue_one(waiting, outcome, DOSSIER).state is RegisterState.QUEUED
    finally:
        registers.close()
    assert [one[1] for one in sent(office)] == ["confirm", "lookup"]
