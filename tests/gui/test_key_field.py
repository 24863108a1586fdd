"""The number field: takes what a clerk types and what a scanner sends, refuses nonsense in place, keeps no history."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt
from PySide6.QtGui import QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desk.view import DeskView
from gui.desk.window import DeskWindow
from gui.widgets.key_text import LONGEST, KeyShape, KeyText, grouped

NUMBER = "099090000001"
# As on the back of the cards: three lines of 30 characters (ICAO 9303-5 §4.2).
MRZ = ("IDVNM0900000017099090000001<<8", "9001155M3001150VNM<<<<<<<<<<<2", "NGUYEN<<VAN<MAU<<<<<<<<<<<<<<<")
QR = "099090000001|099123456|Nguyễn Văn Mẫu|15011990|Nam|Số 12, Thôn Đông, Xã Mẫu Sơn|25042021"


def scan(widget: QWidget, *lines: str) -> None:
    """Send lines as a keyboard scanner does, each ended by Enter, to whatever has the focus."""
    for line in lines:
        for letter in line:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                target = QApplication.focusWidget() or widget
                QApplication.sendEvent(target, QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter))
        QTest.keyClick(QApplication.focusWidget() or widget, Qt.Key.Key_Return)


@pytest.fixture
def asking(window: DeskWindow, scenes: dict[str, DeskView], recorder: Any) -> DeskWindow:
    window.present_view(scenes["need-key"])
    recorder.intents.clear()
    return window


def test_twelve_digits_and_enter_are_handed_over_and_forgotten(asking: DeskWindow, recorder: Any) -> None:
    field = asking.rail.key.field
    assert field.hasFocus()
    QTest.keyClicks(field, NUMBER)
    assert field.text() == "099 090 000 001"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert recorder.intents == [("enter_key", NUMBER)]
    assert field.text() == ""
    assert field.key_text.shape is KeyShape.EMPTY


def test_the_last_six_digits_will_do(asking: DeskWindow, recorder: Any) -> None:
    QTest.keyClicks(asking.rail.key.field, "000001")
    asking.rail.key.go.click()
    assert recorder.intents == [("enter_key", "000001")]


@pytest.mark.parametrize(
    "nonsense", ["hello", "09909000000", "0990900000011", "0", "12a456", "<<<<", "099|x", "x" * (LONGEST + 40)]
)
def test_nonsense_is_refused_in_place_and_stays_to_be_mended(asking: DeskWindow, recorder: Any, nonsense: str) -> None:
    key = asking.rail.key
    before = key.hint.text()
    key.field.take(nonsense)
    QTest.keyClick(key.field, Qt.Key.Key_Return)
    assert recorder.intents == []
    assert key.field.text()
    assert key.field.property("wrong") is True
    assert key.hint.text() != before
    assert key.hint.property("tone") == "stop"
    assert nonsense not in key.hint.text() or nonsense == "0"
    QTest.keyClick(key.field, Qt.Key.Key_Backspace)
    assert key.field.property("wrong") is False
    assert key.hint.text() == before


def test_enter_on_nothing_says_so(asking: DeskWindow, recorder: Any) -> None:
    QTest.keyClick(asking.rail.key.field, Qt.Key.Key_Enter)
    assert recorder.intents == []
    assert asking.rail.key.hint.property("tone") == "stop"


def test_a_scanner_s_qr_code_reaches_the_desk_whole_wherever_the_focus_is(asking: DeskWindow, recorder: Any) -> None:
    for begin in (asking.rail.key.field, asking.header.help, asking.actions_bar.next):
        recorder.intents.clear()
        begin.setFocus()
        scan(asking, QR)
        assert recorder.intents == [("enter_key", QR)]
        assert asking.rail.key.field.text() == ""


def test_a_scanner_s_three_lines_reach_the_desk_as_one(asking: DeskWindow, recorder: Any) -> None:
    scan(asking, *MRZ)
    assert recorder.intents == [("enter_key", "\n".join(MRZ))]


def test_a_qr_code_is_not_shown_beyond_the_number(asking: DeskWindow) -> None:
    asking.rail.key.field.take(QR)
    assert asking.rail.key.field.text() == "099 090 000 001 · QR"


def test_a_card_scanned_on_the_result_page_is_not_typed_into_the_table(
    window: DeskWindow, scenes: dict[str, DeskView], recorder: Any
) -> None:
    window.present_view(scenes["showing-proceed"])
    table = window.result_page.comparison.view
    table.setFocus()
    for letter in NUMBER:
        QApplication.sendEvent(table, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter))
    assert window.rail.key.field.text() == ""
    assert all(intent[0] != "enter_key" for intent in recorder.intents)


def test_paste_takes_text_and_drop_and_middle_click_take_nothing(asking: DeskWindow) -> None:
    field = asking.rail.key.field
    QGuiApplication.clipboard().setText(f" {NUMBER}\n")
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "099 090 000 001"
    field.wipe()
    data = QMimeData()
    data.setText(NUMBER)
    drop = QDropEvent(
        QPoint(2, 2),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(field, drop)
    QTest.mouseClick(field, Qt.MouseButton.MiddleButton)
    assert field.text() == ""
    QGuiApplication.clipboard().setText("")


def test_keys_that_command_do_not_type(asking: DeskWindow) -> None:
    field = asking.rail.key.field
    for key, modifier in (
        (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier),
    ):
        for target in (field, asking.header.help):
            QTest.keyClick(target, key, modifier)
    assert field.text() == ""


def test_delete_and_esc_empty_the_field_before_esc_leaves_the_page(asking: DeskWindow, recorder: Any) -> None:
    field = asking.rail.key.field
    QTest.keyClicks(field, "0990")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert recorder.intents == []
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert recorder.intents == [("cancel",)]
    QTest.keyClicks(field, "0990")
    QTest.keyClick(field, Qt.Key.Key_Delete)
    assert field.text() == ""
    QTest.keyClicks(field, "0990")
    QTest.keyClick(field, Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == ""


def test_the_field_keeps_nothing_to_undo(asking: DeskWindow) -> None:
    field = asking.rail.key.field
    QTest.keyClicks(field, NUMBER)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert not field.isUndoAvailable()
    field.undo()
    assert field.text() == ""


def test_the_text_never_shows_in_a_repr() -> None:
    assert NUMBER not in repr(KeyText(NUMBER))


def test_a_number_that_is_held_is_said_so(window: DeskWindow, scenes: dict[str, DeskView]) -> None:
    window.present_view(scenes["waiting"])
    before = window.rail.key.hint.text()
    window.present_view(scenes["waiting-number-held"])
    assert window.rail.key.hint.text() != before


@given(st.text(max_size=700))
def test_any_text_has_one_shape_and_what_is_complete_is_bounded(text: str) -> None:
    key = KeyText(text)
    shape = key.shape
    if key.complete:
        assert shape in (KeyShape.DIGITS, KeyShape.QR, KeyShape.MRZ)
        assert len(key.clean) <= LONGEST
    if shape is KeyShape.DIGITS:
        assert key.digits.isascii()
        assert grouped(key.digits).replace(" ", "") == key.digits
