"""The page of a visit: identity and decision above, comparison and checks, and below what the registers hold."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from desk.view import DeskView
from gui.widgets.checks_card import ChecksCard
from gui.widgets.comparison_card import ComparisonCard
from gui.widgets.decision_card import DecisionCard
from gui.widgets.holdings_card import HoldingsCard
from gui.widgets.identity_card import IdentityCard
from gui.widgets.part import Look, Part
from gui.widgets.presence_line import PresenceLine
from gui.widgets.queue_offer import QueueOffer
from gui.widgets.register_lines import RegisterLines
from reader.inspection.report import Decision

__all__ = ["ResultPage"]

# Widths and heights at 100 %: below them the page takes another shape; each register beyond two wants its own width.
_TWO_COLUMNS, _A_REGISTER, _TALL = 740, 120, 780
# The gap between cards, the share of the left column in percent, the least and the most height of lists.
_EDGE, _LEFT, _LEAST, _HELD, _DRAWING = 12, 65, 170, 132, 152


class ResultPage(Part):
    """Arrange the cards for the room there is; where it is not enough the whole page scrolls, never a word is cut."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "page")
        self.identity = IdentityCard(look)
        self.decision = DecisionCard(look)
        self.registers = RegisterLines(look)
        self.queue_offer = QueueOffer(look)
        self._verdict = QWidget()
        self._verdict_box = QVBoxLayout(self._verdict)
        self._verdict_box.setContentsMargins(0, 0, 0, 0)
        self._verdict_box.addWidget(self.decision, 1)
        self._verdict_box.addWidget(self.registers)
        self.presence = PresenceLine(look)
        self._verdict_box.addWidget(self.presence)
        self._verdict_box.addWidget(self.queue_offer)
        self.comparison = ComparisonCard(look)
        self.checks = ChecksCard(look)
        self.holdings = HoldingsCard(look)
        self._content = QWidget()
        self._content.setObjectName("content")
        self._grid = QGridLayout(self._content)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._content)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._scroll)
        self._wide: bool | None = None
        self._content.installEventFilter(self)
        self.restyle()

    def present(self, view: DeskView) -> None:
        """Show what has arrived of this visit."""
        self.identity.present(view.identity, view.portrait)
        self.decision.present(view)
        self.registers.present(view.registers)
        self.presence.present(view.presence, view.registers)
        self.queue_offer.present(view)
        compared = self.comparison.registers
        self.comparison.present(view.comparison, view.compared)
        if self.comparison.registers != compared:
            self._arrange()
        self.checks.present(view.checks)
        stopped = view.decision is not None and view.decision.decision is Decision.STOP
        self.holdings.present(view.sections, view.registers, stopped=stopped)
        self._fit_lists()

    def restyle(self) -> None:
        """Set margins, gaps and the shape for the present scale."""
        px = self.theme.px
        self._grid.setContentsMargins(px(_EDGE), px(_EDGE), px(_EDGE), px(_EDGE))
        self._grid.setSpacing(px(_EDGE))
        self._verdict_box.setSpacing(px(8))
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the shape for the new size."""
        super().resizeEvent(event)
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit the lists again when words above or below them have come to need more or less room."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit_lists()
        return False

    def _arrange(self) -> None:
        scale = self.theme.scale
        wide = self.width() / scale >= _TWO_COLUMNS + _A_REGISTER * max(0, self.comparison.registers - 2)
        self.identity.stand(200 if self.height() / scale >= _TALL else 136)
        if wide is not self._wide:
            self._wide = wide
            self._place(wide=wide)
        self._fit_lists()

    def _place(self, *, wide: bool) -> None:
        places = (
            ((self.identity, 0, 0, 1), (self._verdict, 0, 1, 1), (self.comparison, 1, 0, 1), (self.checks, 1, 1, 1))
            if wide
            else (
                (self.identity, 0, 0, 2),
                (self._verdict, 1, 0, 2),
                (self.comparison, 2, 0, 2),
                (self.checks, 3, 0, 2),
            )
        )
        for widget, row, column, columns in (*places, (self.holdings, 2 if wide else 4, 0, 2)):
            self._grid.addWidget(widget, row, column, 1, columns)
        self._grid.setColumnStretch(0, _LEFT)
        self._grid.setColumnStretch(1, 100 - _LEFT if wide else 0)
        for row in range(5):
            self._grid.setRowStretch(row, int(wide and row == 1))
        self.holdings.lie(stacked=not wide)

    def _fit_lists(self) -> None:
        """Give each list its height: where the page fits they scroll inside it, elsewhere the page scrolls round them.

        Never both: a list that scrolls inside a page that scrolls loses whoever reads it.
        """
        px, lists = self.theme.px, (self.comparison.view, self.checks.view)
        held = max((view.fitting_height() for view in self.holdings.views), default=0)
        fits = bool(self._wide) and self._height_with(px(_LEAST), min(held, px(_HELD))) <= self.height()
        for view in lists:
            view.setMinimumHeight(px(_LEAST) if fits else max(px(_LEAST), view.fitting_height()))
        for view in self.holdings.views:
            view.setMinimumHeight(min(held, px(_HELD)) if fits else held)

    def _height_with(self, middle: int, held: int) -> int:
        """Return the height of two columns whose lists are ``middle`` high, and what registers hold ``held``."""
        edge = self.theme.px(_EDGE)
        whole = self.width() - 2 * edge
        left = (whole - edge) * _LEFT // 100
        above = max(_high(self.identity, left), _high(self._verdict, whole - edge - left))
        frame = _high(self.comparison, left) - self.comparison.view.sizeHint().height()
        below = _high(self.holdings, whole)
        page = self.holdings.shown
        if page is not None and self.holdings.drawings.isVisibleTo(self.holdings):
            below = max(below - page.view.sizeHint().height() + held, self.theme.px(_DRAWING))
        return above + frame + middle + below + 4 * edge


def _high(widget: QWidget, width: int) -> int:
    layout = widget.layout()
    assert layout is not None  # noqa: S101  # every card lays itself out
    return layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
