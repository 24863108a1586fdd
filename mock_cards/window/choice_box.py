"""A box to choose from, whose arrow stays when a style sheet takes its bevel away."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOption

__all__ = ["ChoiceBox"]

_ARROW, _FROM_THE_EDGE = 12, 20


class ChoiceBox(QComboBox):
    """Show what is chosen, and an arrow that says there is more."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """Paint the box and its arrow."""
        super().paintEvent(event)
        option = QStyleOption()
        option.initFrom(self)
        option.rect = QRect(self.width() - _FROM_THE_EDGE, (self.height() - _ARROW) // 2, _ARROW, _ARROW)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_IndicatorArrowDown, option, painter, self)
        painter.end()
