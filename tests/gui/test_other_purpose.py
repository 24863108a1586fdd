"""A page that is of another purpose than the chosen one says so, in words and aloud, and no longer than it is so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk.language import Language
from desk.view import DeskView
from gui.desk.window import DeskWindow


@pytest.fixture
def other(window: DeskWindow, scenes: dict[str, DeskView]) -> DeskView:
    view = scenes["showing-other-purpose"]
    window.present_view(view)
    return view


@pytest.mark.parametrize("language", list(Language))
def test_the_window_names_the_purpose_of_the_page_under_the_chosen_one(
    window: DeskWindow, other: DeskView, language: Language
) -> None:
    window.look.tongue.speak(language)
    window.present_view(other)
    texts, said = window.look.tongue.texts, window.purpose_strip.words.text()
    assert window.purpose_strip.isVisible()
    assert other.asked_for is not None
    for words in (texts.purpose(other.asked_for.id), other.asked_for.legal_basis):
        assert words in said
    assert window.purpose_strip.accessibleName() == said
    assert window.header.purpose.currentData() == other.purpose


def test_it_is_gone_once_the_page_is_of_the_chosen_purpose(window: DeskWindow, other: DeskView) -> None:
    window.present_view(replace(other, asked_for=other.purpose_in_use))
    assert not window.purpose_strip.isVisible()
    assert window.purpose_strip.words.text() == ""


def test_the_choice_leaves_what_is_shown_where_it_is(
    window: DeskWindow, other: DeskView, scenes: dict[str, DeskView]
) -> None:
    assert window.pages.currentWidget() is window.result_page
    assert window.result_page.registers.isVisible()
    window.present_view(replace(scenes["wiped"], visit=8))
    assert not window.purpose_strip.isVisible()
