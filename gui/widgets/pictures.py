"""Pictures of cards and readers, drawn from the theme's colours: what to do, seen before it is read."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from gui.theme import Mark, Theme, paint_mark
from gui.widgets.part import Look, Part

__all__ = ["Picture", "PictureView", "picture_of_failure"]

_WIDE, _HIGH = 320, 190


class Picture(Enum):
    """Name the pictures."""

    PLACE_CARD = "place-card"
    NUMBER = "number"
    WRONG_NUMBER = "wrong-number"
    BACK_LINES = "back-lines"
    PLUG_READER = "plug-reader"
    SERVICE_OFF = "service-off"
    LOCKED = "locked"
    TURN_CARD = "turn-card"
    CARD_HELD = "card-held"
    CARD_LEFT = "card-left"
    UNKNOWN_CARD = "unknown-card"
    TAMPERED = "tampered"
    TROUBLE = "trouble"
    STOPPING = "stopping"
    WIPED = "wiped"
    HIDDEN = "hidden"


_OF_FAILURE = {
    "pcsc-no-service": Picture.SERVICE_OFF,
    "pcsc-access-denied": Picture.LOCKED,
    "pcsc-no-reader": Picture.PLUG_READER,
    "pcsc-reader-gone": Picture.PLUG_READER,
    "pcsc-no-card": Picture.PLACE_CARD,
    "pcsc-mute-card": Picture.TURN_CARD,
    "pcsc-card-held": Picture.CARD_HELD,
    "card-removed": Picture.CARD_LEFT,
    "card-reset": Picture.CARD_LEFT,
    "card-unsupported": Picture.UNKNOWN_CARD,
    "wrong-password": Picture.WRONG_NUMBER,
    "key-not-understood": Picture.WRONG_NUMBER,
    "access-failed": Picture.TROUBLE,
    "tries-at-risk": Picture.WRONG_NUMBER,
    "mrz-needed": Picture.BACK_LINES,
    "secure-messaging-integrity": Picture.TAMPERED,
    "malformed-data": Picture.TAMPERED,
    "card-budget-exceeded": Picture.TAMPERED,
}


def picture_of_failure(code: str) -> Picture:
    """Return the picture for a code of the failure catalogue."""
    return _OF_FAILURE.get(code, Picture.TROUBLE)


class PictureView(Part):
    """Show one picture; the words beside it say the same, so it is not read out."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "picture")
        self._picture = Picture.PLACE_CARD
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def present(self, picture: Picture) -> None:
        """Show ``picture``."""
        if picture is not self._picture:
            self._picture = picture
            self.update()

    def restyle(self) -> None:
        """Take the room of the present scale."""
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the picture's room."""
        return QSize(self.theme.px(_WIDE), self.theme.px(_HIGH))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture at the present scale."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self.width() / _WIDE, self.height() / _HIGH)
        _SCENES[self._picture](_Pencil(painter, self.theme))
        painter.end()


