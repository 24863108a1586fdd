"""What a citizen agreed to is what the card proves itself for: asked after the reading, opened once more, level 4."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from auth.presence.commitment import request_digest
from auth.presence.encoding import to_text
from auth.presence.evidence import judge_evidence
from auth.purposes import citizen_text, purpose, text_digest
from auth.registers.presence import issuers_of
from auth.wire.endpoint import RegisterEndpoint
from desk.assembly import desk_on_sandbox
from desk.presence_report import presence_bundles
from desk.runner import Desk
from desk.sandbox_ports import SandboxCard
from desk.settings import Settings
from desk.tap import TapState
from desk.view import ActionId, DeskState, DeskView, RegisterState
from mock_cards.build import BuiltCard, CardFactory
from mock_cards.sandbox import InProcessSandbox
from mock_registers.sandbox import RegisterSandbox, open_register_sandbox
from reader.errors import CardRemoved
from reader.inspection.open_chip import OpenChip
from reader.iso7816 import CountingLink
from reader.trust import TrustMaterial

PERSONA, OTHER = "nguyen-van-mau", "pham-thi-mau"
OWN_DATA, HOUSING, LAND = "own-data", "housing-purchase", "land-information"
ELECTRICITY = "electricity-contract"
# Of a parcel and of a dwelling of that person.
CERTIFICATE = "02-01-2025-09-30-00|099|MAU|H-1|AB 12345678|GCN-099-1||42"
S = DeskState


class OneChip(CardFactory):
    """Build every card on one chip."""

    def __init__(self, chip: str) -> None:
        super().__init__("consent-proof")
        self._chip = chip

    def build(
        self, persona: str, forgeries: tuple[str, ...] = (), faults: tuple[str, ...] = (), chip: str = ""
    ) -> BuiltCard:
        return super().build(persona, forgeries, faults, chip or self._chip)


class Counter:
    """Hold a desk on emulated cards and sandbox registers, and wait for what it shows."""

    def __init__(self, desk: Desk, cards: InProcessSandbox, registers: RegisterSandbox) -> None:
        self.desk, self.cards, self.registers = desk, cards, registers
        self.trust = TrustMaterial.of(cards.anchors, cards.revocation_lists)
        self.views: list[DeskView] = []
        # The commands that each tap after a yes has taken.
        self.spent: list[int] = []
        self._news = threading.Condition()
        self._before_opening: Callable[[], None] = lambda: None
        self._while_open: Callable[[], None] = lambda: None
        self._gate()
        desk.subscribe(self._take)
        desk.start()

    def _take(self, view: DeskView) -> None:
        with self._news:
            self.views.append(view)
            self._news.notify_all()

    def _gate(self) -> None:
        """Have ``_before_opening`` and ``_while_open`` run, once each, where the card is opened once more."""
        reopen = self.desk._parts.reopen
        assert reopen is not None

        def gated(link: Any, key: Any, inspection: Any, then: Callable[[OpenChip], None], cancel: Any) -> None:
            before, self._before_opening = self._before_opening, lambda: None
            before()

            counting = CountingLink(link)

            def opened(chip: OpenChip) -> None:
                during, self._while_open = self._while_open, lambda: None
                during()
                before = counting.counters.apdus
                then(chip)
                self.spent.append(counting.counters.apdus - before)

            reopen(counting, key, inspection, opened, cancel)

        object.__setattr__(self.desk._parts, "reopen", gated)

    def before_opening(self, do: Callable[[], None]) -> None:
        self._before_opening = do

    def while_open(self, do: Callable[[], None]) -> None:
        self._while_open = do

    def until(self, wanted: Callable[[DeskView], bool]) -> DeskView:
        with self._news:
            assert self._news.wait_for(lambda: bool(self.views) and wanted(self.views[-1]), 30), self.views[-1]
            return self.views[-1]

    def until_the_card_is_gone(self) -> None:
        """Wait until the reader has told so: a reading that breaks off may tell of it sooner."""
        tick, late = threading.Event(), time.monotonic() + 30
        while self.desk._readers.card is not None:
            assert time.monotonic() < late
            tick.wait(0.005)

    def read(self, purpose: str, scanned: str = "") -> DeskView:
        """Bring a visit to the question whether the citizen agrees."""
        self.desk.choose_purpose(purpose)
        number = self.cards.insert(SandboxCard(PERSONA))
        self.until(lambda view: view.state is S.NEED_KEY)
        if scanned:
            self.desk.enter_key(scanned)
            self.until(lambda view: bool(view.certificate))
        self.desk.enter_key(number)
        return self.until(lambda view: view.state in (S.CONSENT, S.SHOWING, S.FAULT))

    def agree(self, purpose: str) -> None:
        self.desk.give_consent(purpose, "vi", "read-by-citizen")

    def shown(self) -> DeskView:
        return self.until(lambda view: view.state in (S.SHOWING, S.FAULT))

    @property
    def states(self) -> list[DeskState]:
        found: list[DeskState] = []
        for view in self.views:
            if not found or found[-1] is not view.state:
                found.append(view.state)
        return found


@pytest.fixture
def counter() -> Iterator[Callable[..., Counter]]:
    """Return a function that opens a desk; ``change`` may lead its endpoints astray."""
    with ExitStack() as stack:

        def make(
            chip: str = "vietnam-2024",
            change: Callable[[RegisterEndpoint], RegisterEndpoint | None] = lambda endpoint: endpoint,
            **settings: Any,
        ) -> Counter:
            cards = InProcessSandbox(OneChip(chip))
            served = open_register_sandbox(card_anchors=cards.anchors, card_lists=cards.revocation_lists)
            registers = stack.enter_context(served)
            known = tuple(found for endpoint in registers.endpoints if (found := change(endpoint)) is not None)
            wanted = Settings(purpose=OWN_DATA, clerk_id="cb-001", lookup_seconds=5, **settings)
            desk = desk_on_sandbox(wanted, cards, replace(registers, endpoints=known))
            stack.callback(cards.watch.stop)
            stack.callback(cards.remove)
            stack.callback(desk.close)
            return Counter(desk, cards, registers)

        yield make


@pytest.mark.parametrize("chip", ["vietnam-2024", "quirk-ca-once", "vietnam-2021", "icao-3des"])
def test_a_purpose_with_consent_reaches_level_four(counter: Callable[..., Counter], chip: str) -> None:
    desk = counter(chip)
    asking = desk.read(OWN_DATA)
    assert (asking.state, asking.presence) == (S.CONSENT, None)
    desk.agree(OWN_DATA)
    view = desk.shown()
    assert desk.states[-4:] == [S.CONSENT, S.PROVING, S.LOOKUP, S.SHOWING]
    assert view.presence is not None
    assert (view.presence.state, view.presence.level) == (TapState.PROVEN.value, 4)
    assert {one.register: (one.level, one.accepted) for one in view.presence.registers} == {"population": (4, True)}


@pytest.mark.parametrize(
    ("id", "reached"),
    [(HOUSING, {"population", "land", "housing"}), (OWN_DATA, {"population"}), (ELECTRICITY, {"population"})],
)
def test_each_register_that_answers_is_shown_the_chip_be_it_by_data_or_by_yes_or_no(
    counter: Callable[..., Counter], id: str, reached: set[str]
) -> None:
    desk = counter()
    desk.read(id, CERTIFICATE)
    desk.agree(id)
    view = desk.shown()
    assert view.presence is not None
    seen = {one.register: one.level for one in view.presence.registers if one.accepted}
    assert seen == dict.fromkeys(reached, 4)


def test_the_consent_is_within_what_the_chip_proved_itself_for(counter: Callable[..., Counter]) -> None:
    desk = counter()
    desk.read(OWN_DATA)
    desk.agree(OWN_DATA)
    desk.shown()
    data = desk.desk.data
    assert data.tap is not None
    (request,) = data.tap.requests.values()
    agreed = json.loads(request)["consent"]
    assert agreed["sha256"] == text_digest(citizen_text(purpose(OWN_DATA), "vi"))
    (bundle,) = presence_bundles(data).values()
    receipt = judge_evidence(bundle, issuers_of(desk.registers.endpoint("presence")), desk.trust).receipt
    assert receipt.request == to_text(request_digest("population", request))


@pytest.mark.parametrize("chip", ["vietnam-2024", "icao-3des"])
def test_a_yes_or_no_alone_is_proved_in_one_round_trip_for_the_very_question(
    counter: Callable[..., Counter], chip: str
) -> None:
    desk = counter(chip)
    desk.read(ELECTRICITY)
    desk.agree(ELECTRICITY)
    view = desk.shown()
    data = desk.desk.data
    assert data.tap is not None
    (request,) = data.tap.requests.values()
    asked = json.loads(request)
    assert (asked["fields"], bool(asked["questions"])) == ([], True)
    (population,) = (one for one in data.outcomes if one.register == "population")
    assert population.state is RegisterState.CONFIRMED
    assert population.receipt.count(".") == 2
    assert view.presence is not None
    assert view.presence.level == 4
    assert desk.spent == [2 if chip == "icao-3des" else 3]
    assert population.presence is not None
    assert population.presence.log is not None
    assert population.presence.log.checkpoint.split("\n")[1] == "2", "one challenge and one receipt are in the log"
    (bundle,) = presence_bundles(data).values()
    verdict = judge_evidence(bundle, issuers_of(desk.registers.endpoint("presence")), desk.trust)
    assert verdict.receipt.request == to_text(request_digest("population", request))


def test_nothing_is_committed_to_before_the_citizen_has_agreed(counter: Callable[..., Counter]) -> None:
    desk = counter()
    desk.read(OWN_DATA)
    assert not any(view.presence is not None for view in desk.views), "the card was not made to prove anything"
    desk.desk.refuse_consent()
    view = desk.shown()
    assert view.identity is not None
    assert view.presence is None
    assert {one.state for one in view.registers} == {RegisterState.NOT_ALLOWED}
    assert desk.desk.data.tap is None


def test_a_consent_taken_back_while_the_card_proves_itself_sends_nothing(counter: Callable[..., Counter]) -> None:
    desk = counter()
    desk.read(OWN_DATA)

    def take_back() -> None:
        assert ActionId.REFUSE in desk.until(lambda view: view.state is S.PROVING).actions
        desk.desk.refuse_consent()
        desk.until(lambda view: view.state is S.SHOWING)

    desk.while_open(take_back)
    desk.agree(OWN_DATA)
    view = desk.until(lambda view: view.state is S.SHOWING)
    assert {one.failure for one in view.registers} == {"consent-refused"}
    assert (desk.desk.data.consent, desk.desk.data.tap) == (None, None)
    # What the card was asked for has ended by then: the same worker reads the next card.
    desk.cards.remove()
    desk.until(lambda view: view.state is S.WIPED)
    assert desk.read(OWN_DATA).state is S.CONSENT
    assert not any(one.answered for one in desk.desk.data.outcomes)


def test_a_card_that_left_is_wanted_back_and_proves_itself_then(counter: Callable[..., Counter]) -> None:
    desk = counter()
    desk.read(OWN_DATA)
    desk.before_opening(desk.cards.remove)
    desk.agree(OWN_DATA)
    wanted = desk.until(lambda view: view.state is S.CARD_WANTED)
    assert (wanted.identity, wanted.portrait, wanted.decision, wanted.checks, wanted.comparison) == (
        None,
        None,
        None,
        (),
        (),
    )
    assert ActionId.GO_ON_WITHOUT_PROOF in wanted.actions
    desk.cards.insert(SandboxCard(PERSONA))
    view = desk.shown()
    assert view.identity is not None
    assert view.presence is not None
    assert view.presence.level == 4


def test_without_the_card_the_clerk_can_go_on_and_the_page_says_so(counter: Callable[..., Counter]) -> None:
    desk = counter()
    desk.read(OWN_DATA)
    desk.before_opening(desk.cards.remove)
    desk.agree(OWN_DATA)
    desk.until(lambda view: view.state is S.CARD_WANTED)
    # Told later, it would be the card of a result that is shown by then.
    desk.until_the_card_is_gone()
    desk.desk.go_on_without_proof()
    view = desk.shown()
    assert view.presence is not None
    assert (view.presence.state, view.presence.level) == (TapState.CARD_GONE.value, 2)
    assert [one.state for one in view.registers if one.register == "population"] == [RegisterState.ANSWERED]
    # No card lies there, so that the next one ends this visit whoever it belongs to.
    desk.cards.insert(SandboxCard(OTHER))
    assert desk.until(lambda view: view.state is S.NEED_KEY).identity is None


def test_another_card_in_its_place_is_refused_and_nothing_of_either_is_shown(counter: Callable[..., Counter]) -> None:
    desk = counter()
    desk.read(OWN_DATA)
    desk.before_opening(desk.cards.remove)
    desk.agree(OWN_DATA)
    desk.until(lambda view: view.state is S.CARD_WANTED)
    desk.cards.insert(SandboxCard(OTHER))
    view = desk.until(lambda view: view.state is S.FAULT)
    assert view.failure is not None
    assert view.failure.code == "different-document"
    assert (view.identity, desk.desk.data.inspection, desk.desk.data.opened_by) == (None, None, None)


def test_contact_lost_in_the_middle_is_found_again_by_itself(counter: Callable[..., Counter]) -> None:
    desk = counter()
    desk.read(OWN_DATA)

    def lose() -> None:
        raise CardRemoved("contact")

    desk.while_open(lose)
    desk.agree(OWN_DATA)
    desk.until(lambda view: view.state is S.CARD_WANTED)
    view = desk.shown()
    assert view.presence is not None
    assert view.presence.level == 4


def test_a_verifier_that_is_away_leaves_the_visit_at_level_two(counter: Callable[..., Counter]) -> None:
    def away(endpoint: RegisterEndpoint) -> RegisterEndpoint:
        return replace(endpoint, base_url="https://127.0.0.1:9") if endpoint.register == "presence" else endpoint

    desk = counter(change=away)
    desk.read(OWN_DATA)
    desk.agree(OWN_DATA)
    view = desk.shown()
    assert view.presence is not None
    assert (view.presence.state, view.presence.level) == (TapState.VERIFIER_AWAY.value, 2)
    assert S.CARD_WANTED not in desk.states
