"""A dwelling drawn as people look for it: the house itself, or the floor of a building on which it lies."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from desk.section_view import Building
from gui.theme import Role
from gui.widgets.part import Look, Part

__all__ = ["BuildingDrawing", "storeys_drawn"]

# More storeys than these cannot be told apart; the rest is left out, around the one that matters.
_MOST_STOREYS = 14
_WINDOWS = 5


def storeys_drawn(building: Building) -> tuple[int, ...]:
    """Return the storeys that are drawn, from the lowest up: the held one always, and no more than can be told apart.

    There is no storey 0: the ground floor is 1, and a basement is below nought.
    """
    lowest = min(1, building.floor) if building.floor else 1
    highest = max(building.floors, building.floor, 1)
    storeys = [storey for storey in range(lowest, highest + 1) if storey]
    if len(storeys) <= _MOST_STOREYS:
        return tuple(storeys)
    held = storeys.index(building.floor) if building.floor in storeys else 0
    first = min(max(0, held - _MOST_STOREYS // 2), len(storeys) - _MOST_STOREYS)
    return tuple(storeys[first : first + _MOST_STOREYS])


class BuildingDrawing(Part):
    """Draw one dwelling: a house under its roof, or one floor of a block; a padlock where others have a right in it."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "drawing")
        self._building: Building | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.retranslate()

    @property
    def building(self) -> Building | None:
        """Return what is drawn."""
        return self._building

    def present(self, building: Building | None) -> None:
        """Draw ``building``."""
        if building != self._building:
            self._building = building
            self.retranslate()
            self.update()

    def retranslate(self) -> None:
        """Say in words what the drawing shows."""
        building = self._building
        if building is None:
            self.setAccessibleName(self.tr("No drawing"))
            return
        shown = self.tr("Drawing of a building") if building.shared else self.tr("Drawing of a house")
        said = [shown, building.label, self._where(building), self._locked(building)]
        self.setAccessibleName(", ".join(part for part in said if part))
        self.update()

    def sizeHint(self) -> QSize:
        """Return what a building needs to be recognised."""
        return QSize(self.theme.px(260), self.theme.px(136))

    def minimumSizeHint(self) -> QSize:
        """Return the least in which its words still have room."""
        return QSize(self.theme.px(220), self.theme.px(128))

    def _where(self, building: Building) -> str:
        if building.floor and building.floors:
            return self.tr("floor {floor} of {floors}").format(floor=building.floor, floors=building.floors)
        if building.floor:
            return self.tr("floor {floor}").format(floor=building.floor)
        return self.tr("{floors} floors").format(floors=building.floors) if building.floors > 1 else ""

    def _locked(self, building: Building) -> str:
        return self.tr("encumbered") if building.locked else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the building left and its words right of it."""
        building = self._building
        if building is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px = self.theme.px
        room = QRectF(self.rect()).adjusted(px(10), px(8), -px(8), -px(10))
        shape = QRectF(room.left(), room.top(), min(room.width() * 0.45, px(150)), room.height())
        self._paint_ground(painter, shape)
        if building.shared:
            self._paint_block(painter, shape, building)
        else:
            self._paint_house(painter, shape, building)
        words = room.adjusted(shape.width() + px(14), 0, 0, 0)
        self._paint_words(painter, words, building)
        painter.end()

    def _paint_ground(self, painter: QPainter, shape: QRectF) -> None:
        painter.setPen(QPen(QColor(self.theme.tokens.edge), max(1.4, self.theme.px(1.4))))
        beyond = self.theme.px(6)
        painter.drawLine(shape.bottomLeft() - QPointF(beyond, 0), shape.bottomRight() + QPointF(beyond, 0))

    def _paint_block(self, painter: QPainter, shape: QRectF, building: Building) -> None:
        tokens, px = self.theme.tokens, self.theme.px
        storeys = storeys_drawn(building)
        high = shape.height() / len(storeys)
        left = shape.left() + shape.width() * 0.14
        wide = shape.width() * 0.72
        for number, storey in enumerate(storeys):
            box = QRectF(left, shape.bottom() - (number + 1) * high, wide, high)
            held = storey == building.floor
            painter.setPen(QPen(QColor(tokens.accent if held else tokens.line), max(1.0, px(1.6 if held else 1))))
            painter.setBrush(QColor(tokens.accent_soft if held else tokens.card))
            painter.drawRect(box)
            self._paint_windows(painter, box, tokens.accent if held else tokens.edge)
        if storeys[-1] < max(building.floors, building.floor):
            self._paint_more(painter, QPointF(left + wide / 2, shape.top()))

    def _paint_windows(self, painter: QPainter, box: QRectF, colour: str) -> None:
        each = box.width() / _WINDOWS
        side = min(each * 0.42, box.height() * 0.56)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        for number in range(_WINDOWS):
            centre = QPointF(box.left() + (number + 0.5) * each, box.center().y())
            painter.drawRect(QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side))

    def _paint_more(self, painter: QPainter, top: QPointF) -> None:
        """Say with three dots that the building goes on above what is drawn."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.tokens.edge))
        for step in (-1, 0, 1):
            painter.drawEllipse(top + QPointF(step * self.theme.px(6), -self.theme.px(4)), *[self.theme.px(1.5)] * 2)

    def _paint_house(self, painter: QPainter, shape: QRectF, building: Building) -> None:
        tokens, px = self.theme.tokens, self.theme.px
        storeys = min(max(1, building.floors), 4)
        roof = shape.height() * 0.30
        high = min((shape.height() - roof) / storeys, px(46))
        body = QRectF(shape.left() + shape.width() * 0.16, 0, shape.width() * 0.68, high * storeys)
        body.moveBottom(shape.bottom())
        painter.setPen(QPen(QColor(tokens.accent), max(1.5, px(1.8)), j=Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(QColor(tokens.accent_soft))
        painter.drawRect(body)
        eaves = shape.width() * 0.08
        painter.setBrush(QColor(tokens.card))
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(body.left() - eaves, body.top()),
                    QPointF(body.center().x(), body.top() - roof),
                    QPointF(body.right() + eaves, body.top()),
                ]
            )
        )
        for number in range(storeys):
            floor = QRectF(body.left(), body.bottom() - (number + 1) * high, body.width(), high)
            if number:
                painter.setPen(QPen(QColor(tokens.accent), max(1.0, px(1))))
                painter.drawLine(floor.bottomLeft(), floor.bottomRight())
            self._paint_openings(painter, floor, door=number == 0)

    def _paint_openings(self, painter: QPainter, floor: QRectF, *, door: bool) -> None:
        each = floor.width() / 3
        side = min(each * 0.5, floor.height() * 0.46)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.tokens.accent))
        for number in range(3):
            centre = QPointF(floor.left() + (number + 0.5) * each, floor.center().y())
            if door and number == 1:
                high = floor.height() * 0.66
                painter.drawRect(QRectF(centre.x() - side / 2, floor.bottom() - high, side, high))
            else:
                painter.drawRect(QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side))

    def _paint_words(self, painter: QPainter, room: QRectF, building: Building) -> None:
        tokens, px = self.theme.tokens, self.theme.px
        top = room.top() + px(4)
        for words, role, tone in (
            (building.label, Role.STRONG, tokens.ink),
            (self._where(building), Role.SMALL, tokens.quiet),
        ):
            if words:
                top = self._write(painter, QRectF(room.left(), top, room.width(), room.height()), words, role, tone)
        if building.locked:
            lock = QRectF(room.left() + px(1), top + px(6), px(18), px(26))
            self._paint_padlock(painter, lock)
            beside = QRectF(lock.right() + px(8), lock.top() + px(7), room.right() - lock.right() - px(8), px(44))
            self._write(painter, beside, self._locked(building), Role.STRONG, tokens.attention)

    def _write(self, painter: QPainter, room: QRectF, words: str, role: Role, tone: str) -> float:
        """Write wrapped words at the top of ``room``; return where they end."""
        font = self.theme.font(role)
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        painter.setFont(font)
        painter.setPen(QColor(tone))
        painter.drawText(room, flags, words)
        high: float = QFontMetricsF(font).boundingRect(room, flags, words).height()
        return room.top() + high + self.theme.px(2)

    def _paint_padlock(self, painter: QPainter, box: QRectF) -> None:
        tokens = self.theme.tokens
        body = QRectF(box.left(), box.top() + box.height() * 0.46, box.width(), box.height() * 0.54)
        bow = QRectF(box.left() + box.width() * 0.2, box.top() + 1, box.width() * 0.6, box.width() * 0.6)
        painter.setPen(QPen(QColor(tokens.attention), max(1.6, self.theme.px(2))))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawArc(bow, 0, 180 * 16)
        for side in (bow.left(), bow.right()):
            painter.drawLine(QPointF(side, bow.center().y()), QPointF(side, body.top()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.attention))
        painter.drawRoundedRect(body, self.theme.px(2), self.theme.px(2))
        painter.setBrush(QColor(tokens.card))
        keyhole = QRectF(0, 0, box.width() * 0.16, body.height() * 0.45)
        keyhole.moveCenter(body.center())
        painter.drawRect(keyhole)
