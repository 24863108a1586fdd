"""Every state, in both languages and at every size: each word is seen whole, and what belongs together at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFontMetricsF, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QLabel,
    QLineEdit,
    QScrollArea,
    QStyleOptionComboBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desk.language import Language
from desk.sandbox_ports import SandboxCard
from desk.view import DeskView
from gui.desk.window import DeskWindow
from gui.theme import Scheme
from gui.widgets.grid_view import GridView
from reader.inspection.reasons import REASONS

LANGUAGES = pytest.mark.parametrize("language", list(Language))
SCALES = pytest.mark.parametrize("percent", [100, 150, 200])
SIZES = pytest.mark.parametrize("size", [(1280, 800), (1024, 700)], ids=["1280x800", "1024x700"])
SHOWING = ("showing-proceed", "showing-attention", "showing-stop", "showing-offline", "showing-minority-name")


def clipped(window: DeskWindow) -> Iterator[str]:
    """Return what cannot be read whole, with why."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisible():
            continue
        why = ""
        if isinstance(widget, QLabel):
            why = label_fault(widget)
        elif isinstance(widget, (QAbstractButton, QLineEdit)):
            hint = widget.minimumSizeHint() if isinstance(widget, QLineEdit) else widget.sizeHint()
            if widget.height() < hint.height() or (widget.width() < hint.width() and not isinstance(widget, QLineEdit)):
                why = f"{widget.size()} is less than {hint}"
        elif isinstance(widget, GridView):
            why = grid_fault(widget)
        why = why or outside(widget)
        if why:
            yield f"{type(widget).__name__} {widget.accessibleName() or widget.property('text')!r}: {why}"


def label_fault(label: QLabel) -> str:
    text = label.text().strip("\u00a0 ")
    if not text:
        return ""
    metrics = QFontMetricsF(label.font())
    if max(metrics.horizontalAdvance(word) for word in text.split()) > label.width() + 1:
        return "a word is wider than its room"
    if label.wordWrap():
        needed = label.heightForWidth(label.width())
        return f"{label.height()} high, needs {needed}" if needed > label.height() + 1 else ""
    hint = label.sizeHint()
    fits = hint.width() <= label.width() + 1 and hint.height() <= label.height() + 1
    return "" if fits else f"{label.size()} is less than {hint}"


def grid_fault(view: GridView) -> str:
    header = view.horizontalHeader()
    for column in range(view.grid.columnCount()):
        title = str(view.grid.headerData(column, header.orientation(), 0))
        if header.isVisible() and header.fontMetrics().horizontalAdvance(title) > view.columnWidth(column):
            return f"the heading {title!r} is cut"
    if sum(view.columnWidth(column) for column in range(view.grid.columnCount())) > view.viewport().width() + 1:
        return "the columns are wider than the table"
    broken = view.broken_words()
    return f"broken words: {broken}" if broken else ""


def outside(widget: QWidget) -> str:
    """Tell whether a widget reaches beyond what can be seen or scrolled to."""
    parent = widget.parentWidget()
    if parent is None or isinstance(parent.parentWidget(), QAbstractScrollArea):
        area = None if parent is None else parent.parentWidget()
        if isinstance(area, QScrollArea) and widget is area.widget() and widget.width() > parent.width():
            return f"{widget.width()} wide, can be seen {parent.width()}"
        return ""
    if isinstance(parent, QAbstractScrollArea):
        return ""
    place = QRect(widget.pos(), widget.size())
    return "" if parent.rect().contains(place) or place.isEmpty() else f"{place} reaches beyond {parent.rect()}"


@LANGUAGES
@SCALES
@SIZES
def test_nothing_that_must_be_read_is_cut(
    open_window: Callable[..., DeskWindow],
    scenes: dict[str, DeskView],
    settle: Callable[[], None],
    language: Language,
    percent: int,
    size: tuple[int, int],
) -> None:
    window = open_window(*size)
    window.look.tongue.speak(language)
    window.look.theme.use(scale=percent / 100)
    faults: dict[str, list[str]] = {}
    for name, view in scenes.items():
        window.present_view(view)
        settle()
        if found := list(clipped(window)):
            faults[name] = found
    assert faults == {}


