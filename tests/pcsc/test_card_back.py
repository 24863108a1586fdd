"""A card lost in the middle and put back, over a real pcscd: at the desk and for ``motcua read``."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path

import pytest

from desk.assembly import desk_on_pcsc
from desk.card_back import wait_for_card
from desk.inspecting import inspector
from desk.jobs import ReadJob, run_read
from desk.place import Place
from desk.settings import Settings
from desk.view import DeskState, DeskView
from mock_cards.build import CardFactory
from mock_cards.card import EmulatedCard
from mock_cards.pcsc import VirtualSlot
from mock_cards.testing import READER_NAMES
from reader.inspection import Decision, Policy
from reader.lds import parse_key_input
from reader.pcsc import PcscTerminal, PcscWatch
from reader.trust import TrustMaterial

pytestmark = pytest.mark.pcsc

PERSONA = "nguyen-van-mau"
PutOn = Callable[[EmulatedCard], str]


@pytest.fixture(scope="module")
def factory() -> CardFactory:
    return CardFactory("back")


def test_the_desk_goes_on_when_the_card_is_back(slot: VirtualSlot, factory: CardFactory, tmp_path: Path) -> None:
    for number, anchor in enumerate(factory.anchors):
        (tmp_path / f"{number}.der").write_bytes(anchor)
    desk = desk_on_pcsc(Settings(trust_directory=tmp_path, reader=READER_NAMES[0]))
    views: queue.SimpleQueue[DeskView] = queue.SimpleQueue()

    def until(state: DeskState) -> DeskView:
        while (view := views.get(timeout=20)).state is not state:
            assert view.state is not DeskState.FAULT, view.failure
        return view

    try:
        desk.subscribe(views.put)
        desk.start()
        lost = factory.build(PERSONA, faults=("lost-field:50",))
        slot.insert(lost.card)
        until(DeskState.NEED_KEY)
        desk.enter_key(lost.personal_number)
        assert until(DeskState.CARD_LOST).identity is None
        slot.insert(factory.build(PERSONA).card)
        shown = until(DeskState.SHOWING)
        inspection = desk.data.inspection
    finally:
        desk.close()
    assert shown.decision is not None
    assert shown.decision.decision is Decision.PROCEED
    assert inspection is not None
    # Opening, EF.SOD and DG1 anew, the proofs of the chip, and the rest of the portrait: not the whole card.
    assert inspection.link.apdus < 80


def test_a_reading_without_a_desk_waits_and_goes_on(slot: VirtualSlot, put_on: PutOn, factory: CardFactory) -> None:
    inspect = inspector(TrustMaterial.of(factory.anchors), Policy.shipped())
    lost = factory.build(PERSONA, faults=("lost-field:60",))
    reader = put_on(lost.card)
    key = parse_key_input(lost.personal_number)
    first = run_read(ReadJob(1, reader, Place(key)), PcscTerminal(), inspect, lambda _: None)
    assert first.failure == "card-removed"
    assert first.place is not None
    assert first.place.cache is not None
    assert not wait_for_card(PcscWatch(), reader, 0.2), "nobody put it back"
    slot.insert(factory.build(PERSONA).card)
    assert wait_for_card(PcscWatch(), reader, 20)
    second = run_read(ReadJob(1, reader, first.place), PcscTerminal(), inspect, lambda _: None)
    assert second.inspection is not None
    assert second.inspection.decision is Decision.PROCEED
