"""The page of a visit: identity and decision above, comparison and checks in the middle, parcels below."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from desk.view import DeskView
from gui.widgets.checks_card import ChecksCard
from gui.widgets.comparison_card import ComparisonCard
from gui.widgets.decision_card import DecisionCard
from gui.widgets.identity_card import IdentityCard
from gui.widgets.parcels_card import ParcelsCard
from gui.widgets.part import Look, Part
from gui.widgets.register_lines import RegisterLines

__all__ = ["ResultPage"]

# Widths and heights at 100 %: below them the page takes another shape.
_TWO_COLUMNS, _TALL = 740, 780


class _Shape(Enum):
    WIDE = "wide"
    STACKED = "stacked"


class ResultPage(Part):
    """Arrange the cards for the room there is; where it is not enough the whole page scrolls, never a word is cut."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "page")
        self.identity = IdentityCard(look)
        self.decision = DecisionCard(look)
        self.registers = RegisterLines(look)
        self._verdict = QWidget()
        self._verdict_box = QVBoxLayout(self._verdict)
        self._verdict_box.setContentsMargins(0, 0, 0, 0)
        self._verdict_box.addWidget(self.decision, 1)
        self._verdict_box.addWidget(self.registers)
        self.comparison = ComparisonCard(look)
        self.checks = ChecksCard(look)
        self.parcels = ParcelsCard(look)
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
        self._shape: _Shape | None = None
        self.restyle()

    def present(self, view: DeskView) -> None:
        """Show what has arrived of this visit."""
        self.identity.present(view.identity, view.portrait)
        self.decision.present(view.decision, view.state)
        self.registers.present(view.registers)
        self.comparison.present(view.comparison)
        self.checks.present(view.checks)
        self.parcels.present(view.parcels, view.registers)
        self._fit_lists()

    def restyle(self) -> None:
        """Set margins, gaps and the shape for the present scale."""
        px = self.theme.px
        self._grid.setContentsMargins(px(12), px(12), px(12), px(12))
        self._grid.setSpacing(px(12))
        self._verdict_box.setSpacing(px(12))
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the shape for the new size."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        scale = self.theme.scale
        shape = _Shape.WIDE if self.width() / scale >= _TWO_COLUMNS else _Shape.STACKED
        self.identity.stand(200 if self.height() / scale >= _TALL else 156)
        if shape is not self._shape:
            self._shape = shape
            self._place(wide=shape is _Shape.WIDE)
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
        for widget, row, column, columns in (*places, (self.parcels, 2 if wide else 4, 0, 2)):
            self._grid.addWidget(widget, row, column, 1, columns)
        self._grid.setColumnStretch(0, 64)
        self._grid.setColumnStretch(1, 36 if wide else 0)
        for row in range(5):
            self._grid.setRowStretch(row, int(wide and row == 1))
        self.parcels.lie(stacked=not wide and self.width() / self.theme.scale < 560)

    def _fit_lists(self) -> None:
        """Give lists a height: in two columns a share of the page, stacked all they need, since the page scrolls."""
        px = self.theme.px
        wide = self._shape is _Shape.WIDE
        for view in (self.comparison.view, self.checks.view):
            view.setMinimumHeight(px(150) if wide else max(px(90), view.fitting_height()))
        table = self.parcels.view
        table.setMinimumHeight(max(px(84), min(table.fitting_height(), px(220)) if wide else table.fitting_height()))
