"""A box to choose from, with the arrow that a style sheet cannot draw."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QComboBox, QStyleOptionComboBox

from gui.widgets.part import Look

__all__ = ["ChoiceBox"]


class ChoiceBox(QComboBox):
    """Show what is chosen and an arrow that says there is more."""

    def __init__(self, look: Look, *, narrowest: int = 120) -> None:
        super().__init__()
        self.look = look
        self._narrowest = narrowest
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """Shorten what is chosen where the box is narrow; the list shows it whole."""
        super().initStyleOption(option)
        room = self.width() - self.look.theme.px(43)
        option.currentText = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def minimumSizeHint(self) -> QSize:
        """Return a width that may be less than the longest choice: a narrow window shows it in the list."""
        return QSize(self.look.theme.px(self._narrowest), super().minimumSizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change nothing by the wheel: whoever scrolls past does not mean to choose."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box and its arrow."""
        super().paintEvent(event)
        px = self.look.theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.look.theme.tokens.quiet), max(1.5, px(1.6)), c=Qt.PenCapStyle.RoundCap))
        right, middle, reach = self.width() - px(14), self.height() / 2, px(4)
        painter.drawPolyline(
            QPolygonF(
                [
                    QPointF(right - reach, middle - reach / 2),
                    QPointF(right, middle + reach / 2),
                    QPointF(right + reach, middle - reach / 2),
                ]
            )
        )
        painter.end()
