"""A table that is too narrow for its words: the words above its columns stay whole before any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gui.theme import Mark, Role
from gui.widgets.grid import Cell, GridRow
from gui.widgets.grid_view import GridView
from gui.widgets.part import Look

HEADS = ("Field", "Chip", "Population", "Land", "Housing")
NAMES = ("Nguyễn Khuynh Nghiêng", "Nguyễn Khuynh Nghiễng", "Nguyễn Khuyến Nghiêm", "Nguyễn Nghuyên Nghiêng")


@pytest.fixture
def table(look: Look) -> Iterator[Callable[[int], GridView]]:
    """Return a function that shows four long names, all of them different, at a width and at 200 %."""
    made: list[GridView] = []

    def show(width: int) -> GridView:
        look.theme.use(scale=2.0)
        view = GridView(look, (0, 1.1, 1.25, 1.0, 1.0))
        made.append(view)
        view.set_headers(HEADS)
        chip, *others = NAMES
        cells = (Cell(name, "letters or diacritics differ", Mark.DIFFERENT, role=Role.STRONG) for name in others)
        view.set_rows((GridRow("full-name", (Cell("Nationality"), Cell(chip), *cells)),))
        view.resize(width, 600)
        view.show()
        return view

    yield show
    for view in made:
        view.close()
        view.deleteLater()


def needed(view: GridView, column: int) -> int:
    return view.horizontalHeader().fontMetrics().horizontalAdvance(HEADS[column])


@pytest.mark.parametrize("width", [560, 620, 700, 760, 860])
def test_no_head_of_a_column_is_cut_however_long_the_names_are(table: Callable[[int], GridView], width: int) -> None:
    view = table(width)
    assert view.broken_words(), "else there would be room for all"
    widths = [view.columnWidth(column) for column in range(len(HEADS))]
    assert [HEADS[column] for column, wide in enumerate(widths) if wide <= needed(view, column)] == []
    assert sum(widths) == view.viewport().width()


def test_where_there_is_room_no_word_is_broken_either(table: Callable[[int], GridView]) -> None:
    view = table(1400)
    assert view.broken_words() == ()
    assert sum(view.columnWidth(column) for column in range(len(HEADS))) == view.viewport().width()
