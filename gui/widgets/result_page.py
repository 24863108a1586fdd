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
from gui.widgets.proof_strip import ProofStrip
from gui.widgets.queue_offer import QueueOffer
from gui.widgets.register_lines import RegisterLines
from reader.inspection.report import Decision

__all__ = ["ResultPage"]

# Widths and heights at 100 %: below them the page takes another shape; each register beyond two wants its own width.
_TWO_COLUMNS, _A_REGISTER, _TALL = 740, 120, 780
# The gap between cards, the share of the left column in percent, the least and the most height of lists.
_EDGE, _LEFT, _LEAST, _HELD, _DRAWING = 12, 65, 170, 132, 152
# The least height of the checks under a tall verdict, and by how much that must be the taller one.
_LEAST_CHECKS, _STAGGER = 118, 24


class ResultPage(Part):
    """Arrange the cards for the room there is; where it is not enough the whole page scrolls, never a word is cut."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "page")
        self.identity = IdentityCard(look)
        self.decision = DecisionCard(look)
        self.registers = RegisterLines(look)
        self.proof = ProofStrip(look)
        self.queue_offer = QueueOffer(look)
        self._verdict = QWidget()
        self._verdict_box = QVBoxLayout(self._verdict)
        self._verdict_box.setContentsMargins(0, 0, 0, 0)
        self._verdict_box.addWidget(self.decision, 1)
        self._verdict_box.addWidget(self.proof)
        self._verdict_box.addWidget(self.registers)
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
        self._shape: tuple[bool, bool] | None = None
        self._content.installEventFilter(self)
        self.restyle()

    def present(self, view: DeskView) -> None:
        """Show what has arrived of this visit."""
        self.identity.present(view.identity, view.portrait)
        self.decision.present(view)
        self.registers.present(view.registers)
        began = self.proof.isHidden()
        self.proof.present(view)
        if began and not self.proof.isHidden():
            # In one column it stands above all else.
            self._scroll.verticalScrollBar().setValue(0)
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
        self._take_shape(wide=wide)
        self._fit_lists()

    def _take_shape(self, *, wide: bool) -> None:
        left, right = self._column_widths()
        tall = _high(self._verdict, right) - _high(self.identity, left) > self.theme.px(_STAGGER)
        if self._shape != (wide, wide and tall):
            self._shape = (wide, wide and tall)
            self._place(wide=wide, stagger=tall)

    def _place(self, *, wide: bool, stagger: bool) -> None:
        """Put the cards into two columns, or into one.

        A verdict that is much taller than the identity reaches down beside the comparison, so that no card is empty.
        """
        reach = 2 if stagger else 1
        places = (
            (
                (self.identity, 0, 0, 1, 1),
                (self._verdict, 0, 1, reach, 1),
                (self.comparison, 1, 0, reach, 1),
                (self.checks, reach, 1, 1, 1),
            )
            if wide
            else (
                (self.proof, 0, 0, 1, 2),
                (self.identity, 1, 0, 1, 2),
                (self._verdict, 2, 0, 1, 2),
                (self.comparison, 3, 0, 1, 2),
                (self.checks, 4, 0, 1, 2),
            )
        )
        if wide:
            self._verdict_box.insertWidget(1, self.proof)
        for widget, row, column, rows, columns in (*places, (self.holdings, reach + 1 if wide else 5, 0, 1, 2)):
            self._grid.addWidget(widget, row, column, rows, columns)
        self._grid.setColumnStretch(0, _LEFT)
        self._grid.setColumnStretch(1, 100 - _LEFT if wide else 0)
        for row in range(6):
            self._grid.setRowStretch(row, 0)
        if wide:
            # The row between takes what the verdict needs beyond the identity; what is to spare is for the lists.
            self._grid.setRowStretch(1, 1)
            self._grid.setRowStretch(reach, 200)
        self.holdings.lie(stacked=not wide)

    def _fit_lists(self) -> None:
        """Give each list its height: where the page fits they scroll inside it, elsewhere the page scrolls round them.

        Never both: a list that scrolls inside a page that scrolls loses whoever reads it.
        """
        wide, _ = self._shape or (False, False)
        self._take_shape(wide=wide)
        px, (_, stagger) = self.theme.px, self._shape or (False, False)
        lists = ((self.comparison.view, _LEAST), (self.checks.view, _LEAST_CHECKS if stagger else _LEAST))
        held = max((view.fitting_height() for view in self.holdings.views), default=0)
        fits = wide and self._height_with(tuple(px(least) for _, least in lists), min(held, px(_HELD))) <= self.height()
        for view, least in lists:
            view.setMinimumHeight(px(least) if fits else max(px(_LEAST), view.fitting_height()))
        for view in self.holdings.views:
            view.setMinimumHeight(min(held, px(_HELD)) if fits else held)

    def _column_widths(self) -> tuple[int, int]:
        edge = self.theme.px(_EDGE)
        whole = self.width() - 3 * edge
        left = whole * _LEFT // 100
        return left, whole - left

    def _height_with(self, lists: tuple[int, ...], held: int) -> int:
        """Return the height of two columns whose lists have these heights, and what registers hold ``held``."""
        edge = self.theme.px(_EDGE)
        left, right = self._column_widths()
        above = max(_high(self.identity, left) + lists[0], _high(self._verdict, right) + lists[1])
        frame = _high(self.comparison, left) - self.comparison.view.sizeHint().height()
        below = _high(self.holdings, left + edge + right)
        page = self.holdings.shown
        if page is not None and self.holdings.drawings.isVisibleTo(self.holdings):
            below = max(below - page.view.sizeHint().height() + held, self.theme.px(_DRAWING))
        return above + frame + below + 4 * edge


def _high(widget: QWidget, width: int) -> int:
    layout = widget.layout()
    assert layout is not None  # noqa: S101  # every card lays itself out
    return layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
