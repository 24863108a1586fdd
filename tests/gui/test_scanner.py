"""A QR scanner types as a keyboard does, and nobody looks where the focus is before they scan."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desk.view import DeskView
from gui.desk.window import DeskWindow

_QR = "099090000001|099123456|Nguyen Van Mau|15011990|Nam|So 12, Thon Dong|25042021"
_LAND_QR = "02-01-2025-09-30-00|099|MAU|H-1|AB 12345678|GCN-099-1||42"


@pytest.mark.parametrize("state", ["waiting", "need-key", "failed-wrong-password", "failed-card-removed"])
def test_the_number_field_has_the_focus_where_a_number_is_taken(
    window: DeskWindow, scenes: dict[str, DeskView], state: str
) -> None:
    window.present_view(scenes[state])
    assert QApplication.focusWidget() is window.rail.key.field


@pytest.mark.parametrize("elsewhere", ["purpose", "language", "looks", "help", "hide"])
def test_a_scan_reaches_the_desk_whole_wherever_the_focus_is(
    window: DeskWindow, scenes: dict[str, DeskView], recorder: Any, elsewhere: str
) -> None:
    header = window.header
    place = {
        "purpose": header.purpose,
        "language": next(iter(header.languages.buttons.values())),
        "looks": header.looks,
        "help": header.help,
        "hide": window.actions_bar.hide_page,
    }[elsewhere]
    window.present_view(scenes["need-key"])
    place.setFocus()
    recorder.intents.clear()
    for character in _QR:
        QTest.keyClicks(QApplication.focusWidget(), character)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert recorder.intents == [("enter_key", _QR)]
    assert window.rail.key.field.text() == ""


def test_a_land_certificate_s_code_reaches_the_desk_and_is_called_what_it_is(
    window: DeskWindow, scenes: dict[str, DeskView], recorder: Any
) -> None:
    window.present_view(scenes["need-key"])
    recorder.intents.clear()
    for character in _LAND_QR:
        QTest.keyClicks(QApplication.focusWidget(), character)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert recorder.intents == [("enter_key", _LAND_QR)]
    assert window.rail.key.field.text() == ""
    window.present_view(scenes["need-key-certificate"])
    assert "AB12345678" in window.state_page.text.text()
    assert window.rail.key.field.isEnabled(), "the card's own number is still wanted"
