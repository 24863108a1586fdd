"""A desk's queue before registers that answer wrongly: what is refused or cut down at once is so, too, when it waited.

The registers are those of the sandbox, with its own faults, over TLS; the queue is the desk's, from button to dossier.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.ledger import Ledger
from auth.machine import machine_mark
from auth.outbox import State, Taken
from auth.purposes import shipped_registry
from auth.purposes.vocabulary import ALWAYS_TOLD
from auth.registers import AnswerNote
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from desk.lookups import ask, make_lookup
from desk.outcomes import LookupOutcome, YesWanted
from desk.ports import Registers
from desk.queueing import queue_one
from desk.registers_assembly import registers_of
from desk.settings import Settings
from desk.view import RegisterState
from desk.waiting_assembly import open_outbox
from mock_registers.gate import EnrolledDevice
from mock_registers.sandbox import serve_registers
from reader.lds import CalendarDate, Identity, Sex

IDENTITY = Identity("099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), Sex.MALE, "Việt Nam")
# One that asks for less than there is to tell: of people no origin, of dwellings no other owner.
PURPOSES = {"population": "temporary-residence", "housing": "housing-ownership"}
NOWHERE = "https://127.0.0.1:9"

Waited = Callable[..., tuple[LookupOutcome[Any], Taken | None, list[bytes]]]


def outcome_of(registers: Registers, name: str, purpose: str) -> LookupOutcome[Any]:
    register = registers.of(name)
    assert register.find is not None
    return ask(register.kind, register.find, make_lookup(IDENTITY, shipped_registry().purpose(purpose), "cb-001"))


def wanting_a_yes(registers: Registers, purpose: str) -> LookupOutcome[Any]:
    """Return how the population register stands, where the questions of a purpose are still to be answered."""
    kind, lookup = registers.of("population").kind, make_lookup(IDENTITY, shipped_registry().purpose(purpose), "cb-001")
    failed = LookupOutcome(kind, RegisterState.FAILED, failure="register-unreachable")
    return replace(failed, yes_wanted=YesWanted("population", lookup))


@pytest.fixture
def office(tmp_path: Path) -> tuple[Settings, DeviceCredential, EnrolledDevice]:
    """Return a desk's settings and its device, here and as the registers know it."""
    keys = SoftwareSigner.generate(), SoftwareOpener.generate()
    public = load_pem_public_key(keys[0].public_pem())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    enrolled = EnrolledDevice("desk-1", keys[0].key_id, public, keys[1].public_key)
    return Settings(ledger=tmp_path / "ledger.db", clerk_id="cb-001"), DeviceCredential("desk-1", *keys), enrolled


@pytest.fixture
def waited(office: tuple[Settings, DeviceCredential, EnrolledDevice], tmp_path: Path) -> Waited:
    """Return what asks registers that have a fault at once, and again from the queue, and takes out what came then."""
    settings, device, enrolled = office

    def opened(endpoints: tuple[RegisterEndpoint, ...]) -> Registers:
        return registers_of(settings, endpoints, device)

    def wait(register: str, purpose: str, fault: str, *, questions: bool = False) -> Any:
        with serve_registers([enrolled], fault=fault) as endpoints:
            registers = opened(endpoints)
            at_once = outcome_of(registers, register, purpose)
            registers.close()
            registers = opened(tuple(replace(one, base_url=NOWHERE) for one in endpoints))
            lost = wanting_a_yes(registers, purpose) if questions else outcome_of(registers, register, purpose)
            assert registers.waiting is not None
            assert queue_one(registers.waiting, lost, "H-1").state is RegisterState.QUEUED
            registers.close()
            registers = opened(endpoints)
            assert registers.waiting is not None
            registers.waiting.send_now(threading.Event(), lambda _: None)
            registers.close()
        with (
            closing(Ledger(tmp_path / "ledger.db", device.signer, machine_mark())) as ledger,
            closing(open_outbox(settings, device, ledger)) as outbox,
        ):
            leaves = [leaf for _, leaf in ledger.leaves()]
            ((item,), taken) = outbox.items(), outbox.take("H-1")
            assert item.state is State.ANSWERED or not taken
            return at_once, taken[0] if taken else None, leaves

    return wait


def test_of_a_look_up_that_waits_the_desk_keeps_what_its_answer_will_be_judged_by(
    office: tuple[Settings, DeviceCredential, EnrolledDevice],
) -> None:
    settings, device, enrolled = office
    identity = replace(IDENTITY, old_number="099123456")
    purpose = shipped_registry().purpose("land-change-registration")
    lookup = replace(make_lookup(identity, purpose, "cb-001"), certificate="ab 12345678")
    with serve_registers([enrolled]) as endpoints:
        registers = registers_of(settings, endpoints, device)
        waiting = registers.waiting
        assert waiting is not None
        item = waiting.queue("land", lookup, "H-1")
        asked = purpose.use("land")
        assert asked is not None
        assert item.fields == asked.fields
        hash_of = waiting._opened().hash_of
        assert item.subject == hash_of("subject", IDENTITY.personal_number)
        assert item.old_number == hash_of("old-number", "099123456")
        assert item.certificate == hash_of("certificate", "AB12345678")
        registers.close()


@pytest.mark.parametrize("register", ["population", "housing"])
def test_a12_nothing_that_nobody_asked_for_is_given_to_the_dossier(waited: Waited, register: str) -> None:
    at_once, taken, leaves = waited(register, PURPOSES[register], "more-than-asked")
    assert at_once.notes == (AnswerNote.MORE_THAN_ASKED,)
    assert taken is not None
    assert taken.item.reason == "more-than-asked"
    details = [json.loads(leaf)["detail"] for leaf in leaves if b"more-than-asked" in leaf]
    assert details == ["found-more-than-asked", f"outbox 3 answer {taken.item.number} more-than-asked"]
    use = shipped_registry().purpose(PURPOSES[register]).use(register)
    assert use is not None
    may_stand = {*use.fields, *ALWAYS_TOLD[register]}
    record = json.loads(taken.answer or b"")["record"]
    if register == "population":
        assert set(record) == may_stand
        return
    assert len(record["dwellings"]) == 2
    for dwelling in record["dwellings"]:
        assert set(dwelling) == may_stand | {"owners"}
        # The register looked under the citizen's old number as well, and says so.
        assert {owner["number"] for owner in dwelling["owners"]} <= {IDENTITY.personal_number, "099123456"}


def test_a12_nor_an_answer_to_a_question_that_nobody_asked(waited: Waited) -> None:
    _, taken, leaves = waited("population", "marriage-registration", "more-than-asked", questions=True)
    assert taken is not None
    use = shipped_registry().purpose("marriage-registration").use("population")
    assert use is not None
    assert list(json.loads(taken.answer or b"")["answers"]) == list(use.questions)
    assert taken.item.reason == "more-than-asked"
    assert sum(b" answer 1 more-than-asked" in leaf for leaf in leaves) == 1


@pytest.mark.parametrize(
    ("register", "fault", "failure"),
    [
        ("population", "half-record", "register-answer-untrusted"),
        ("land", "another-citizen", "register-answer-for-another"),
        ("housing", "half-record", "register-answer-untrusted"),
    ],
)
def test_a5_what_is_no_answer_at_once_is_never_given_to_a_dossier(
    waited: Waited, register: str, fault: str, failure: str
) -> None:
    at_once, taken, _ = waited(register, "land-change-registration", f"{register}:{fault}")
    assert (at_once.state, at_once.failure) == (RegisterState.FAILED, failure)
    assert taken is None
