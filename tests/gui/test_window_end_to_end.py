"""The window over a real desk: an emulated chip, sandbox registers over TLS, keys pressed as a clerk presses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk.assembly import desk_on_sandbox
from desk.runner import Desk
from desk.sandbox_ports import SandboxCard
from desk.settings import Settings
from desk.view import DeskState, DeskView
from gui.bridge import Bridge
from gui.desk.dealer import Dealer
from gui.desk.window import DeskWindow
from gui.widgets.part import Look
from mock_cards.sandbox import InProcessSandbox, open_card_sandbox
from mock_registers import open_register_sandbox
from reader.inspection.report import Decision

NUMBER = "099090000001"
CARD = SandboxCard("nguyen-van-mau")
PATIENCE_MS = 20_000


@dataclass
class Counter:
    """Hold a window on a desk, and what lies before it."""

    qtbot: QtBot
    window: DeskWindow
    desk: Desk
    cards: InProcessSandbox

    def until(self, wanted: DeskState | Callable[[DeskView], bool]) -> DeskView:
        """Wait until the window shows a state, or a view of which ``wanted`` holds."""

        def there() -> bool:
            view = self.window.view
            return view.state is wanted if isinstance(wanted, DeskState) else wanted(view)

        self.qtbot.waitUntil(there, timeout=PATIENCE_MS)
        return self.window.view

    def type(self, text: str) -> None:
        """Type ``text`` and Enter where the focus is."""
        QTest.keyClicks(QApplication.focusWidget(), text)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)

    def show(self, card: SandboxCard = CARD) -> DeskView:
        """Conduct a visit up to its result."""
        number = self.cards.insert(card)
        self.until(DeskState.NEED_KEY)
        self.type(number)
        return self.until(DeskState.SHOWING)


@pytest.fixture
def counter(qtbot: QtBot, look: Look, tmp_path: Path) -> Iterator[Counter]:
    with open_card_sandbox() as cards, open_register_sandbox() as registers:
        desk = desk_on_sandbox(Settings(clerk="Cán Bộ", counter="Quầy 3"), cards, registers, tmp_path)
        window = DeskWindow(look, desk)
        qtbot.addWidget(window)
        bridge = Bridge(window)
        bridge.arrived.connect(window.present_view)
        desk.subscribe(bridge.post)
        desk.start()
        window.resize(1280, 800)
        with qtbot.waitSignal(window.painted, timeout=20_000):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=20_000)
        made = Counter(qtbot, window, desk, cards)
        made.until(DeskState.WAIT_CARD)
        yield made
        bridge.close()
        desk.close()


def assert_wiped(counter: Counter, eyes: Any) -> None:
    held = "\n".join((*eyes.texts(counter.window), *eyes.held(counter.window)))
    for secret in (NUMBER, "099 090 000 001", "Nguyễn Văn Mẫu", "15/01/1990", "AB 12345678"):
        assert secret not in held
    assert counter.window.result_page.identity.portrait.pixmap.isNull()


def test_a_card_is_read_by_typing_its_number_and_wiped_when_it_leaves(
    counter: Counter, eyes: Any, settle: Callable[[], None]
) -> None:
    view = counter.show()
    page = counter.window.result_page
    assert counter.window.pages.currentWidget() is page
    assert view.decision is not None
    assert view.decision.decision is Decision.PROCEED
    assert page.decision.word.text() == counter.window.look.tongue.texts.decision(Decision.PROCEED)
    assert page.identity.name.text() == "Nguyễn Văn Mẫu"
    assert page.identity.number.text() == "099 090 000 001"
    assert not page.identity.portrait.pixmap.isNull()
    assert page.holdings.page("land").view.grid.rowCount() == 2
    assert page.checks.view.grid.rowCount() == len(view.checks)
    page.identity.number.copy()
    assert QGuiApplication.clipboard().text() == NUMBER
    counter.cards.remove()
    counter.until(lambda view: view.identity is None)
    settle()
    assert not page.isVisible()
    assert_wiped(counter, eyes)
    assert QGuiApplication.clipboard().text() == ""


def test_esc_in_the_middle_of_a_reading_stops_and_wipes(
    counter: Counter, eyes: Any, settle: Callable[[], None]
) -> None:
    # So slow that the reading is not over when it is looked at.
    counter.cards.insert(SandboxCard(CARD.persona, faults=("delay:300@30+",)))
    counter.until(DeskState.NEED_KEY)
    counter.type(NUMBER)
    counter.until(lambda view: view.state is DeskState.READING and view.identity is not None)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    counter.until(lambda view: view.state in (DeskState.WIPED, DeskState.WAIT_CARD))
    settle()
    assert_wiped(counter, eyes)


def test_a_wrong_number_is_told_in_place_and_the_right_one_goes_on(counter: Counter) -> None:
    counter.cards.insert(CARD)
    counter.until(DeskState.NEED_KEY)
    counter.type("099090999999")
    view = counter.until(lambda view: view.failure is not None)
    assert view.failure is not None
    assert view.failure.code == "wrong-password"
    title = counter.window.look.tongue.texts.failure(view.failure).title
    assert counter.window.state_page.title.text() == title
    counter.type(NUMBER)
    counter.until(DeskState.SHOWING)


def test_a_forged_card_is_stopped_and_no_register_is_asked(counter: Counter) -> None:
    forgery = next(name for name in counter.cards.forgeries if "dg1" in name)
    view = counter.show(SandboxCard("nguyen-van-mau", (forgery,)))
    assert view.decision is not None
    assert view.decision.decision is Decision.STOP
    assert not any(section.items for section in view.sections)
    assert counter.window.result_page.decision.property("meaning") == "stop"
    first = counter.window.result_page.checks.view.grid.row_key(0)
    assert first in {str(check.id) for check in view.checks if check.status == "failed"}


def test_the_ribbon_puts_a_card_on_fills_in_its_number_and_takes_it_off(
    counter: Counter, eyes: Any, settle: Callable[[], None]
) -> None:
    window = counter.window
    dealer = Dealer(counter.cards, window.show_printed)
    window.deal_with(dealer)
    window.ribbon.choose(CARD)
    window.ribbon.put_on.click()
    counter.until(DeskState.NEED_KEY)
    counter.qtbot.waitUntil(window.ribbon.number.isVisible, timeout=20_000)
    window.ribbon.number.click()
    counter.until(DeskState.SHOWING)
    window.ribbon.take_off.click()
    counter.until(lambda view: view.identity is None)
    counter.qtbot.waitUntil(lambda: not window.ribbon.number.isVisible(), timeout=20_000)
    settle()
    held = "\n".join(eyes.held(window))
    assert NUMBER not in held
    dealer.close()


def test_the_ribbon_offers_the_lines_on_the_back_where_only_they_open_the_card(counter: Counter) -> None:
    window = counter.window
    dealer = Dealer(counter.cards, window.show_printed)
    window.deal_with(dealer)
    window.ribbon.choose(SandboxCard(CARD.persona, ("pace-stripped",)))
    window.ribbon.put_on.click()
    counter.until(DeskState.NEED_KEY)
    counter.qtbot.waitUntil(window.ribbon.number.isVisible, timeout=20_000)
    number = window.ribbon.number.text()
    window.ribbon.number.click()
    counter.until(lambda view: view.failure is not None and view.failure.code == "mrz-needed")
    counter.qtbot.waitUntil(lambda: window.ribbon.number.text() != number, timeout=20_000)
    window.ribbon.number.click()
    counter.until(DeskState.SHOWING)
    dealer.close()


def test_the_next_card_shows_only_its_own(counter: Counter, eyes: Any, settle: Callable[[], None]) -> None:
    counter.show()
    counter.cards.remove()
    counter.until(lambda view: view.identity is None)
    view = counter.show(SandboxCard("h-mut-nie-kcor"))
    settle()
    assert view.identity is not None
    assert counter.window.result_page.identity.name.text() == view.identity.full_name
    held = "\n".join((*eyes.texts(counter.window), *eyes.held(counter.window)))
    assert NUMBER not in held