@LANGUAGES
@pytest.mark.parametrize("page", ["help", "hidden"])
@SCALES
def test_the_pages_that_lie_over_the_others_are_whole_too(
    window: DeskWindow, settle: Callable[[], None], language: Language, page: str, percent: int
) -> None:
    window.look.tongue.speak(language)
    window.look.theme.use(scale=percent / 100)
    window.toggle_help() if page == "help" else window.toggle_hidden()
    settle()
    assert list(clipped(window)) == []


@LANGUAGES
def test_the_ribbon_s_controls_fit(
    open_window: Callable[..., DeskWindow], settle: Callable[[], None], language: Language, scenes: dict[str, DeskView]
) -> None:
    from mock_cards.forgeries import FORGERIES
    from mock_cards.personas import load_all

    window = open_window(1024, 700)
    window.look.tongue.speak(language)
    window.ribbon.offer(
        tuple((persona.name, persona.card.full_name) for persona in load_all()),
        tuple(forgery.name for forgery in FORGERIES),
    )
    window.show_printed("099090000001")
    window.present_view(scenes["need-key"])
    settle()
    assert window.ribbon.number.isVisible()
    assert list(clipped(window)) == []
    words = {window.ribbon.forgeries.itemText(index) for index in range(window.ribbon.forgeries.count())}
    assert len(words) == 12 + 1, "the genuine card, and the forgeries that have words"
    assert words.isdisjoint(forgery.name for forgery in FORGERIES)
    window.ribbon.choose(SandboxCard("nguyen-van-mau", ("aa-replayed",)))
    assert window.ribbon.chosen() == SandboxCard("nguyen-van-mau", ("aa-replayed",))
    window.ribbon.choose(SandboxCard("people/own.toml"))
    assert window.ribbon.chosen() == SandboxCard("people/own.toml"), "a person of one's own"
    assert window.ribbon.cards.currentText() == "own.toml"


@LANGUAGES
@pytest.mark.parametrize("page", SHOWING)
def test_at_1280_by_800_decision_identity_differences_checks_and_parcels_are_seen_at_once(
    window: DeskWindow, scenes: dict[str, DeskView], settle: Callable[[], None], language: Language, page: str
) -> None:
    window.look.tongue.speak(language)
    window.present_view(scenes[page])
    settle()
    shown = window.result_page
    assert shown.findChild(QScrollArea).verticalScrollBar().maximum() == 0
    for card in (shown.identity, shown.decision, shown.registers, shown.comparison, shown.checks, shown.holdings):
        corner = card.mapTo(shown, QPoint(0, 0))
        assert shown.rect().contains(QRect(corner, card.size())), type(card).__name__
    view = shown.comparison.view
    differing = [row for row in range(view.grid.rowCount()) if view.grid.row_key(row) in _differing(scenes[page])]
    assert differing == list(range(len(differing)))
    assert all(row_is_whole(view, row) for row in differing)
    parcels = shown.holdings.page("land").view
    assert all(row_is_whole(parcels, row) for row in range(parcels.grid.rowCount()))


def _differing(view: DeskView) -> set[str]:
    marks = {"different", "renamed", "same-written-otherwise"}
    return {row.field.value for row in view.comparison if {row.of("population").match, row.of("land").match} & marks}


def row_is_whole(view: GridView, row: int) -> bool:
    top = view.rowViewportPosition(row)
    return top >= 0 and top + view.rowHeight(row) <= view.viewport().height()


@SCALES
@SIZES
def test_lists_scroll_inside_the_page_or_the_page_scrolls_never_both(
    open_window: Callable[..., DeskWindow],
    scenes: dict[str, DeskView],
    settle: Callable[[], None],
    percent: int,
    size: tuple[int, int],
) -> None:
    window = open_window(*size)
    window.look.theme.use(scale=percent / 100)
    for name in SHOWING:
        window.present_view(scenes[name])
        settle()
        page = window.result_page
        outer = page.findChild(QScrollArea).verticalScrollBar().maximum()
        inner = max(view.verticalScrollBar().maximum() for view in page.findChildren(GridView))
        assert not (outer and inner), (name, outer, inner)


