"""The page on which the citizen is asked: its exact text, reached by keys, told to the desk, gone with the visit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from auth.purposes import PURPOSES, citizen_text, purpose
from desk.language import Language
from desk.view import ActionId, DeskState, DeskView
from gui.desk.window import DeskWindow

KEYS = {
    Qt.Key.Key_F6: ("give_consent", "own-data", "{language}", "read-by-citizen"),
    Qt.Key.Key_F7: ("give_consent", "own-data", "{language}", "read-aloud"),
    Qt.Key.Key_F9: ("refuse_consent",),
}


@pytest.fixture
def asking(scenes: dict[str, DeskView]) -> DeskView:
    """Return a view of the desk while the citizen is asked."""
    shown = next(view for view in scenes.values() if view.state is DeskState.SHOWING and view.identity is not None)
    return dataclasses.replace(
        shown,
        state=DeskState.CONSENT,
        purpose="own-data",
        purposes=PURPOSES,
        actions=frozenset(map(str, (ActionId.AGREE, ActionId.REFUSE, ActionId.CANCEL, ActionId.NEXT))),
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("key", KEYS)
def test_each_answer_is_one_key_and_goes_with_the_text_that_was_shown(
    window: DeskWindow, asking: DeskView, recorder: Any, language: Language, key: Qt.Key
) -> None:
    window.look.tongue.speak(language)
    window.present_view(asking)
    assert window.pages.currentWidget() is window.consent_page
    name = window.consent_page.accessibleName()
    for line in citizen_text(purpose("own-data"), language.value).split("\n"):
        assert line in name
    recorder.intents.clear()
    QTest.keyClick(window, key)
    assert recorder.intents == [tuple(part.format(language=language.value) for part in KEYS[key])]


def test_no_answer_has_the_focus_so_that_a_stray_enter_agrees_to_nothing(
    window: DeskWindow, asking: DeskView, recorder: Any
) -> None:
    window.present_view(asking)
    recorder.intents.clear()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        QTest.keyClick(QApplication.focusWidget() or window, key)
    assert recorder.intents == []


def test_the_answers_are_reached_by_tab_too(window: DeskWindow, asking: DeskView, recorder: Any) -> None:
    window.present_view(asking)
    page, reached = window.consent_page, set()
    for _ in range(40):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    assert {page.read, page.aloud, page.refuse} <= reached


def test_keys_mean_nothing_where_nobody_is_asked(
    window: DeskWindow, scenes: dict[str, DeskView], asking: DeskView, recorder: Any
) -> None:
    window.present_view(dataclasses.replace(asking, state=DeskState.SHOWING, actions=frozenset()))
    recorder.intents.clear()
    for key in KEYS:
        QTest.keyClick(window, key)
    assert recorder.intents == []


def test_what_was_asked_is_gone_with_the_visit(
    window: DeskWindow, scenes: dict[str, DeskView], asking: DeskView, settle: Callable[[], None]
) -> None:
    window.present_view(asking)
    assert asking.identity is not None
    assert asking.identity.full_name.upper() in window.consent_page.about.text()
    window.present_view(scenes["wiped"])
    settle()
    assert window.consent_page.about.text() == ""
    assert asking.identity.full_name.upper() not in window.consent_page.accessibleName()


def test_the_waiting_page_tells_the_citizen_what_will_be_asked(window: DeskWindow, scenes: dict[str, DeskView]) -> None:
    waiting = next(view for view in scenes.values() if view.state is DeskState.WAIT_CARD and view.failure is None)
    known = purpose("land-change-registration")
    window.present_view(dataclasses.replace(waiting, purpose=known.id, purposes=PURPOSES))
    text = window.look.tongue.texts.for_citizen(known)
    assert window.state_page.notice.isVisibleTo(window)
    assert any(label.text() == text for label in window.state_page.notice.findChildren(type(window.state_page.title)))


def test_an_offices_own_purposes_are_offered_by_name(window: DeskWindow, asking: DeskView) -> None:
    own = dataclasses.replace(purpose("own-data"), id="permit", name_vi="Giấy phép", name_en="A permit")
    window.look.tongue.speak(Language.VIETNAMESE)
    window.present_view(dataclasses.replace(asking, purposes=(own,), purpose="permit"))
    chooser = window.header.purpose
    assert [chooser.itemText(index) for index in range(chooser.count())] == ["Giấy phép"]
    assert "Giấy phép" in window.consent_page.about.text()
