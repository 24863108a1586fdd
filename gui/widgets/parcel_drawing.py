"""A parcel drawn to scale from its corners: edge lengths, scale bar, north arrow."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from desk.section_view import Outline
from gui.theme import Role
from gui.widgets.part import Look, Part

__all__ = ["ParcelDrawing", "edge_lengths", "scale_bar_length"]


def edge_lengths(boundary: tuple[tuple[float, float], ...]) -> tuple[float, ...]:
    """Return the length of every edge in metres, the closing one last."""
    following = boundary[1:] + boundary[:1]
    return tuple(math.dist(one, other) for one, other in zip(boundary, following, strict=True))


def scale_bar_length(metres: float) -> float:
    """Return the longest of 1, 2, 5 · 10ⁿ metres that is no longer than ``metres``."""
    if metres <= 0:
        return 0.0
    power: float = 10.0 ** math.floor(math.log10(metres))
    return next(step * power for step in (5, 2, 1) if step * power <= metres)


class ParcelDrawing(Part):
    """Draw one parcel, north up; nothing is drawn where the register gave no corners."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "drawing")
        self._parcel: Outline | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.retranslate()

    @property
    def parcel(self) -> Outline | None:
        """Return what is drawn."""
        return self._parcel

    def present(self, parcel: Outline | None) -> None:
        """Draw ``parcel``."""
        if parcel != self._parcel:
            self._parcel = parcel
            self.retranslate()
            self.update()

    def retranslate(self) -> None:
        """Say in words what the drawing shows."""
        parcel = self._parcel
        if parcel is None or len(parcel.boundary) < 3:
            self.setAccessibleName(self.tr("No drawing"))
        else:
            edges = "; ".join(self._metres(length) for length in edge_lengths(parcel.boundary))
            words = self.tr("Drawing of parcel {parcel} on sheet {sheet}: edges {edges}")
            self.setAccessibleName(words.format(parcel=parcel.label, sheet=parcel.sheet, edges=edges))
        self.update()

    def sizeHint(self) -> QSize:
        """Return what a parcel needs to be read."""
        return QSize(self.theme.px(260), self.theme.px(136))

    def minimumSizeHint(self) -> QSize:
        """Return the least in which edge lengths still have room."""
        return QSize(self.theme.px(220), self.theme.px(128))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the parcel as large as edge lengths, arrow and bar leave room for."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.theme.font(Role.SMALL))
        px, tokens = self.theme.px, self.theme.tokens
        boundary = self._parcel.boundary if self._parcel else ()
        if len(boundary) < 3:
            if self._parcel is not None:
                painter.setPen(QColor(tokens.quiet))
                painter.drawText(
                    self.rect(),
                    int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap),
                    self.tr("No corners on record"),
                )
            painter.end()
            return
        metrics = QFontMetricsF(painter.font())
        label = metrics.horizontalAdvance(self._metres(max(edge_lengths(boundary))))
        room = QRectF(self.rect()).adjusted(
            label + px(12), metrics.height() + px(6), -label - px(12), -metrics.height() - px(22)
        )
        shape, per_metre = _placed(boundary, room)
        painter.setBrush(QColor(tokens.accent_soft))
        painter.setPen(QPen(QColor(tokens.accent), max(1.5, px(1.6)), j=Qt.PenJoinStyle.MiterJoin))
        painter.drawPolygon(shape)
        self._paint_edges(painter, shape, boundary, metrics)
        self._paint_area(painter, shape, metrics)
        self._paint_bar(painter, per_metre, metrics)
        self._paint_north(painter, metrics)
        painter.end()

    def _paint_edges(
        self, painter: QPainter, shape: QPolygonF, boundary: tuple[tuple[float, float], ...], metrics: QFontMetricsF
    ) -> None:
        painter.setPen(QColor(self.theme.tokens.quiet))
        middle = shape.boundingRect().center()
        corners = [shape.at(i) for i in range(len(boundary))]
        for one, other, length in zip(corners, corners[1:] + corners[:1], edge_lengths(boundary), strict=True):
            along = math.hypot(other.x() - one.x(), other.y() - one.y())
            if along < metrics.height():
                continue
            text = self._metres(length)
            halfway = (one + other) / 2
            outward = QPointF(other.y() - one.y(), one.x() - other.x()) / along
            if QPointF.dotProduct(outward, halfway - middle) < 0:
                outward = -outward
            half = QPointF(metrics.horizontalAdvance(text) / 2, metrics.height() / 2)
            reach = abs(outward.x()) * half.x() + abs(outward.y()) * half.y() + self.theme.px(3)
            centre = halfway + outward * reach
            painter.drawText(QRectF(centre - half, centre + half), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_area(self, painter: QPainter, shape: QPolygonF, metrics: QFontMetricsF) -> None:
        assert self._parcel is not None  # noqa: S101  # painted only with a parcel
        box = shape.boundingRect()
        text = self._parcel.label
        painter.setFont(self.theme.font(Role.STRONG))
        if metrics.horizontalAdvance(text) * 1.3 < box.width() and metrics.height() * 1.5 < box.height():
            painter.setPen(QColor(self.theme.tokens.ink))
            painter.drawText(QRectF(box), Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(self.theme.font(Role.SMALL))

    def _paint_bar(self, painter: QPainter, per_metre: float, metrics: QFontMetricsF) -> None:
        px = self.theme.px
        metres = scale_bar_length(px(72) / per_metre)
        length = metres * per_metre
        base = self.height() - px(6)
        painter.setPen(QPen(QColor(self.theme.tokens.ink), max(1.2, px(1.2))))
        start = QPointF(px(8), base)
        end = start + QPointF(length, 0)
        tick = QPointF(0, px(5))
        painter.drawPolyline(QPolygonF([start - tick, start, end, end - tick]))
        painter.setPen(QColor(self.theme.tokens.quiet))
        painter.drawText(end + QPointF(px(6), metrics.descent() - px(1)), self._metres(metres))

    def _paint_north(self, painter: QPainter, metrics: QFontMetricsF) -> None:
        px = self.theme.px
        centre, top = self.width() - px(16), px(6)
        letter = self.tr("N", "north, the letter at the arrow of a map")
        painter.setPen(QColor(self.theme.tokens.quiet))
        width = metrics.horizontalAdvance(letter)
        painter.drawText(QPointF(centre - width / 2, top + metrics.ascent()), letter)
        tip, foot = top + metrics.height() + px(1), top + metrics.height() + px(21)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.tokens.quiet))
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(centre, tip),
                    QPointF(centre + px(6), foot),
                    QPointF(centre, foot - px(5)),
                    QPointF(centre - px(6), foot),
                ]
            )
        )

    def _metres(self, length: float) -> str:
        locale = self.look.tongue.number_locale
        if length >= 1 and length == round(length):
            return f"{locale.toString(int(length))} m"
        return f"{locale.toString(round(length, 2), 'f', 2 if length < 100 else 1)} m"


def _placed(boundary: tuple[tuple[float, float], ...], room: QRectF) -> tuple[QPolygonF, float]:
    """Return the corners in pixels, centred in ``room`` with north up, and pixels per metre."""
    easts, norths = [east for east, _ in boundary], [north for _, north in boundary]
    wide, high = max(max(easts) - min(easts), 0.01), max(max(norths) - min(norths), 0.01)
    per_metre = max(0.001, min(room.width() / wide, room.height() / high))
    left = room.center().x() - wide * per_metre / 2
    bottom = room.center().y() + high * per_metre / 2
    corners = [
        QPointF(left + (east - min(easts)) * per_metre, bottom - (north - min(norths)) * per_metre)
        for east, north in boundary
    ]
    return QPolygonF(corners), per_metre