class _Pencil:
    """Draw the few things that every picture is made of, on a sheet of 320 by 190."""

    def __init__(self, painter: QPainter, theme: Theme) -> None:
        self.painter = painter
        self.theme = theme

    def pen(self, colour: str, width: float = 2.4, *, dashed: bool = False) -> None:
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        self.painter.setPen(QPen(QColor(colour), width, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)

    def box(self, box: QRectF, fill: str, line: str, radius: float = 8, *, dashed: bool = False) -> None:
        self.pen(line, 2.2, dashed=dashed)
        if fill:
            self.painter.setBrush(QColor(fill))
        self.painter.drawRoundedRect(box, radius, radius)

    def bar(self, x: float, y: float, width: float, colour: str, height: float = 5) -> None:
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(QColor(colour))
        self.painter.drawRoundedRect(QRectF(x, y, width, height), height / 2, height / 2)

    def reader(self, x: float = 75, y: float = 112) -> None:
        """Draw a flat reader with a lamp and its cable."""
        tokens = self.theme.tokens
        self.pen(tokens.edge, 3)
        cable = QPainterPath(QPointF(x + 170, y + 40))
        cable.cubicTo(QPointF(x + 200, y + 40), QPointF(x + 190, y + 66), QPointF(x + 226, y + 66))
        self.painter.drawPath(cable)
        self.box(QRectF(x, y, 170, 62), tokens.card, tokens.edge, 14)
        self.box(QRectF(x + 16, y + 12, 138, 30), tokens.well, tokens.line, 8)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(QColor(tokens.accent))
        self.painter.drawEllipse(QPointF(x + 85, y + 52), 3.2, 3.2)

    def card(self, x: float, y: float, width: float = 128, *, number: str = "", dashed: bool = False) -> None:
        """Draw a card's front: portrait, chip, lines; ``number`` is the colour in which its number stands out."""
        tokens, unit = self.theme.tokens, width / 128
        self.painter.save()
        self.painter.translate(x, y)
        self.painter.scale(unit, unit)
        self.box(QRectF(0, 0, 128, 81), "" if dashed else tokens.accent_soft, tokens.accent, 8, dashed=dashed)
        if not dashed:
            self.painter.setPen(Qt.PenStyle.NoPen)
            self.painter.setBrush(QColor(tokens.card))
            self.painter.drawRoundedRect(QRectF(10, 24, 32, 44), 3, 3)
            self.painter.setBrush(QColor(tokens.edge))
            self.painter.drawEllipse(QPointF(26, 40), 7, 8.5)
            path = QPainterPath()
            path.addRoundedRect(QRectF(14, 52, 24, 16), 8, 8)
            self.painter.drawPath(path.intersected(_rect(QRectF(10, 24, 32, 44))))
            self.bar(10, 10, 70, tokens.edge, 4)
            if number:
                for group in range(4):
                    self.bar(51 + group * 18, 26, 14, number, 8)
            else:
                self.bar(51, 27, 66, tokens.edge)
            for line, length in enumerate((60, 48, 66)):
                self.bar(51, 42 + line * 10, length, tokens.line, 4)
        self.painter.restore()

    def back(self, x: float, y: float) -> None:
        """Draw a card's back: chip above, three lines of code below."""
        tokens = self.theme.tokens
        self.box(QRectF(x, y, 160, 101), tokens.accent_soft, tokens.accent, 9)
        self.box(QRectF(x + 14, y + 14, 28, 22), tokens.attention_soft, tokens.attention, 4)
        for line, length in enumerate((88, 70)):
            self.bar(x + 54, y + 16 + line * 11, length, tokens.line, 5)
        self.box(QRectF(x + 8, y + 55, 144, 38), tokens.card, tokens.accent, 4)
        for line in range(3):
            for dash in range(12):
                self.bar(x + 15 + dash * 11, y + 61 + line * 10, 8, tokens.ink, 4)

    def arrow(self, start: QPointF, end: QPointF, colour: str = "") -> None:
        self.pen(colour or self.theme.tokens.accent, 4)
        self.painter.drawLine(start, end)
        along = end - start
        length = max(1.0, (along.x() ** 2 + along.y() ** 2) ** 0.5)
        unit = along / length
        side = QPointF(-unit.y(), unit.x())
        self.painter.drawPolyline(QPolygonF([end - unit * 10 + side * 8, end, end - unit * 10 - side * 8]))

    def mark(self, mark: Mark, x: float, y: float, side: float = 40) -> None:
        tokens = self.theme.tokens
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(QColor(tokens.paper))
        self.painter.drawEllipse(QPointF(x + side / 2, y + side / 2), side * 0.62, side * 0.62)
        paint_mark(self.painter, QRectF(x, y, side, side), mark, self.theme.colour(mark), tokens.paper)


def _rect(box: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(box, 3, 3)
    return path


def _place_card(pencil: _Pencil) -> None:
    pencil.reader()
    pencil.card(96, 6)
    pencil.arrow(QPointF(160, 92), QPointF(160, 118))


def _number(pencil: _Pencil) -> None:
    pencil.card(62, 24, 196, number=pencil.theme.tokens.accent)
    pencil.pen(pencil.theme.tokens.accent, 2.6)
    pencil.painter.drawRoundedRect(QRectF(133, 56, 116, 28), 8, 8)


def _wrong_number(pencil: _Pencil) -> None:
    pencil.card(62, 24, 196, number=pencil.theme.tokens.attention)
    pencil.mark(Mark.ATTENTION, 236, 116)


def _back_lines(pencil: _Pencil) -> None:
    pencil.back(80, 40)


def _plug_reader(pencil: _Pencil) -> None:
    tokens = pencil.theme.tokens
    pencil.reader(20, 60)
    pencil.box(QRectF(246, 116, 30, 20), tokens.card, tokens.edge, 4)
    pencil.pen(tokens.accent, 2.2, dashed=True)
    pencil.painter.drawRoundedRect(QRectF(292, 104, 22, 44), 5, 5)
    pencil.arrow(QPointF(258, 92), QPointF(292, 92))


def _service_off(pencil: _Pencil) -> None:
    tokens = pencil.theme.tokens
    pencil.box(QRectF(30, 40, 110, 76), tokens.card, tokens.edge, 8)
    pencil.bar(66, 126, 38, tokens.edge, 6)
    pencil.pen(tokens.edge, 3, dashed=True)
    pencil.painter.drawLine(QPointF(146, 90), QPointF(178, 90))
    pencil.painter.save()
    pencil.painter.translate(176, 58)
    pencil.painter.scale(0.72, 0.72)
    pencil.reader(8, 12)
    pencil.painter.restore()
    pencil.mark(Mark.ATTENTION, 65, 56)


def _locked(pencil: _Pencil) -> None:
    tokens = pencil.theme.tokens
    pencil.reader(75, 112)
    pencil.pen(tokens.attention, 6)
    pencil.painter.drawArc(QRectF(142, 22, 36, 44), 0, 180 * 16)
    pencil.painter.drawLine(QPointF(142, 44), QPointF(142, 58))
    pencil.painter.drawLine(QPointF(178, 44), QPointF(178, 58))
    pencil.box(QRectF(132, 54, 56, 42), tokens.attention_soft, tokens.attention, 7)
    pencil.bar(157, 68, 6, tokens.attention, 14)


def _turn_card(pencil: _Pencil) -> None:
    pencil.reader()
    pencil.card(30, 10, 104)
    pencil.painter.save()
    pencil.painter.translate(186, 8)
    pencil.painter.scale(0.64, 0.64)
    pencil.back(0, 4)
    pencil.painter.restore()
    pencil.arrow(QPointF(146, 44), QPointF(176, 44))


def _card_held(pencil: _Pencil) -> None:
    tokens = pencil.theme.tokens
    for x, y in ((24, 16), (204, 16)):
        pencil.box(QRectF(x, y, 92, 66), tokens.card, tokens.edge, 7)
        pencil.bar(x + 10, y + 10, 34, tokens.line)
        pencil.bar(x + 10, y + 24, 60, tokens.line)
    pencil.card(116, 100, 88)
    pencil.arrow(QPointF(96, 88), QPointF(118, 112), tokens.edge)
    pencil.arrow(QPointF(224, 88), QPointF(202, 112), tokens.edge)
    pencil.mark(Mark.ATTENTION, 140, 20)


def _card_left(pencil: _Pencil) -> None:
    pencil.reader()
    pencil.card(96, 78, dashed=True)
    pencil.card(176, 4, 112)
    pencil.arrow(QPointF(150, 96), QPointF(178, 70), pencil.theme.tokens.attention)


def _unknown_card(pencil: _Pencil) -> None:
    pencil.card(72, 34, 176)
    pencil.mark(Mark.UNKNOWN, 222, 110, 46)


def _tampered(pencil: _Pencil) -> None:
    tokens = pencil.theme.tokens
    pencil.card(20, 50, 116)
    pencil.box(QRectF(206, 40, 96, 74), tokens.card, tokens.edge, 8)
    pencil.bar(236, 124, 36, tokens.edge, 6)
    pencil.pen(tokens.edge, 3, dashed=True)
    pencil.painter.drawLine(QPointF(144, 84), QPointF(198, 84))
    pencil.mark(Mark.ATTENTION, 152, 66, 36)


def _trouble(pencil: _Pencil) -> None:
    pencil.reader()
    pencil.card(96, 14)
    pencil.mark(Mark.ATTENTION, 206, 70)


def _stopping(pencil: _Pencil) -> None:
    pencil.reader()
    pencil.card(96, 40)
    pencil.mark(Mark.RUNNING, 206, 76)


def _wiped(pencil: _Pencil) -> None:
    pencil.reader()
    pencil.card(96, 14, dashed=True)
    pencil.mark(Mark.GOOD, 206, 70)


def _hidden(pencil: _Pencil) -> None:
    tokens = pencil.theme.tokens
    pencil.box(QRectF(60, 18, 200, 136), tokens.card, tokens.edge, 10)
    pencil.bar(128, 166, 64, tokens.edge, 7)
    eye = QPainterPath(QPointF(112, 86))
    eye.quadTo(QPointF(160, 44), QPointF(208, 86))
    eye.quadTo(QPointF(160, 128), QPointF(112, 86))
    pencil.pen(tokens.accent, 3.4)
    pencil.painter.drawPath(eye)
    pencil.painter.drawEllipse(QPointF(160, 86), 13, 13)
    pencil.pen(tokens.card, 10)
    pencil.painter.drawLine(QPointF(120, 124), QPointF(200, 48))
    pencil.pen(tokens.accent, 3.4)
    pencil.painter.drawLine(QPointF(120, 124), QPointF(200, 48))


_SCENES: dict[Picture, Callable[[_Pencil], None]] = {
    Picture.PLACE_CARD: _place_card,
    Picture.NUMBER: _number,
    Picture.WRONG_NUMBER: _wrong_number,
    Picture.BACK_LINES: _back_lines,
    Picture.PLUG_READER: _plug_reader,
    Picture.SERVICE_OFF: _service_off,
    Picture.LOCKED: _locked,
    Picture.TURN_CARD: _turn_card,
    Picture.CARD_HELD: _card_held,
    Picture.CARD_LEFT: _card_left,
    Picture.UNKNOWN_CARD: _unknown_card,
    Picture.TAMPERED: _tampered,
    Picture.TROUBLE: _trouble,
    Picture.STOPPING: _stopping,
    Picture.WIPED: _wiped,
    Picture.HIDDEN: _hidden,
}
