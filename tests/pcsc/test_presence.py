"""The tap over a real pcscd: one chip that agrees on keys again, one that refuses and has to be reset in the reader."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from auth.purposes import shipped_registry
from auth.registers.population import PopulationClient
from auth.registers.presence import PresenceClient, issuers_of
from auth.registers.proofs import Worded
from desk.lookups import make_lookup
from desk.presence_step import CardPresence
from desk.tap import Tap, TapState
from mock_cards.build import CardFactory
from mock_cards.card import EmulatedCard
from mock_registers.sandbox import open_register_sandbox
from reader.access import Can
from reader.inspection import Inspection, InspectionRequest, Policy, inspect
from reader.inspection.open_chip import OpenChip
from reader.pcsc import PcscTerminal
from reader.trust import TrustMaterial

pytestmark = pytest.mark.pcsc

PutOn = Callable[[EmulatedCard], str]
PERSONA, PURPOSE, CLERK = "nguyen-van-mau", "land-change-registration", "cb-001"


@pytest.mark.parametrize("chip", ["vietnam-2024", "quirk-ca-once"])
def test_both_kinds_of_chip_prove_themselves_over_pcsc(put_on: PutOn, chip: str) -> None:
    factory = CardFactory("pcsc-presence")
    lists = (factory.revocation_list(datetime.now(UTC)),)
    built = factory.build(PERSONA, chip=chip)
    request = InspectionRequest(
        passwords=(Can(built.personal_number[-6:]),),
        trust=TrustMaterial.of(factory.anchors, lists),
        policy=Policy.shipped(),
        moment=datetime.now(UTC),
        decode_portrait=False,
    )
    with open_register_sandbox(card_anchors=factory.anchors, card_lists=lists) as sandbox:
        endpoint = sandbox.endpoint("presence")
        step = CardPresence(PresenceClient(endpoint, sandbox.device), issuers_of(endpoint), sandbox.device, dict)
        population = PopulationClient(sandbox.endpoint("population"), sandbox.device)
        taps: list[Tap] = []
        asked = []

        def afterwards(inspection: Inspection, open_chip: OpenChip) -> None:
            assert inspection.identity is not None
            lookup = make_lookup(inspection.identity, shipped_registry().purpose(PURPOSE), CLERK)
            asked.append(lookup)
            requests = {"population": population.word(lookup)}
            taps.append(step.tap(inspection, open_chip, requests, PURPOSE, CLERK, threading.Event()))

        try:
            with PcscTerminal().connect(put_on(built.card)) as link:
                inspect(link, request, afterwards=afterwards)
            (tap,) = taps
            assert (tap.state, tap.mode) == (TapState.PROVEN, "CA")
            answer = population.carrying(Worded(tap.requests["population"], tap.member)).find_citizen(asked[0])
            held = step.hold(tap, "population", answer.receipt, answer.receipt_log)
        finally:
            step.close()
            population.close()
    assert answer.record is not None
    assert held is not None
    assert (held.level, held.accepted, held.reasons) == (4, True, ())
