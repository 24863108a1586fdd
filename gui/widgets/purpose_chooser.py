"""What the look-ups are for, and on which legal basis."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QComboBox

from auth.purposes import PURPOSES
from gui.widgets.part import Look, tip

__all__ = ["PurposeChooser"]


class PurposeChooser(QComboBox):
    """Show the purpose in use and offer the others; the tooltip names the legal basis."""

    chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for purpose in PURPOSES:
            self.addItem("", purpose.id)
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))
        self.retranslate()

    def present(self, purpose: str, *, allowed: bool) -> None:
        """Show ``purpose``; it can be changed where that is ``allowed`` now."""
        index = self.findData(purpose)
        if index != self.currentIndex():
            self.setCurrentIndex(index)
            self._explain()
        self.setEnabled(allowed)

    def retranslate(self) -> None:
        """Write every purpose in the language in use."""
        for index in range(self.count()):
            self.setItemText(index, self._look.tongue.texts.purpose(self.itemData(index)))
            self.setItemData(index, tip(PURPOSES[index].legal_basis), Qt.ItemDataRole.ToolTipRole)
        self.setAccessibleName(self.tr("Purpose of the look-ups"))
        self._explain()

    def changeEvent(self, event: QEvent) -> None:
        """Speak anew when the language has changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Return a width that may be less than the longest purpose: a narrow window shows it in the list."""
        return QSize(self._look.theme.px(160), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box, and the arrow that the style sheet cannot draw."""
        super().paintEvent(event)
        px = self._look.theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._look.theme.tokens.quiet), max(1.5, px(1.6)), c=Qt.PenCapStyle.RoundCap))
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

    def _explain(self) -> None:
        index = self.currentIndex()
        basis = PURPOSES[index].legal_basis if index >= 0 else ""
        self.setToolTip(tip(self.tr("Purpose of the look-ups (Alt+M)\nLegal basis: {basis}").format(basis=basis)))
        self.setAccessibleDescription(basis)
