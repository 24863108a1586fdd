"""A whole visit with emulated cards and sandbox registers: the card taps, the proof travels, receipts come back."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auth.presence import PresenceLevel, Reason, judge_evidence
from auth.presence.commitment import request_digest
from auth.presence.encoding import to_text
from auth.purposes import ConsentHow
from auth.registers.presence import issuers_of
from auth.wire.endpoint import RegisterEndpoint
from desk.assembly import desk_on_sandbox
from desk.conduct import AskCitizen, conduct_visit, nobody_agrees
from desk.presence_report import presence_bundles, presence_report
from desk.report import visit_report
from desk.runner import Desk
from desk.sandbox_ports import SandboxCard
from desk.settings import Settings
from desk.tap import TapState
from desk.view import DeskState, DeskView, RegisterState
from desk.visit_data import VisitData
from mock_cards.build import BuiltCard, CardFactory
from mock_cards.sandbox import InProcessSandbox
from mock_registers.sandbox import RegisterSandbox, open_register_sandbox
from reader.inspection import Decision, Policy
from reader.trust import TrustMaterial

Ran = WholeDemo = Any  # live in conftest.py, which cannot be imported from here

PERSONA, PURPOSE = "nguyen-van-mau", "land-change-registration"
ELECTRICITY = "electricity-contract"
LEAST_FOUR = '[presence]\nany = {{ least = 4, below = "{below}" }}\n'


class OneChip(CardFactory):
    """Build every card on one chip."""

    def __init__(self, chip: str) -> None:
        super().__init__("presence-visit")
        self._chip = chip

    def build(
        self, persona: str, forgeries: tuple[str, ...] = (), faults: tuple[str, ...] = (), chip: str = ""
    ) -> BuiltCard:
        return super().build(persona, forgeries, faults, chip or self._chip)


@dataclass
class Counter:
    """Hold a desk on emulated cards and sandbox registers, and all that it has shown."""

    desk: Desk
    cards: InProcessSandbox
    registers: RegisterSandbox
    trust: TrustMaterial
    views: list[DeskView] = field(default_factory=list)

    def visit(self, *forgeries: str, faults: tuple[str, ...] = (), agree: AskCitizen = nobody_agrees) -> VisitData:
        """Conduct one visit up to its result."""
        card = SandboxCard(PERSONA, forgeries, faults)
        done = conduct_visit(self.desk, self.cards, card, self.views.append, 30, agree)
        assert done.failure is None, done.failure
        return done.data

    @property
    def view(self) -> DeskView:
        return self.views[-1]


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Callable[..., Counter]]:
    """Return a function that opens a desk; ``change`` may lead its endpoints astray."""
    with ExitStack() as stack:

        def make(
            chip: str = "vietnam-2024",
            *,
            below: str = "",
            change: Callable[[RegisterEndpoint], RegisterEndpoint | None] = lambda endpoint: endpoint,
            **served: Any,
        ) -> Counter:
            cards = InProcessSandbox(OneChip(chip))
            lists = cards.revocation_lists
            registers = stack.enter_context(
                open_register_sandbox(card_anchors=cards.anchors, card_lists=lists, **served)
            )
            known = tuple(found for endpoint in registers.endpoints if (found := change(endpoint)) is not None)
            settings = Settings(purpose=PURPOSE, clerk_id="cb-001", lookup_seconds=5)
            if below:
                file = tmp_path / "policy.toml"
                head, _, rest = Policy.shipped().text.partition("[max_age]")
                file.write_text(head + LEAST_FOUR.format(below=below) + "[max_age]" + rest, encoding="utf-8")
                settings = settings.model_copy(update={"policy_file": file})
            desk = desk_on_sandbox(settings, cards, replace(registers, endpoints=known))
            stack.callback(cards.watch.stop)
            stack.callback(cards.remove)
            stack.callback(desk.close)
            return Counter(desk, cards, registers, TrustMaterial.of(cards.anchors, lists))

        yield make


def away(endpoint: RegisterEndpoint) -> RegisterEndpoint:
    """Let nobody answer where the verifier was."""
    return replace(endpoint, base_url="https://127.0.0.1:9") if endpoint.register == "presence" else endpoint


@pytest.mark.parametrize("chip", ["vietnam-2024", "quirk-ca-once", "vietnam-2021", "icao-3des"])
def test_one_tap_shows_the_chip_to_every_register_that_is_asked(counter: Callable[..., Counter], chip: str) -> None:
    desk = counter(chip)
    data = desk.visit()
    assert data.tap is not None
    assert (data.tap.state, data.tap.mode, data.tap.local) == (TapState.PROVEN, "CA", 2)
    assert {outcome.register: outcome.state for outcome in data.outcomes if outcome.register in data.tap.requests} == {
        "population": RegisterState.ANSWERED,
        "land": RegisterState.ANSWERED,
        "housing": RegisterState.ANSWERED,
    }
    shown = desk.view.presence
    assert shown is not None
    assert (shown.level, shown.enough, shown.asking) == (4, True, False)
    assert {one.register: (one.level, one.accepted, one.reasons) for one in shown.registers} == {
        "population": (4, True, ()),
        "land": (4, True, ()),
        "housing": (4, True, ()),
    }
    assert desk.view.decision is not None
    assert desk.view.decision.decision is Decision.PROCEED


def test_what_was_committed_to_is_what_was_sent(counter: Callable[..., Counter]) -> None:
    desk = counter()
    data = desk.visit()
    assert data.tap is not None
    for register, bundle in presence_bundles(data).items():
        receipt = judge_evidence(bundle, issuers_of(desk.registers.endpoint("presence")), desk.trust).receipt
        assert receipt.request == to_text(request_digest(register, data.tap.requests[register]))
        assert json.loads(data.tap.requests[register])["clerk"] == receipt.clerk == "cb-001"


def test_the_visits_evidence_is_judged_without_the_registers(counter: Callable[..., Counter]) -> None:
    desk = counter()
    bundles = presence_bundles(desk.visit())
    assert set(bundles) == {"population", "land", "housing"}
    for bundle in bundles.values():
        verdict = judge_evidence(bundle, issuers_of(desk.registers.endpoint("presence")), desk.trust)
        assert (verdict.level, verdict.reasons) == (PresenceLevel.BOUND_TO_REQUEST, ())


def test_the_identity_is_shown_before_the_portrait_and_both_before_the_tap(counter: Callable[..., Counter]) -> None:
    desk = counter()
    desk.visit()
    reading = [view for view in desk.views if view.state is DeskState.READING]
    identity = next(at for at, view in enumerate(reading) if view.identity is not None)
    tapping = [at for at, view in enumerate(reading) if view.presence is not None and view.presence.asking]
    whole = [at for at, view in enumerate(reading) if view.portrait is not None and view.portrait.whole]
    assert identity < min(tapping, default=len(reading))
    assert not tapping or (whole and whole[0] <= tapping[0])


def test_the_report_says_what_was_shown_and_holds_the_receipts(counter: Callable[..., Counter]) -> None:
    data = counter().visit()
    said = presence_report(data)
    assert visit_report(data)["presence"] == said
    assert (said["state"], said["level"], said["local_level"], said["least"]) == ("presence-proven", 4, 2, 0)
    assert [one["register"] for one in said["registers"]] == ["population", "land", "housing"]  # type: ignore[attr-defined,index]  # JSON
    assert all(one["receipt"].count(".") == 2 for one in said["registers"])  # type: ignore[attr-defined,index]  # JSON


def test_looking_up_again_is_proved_again_for_its_own_requests(counter: Callable[..., Counter]) -> None:
    desk = counter()
    first = desk.visit().tap
    done, proving = threading.Event(), threading.Event()

    def look(view: DeskView) -> None:
        if view.state is DeskState.PROVING:
            proving.set()
        elif view.state is DeskState.SHOWING and proving.is_set():
            done.set()

    desk.desk.subscribe(look)
    desk.desk.look_up_again()
    assert done.wait(20)
    data = desk.desk.data
    assert first is not None
    assert data.tap is not None
    assert data.tap.requests != first.requests
    assert presence_report(data)["level"] == 4


class TestPolicy:
    """What less than the policy asks for amounts to."""

    @pytest.mark.parametrize(
        ("below", "decision"),
        [("", Decision.PROCEED), ("proceed", Decision.PROCEED), ("attention", Decision.ATTENTION)],
    )
    def test_a_verifier_that_is_away_weighs_what_the_policy_says(
        self, counter: Callable[..., Counter], below: str, decision: Decision
    ) -> None:
        desk = counter(below=below, change=away)
        data = desk.visit()
        assert data.tap is not None
        assert data.tap.state is TapState.VERIFIER_AWAY
        assert desk.view.decision is not None
        assert desk.view.decision.decision is decision
        assert [outcome.answered for outcome in data.outcomes if outcome.register == "population"] == [True]

    def test_where_it_stops_nobody_is_asked(self, counter: Callable[..., Counter]) -> None:
        desk = counter(below="stop", change=away)
        data = desk.visit()
        assert not any(outcome.answered for outcome in data.outcomes)
        assert desk.view.decision is not None
        assert desk.view.decision.decision is Decision.STOP
        assert ("register.presence", "presence-too-low") in desk.view.decision.reasons

    @pytest.mark.parametrize("below", ["attention", "stop"])
    def test_what_is_shown_in_full_passes_it(self, counter: Callable[..., Counter], below: str) -> None:
        desk = counter(below=below)
        desk.visit()
        assert desk.view.decision is not None
        assert desk.view.decision.decision is Decision.PROCEED

    def test_a_desk_without_a_verifier_goes_on_and_says_so(self, counter: Callable[..., Counter]) -> None:
        desk = counter(change=lambda endpoint: endpoint if endpoint.register != "presence" else None)
        data = desk.visit()
        assert data.tap is not None
        assert (data.tap.state, presence_report(data)["level"]) == (TapState.NOT_SET_UP, 2)
        assert desk.view.decision is not None
        assert desk.view.decision.decision is Decision.PROCEED


class TestRegisterRule:
    """What a register itself asks for."""

    def test_a_register_that_wants_presence_answers_who_shows_it(self, counter: Callable[..., Counter]) -> None:
        data = counter(presence_least={PURPOSE: 4}).visit()
        assert all(outcome.answered for outcome in data.outcomes if outcome.register in ("population", "land"))

    def test_and_refuses_whoever_does_not(self, counter: Callable[..., Counter]) -> None:
        data = counter(presence_least={PURPOSE: 4}, change=away).visit()
        failures = {outcome.register: outcome.failure for outcome in data.outcomes}
        assert (failures["population"], failures["land"]) == ("register-refused", "register-refused")

    @pytest.mark.parametrize(("change", "answered"), [(lambda endpoint: endpoint, True), (away, False)])
    def test_a_yes_or_no_alone_is_given_by_the_same_rule(
        self, counter: Callable[..., Counter], change: Callable[[RegisterEndpoint], RegisterEndpoint], answered: bool
    ) -> None:
        desk = counter(presence_least={ELECTRICITY: 4}, change=change)
        desk.desk.choose_purpose(ELECTRICITY)
        data = desk.visit(agree=lambda _view: ("vi", ConsentHow.READ_BY_CITIZEN))
        (population,) = (one for one in data.outcomes if one.register == "population")
        assert population.state is (RegisterState.CONFIRMED if answered else RegisterState.FAILED)
        assert population.failure == ("" if answered else "register-refused")
        assert presence_report(data)["level"] == (4 if answered else 2)


class TestEndedList:
    """A verifier whose trust list has ended by its own date."""

    YESTERDAY = datetime.now(UTC) - timedelta(days=1)

    def test_its_receipts_are_of_level_two_and_say_why(self, counter: Callable[..., Counter]) -> None:
        desk = counter(card_trust_expires=self.YESTERDAY)
        told = presence_report(desk.visit())
        assert (told["state"], told["level"]) == ("presence-proven", 2)
        assert {one["register"]: (one["level"], one["accepted"], one["reasons"]) for one in told["registers"]} == {
            name: (2, True, ["trust-expired"]) for name in ("population", "land", "housing")
        }

    def test_and_no_purpose_that_wants_more_is_answered(self, counter: Callable[..., Counter]) -> None:
        data = counter(card_trust_expires=self.YESTERDAY, presence_least={PURPOSE: 3}).visit()
        failures = {outcome.register: outcome.failure for outcome in data.outcomes}
        assert (failures["population"], failures["land"]) == ("register-refused", "register-refused")

    def test_and_an_auditor_believes_no_more_than_the_receipt(self, counter: Callable[..., Counter]) -> None:
        desk = counter(card_trust_expires=self.YESTERDAY)
        raw = presence_bundles(desk.visit())["land"]
        verdict = judge_evidence(raw, issuers_of(desk.registers.endpoint("presence")), desk.trust)
        assert (verdict.level, verdict.reasons) == (PresenceLevel.DEVICE_WORD, (Reason.TRUST_EXPIRED,))


def test_a_card_that_cannot_prove_itself_does_not_hold_the_visit_up(
    counter: Callable[..., Counter], tmp_path: Path
) -> None:
    file = tmp_path / "mute.toml"
    file.write_text(
        'like = "vietnam-2021"\nabout = "cannot prove itself"\n[chip_authentication]\nkeys = []\n'
        '[active_authentication]\nkey = ""\n'
    )
    desk = counter(str(file))
    data = desk.visit()
    assert data.tap is not None
    assert (data.tap.state, presence_report(data)["level"]) == (TapState.CARD_CANNOT, 1)
    assert any(outcome.answered for outcome in data.outcomes)


def test_a_stopped_card_is_not_tapped(counter: Callable[..., Counter]) -> None:
    desk = counter()
    data = desk.visit("sod-signature-broken")
    assert data.tap is None
    assert not any(outcome.answered for outcome in data.outcomes)


def test_a_wipe_leaves_nothing_of_the_tap(counter: Callable[..., Counter]) -> None:
    desk = counter()
    desk.visit()
    wiped = threading.Event()
    desk.desk.subscribe(lambda view: wiped.set() if view.state is DeskState.WIPED else None)
    desk.cards.remove()
    assert wiped.wait(20)
    assert desk.desk.data.tap is None
    assert not any(outcome.presence for outcome in desk.desk.data.outcomes)


def test_motcua_verify_judges_what_the_visit_left(
    whole_demo: WholeDemo, motcua_here: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = whole_demo.ran
    assert ran.code == 0
    assert ran.report["presence"]["level"] == 4
    assert "level 4 of 4" in ran.out
    left = whole_demo.evidence / "land.cpp.json"
    assert left.stat().st_mode & 0o077 == 0
    judged = motcua_here("verify", str(left), "--lang", "en")
    assert judged.code == 20, "nobody here knows that verifier"
    assert "no known verifier" in judged.out
    cut = tmp_path / left.name
    cut.write_bytes(left.read_bytes()[:-1])
    assert motcua_here("verify", str(cut)).code == 4


def test_reasons_of_a_register_have_words() -> None:
    from desk.words import presence_words

    assert {reason.value for reason in Reason} <= set(presence_words.REASONS)
