"""The whole job over a real pcscd: emulated Vietnamese cards read, proven and judged."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from mock_cards.build import CardFactory
from mock_cards.card import EmulatedCard
from mock_cards.personas import load_sample
from mock_cards.serve import write_terminals
from reader.access import Can, MrzKey, Password
from reader.errors import Cancelled, CardRemoved, WrongPassword
from reader.genuine import TerminalCredentials
from reader.inspection import (
    CheckId,
    CheckStatus,
    Decision,
    FileProgress,
    Inspection,
    InspectionEvent,
    InspectionRequest,
    OnEvent,
    Policy,
    inspect,
)
from reader.lds import parse_key_input
from reader.pcsc import PcscTerminal
from reader.trust import TrustMaterial

pytestmark = pytest.mark.pcsc

PutOn = Callable[[EmulatedCard], str]
MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
PERSONA = "nguyen-van-mau"


@pytest.fixture(scope="module")
def factory() -> CardFactory:
    """Return a factory whose cards are all under one test CSCA."""
    return CardFactory("pcsc")


def _read(
    reader: str,
    factory: CardFactory,
    password: Password,
    on_event: OnEvent = lambda _: None,
    cancel: threading.Event | None = None,
    **changes: Any,
) -> Inspection:
    request = InspectionRequest(
        passwords=(password,),
        trust=TrustMaterial.of(factory.anchors),
        policy=Policy.shipped(),
        moment=MOMENT,
        decode_portrait=False,
    )
    request = replace(request, **changes)
    with PcscTerminal().connect(reader) as link:
        return inspect(link, request, on_event=on_event, cancel=cancel)


def test_a_terminal_with_credentials_reads_fingers_and_irises(
    put_on: PutOn, factory: CardFactory, tmp_path: Path
) -> None:
    """Certificates go by extended length, which the reader and the chip share."""
    write_terminals(tmp_path, factory)
    moment = datetime.combine(factory.terminals.at, time(9), UTC)
    built = factory.build(PERSONA, chip="icao-eac")
    password, credentials = Can(built.personal_number[-6:]), TerminalCredentials.load(tmp_path)
    inspection = _read(put_on(built.card), factory, password, terminal=credentials, moment=moment)
    assert inspection.check(CheckId.TERMINAL_AUTHENTICATION).reason == "accepted-by-chip"
    assert {"EF.DG3", "EF.DG4"} <= set(dict(inspection.files))
    assert inspection.check(CheckId.HASHES).status is CheckStatus.PASSED


@pytest.mark.parametrize("persona", [persona.name for persona in load_sample()])
def test_every_persona_is_read_by_can_and_may_proceed(persona: str, put_on: PutOn, factory: CardFactory) -> None:
    built = factory.build(persona)
    inspection = _read(put_on(built.card), factory, Can(built.personal_number[-6:]))
    assert inspection.decision is Decision.PROCEED, inspection.findings
    assert inspection.access == "pace"
    assert inspection.identity is not None
    assert inspection.identity.personal_number == built.personal_number
    for check in (CheckId.SOD_SIGNATURE, CheckId.CHAIN, CheckId.HASHES, CheckId.CHIP_AUTHENTICATION):
        assert inspection.check(check).status is CheckStatus.PASSED


def test_a_card_is_read_by_its_mrz_too(put_on: PutOn, factory: CardFactory) -> None:
    built = factory.build(PERSONA)
    fields = parse_key_input(built.mrz).mrz
    assert fields is not None
    key = MrzKey(fields.document_number, fields.date_of_birth, fields.date_of_expiry)
    inspection = _read(put_on(built.card), factory, key)
    assert inspection.decision is Decision.PROCEED, inspection.findings


def test_a_forged_card_is_stopped(put_on: PutOn, factory: CardFactory) -> None:
    built = factory.build(PERSONA, ("dg1-sex-changed",))
    inspection = _read(put_on(built.card), factory, Can(built.personal_number[-6:]))
    assert inspection.decision is Decision.STOP
    assert inspection.check(CheckId.HASHES).status is CheckStatus.FAILED


def test_a_card_lost_in_the_middle_is_named_and_the_next_read_is_clean(put_on: PutOn, factory: CardFactory) -> None:
    lost = factory.build(PERSONA, faults=("lost-field:30",))
    with pytest.raises(CardRemoved):
        _read(put_on(lost.card), factory, Can(lost.personal_number[-6:]))
    built = factory.build(PERSONA)
    inspection = _read(put_on(built.card), factory, Can(built.personal_number[-6:]))
    assert inspection.decision is Decision.PROCEED


def test_a_wrong_can_does_not_spoil_the_next_try(put_on: PutOn, factory: CardFactory) -> None:
    built = factory.build(PERSONA)
    reader = put_on(built.card)
    can = built.personal_number[-6:]
    with pytest.raises(WrongPassword):
        _read(reader, factory, Can(f"{(int(can) + 1) % 1_000_000:06}"))
    assert _read(reader, factory, Can(can)).decision is Decision.PROCEED


def test_a_read_cancelled_in_the_middle_leaves_a_card_that_can_be_read(put_on: PutOn, factory: CardFactory) -> None:
    built = factory.build(PERSONA)
    reader = put_on(built.card)
    can = Can(built.personal_number[-6:])
    cancel = threading.Event()

    def cancel_in_the_portrait(event: InspectionEvent) -> None:
        if isinstance(event, FileProgress) and event.file.endswith("DG2") and event.read:
            cancel.set()

    with pytest.raises(Cancelled):
        _read(reader, factory, can, cancel_in_the_portrait, cancel)
    assert _read(reader, factory, can).decision is Decision.PROCEED
