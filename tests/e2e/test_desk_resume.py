"""A desk on emulated cards whose card is lost at any command and put back: the visit ends as if nothing had been."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from desk.assembly import desk_on_sandbox
from desk.sandbox_ports import SandboxCard
from desk.settings import Settings
from desk.view import DeskState, DeskView
from mock_cards.build import CardFactory
from mock_cards.sandbox import InProcessSandbox
from reader.inspection.report import Decision, Inspection

PERSONA = "nguyen-van-mau"


class Counter:
    """Hold a desk on emulated cards, and wait for what it shows."""

    def __init__(self, settings: Settings) -> None:
        self.sandbox = InProcessSandbox(CardFactory())
        self.desk = desk_on_sandbox(settings, self.sandbox, None)
        self._news = threading.Condition()
        self.views: list[DeskView] = []
        self.desk.subscribe(self._take)
        self.desk.start()

    def close(self) -> None:
        self.desk.close()
        self.sandbox.remove()
        self.sandbox.watch.stop()

    def _take(self, view: DeskView) -> None:
        with self._news:
            self.views.append(view)
            self._news.notify_all()

    def until(self, wanted: Callable[[DeskView], bool]) -> DeskView:
        with self._news:
            assert self._news.wait_for(lambda: bool(self.views) and wanted(self.views[-1]), 20), self.views[-1]
            return self.views[-1]

    def until_seen(self, state: DeskState) -> DeskView:
        """Wait until ``state`` was shown since a card was put on, however briefly; return how."""

        def seen() -> DeskView | None:
            return next((view for view in self.views if view.state is state), None)

        with self._news:
            assert self._news.wait_for(seen, 20), self.views[-1]
            shown = seen()
            assert shown is not None
            return shown

    def put_on(self, persona: str = PERSONA, *faults: str) -> str:
        self.views.clear()
        return self.sandbox.insert(SandboxCard(persona, faults=faults))

    def visit(self, number: str) -> Inspection:
        """Type a number, wait for the result, take the card away and return what was found."""
        self.until(lambda view: view.state is DeskState.NEED_KEY)
        self.desk.enter_key(number)
        return self.result()

    def result(self) -> Inspection:
        self.until(lambda view: view.state is DeskState.SHOWING)
        inspection = self.desk.data.inspection
        assert inspection is not None
        return inspection

    def end(self) -> None:
        self.sandbox.remove()
        self.until(lambda view: view.state in (DeskState.WIPED, DeskState.WAIT_CARD))


@pytest.fixture
def counter(request: pytest.FixtureRequest) -> Iterator[Counter]:
    made = Counter(getattr(request, "param", Settings()))
    yield made
    made.close()


def lose_at(counter: Counter, command: int) -> str:
    """Put a card on that leaves at ``command``, type its number, and wait until the desk asks for it back."""
    number = counter.put_on(PERSONA, f"lost-field:{command}")
    counter.until(lambda view: view.state is DeskState.NEED_KEY)
    counter.desk.enter_key(number)
    lost = counter.until_seen(DeskState.CARD_LOST)
    assert (lost.identity, lost.portrait, lost.checks) == (None, None, ())
    return number


def lost_and_found(counter: Counter, every: int) -> None:
    whole = counter.visit(counter.put_on())
    assert whole.decision is Decision.PROCEED
    counter.end()
    for command in range(1, whole.link.apdus + 1, every):
        lose_at(counter, command)
        counter.put_on()
        resumed = counter.result()
        assert dict(resumed.files) == dict(whole.files), command
        assert [(c.id, c.status) for c in resumed.checks] == [(c.id, c.status) for c in whole.checks]
        assert DeskState.NEED_KEY not in {view.state for view in counter.views}, "the number is not asked for again"
        assert resumed.link.apdus <= whole.link.apdus + 1
        counter.end()


def test_lost_at_a_sample_of_commands(counter: Counter) -> None:
    lost_and_found(counter, 11)


@pytest.mark.soak
def test_lost_at_every_command(counter: Counter) -> None:
    lost_and_found(counter, 1)


@pytest.mark.parametrize("command", [3, 25, 80])
def test_another_card_is_refused_and_nothing_of_either_is_left(counter: Counter, command: int) -> None:
    lose_at(counter, command)
    counter.put_on("pham-thi-mau")
    view = counter.until(lambda view: view.failure is not None)
    # Before the chip had opened, all that is known is that the number does not fit.
    assert view.failure is not None
    assert view.failure.code == ("wrong-password" if command == 3 else "different-document")
    assert view.state is DeskState.FAULT
    assert all(shown.identity is None for shown in counter.views)
    assert not counter.desk.data.files


@pytest.mark.parametrize("counter", [Settings(card_back_seconds=0.3)], indirect=True)
def test_a_card_that_does_not_come_back_is_named_when_the_time_is_over(counter: Counter) -> None:
    lose_at(counter, 40)
    view = counter.until(lambda view: view.state is DeskState.FAULT)
    assert view.failure is not None
    assert view.failure.code == "card-removed"
    assert not counter.desk.data.files
