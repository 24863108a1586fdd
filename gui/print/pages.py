"""The pages of a slip: the text cut into sheets, each with its name, its number and, of a test, the watermark."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QPainter,
    QPalette,
    QPen,
    QTextBlock,
    QTextCursor,
    QTextFormat,
    QTextFrame,
)

from desk.slip import SlipPage
from gui.print.document import HEADING_MARK, WHOLE_MARK, slip_document
from gui.print.ink import FAINT, INK, PAGE, QUIET, RULE, Print, mm, print_font

__all__ = ["SlipPages"]

_LEFT, _RIGHT, _TOP, _BOTTOM = mm(18), mm(16), mm(22), mm(18)
# A heading with less room than this under it begins the next page.
_LEAST_UNDER_HEADING = mm(16)
_BREAK = QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore
_TILT = -52


class SlipPages:
    """Hold a slip laid out for A4; ``paint`` draws one page on a painter whose units are those of the grid."""

    def __init__(self, page: SlipPage) -> None:
        self._page = page
        self._document = slip_document(page)
        width, height = PAGE
        self._body = QSizeF(width - _LEFT - _RIGHT, height - _TOP - _BOTTOM)
        self._document.setPageSize(self._body)
        self._keep_together()

    def __len__(self) -> int:
        """Return how many pages there are."""
        return self._document.pageCount()

    @property
    def broken(self) -> bool:
        """Tell whether a frame is cut in two, or a heading the last thing on a page."""
        layout, high, block = self._document.documentLayout(), self._body.height(), self._document.begin()
        while block.isValid():
            if block.blockFormat().hasProperty(HEADING_MARK) and self._room_under(block) < _LEAST_UNDER_HEADING:
                return True
            block = block.next()
        frames = (frame for frame in self._document.rootFrame().childFrames() if _whole(frame))
        places = (layout.frameBoundingRect(frame) for frame in frames)
        return any(place.top() // high != place.bottom() // high for place in places)

    def paint(self, painter: QPainter, number: int) -> None:
        """Draw page ``number``, from 0: the watermark first, so that every word stays legible."""
        self._watermark(painter)
        self._head(painter)
        self._foot(painter, number)
        painter.save()
        painter.translate(_LEFT, _TOP - number * self._body.height())
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette.setColor(QPalette.ColorRole.Text, INK)
        context.clip = QRectF(QPointF(0, number * self._body.height()), self._body)
        painter.setClipRect(context.clip)
        self._document.documentLayout().draw(painter, context)
        painter.restore()

    def _keep_together(self) -> None:
        """Begin a new page at each heading that would be the last thing on one, and at each frame that would be cut."""
        layout, high, block = self._document.documentLayout(), self._body.height(), self._document.begin()
        while block.isValid():
            if block.blockFormat().hasProperty(HEADING_MARK) and self._room_under(block) < _LEAST_UNDER_HEADING:
                changed = block.blockFormat()
                changed.setPageBreakPolicy(_BREAK)
                QTextCursor(block).setBlockFormat(changed)
            block = block.next()
        for frame in filter(_whole, self._document.rootFrame().childFrames()):
            place = layout.frameBoundingRect(frame)
            if place.top() // high != place.bottom() // high:
                whole = frame.frameFormat()
                whole.setPageBreakPolicy(_BREAK)
                frame.setFrameFormat(whole)

    def _room_under(self, block: QTextBlock) -> float:
        high = self._body.height()
        return high - self._document.documentLayout().blockBoundingRect(block).bottom() % high

    def _head(self, painter: QPainter) -> None:
        width, _ = PAGE
        line = QRectF(_LEFT, mm(10), width - _LEFT - _RIGHT, mm(6))
        painter.setPen(QPen(QUIET))
        painter.setFont(print_font(Print.SMALL))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._page.running)
        if self._page.watermark:
            painter.setPen(QPen(INK))
            painter.setFont(print_font(Print.STRONG))
            said = " / ".join(self._page.watermark)
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, said)
        self._rule(painter, mm(17))

    def _foot(self, painter: QPainter, number: int) -> None:
        width, height = PAGE
        top = height - mm(13)
        self._rule(painter, top)
        line = QRectF(_LEFT, top + mm(1), width - _LEFT - _RIGHT, mm(5))
        painter.setPen(QPen(QUIET))
        painter.setFont(print_font(Print.FOOT))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._page.footer)
        counted = self._page.page_words.text(self._page.language, page=number + 1, pages=len(self))
        painter.setFont(print_font(Print.SMALL))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, counted)

    def _rule(self, painter: QPainter, y: float) -> None:
        painter.setPen(QPen(RULE, mm(0.2)))
        painter.drawLine(QPointF(_LEFT, y), QPointF(PAGE[0] - _RIGHT, y))

    def _watermark(self, painter: QPainter) -> None:
        """Write across the page, and solid: a test must not pass for anything else, not even as a copy."""
        if not self._page.watermark:
            return
        width, height = PAGE
        painter.save()
        painter.setPen(QPen(FAINT))
        painter.translate(width / 2, height / 2)
        painter.rotate(_TILT)
        long = QRectF(-height, 0, 2 * height, mm(24))
        for words, y in zip(self._page.watermark, (-mm(26), mm(2)), strict=False):
            font = print_font(Print.WATERMARK)
            painter.setFont(font)
            fits = min(1.0, mm(245) / max(1, painter.fontMetrics().horizontalAdvance(words)))
            font.setPixelSize(int(font.pixelSize() * fits))
            painter.setFont(font)
            painter.drawText(long.translated(0, y), Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()


def _whole(frame: QTextFrame) -> bool:
    return frame.frameFormat().hasProperty(WHOLE_MARK)
