"""The marks that stand beside a word: drawn as shapes, so they are sharp at every scale and need no icon font.

Each mark differs from every other one in shape, not only in colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

__all__ = ["Mark", "paint_mark"]


class Mark(Enum):
    """Name the marks."""

    GOOD = "good"
    ATTENTION = "attention"
    STOP = "stop"
    UNKNOWN = "unknown"
    NONE = "none"
    PENDING = "pending"
    RUNNING = "running"
    SAME = "same"
    ALIKE = "alike"
    DIFFERENT = "different"
    MISSING = "missing"
    NOT_ASKED = "not-asked"


def paint_mark(painter: QPainter, box: QRectF, mark: Mark, colour: str, ground: str) -> None:
    """Paint ``mark`` into the square ``box`` in ``colour``; what is cut out of it shows ``ground``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(box.width() / 20, box.height() / 20)
    _SHAPES[mark](painter, QColor(colour), QColor(ground))
    painter.restore()


def _pen(colour: QColor, width: float = 2.0) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _fill(painter: QPainter, path: QPainterPath, colour: QColor) -> None:
    painter.setPen(_pen(colour, 1.5))
    painter.setBrush(colour)
    painter.drawPath(path)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _disc() -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(10, 10), 8.25, 8.25)
    return path


def _ring(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 1.8))
    painter.drawEllipse(QPointF(10, 10), 8, 8)


def _good(painter: QPainter, colour: QColor, ground: QColor) -> None:
    _fill(painter, _disc(), colour)
    painter.setPen(_pen(ground, 2.2))
    painter.drawPolyline(QPolygonF([QPointF(6, 10.4), QPointF(8.9, 13.2), QPointF(14.2, 7.2)]))


def _attention(painter: QPainter, colour: QColor, ground: QColor) -> None:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(10, 2.2), QPointF(18.6, 17.2), QPointF(1.4, 17.2)]))
    path.closeSubpath()
    _fill(painter, path, colour)
    painter.setPen(_pen(ground, 2.1))
    painter.drawLine(QPointF(10, 7.6), QPointF(10, 11.6))
    painter.drawPoint(QPointF(10, 14.8))


def _stop(painter: QPainter, colour: QColor, ground: QColor) -> None:
    path = QPainterPath()
    corners = [math.pi / 8 + step * math.pi / 4 for step in range(8)]
    path.addPolygon(QPolygonF([QPointF(10 + 8.9 * math.cos(a), 10 + 8.9 * math.sin(a)) for a in corners]))
    path.closeSubpath()
    _fill(painter, path, colour)
    painter.setPen(_pen(ground, 2.2))
    painter.drawLine(QPointF(6.9, 6.9), QPointF(13.1, 13.1))
    painter.drawLine(QPointF(13.1, 6.9), QPointF(6.9, 13.1))


def _unknown(painter: QPainter, colour: QColor, ground: QColor) -> None:
    _ring(painter, colour)
    hook = QPainterPath(QPointF(7.5, 8.0))
    hook.cubicTo(QPointF(7.5, 4.9), QPointF(12.6, 4.9), QPointF(12.6, 8.0))
    hook.cubicTo(QPointF(12.6, 10.0), QPointF(10, 9.8), QPointF(10, 11.9))
    painter.setPen(_pen(colour, 1.8))
    painter.drawPath(hook)
    painter.setPen(_pen(colour, 2.2))
    painter.drawPoint(QPointF(10, 14.6))


def _none(painter: QPainter, colour: QColor, ground: QColor) -> None:
    painter.setPen(_pen(colour, 2.0))
    painter.drawLine(QPointF(5.5, 10), QPointF(14.5, 10))


def _pending(painter: QPainter, colour: QColor, ground: QColor) -> None:
    _ring(painter, colour)


def _running(painter: QPainter, colour: QColor, ground: QColor) -> None:
    _ring(painter, colour)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPie(QRectF(5, 5, 10, 10), 90 * 16, -180 * 16)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _same(painter: QPainter, colour: QColor, ground: QColor) -> None:
    painter.setPen(_pen(colour, 2.0))
    for y in (7.6, 12.4):
        painter.drawLine(QPointF(4.8, y), QPointF(15.2, y))


def _wave(y: float) -> QPainterPath:
    path = QPainterPath(QPointF(4.2, y + 0.8))
    path.cubicTo(QPointF(6.4, y - 3.0), QPointF(9.0, y - 1.6), QPointF(10, y))
    path.cubicTo(QPointF(11.0, y + 1.6), QPointF(13.6, y + 3.0), QPointF(15.8, y - 0.8))
    return path


def _alike(painter: QPainter, colour: QColor, ground: QColor) -> None:
    painter.setPen(_pen(colour, 2.0))
    painter.drawPath(_wave(7.2))
    painter.drawPath(_wave(12.8))


def _different(painter: QPainter, colour: QColor, ground: QColor) -> None:
    path = QPainterPath()
    path.addRoundedRect(QRectF(1.6, 1.6, 16.8, 16.8), 4, 4)
    _fill(painter, path, colour)
    painter.setPen(_pen(ground, 2.0))
    for y in (7.8, 12.2):
        painter.drawLine(QPointF(5.4, y), QPointF(14.6, y))
    painter.drawLine(QPointF(12.6, 4.6), QPointF(7.4, 15.4))


def _missing(painter: QPainter, colour: QColor, ground: QColor) -> None:
    painter.setPen(_pen(colour, 1.8))
    painter.drawEllipse(QPointF(10, 10), 6, 6)
    painter.drawLine(QPointF(15.6, 3.6), QPointF(4.4, 16.4))


def _not_asked(painter: QPainter, colour: QColor, ground: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(10, 10), 2.2, 2.2)
    painter.setBrush(Qt.BrushStyle.NoBrush)


_SHAPES: dict[Mark, Callable[[QPainter, QColor, QColor], None]] = {
    Mark.GOOD: _good,
    Mark.ATTENTION: _attention,
    Mark.STOP: _stop,
    Mark.UNKNOWN: _unknown,
    Mark.NONE: _none,
    Mark.PENDING: _pending,
    Mark.RUNNING: _running,
    Mark.SAME: _same,
    Mark.ALIKE: _alike,
    Mark.DIFFERENT: _different,
    Mark.MISSING: _missing,
    Mark.NOT_ASKED: _not_asked,
}
