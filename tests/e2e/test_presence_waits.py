"""A look-up that waits keeps its proof: the page that the chip signed meanwhile is taken when the register is back."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auth.booklets import DeviceBox, ledger_counter
from auth.errors import RegisterUnreachable
from auth.ledger import Ledger
from auth.ledger.keeper import LedgerKeeper
from auth.presence import BookletKeeper
from auth.purposes import shipped_registry
from auth.registers.population import PopulationClient
from auth.registers.presence import PresenceClient, issuers_of
from auth.registers.proofs import Worded
from desk.lookups import make_lookup
from desk.presence_step import CardPresence
from desk.tap import Tap, TapState
from mock_cards.build import CardFactory
from mock_registers.sandbox import RegisterSandbox, open_register_sandbox
from reader.access import Can
from reader.inspection import Inspection, InspectionRequest, Policy, inspect
from reader.inspection.open_chip import OpenChip
from reader.trust import TrustMaterial

PURPOSE, CLERK = "land-change-registration", "cb-001"
NOWHERE = "https://127.0.0.1:9"


@pytest.fixture
def keeper(tmp_path: Path) -> Callable[[RegisterSandbox], BookletKeeper]:
    """Return a function that keeps a booklet as a desk does: sealed to the device, counted in its ledger."""

    def keep(sandbox: RegisterSandbox) -> BookletKeeper:
        device = sandbox.device
        assert device.opener is not None
        ledger = LedgerKeeper(lambda: Ledger(tmp_path / "ledger.db", device.signer, machine=""), (), hours=0)
        box = DeviceBox(tmp_path / "ledger.booklet", device.opener)
        issuers = issuers_of(sandbox.endpoint("presence"))
        return BookletKeeper(box, issuers, device.device_id, device.signer.key_id, ledger_counter(ledger))

    return keep


def test_what_waited_is_judged_by_the_page_that_the_chip_signed(
    keeper: Callable[[RegisterSandbox], BookletKeeper],
) -> None:
    factory = CardFactory("presence-waits")
    lists = (factory.revocation_list(datetime.now(UTC)),)
    built = factory.build("nguyen-van-mau", chip="vietnam-2021")
    built.card.power_on()
    request = InspectionRequest(
        passwords=(Can(built.personal_number[-6:]),),
        trust=TrustMaterial.of(factory.anchors, lists),
        policy=Policy.shipped(),
        moment=datetime.now(UTC),
        decode_portrait=False,
    )
    with open_register_sandbox(card_anchors=factory.anchors, card_lists=lists) as sandbox:
        device, verifier, there = sandbox.device, sandbox.endpoint("presence"), sandbox.endpoint("population")
        booklet = keeper(sandbox)
        online = PresenceClient(verifier, device)
        CardPresence(online, issuers_of(verifier), device, dict, booklet, pages=6).fill(CLERK)
        online.close()
        assert booklet.left() == 6

        away = PresenceClient(replace(verifier, base_url=NOWHERE), device)
        step = CardPresence(away, issuers_of(verifier), device, dict, booklet)
        silent = PopulationClient(replace(there, base_url=NOWHERE), device)
        back = PopulationClient(there, device)
        taps: list[Tap] = []
        lookups = []

        def afterwards(inspection: Inspection, chip: OpenChip) -> None:
            assert inspection.identity is not None
            lookups.append(make_lookup(inspection.identity, shipped_registry().purpose(PURPOSE), CLERK))
            asked = {"population": silent.word(lookups[0])}
            taps.append(step.tap(inspection, chip, asked, PURPOSE, CLERK, threading.Event()))

        try:
            inspect(built.card, request, afterwards=afterwards)
            (tap,), (lookup,) = taps, lookups
            assert tap.state is TapState.PROVEN_OFFLINE
            with pytest.raises(RegisterUnreachable):
                silent.carrying(Worded(tap.requests["population"], tap.member)).find_citizen(lookup)
            waiting = silent.enclose(lookup)
            answer = back.ask_sealed(waiting.path, waiting.sealed, PURPOSE, waiting.idempotency_key)
            said = json.loads(answer.body)
            held = step.hold(tap, "population", said["receipt"], said["receipt_log"])
            again = back.ask_sealed(waiting.path, waiting.sealed, PURPOSE, waiting.idempotency_key)
        finally:
            for one in (step, silent, back):
                one.close()
    assert held is not None
    assert (held.level, held.accepted, held.reasons) == (3, True, ("pre-play-possible",))
    assert json.loads(again.body) == json.loads(answer.body), (
        "sent again it is one effect, and no second use of the page"
    )
    assert booklet.left() == 5
