"""The window while the card proves itself, and while it is wanted back for that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desk.language import Language
from desk.view import ActionId, DeskView
from gui.desk.window import DeskWindow

LANGUAGES = pytest.mark.parametrize("language", list(Language))


@LANGUAGES
def test_the_citizen_stays_in_sight_and_can_take_the_consent_back(
    window: DeskWindow, scenes: dict[str, DeskView], recorder: Any, settle: Callable[[], None], language: Language
) -> None:
    window.look.tongue.speak(language)
    window.present_view(scenes["proving"])
    settle()
    assert window.pages.currentWidget() is window.result_page
    assert window.result_page.identity.isVisible()
    strip = window.result_page.proof
    assert strip.isVisible()
    assert strip.words.text() == window.look.tongue.texts.card_wanted("proving")
    recorder.intents.clear()
    strip.button.click()
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert recorder.intents == [("refuse_consent",)] * 2


@LANGUAGES
@pytest.mark.parametrize("size", [(1024, 700), (1366, 768)])
def test_however_large_everything_is_what_is_going_on_stands_where_it_is_read(
    window: DeskWindow,
    scenes: dict[str, DeskView],
    settle: Callable[[], None],
    language: Language,
    size: tuple[int, int],
) -> None:
    window.look.tongue.speak(language)
    window.look.theme.use(scale=2.0)
    window.resize(*size)
    window.present_view(scenes["proving"])
    settle()
    for part in (window.result_page.proof.words, window.result_page.proof.button):
        assert part.visibleRegion().boundingRect().size() == part.size()


def test_where_nobody_agreed_to_anything_there_is_nothing_to_take_back(
    window: DeskWindow, scenes: dict[str, DeskView], recorder: Any, settle: Callable[[], None]
) -> None:
    proving = scenes["proving"]
    window.present_view(replace(proving, actions=proving.actions - {str(ActionId.REFUSE)}))
    settle()
    assert window.result_page.proof.isVisible()
    assert not window.result_page.proof.button.isVisible()
    recorder.intents.clear()
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert recorder.intents == []


def test_the_strip_is_gone_with_the_proof(
    window: DeskWindow, scenes: dict[str, DeskView], settle: Callable[[], None]
) -> None:
    for name in ("proving", "looking-up"):
        window.present_view(scenes[name])
        settle()
    assert not window.result_page.proof.isVisible()


@LANGUAGES
def test_a_card_that_is_wanted_back_leaves_a_clear_choice_and_nobody_in_sight(
    window: DeskWindow, scenes: dict[str, DeskView], recorder: Any, settle: Callable[[], None], language: Language
) -> None:
    window.look.tongue.speak(language)
    for name in ("proving", "card-wanted"):
        window.present_view(scenes[name])
        settle()
    page, texts = window.state_page, window.look.tongue.texts
    assert window.pages.currentWidget() is page
    assert page.next_step.text() == texts.card_wanted("next")
    assert "2" in page.next_step.text(), "the page says at which level the clerk goes on"
    assert page.without.isVisible()
    recorder.intents.clear()
    page.without.click()
    QTest.keyClick(window, Qt.Key.Key_F5)
    assert recorder.intents == [("go_on_without_proof",)] * 2
    identity = scenes["proving"].identity
    assert identity is not None
    assert identity.full_name not in window.state_page.accessibleName()


def test_a_card_that_is_back_is_said_to_be(
    window: DeskWindow, scenes: dict[str, DeskView], settle: Callable[[], None]
) -> None:
    window.present_view(scenes["card-wanted-back"])
    settle()
    assert window.state_page.text.text() == window.look.tongue.texts.card_wanted("back")


def test_the_choice_is_seen_without_scrolling_at_twice_the_size(
    open_window: Callable[..., DeskWindow], scenes: dict[str, DeskView], settle: Callable[[], None]
) -> None:
    window = open_window(1024, 700)
    window.look.theme.use(scale=2.0)
    window.present_view(scenes["card-wanted"])
    settle()
    button = window.state_page.without
    bottom = button.mapTo(window.state_page, button.rect().bottomLeft()).y()
    assert bottom <= window.state_page.height()


def test_keys_of_the_choice_mean_nothing_elsewhere(
    window: DeskWindow, scenes: dict[str, DeskView], recorder: Any
) -> None:
    window.present_view(scenes["showing-proceed"])
    recorder.intents.clear()
    for key in (Qt.Key.Key_F5, Qt.Key.Key_F9):
        QTest.keyClick(window, key)
    assert recorder.intents == []
