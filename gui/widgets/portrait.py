"""The citizen's portrait, or the quiet room it will take."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy

from desk.view import PortraitView
from gui.theme import Role
from gui.widgets.part import Look, Part

__all__ = ["Portrait"]


class Portrait(Part):
    """Show PNG bytes that the desk encoded itself; three to four, whatever the picture's own shape."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "portrait")
        self._view: PortraitView | None = None
        self._pixmap = QPixmap()
        self._height = 160
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.retranslate()

    @property
    def pixmap(self) -> QPixmap:
        """Return what is shown, null while there is none."""
        return self._pixmap

    def stand(self, height: int) -> None:
        """Be ``height`` pixels high at 100 %."""
        self._height = height
        self.updateGeometry()

    def present(self, portrait: PortraitView | None) -> None:
        """Show ``portrait``, or the room for it."""
        if portrait == self._view:
            return
        self._view = portrait
        image = QImage.fromData(portrait.png) if portrait else QImage()
        self._pixmap = QPixmap.fromImage(image) if not image.isNull() else QPixmap()
        self.retranslate()
        self.update()

    def retranslate(self) -> None:
        """Say what is here."""
        shown = not self._pixmap.isNull()
        name = self.tr("Portrait from the chip") if shown else self.tr("No portrait yet")
        self.setAccessibleName(f"{name} — {self.caption}" if self.caption else name)

    @property
    def caption(self) -> str:
        """Return the mark of a portrait, whole or still growing, that was not yet found to be the signed one."""
        unproven = self._view is not None and not self._pixmap.isNull() and not self._view.proven
        return self.tr("not verified") if unproven else ""

    def restyle(self) -> None:
        """Take the room of the present scale."""
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return three to four."""
        return QSize(self.theme.px(self._height * 3 / 4), self.theme.px(self._height))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the portrait cut to its frame, or a head and shoulders in the colour of empty rooms."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = QPainterPath()
        radius = self.theme.px(6)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        frame.addRoundedRect(box, radius, radius)
        painter.setClipPath(frame)
        painter.fillPath(frame, QColor(self.theme.tokens.well))
        if self._pixmap.isNull():
            self._paint_nobody(painter)
        else:
            size = self._pixmap.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            corner = QPointF((self.width() - size.width()) / 2, (self.height() - size.height()) / 3)
            painter.drawPixmap(QRectF(corner, size.toSizeF()), self._pixmap, QRectF(self._pixmap.rect()))
            self._paint_caption(painter)
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QColor(self.theme.tokens.line))
        painter.drawPath(frame)
        painter.end()

    def _paint_caption(self, painter: QPainter) -> None:
        """Paint across the foot of the picture that it is not proven yet."""
        if not self.caption:
            return
        painter.setFont(self.theme.font(Role.SMALL))
        height = painter.fontMetrics().height() + self.theme.px(4)
        band = QRectF(0, self.height() - height, self.width(), height)
        painter.fillRect(band, QColor(self.theme.tokens.attention_soft))
        painter.setPen(QColor(self.theme.tokens.attention))
        painter.drawText(band, Qt.AlignmentFlag.AlignCenter, self.caption)

    def _paint_nobody(self, painter: QPainter) -> None:
        width, height = self.width(), self.height()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.tokens.line))
        painter.drawEllipse(QPointF(width / 2, height * 0.38), width * 0.19, width * 0.23)
        painter.drawEllipse(QPointF(width / 2, height * 0.98), width * 0.38, height * 0.30)