def test_a_row_at_the_edge_is_painted_whole_or_not_at_all(
    window: DeskWindow, scenes: dict[str, DeskView], settle: Callable[[], None]
) -> None:
    window.present_view(scenes["showing-proceed"])
    settle()
    view = window.result_page.checks.view
    for offset in range(0, 40, 3):
        view.verticalScrollBar().setValue(offset)
        settle()
        image = view.viewport().grab().toImage()
        ground = image.pixel(1, image.height() - 1)
        for y in (0, image.height() - 1):
            assert {image.pixel(x, y) for x in range(image.width())} == {ground}, (offset, y)


def test_arriving_values_do_not_move_what_is_there(
    window: DeskWindow, scenes: dict[str, DeskView], settle: Callable[[], None]
) -> None:
    page = window.result_page
    places = []
    for name in ("reading-access", "reading-identity", "looking-up", "showing-proceed"):
        window.present_view(scenes[name])
        settle()
        places.append(
            [
                widget.mapTo(window, QPoint(0, 0))
                for widget in (page.identity.portrait, page.identity.name, page.identity.number, page.decision)
            ]
        )
    assert all(place == places[0] for place in places)


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK, Scheme.HIGH_CONTRAST])
def test_every_state_is_painted_in_every_scheme(
    window: DeskWindow, scenes: dict[str, DeskView], settle: Callable[[], None], scheme: Scheme
) -> None:
    window.look.theme.use(scheme=scheme)
    for view in scenes.values():
        window.present_view(view)
        settle()
        image = window.grab().toImage().convertToFormat(QImage.Format.Format_ARGB32)
        # Read as memory: to ask for each pixel would take longer than to paint them.
        pixels, wide = memoryview(image.constBits()).cast("I"), image.width()
        assert (wide, image.height()) == (1280, 800)
        assert len({pixel for y in range(0, 800, 9) for pixel in pixels[y * wide : (y + 1) * wide : 9]}) > 4


def test_the_application_is_dressed_anew_only_where_something_is_another(window: DeskWindow, qtbot: QtBot) -> None:
    theme = window.look.theme
    for change in ({"scheme": Scheme.DARK}, {"scale": 1.5}, {"scheme": Scheme.HIGH_CONTRAST}, {"scale": 1.0}):
        with qtbot.waitSignal(theme.changed, timeout=20_000):
            theme.use(**change)
        with qtbot.assertNotEmitted(theme.changed):
            theme.use(**change)
            theme.use()


def test_what_else_was_put_on_the_application_is_taken_off(window: DeskWindow, qapp: QApplication) -> None:
    qapp.setStyleSheet("QLabel { color: #ff0000; }")
    window.look.theme.use()
    assert "#ff0000" not in qapp.styleSheet()


def test_the_scenes_speak_only_in_reasons_that_checks_give(scenes: dict[str, DeskView]) -> None:
    for view in scenes.values():
        for check in view.checks:
            assert check.reason in REASONS[check.id][check.status], check
        for check_id, reason in view.decision.reasons if view.decision else ():
            assert (check_id, reason) in {(str(check.id), check.reason) for check in view.checks}


@LANGUAGES
@SCALES
def test_a_box_with_room_shows_what_is_chosen_whole(
    open_window: Callable[..., DeskWindow],
    scenes: dict[str, DeskView],
    settle: Callable[[], None],
    language: Language,
    percent: int,
) -> None:
    window = open_window(2560, 1600)
    window.look.tongue.speak(language)
    window.look.theme.use(scale=percent / 100)
    window.present_view(scenes["waiting"])
    settle()
    box, option = window.header.purpose, QStyleOptionComboBox()
    box.initStyleOption(option)
    assert option.currentText == box.currentText() != ""
