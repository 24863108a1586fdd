"""Every key of the desk does what the bar at the bottom says, and Esc always leads one step back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desk.section_view import Outline
from desk.view import DeskView
from gui.desk.window import DeskWindow
from gui.theme.theme import SCALES
from reader.inspection.checks import CheckId


@pytest.fixture
def showing(window: DeskWindow, scenes: dict[str, DeskView], recorder: Any) -> DeskWindow:
    window.present_view(scenes["showing-proceed"])
    recorder.intents.clear()
    return window


@pytest.mark.parametrize(("key", "intent"), [("F2", "next_citizen"), ("F4", "look_up_again"), ("Escape", "cancel")])
def test_a_key_tells_the_desk_what_is_wanted(showing: DeskWindow, recorder: Any, key: str, intent: str) -> None:
    QTest.keyClick(QApplication.focusWidget(), getattr(Qt.Key, f"Key_{key}"))
    assert recorder.intents == [(intent,)]


def test_what_is_not_offered_cannot_be_done_by_key(
    window: DeskWindow, scenes: dict[str, DeskView], recorder: Any
) -> None:
    window.present_view(scenes["stopping"])
    recorder.intents.clear()
    for key in (Qt.Key.Key_F2, Qt.Key.Key_F4, Qt.Key.Key_Escape):
        QTest.keyClick(window, key)
    assert recorder.intents == []


def test_f12_covers_the_page_and_shows_it_again(showing: DeskWindow, recorder: Any) -> None:
    QTest.keyClick(showing, Qt.Key.Key_F12)
    assert showing.pages.currentWidget() is showing.hidden_page
    assert not showing.result_page.isVisible()
    QTest.keyClick(showing, Qt.Key.Key_F12)
    assert showing.pages.currentWidget() is showing.result_page
    assert recorder.intents == []


def test_the_cover_stays_while_the_visit_goes_on(showing: DeskWindow, scenes: dict[str, DeskView]) -> None:
    QTest.keyClick(showing, Qt.Key.Key_F12)
    showing.present_view(scenes["looking-up"])
    showing.present_view(scenes["showing-offline"])
    assert showing.pages.currentWidget() is showing.hidden_page
    assert showing.view is scenes["showing-offline"]


def test_esc_leaves_help_then_the_cover_then_the_visit(showing: DeskWindow, recorder: Any) -> None:
    QTest.keyClick(showing, Qt.Key.Key_F1)
    assert showing.pages.currentWidget() is showing.help_page
    QTest.keyClick(showing, Qt.Key.Key_Escape)
    assert showing.pages.currentWidget() is showing.result_page
    QTest.keyClick(showing, Qt.Key.Key_F12)
    QTest.keyClick(showing, Qt.Key.Key_Escape)
    assert showing.pages.currentWidget() is showing.result_page
    assert recorder.intents == []
    QTest.keyClick(showing, Qt.Key.Key_Escape)
    assert recorder.intents == [("cancel",)]


def test_enter_opens_the_evidence_of_a_check_and_esc_closes_it(showing: DeskWindow, recorder: Any) -> None:
    table = showing.result_page.checks.view
    table.setFocus()
    row = next(row for row in range(table.grid.rowCount()) if table.grid.row_key(row) == CheckId.SOD_SIGNATURE)
    table.setCurrentIndex(table.grid.index(row, 0))
    rows = table.grid.rowCount()
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert table.grid.rowCount() == rows + 1
    opened = str(table.grid.index(row + 1, 0).data())
    assert "brainpoolP384r1" in opened
    assert "→" in opened
    QTest.keyClick(table, Qt.Key.Key_Escape)
    assert table.grid.rowCount() == rows
    assert recorder.intents == []


def test_a_click_opens_a_row_and_closes_it(showing: DeskWindow) -> None:
    table = showing.result_page.comparison.view
    rows = table.grid.rowCount()
    place = table.visualRect(table.grid.index(0, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert table.grid.rowCount() == rows + 1
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert table.grid.rowCount() == rows


def test_arrows_choose_the_parcel_that_is_drawn(showing: DeskWindow) -> None:
    parcels = showing.result_page.holdings.page("land")
    parcels.view.setFocus()
    assert isinstance(parcels.drawing.picture, Outline)
    first = parcels.drawing.picture.label
    QTest.keyClick(parcels.view, Qt.Key.Key_Down)
    assert isinstance(parcels.drawing.picture, Outline)
    assert parcels.drawing.picture.label != first
    assert parcels.drawing.picture.label in parcels.drawing.outline.accessibleName()


def test_ctrl_c_copies_the_plain_digits(showing: DeskWindow) -> None:
    number = showing.result_page.identity.number
    number.setFocus()
    QTest.keyClick(number, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "099090000001"
    QGuiApplication.clipboard().setText("")
    QTest.mouseDClick(number, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "099090000001"


def test_f3_goes_to_the_number_field_and_alt_m_to_the_purpose(window: DeskWindow, scenes: dict[str, DeskView]) -> None:
    window.present_view(scenes["waiting"])
    window.header.help.setFocus()
    QTest.keyClick(window, Qt.Key.Key_F3)
    assert window.rail.key.field.hasFocus()
    QTest.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    assert window.header.purpose.hasFocus()


def test_the_size_goes_up_and_down_by_key_and_stays_within_bounds(
    window: DeskWindow, settle: Callable[[], None]
) -> None:
    theme = window.look.theme
    for _ in range(len(SCALES) + 1):
        QTest.keyClick(window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert theme.scale == SCALES[-1]
    settle()
    assert window.result_page.identity.name.font().pixelSize() == 52
    for _ in range(len(SCALES) + 1):
        QTest.keyClick(window, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert theme.scale == SCALES[0]


def test_neither_wheel_nor_a_lost_focus_changes_the_purpose(
    window: DeskWindow, scenes: dict[str, DeskView], recorder: Any
) -> None:
    window.present_view(scenes["need-key"])
    window.present_view(scenes["wiped"])
    assert not window.header.purpose.hasFocus()
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Down)
    place = window.header.purpose.rect().center()
    QTest.wheelEvent(window.windowHandle(), window.header.purpose.mapTo(window, place), QPoint(0, -120))
    assert recorder.intents == []
    assert window.header.purpose.currentData() == scenes["wiped"].purpose


def test_choosing_a_purpose_tells_the_desk(showing: DeskWindow, recorder: Any) -> None:
    showing.header.purpose.setFocus()
    QTest.keyClick(showing.header.purpose, Qt.Key.Key_Down)
    assert recorder.intents == [("choose_purpose", showing.header.purpose.currentData())]


def test_the_printed_number_of_an_emulated_card_is_entered_by_its_button(
    window: DeskWindow, scenes: dict[str, DeskView], recorder: Any
) -> None:
    window.present_view(scenes["need-key"])
    window.show_printed("099090000001")
    window.ribbon.number.click()
    assert ("enter_key", "099090000001") in recorder.intents
    recorder.intents.clear()
    window.present_view(scenes["stopping"])
    window.ribbon.number.click()
    assert recorder.intents == []
