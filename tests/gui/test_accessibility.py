"""The desk without a mouse and without sight: everything has a name and a role, and Tab reaches it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desk.language import Language
from desk.view import DeskView
from gui.desk.window import DeskWindow
from gui.theme import Scheme

PAGES = (
    "no-reader",
    "waiting",
    "need-key",
    "reading-identity",
    "looking-up",
    "showing-proceed",
    "showing-attention",
    "showing-stop",
    "showing-offline",
    "failed-wrong-password",
    "failed-card-removed",
    "stopping",
    "wiped",
)
_ROLELESS = (QAccessible.Role.NoRole, QAccessible.Role.Client, QAccessible.Role.Window)


def reachable(window: DeskWindow) -> set[QWidget]:
    """Return every widget that Tab must reach now."""
    return {
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    }


def walked(window: DeskWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> list[QWidget]:
    """Return the widgets that a key reaches one after another until it is back where it began."""
    begin = QApplication.focusWidget()
    assert begin is not None
    found: list[QWidget] = []
    for _ in range(100):
        QTest.keyClick(QApplication.focusWidget(), key, modifiers)
        found.append(QApplication.focusWidget())
        if found[-1] is begin:
            return found
    raise AssertionError("never came back")


def name_of(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    return interface.text(QAccessible.Text.Name)


@pytest.mark.parametrize("page", [*PAGES, "help", "hidden"])
@pytest.mark.parametrize("language", list(Language))
def test_whatever_takes_the_focus_has_a_name_and_a_role(
    window: DeskWindow, scenes: dict[str, DeskView], page: str, language: Language
) -> None:
    window.look.tongue.speak(language)
    window.present_view(scenes.get(page, scenes["showing-proceed"]))
    if page == "help":
        window.toggle_help()
    if page == "hidden":
        window.toggle_hidden()
    there = reachable(window)
    assert len(there) > 4
    for widget in there:
        interface = QAccessible.queryAccessibleInterface(widget)
        assert interface is not None
        assert interface.text(QAccessible.Text.Name).strip(), type(widget).__name__
        assert interface.role() not in _ROLELESS, type(widget).__name__
        assert not interface.state().invisible


@pytest.mark.parametrize("page", PAGES)
def test_tab_reaches_everything_and_comes_back(window: DeskWindow, scenes: dict[str, DeskView], page: str) -> None:
    window.present_view(scenes[page])
    window.header.help.setFocus()
    forward = walked(window, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
    backward = walked(window, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    # Asked after the walk: of the two languages Tab stops at the one in use, and arrows reach the other.
    assert {name_of(widget) for widget in reachable(window) ^ set(forward)} == set()
    assert forward[:-1] == backward[-2::-1]


def test_tab_follows_the_reading_order(window: DeskWindow, scenes: dict[str, DeskView]) -> None:
    window.present_view(scenes["showing-proceed"])
    page = window.result_page
    window.header.purpose.setFocus()
    order = walked(window, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
    wanted = [
        window.header.help,
        page.identity.number,
        page.comparison.view,
        page.checks.view,
        page.holdings.page("land").view,
        window.actions_bar.next,
        window.actions_bar.stop,
    ]
    places = [order.index(widget) for widget in wanted]
    assert places == sorted(places)


def test_the_field_and_the_button_stand_in_order(window: DeskWindow, scenes: dict[str, DeskView]) -> None:
    window.present_view(scenes["need-key"])
    QTest.keyClicks(window.rail.key.field, "099")
    QTest.keyClick(window.rail.key.field, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is window.rail.key.go


def test_a_row_is_read_out_with_its_register_and_how_it_stands(window: DeskWindow, scenes: dict[str, DeskView]) -> None:
    window.look.tongue.speak(Language.ENGLISH)
    window.present_view(scenes["showing-proceed"])
    grid = window.result_page.comparison.view.grid
    spoken = [
        str(grid.index(row, column).data(Qt.ItemDataRole.AccessibleTextRole))
        for row in range(grid.rowCount())
        for column in range(grid.columnCount())
    ]
    assert all(text.strip() for text in spoken)
    assert any("Place of residence" in text or "esidence" in text for text in spoken)
    checks = window.result_page.checks.view.grid
    texts = window.look.tongue.texts
    for row, check in enumerate(checks.index(i, 0).data(Qt.ItemDataRole.AccessibleTextRole) for i in range(17)):
        key = checks.row_key(row)
        assert str(check).startswith(texts.check_name(key))


def test_the_decision_is_spoken_whole(window: DeskWindow, scenes: dict[str, DeskView]) -> None:
    window.present_view(scenes["showing-stop"])
    texts, decision = window.look.tongue.texts, scenes["showing-stop"].decision
    assert decision is not None
    spoken = window.result_page.decision.accessibleName()
    assert spoken.startswith(texts.decision(decision.decision))
    for check, reason in decision.reasons:
        assert texts.finding(check, reason) in spoken


def test_a_change_of_page_is_announced_once(
    window: DeskWindow, scenes: dict[str, DeskView], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("gui.desk.window.QAccessible.updateAccessibility", lambda event: said.append(event.message()))
    for name in ("need-key", "need-key", "reading-access", "showing-proceed", "showing-proceed"):
        window.present_view(scenes[name])
    assert len(said) == 3
    assert said[-1] == window.result_page.decision.accessibleName()


def test_every_control_says_what_it_does_in_a_tooltip(window: DeskWindow, scenes: dict[str, DeskView]) -> None:
    window.present_view(scenes["need-key"])
    silent = [name_of(widget) for widget in reachable(window) if not widget.toolTip()]
    assert silent == []


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK, Scheme.HIGH_CONTRAST])
def test_the_focus_is_seen(
    window: DeskWindow, scenes: dict[str, DeskView], scheme: Scheme, settle: Callable[[], None]
) -> None:
    window.look.theme.use(scheme=scheme)
    window.present_view(scenes["showing-proceed"])
    unseen = []
    for widget in reachable(window):
        window.setFocus()
        settle()
        before = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        settle()
        if widget.grab().toImage() == before:
            unseen.append(name_of(widget))
    assert unseen == []
