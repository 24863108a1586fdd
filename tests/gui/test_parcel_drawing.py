"""Parcels are drawn to scale: the same metres are as many pixels east as north, and the bar says how many."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage

from desk.language import Language
from desk.section_view import Outline
from desk.view import DeskView
from gui.theme import LIGHT
from gui.widgets.parcel_drawing import ParcelDrawing, edge_lengths, scale_bar_length
from gui.widgets.part import Look


@pytest.fixture
def parcel(scenes: dict[str, DeskView]) -> Outline:
    picture = scenes["showing-proceed"].sections[0].items[0].picture
    assert isinstance(picture, Outline)
    return picture


def rows_of(image: QImage) -> Iterator[list[int]]:
    """Yield each row as pixels AARRGGBB; to ask for one at a time would take seconds."""
    plain = image.convertToFormat(QImage.Format.Format_ARGB32)
    pixels, wide = memoryview(plain.constBits()).cast("I"), plain.width()
    for y in range(plain.height()):
        yield pixels[y * wide : (y + 1) * wide].tolist()


def extent(image: QImage, colour: str) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of the pixels of exactly this colour."""
    wanted = QColor(colour).rgb()
    points = [(x, y) for y, row in enumerate(rows_of(image)) for x, pixel in enumerate(row) if pixel == wanted]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def drawn(look: Look, parcel: Outline, wide: int = 500, high: int = 400) -> QImage:
    drawing = ParcelDrawing(look)
    drawing.resize(wide, high)
    drawing.present(parcel)
    return drawing.grab().toImage()


@pytest.mark.parametrize(("east", "north"), [(10.0, 12.05), (40.0, 10.0), (3.0, 30.0), (250.0, 250.0)])
def test_a_metre_is_as_long_east_as_north(look: Look, parcel: Outline, east: float, north: float) -> None:
    corners = ((0.0, 0.0), (east, 0.0), (east, north), (0.0, north))
    left, top, right, bottom = extent(drawn(look, replace(parcel, boundary=corners, label="")), LIGHT.accent_soft)
    assert (right - left + 3) / (bottom - top + 3) == pytest.approx(east / north, rel=0.06)


def test_the_scale_bar_is_as_long_as_it_says(look: Look, parcel: Outline) -> None:
    corners = ((0.0, 0.0), (40.0, 0.0), (40.0, 40.0), (0.0, 40.0))
    image = drawn(look, replace(parcel, boundary=corners, label=""))
    left, _, right, _ = extent(image, LIGHT.accent_soft)
    per_metre = (right - left + 3) / 40
    wanted = scale_bar_length(72 / per_metre)
    line = image.height() - 6
    dark = [x for x in range(image.width()) if QColor(image.pixel(x, line)).lightness() < 150]
    length = next(x for x in range(dark[0], image.width()) if x + 1 not in dark) - dark[0]
    assert length / per_metre == pytest.approx(wanted, rel=0.08)


def test_north_is_up(look: Look, parcel: Outline) -> None:
    corners = ((0.0, 0.0), (30.0, 0.0), (15.0, 30.0))
    image = drawn(look, replace(parcel, boundary=corners, label=""))
    left, top, right, bottom = extent(image, LIGHT.accent_soft)
    wide = {
        y: sum(image.pixel(x, y) == QColor(LIGHT.accent_soft).rgb() for x in range(left, right + 1))
        for y in (top + 8, bottom - 8)
    }
    assert wide[top + 8] < wide[bottom - 8]


def test_edges_are_measured_all_round() -> None:
    assert edge_lengths(((0, 0), (3, 0), (3, 4))) == pytest.approx((3, 4, 5))


def test_a_screen_reader_hears_the_edges(look: Look, parcel: Outline) -> None:
    look.tongue.speak(Language.ENGLISH)
    drawing = ParcelDrawing(look)
    assert drawing.accessibleName() == "No drawing"
    drawing.present(parcel)
    assert "12.05 m" in drawing.accessibleName()
    drawing.present(None)
    assert drawing.accessibleName() == "No drawing"


@pytest.mark.parametrize("corners", [(), ((0.0, 0.0),), ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0)), ((5.0, 5.0), (5.0, 9.0))])
def test_what_is_no_area_is_drawn_without_harm(
    look: Look, parcel: Outline, corners: tuple[tuple[float, float], ...]
) -> None:
    for size in ((500, 400), (40, 20), (1, 1)):
        assert not drawn(look, replace(parcel, boundary=corners), *size).isNull()


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_the_bar_is_a_round_length_no_longer_than_there_is_room(metres: float) -> None:
    length = scale_bar_length(metres)
    assert metres / 2.5 * 0.999 <= length <= metres
    mantissa = length / 10 ** math.floor(math.log10(length) + 1e-9)
    assert min(abs(mantissa - step) for step in (1, 2, 5, 10)) < 1e-6
