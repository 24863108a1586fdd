"""What the registers hold, in the window: a tab each, the keyboard, and houses drawn so that they are recognised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from desk.language import Language
from desk.section_view import Building, Outline
from desk.view import DeskView
from gui.desk.window import DeskWindow
from gui.theme import LIGHT
from gui.widgets.building_drawing import BuildingDrawing, storeys_drawn
from gui.widgets.part import Look


@pytest.fixture
def showing(window: DeskWindow, scenes: dict[str, DeskView]) -> DeskWindow:
    window.present_view(scenes["showing-proceed"])
    return window


def test_each_register_that_holds_something_has_a_tab_with_how_much(
    showing: DeskWindow, settle: Callable[[], None]
) -> None:
    showing.look.tongue.speak(Language.ENGLISH)
    settle()
    tabs = showing.result_page.holdings.tabs
    assert [tabs.tabText(number) for number in range(tabs.count())] == ["Parcels · 2", "Dwellings · 2"]
    assert [tabs.tabIcon(number).isNull() for number in range(tabs.count())] == [True, False], "a mortgage is marked"


def test_arrow_keys_turn_the_pages_and_enter_opens_what_encumbers_a_house(
    showing: DeskWindow, settle: Callable[[], None]
) -> None:
    holdings = showing.result_page.holdings
    holdings.tabs.setFocus()
    QTest.keyClick(holdings.tabs, Qt.Key.Key_Right)
    page = holdings.page("housing")
    assert holdings.shown is page
    page.view.setFocus()
    settle()
    assert isinstance(page.drawing.picture, Building)
    QTest.keyClick(page.view, Qt.Key.Key_Return)
    assert "Ngân hàng Mẫu" in page.view.grid.cell(1, 0).text.split("\n")[0]


def test_the_page_that_the_clerk_turned_to_stays_until_the_visit_ends(
    showing: DeskWindow, scenes: dict[str, DeskView]
) -> None:
    holdings = showing.result_page.holdings
    holdings.tabs.setCurrentIndex(1)
    showing.present_view(replace(scenes["showing-proceed"], visit=7, purpose="permanent-residence"))
    assert holdings.tabs.currentIndex() == 1
    showing.present_view(replace(scenes["waiting"], visit=8))
    assert holdings.tabs.currentIndex() == 0


def test_where_there_is_no_land_the_page_of_the_dwellings_is_turned_to(
    window: DeskWindow, scenes: dict[str, DeskView]
) -> None:
    window.present_view(scenes["showing-no-expiry"])
    holdings = window.result_page.holdings
    assert holdings.tabs.currentIndex() == 1
    assert isinstance(holdings.page("housing").drawing.picture, Building)


def test_a_page_with_an_outline_draws_the_outline(showing: DeskWindow) -> None:
    assert isinstance(showing.result_page.holdings.page("land").drawing.picture, Outline)


@given(
    st.builds(
        Building,
        label=st.just(""),
        floors=st.integers(0, 200),
        floor=st.integers(-20, 200),
        shared=st.booleans(),
    )
)
def test_the_floor_that_matters_is_always_drawn_and_never_too_many(building: Building) -> None:
    storeys = storeys_drawn(building)
    assert 1 <= len(storeys) <= 14
    assert 0 not in storeys
    assert list(storeys) == sorted(set(storeys))
    assert building.floor == 0 or building.floor in storeys


def drawn(look: Look, building: Building | None) -> QImage:
    drawing = BuildingDrawing(look)
    drawing.resize(300, 160)
    drawing.present(building)
    return drawing.grab().toImage()


def pixels(image: QImage, colour: str) -> int:
    wanted = QColor(colour).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


def test_one_floor_of_a_block_stands_out_and_a_padlock_only_where_it_is_encumbered(look: Look) -> None:
    free = Building("A2-12.08", 25, 12, shared=True)
    assert pixels(drawn(look, free), LIGHT.accent_soft) > 50
    assert pixels(drawn(look, free), LIGHT.attention) == 0
    assert pixels(drawn(look, replace(free, locked=True)), LIGHT.attention) > 50
    assert pixels(drawn(look, replace(free, floor=0)), LIGHT.accent_soft) == 0
    assert pixels(drawn(look, None), LIGHT.accent) == 0


def test_the_drawing_is_read_out_in_words(look: Look) -> None:
    look.tongue.speak(Language.ENGLISH)
    drawing = BuildingDrawing(look)
    drawing.present(Building("A2-12.08", 25, 12, shared=True, locked=True))
    assert drawing.accessibleName() == "Drawing of a building, A2-12.08, floor 12 of 25, encumbered"
    drawing.present(Building("", 2))
    assert drawing.accessibleName() == "Drawing of a house, 2 floors"
