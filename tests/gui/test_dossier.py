"""The dossier number has one place: what stands there is what look-ups and queue are told, and it leaves in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desk.device_view import CertificateView, DeviceView
from desk.language import Language, Phrase
from desk.view import ActionId, DeskState, DeskView
from gui.desk.window import DeskWindow
from gui.widgets.part import Look

WAITING = DeskView(DeskState.WAIT_CARD, 1, actions=frozenset({str(ActionId.ENTER_KEY)}))


def test_each_letter_is_told_and_enter_goes_on_to_the_cards_number(
    qtbot: QtBot, window: DeskWindow, recorder: Any
) -> None:
    window.present_view(WAITING)
    field = window.header.dossier
    field.setFocus()
    qtbot.keyClicks(field, " H-7")
    assert recorder.intents[-2:] == [("set_dossier", "H-"), ("set_dossier", "H-7")]
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.rail.key.field.hasFocus()


def test_what_is_no_number_is_said_so_and_not_told(qtbot: QtBot, window: DeskWindow, recorder: Any) -> None:
    window.present_view(WAITING)
    field = window.header.dossier
    qtbot.keyClicks(field, "H|7")
    assert recorder.intents[-1] == ("set_dossier", "")
    assert field.property("wrong") is True
    assert "không dấu" in field.accessibleDescription()
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert recorder.intents[-1] == ("set_dossier", "H")
    assert field.property("wrong") is False


def test_it_stands_while_the_visit_lasts_and_leaves_with_it(qtbot: QtBot, window: DeskWindow) -> None:
    window.present_view(WAITING)
    qtbot.keyClicks(window.header.dossier, "H-7")
    window.present_view(replace(WAITING, dossier="H-"))
    assert window.header.dossier.text() == "H-7", "an older view does not undo what was typed since"
    window.present_view(replace(WAITING, visit=2))
    assert window.header.dossier.text() == ""
    assert not window.header.dossier.isUndoAvailable()


def test_a_number_that_was_given_before_the_window_opened_stands_there(window: DeskWindow) -> None:
    window.present_view(replace(WAITING, dossier="H29.15-0042"))
    assert window.header.dossier.text() == "H29.15-0042"


def test_the_offer_to_wait_leads_to_the_number_and_back(
    qtbot: QtBot, window: DeskWindow, recorder: Any, settle: Callable[[], None]
) -> None:
    showing = DeskView(DeskState.SHOWING, 1, actions=frozenset({str(ActionId.QUEUE_LOOKUPS)}))
    window.present_view(showing)
    settle()
    offer = window.result_page.queue_offer
    qtbot.mouseClick(offer.button, Qt.MouseButton.LeftButton)
    assert ("queue_lookups",) not in recorder.intents
    assert window.header.dossier.hasFocus()
    qtbot.keyClicks(window.header.dossier, "H-7")
    window.present_view(replace(showing, dossier="H-7"))
    qtbot.keyClick(window.header.dossier, Qt.Key.Key_Return)
    assert offer.button.hasFocus()
    assert "H-7" in offer.words.text()
    qtbot.keyClick(offer.button, Qt.Key.Key_Space)
    assert recorder.intents[-1] == ("queue_lookups",)


LAND = Phrase("đất đai", "land")


@pytest.mark.parametrize(
    ("device", "vietnamese", "english"),
    [
        (DeviceView("device-suspended"), "Máy bị tạm ngừng", "suspended"),
        (DeviceView("device-revoked"), "Máy đã bị thu hồi", "revoked"),
        (DeviceView("device-pending"), "Máy đang chờ duyệt", "waits to be approved"),
        (DeviceView(days_left=9), "9 ngày", "days left: 9"),
        (DeviceView(days_left=-3), "đến hạn", "is due"),
        (DeviceView(certificate=CertificateView(LAND, 9)), "còn hiệu lực 9 ngày", "days left: 9"),
        (DeviceView(certificate=CertificateView(LAND, -1)), "đã hết hạn", "has expired"),
    ],
)
def test_what_must_be_said_of_the_computer_stands_across_the_window(
    window: DeskWindow, look: Look, settle: Callable[[], None], device: DeviceView, vietnamese: str, english: str
) -> None:
    window.present_view(WAITING)
    assert not window.device_strip.isVisible()
    window.present_view(replace(WAITING, device=device))
    assert window.device_strip.isVisible()
    assert vietnamese in window.device_strip.words.text()
    look.tongue.speak(Language.ENGLISH)
    settle()
    assert english in window.device_strip.words.text()
    assert window.device_strip.accessibleName() == window.device_strip.words.text()
