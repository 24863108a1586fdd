"""The view of a ``GridModel``: paints wrapped cells, shares out the width, works from the keyboard."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from gui.theme import Role, Theme, paint_mark
from gui.widgets.grid import Cell, GridModel, GridRow
from gui.widgets.part import Look

__all__ = ["GridView"]

_PAD_X, _PAD_Y, _MARK, _GAP = 8, 4, 16, 7


class GridView(QTableView):
    """Show rows; ``chosen`` tells which one the clerk stands on, Enter opens it in place."""

    chosen = Signal(str)

    def __init__(self, look: Look, weights: tuple[float, ...]) -> None:
        super().__init__()
        self._theme = look.theme
        self._weights = weights
        self._grid = GridModel()
        self.setModel(self._grid)
        self._cells = _CellPainter(self, look.theme)
        self.setItemDelegate(self._cells)
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.setDragEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(1)
        look.theme.dress(header, Role.SMALL)
        self.clicked.connect(self._clicked)
        look.theme.changed.connect(self._fit)

    @property
    def grid(self) -> GridModel:
        """Return the model, for tests that read what is shown."""
        return self._grid

    def set_headers(self, headers: tuple[str, ...]) -> None:
        """Set the words above the columns."""
        self._grid.set_headers(headers)
        self._fit()

    def set_columns(self, headers: tuple[str, ...], weights: tuple[float, ...]) -> None:
        """Set the words above the columns and their shares of the width, as many as there are columns."""
        self._weights = weights
        self.set_headers(headers)

    def set_rows(self, rows: tuple[GridRow, ...]) -> None:
        """Show ``rows`` and stay where the clerk was."""
        key = self._grid.row_key(self.currentIndex().row())
        if self._grid.set_rows(rows):
            self._fit()
            self._go_to(key)
            if self.hasFocus():
                self.select_first()

    def fitting_height(self) -> int:
        """Return the height at which nothing needs to be scrolled."""
        rows = sum(self.rowHeight(row) for row in range(self._grid.rowCount()))
        return rows + self.horizontalHeader().height() + 2 * self.frameWidth()

    def broken_words(self) -> tuple[str, ...]:
        """Return the words that are wider than their cell and so are broken, for tests of the layout."""
        shown = [(row, column) for row in range(self._grid.rowCount()) for column in range(self._grid.columnCount())]
        return tuple(
            word
            for row, column in shown
            if not self._grid.is_detail(row)
            for word in self._cells.broken_words(row, column, self.columnWidth(column))
        )

    def sizeHint(self) -> QSize:
        """Return no more height than the least that was set: who lays the table out knows how much there is."""
        return QSize(super().sizeHint().width(), max(self.minimumHeight(), self.minimumSizeHint().height()))

    def select_first(self) -> None:
        """Stand on the first row, where there is one and none is chosen."""
        if self._grid.rowCount() and not self.selectionModel().hasSelection():
            # Qt makes the first row the current one by itself when the focus comes, but does not choose it.
            row = max(0, self.currentIndex().row())
            self.selectionModel().clearCurrentIndex()
            self.setCurrentIndex(self._grid.index(row, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter or Space, close with Esc; let letters and digits through to the window (a QR scanner)."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self._toggle(self.currentIndex().row())
        elif key == Qt.Key.Key_Escape and self._grid.close_all():
            self._fit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) or key == Qt.Key.Key_Escape or event.text().isprintable() > 0:
            if event.text() or key == Qt.Key.Key_Escape:
                event.ignore()
            else:
                super().keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: QModelIndex | QPersistentModelIndex, previous: Any) -> None:
        """Tell which row is chosen."""
        super().currentChanged(current, previous)
        self.chosen.emit(self._grid.row_key(current.row()))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Stand on a row, so that it is seen where the focus is."""
        super().focusInEvent(event)
        self.select_first()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows; an empty table in focus has its ring too."""
        super().paintEvent(event)
        if self.hasFocus() and not self._grid.rowCount():
            painter = QPainter(self.viewport())
            wide = self._theme.px(2)
            painter.setPen(QPen(QColor(self._theme.tokens.accent), wide))
            painter.drawRect(self.viewport().rect().adjusted(wide // 2, wide // 2, -wide, -wide))
            painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out anew; the height changes nothing of it, and changes often while a page settles."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _shares(self, width: int) -> list[int]:
        """Share ``width`` out: a column of weight 0 takes what its words need, the others share the rest."""
        columns = range(self._grid.columnCount())
        weights = [self._weights[column] for column in columns]
        needed = [0 if weights[column] else min(self._natural(column), width // 3) for column in columns]
        left, total = width - sum(needed), sum(weights) or 1.0
        shares = [needed[column] or int(left * weights[column] / total) for column in columns]
        if shares:
            shares[-1] += width - sum(shares)
        return self._unbroken(shares)

    def _unbroken(self, shares: list[int]) -> list[int]:
        """Return the shares such that no word is broken, where the table is wide enough for that.

        Where it is not, the words above the columns stay whole before any other, for whoever reads a broken name must
        at least see whose answer it is; what is left is shared by what each column still wants.
        """
        columns, width = range(len(shares)), sum(shares)
        heads, least = [self._head(column) for column in columns], [self._least(column) for column in columns]
        missing = sum(least) - width
        if missing <= 0:
            return _evened(shares, least)
        spare = width - sum(heads)
        if spare < 0:
            return _evened(shares, heads)
        wanted = [words - head for words, head in zip(least, heads, strict=True)]
        fair = [head + spare * more // (sum(wanted) or 1) for head, more in zip(heads, wanted, strict=True)]
        fair[-1] += width - sum(fair)
        return fair

    def _head(self, column: int) -> int:
        """Return the width at which the words above a column are whole."""
        header = self.horizontalHeader()
        title = str(self._grid.headerData(column, Qt.Orientation.Horizontal, int(Qt.ItemDataRole.DisplayRole)) or "")
        return header.fontMetrics().horizontalAdvance(title) + 2 * self._theme.px(_PAD_X) + 2

    def _least(self, column: int) -> int:
        rows = [row for row in range(self._grid.rowCount()) if not self._grid.is_detail(row)]
        return max([self._head(column), *(self._cells.least_width(row, column) for row in rows)])

    def _natural(self, column: int) -> int:
        rows = [row for row in range(self._grid.rowCount()) if not self._grid.is_detail(row)]
        return max([self._head(column), *(self._cells.natural_width(row, column) for row in rows)])

    def _clicked(self, index: QModelIndex) -> None:
        self._toggle(index.row())

    def _toggle(self, row: int) -> None:
        row = self._grid.toggle(row)
        self._fit()
        self.setCurrentIndex(self._grid.index(row, 0))
        if row + 1 < self._grid.rowCount() and self._grid.is_detail(row + 1):
            self.scrollTo(self._grid.index(row + 1, 0))
            self.scrollTo(self._grid.index(row, 0))

    def _go_to(self, key: str) -> None:
        for row in range(self._grid.rowCount() if key else 0):
            if self._grid.row_key(row) == key:
                self.setCurrentIndex(self._grid.index(row, 0))
                return

    def _fit(self) -> None:
        width = self.viewport().width()
        for column, share in enumerate(self._shares(width)):
            self.setColumnWidth(column, max(1, share))
        self.clearSpans()
        for row in range(self._grid.rowCount()):
            detail = self._grid.is_detail(row)
            if detail and self._grid.columnCount() > 1:
                self.setSpan(row, 0, 1, self._grid.columnCount())
            widths = [width] if detail else [self.columnWidth(i) for i in range(self._grid.columnCount())]
            self.setRowHeight(row, max(self._cells.height(row, i, wide) for i, wide in enumerate(widths)))
        self.updateGeometry()


def _evened(shares: list[int], least: list[int]) -> list[int]:
    """Return the shares with each as wide as it must be, as far as those that have more than enough can give."""
    for column, width in enumerate(least):
        while shares[column] < width:
            spare = [share - wanted for share, wanted in zip(shares, least, strict=True)]
            richest = max(range(len(shares)), key=lambda other: spare[other])
            if spare[richest] <= 0:
                return shares
            taken = min(width - shares[column], spare[richest])
            shares[richest] -= taken
            shares[column] += taken
    return shares


class _CellPainter(QStyledItemDelegate):
    """Paint a cell: mark, then words and note wrapped at the width there is, and a ring round the row in focus."""

    def __init__(self, view: GridView, theme: Theme) -> None:
        super().__init__(view)
        self._view = view
        self._theme = theme

    def height(self, row: int, column: int, width: int) -> int:
        """Return the height that the cell's words need at ``width``."""
        px = self._theme.px
        blocks = self._blocks(self._view.grid.cell(row, column), width, detail=self._view.grid.is_detail(row))
        words = sum(block.boundingRect().height() for block, _ in blocks)
        return round(max(words, px(_MARK + 2))) + 2 * px(_PAD_Y)

    def broken_words(self, row: int, column: int, width: int) -> tuple[str, ...]:
        """Return the words that do not fit into one line of a cell of this width."""
        px, cell = self._theme.px, self._view.grid.cell(row, column)
        room = width - 2 * px(_PAD_X) - (px(_MARK) + px(_GAP) if cell.mark is not None else 0)
        return tuple(
            word
            for text, role in ((cell.text, cell.role), (cell.note, Role.SMALL))
            for word in text.split()
            if QFontMetricsF(self._theme.font(role)).horizontalAdvance(word) > room
        )

    def least_width(self, row: int, column: int) -> int:
        """Return the width at which no word of a cell is broken."""
        px, cell = self._theme.px, self._view.grid.cell(row, column)
        indent = px(_MARK) + px(_GAP) if cell.mark is not None else 0
        words = [
            metrics.horizontalAdvance(word)
            for text, role in ((cell.text, cell.role), (cell.note, Role.SMALL))
            if text
            for metrics in (QFontMetricsF(self._theme.font(role)),)
            for word in text.split()
        ]
        return math.ceil(max(words, default=0.0)) + indent + 2 * px(_PAD_X) + 1

    def natural_width(self, row: int, column: int) -> int:
        """Return the width at which the words of a cell stand in one line; a note below them may wrap."""
        px, cell = self._theme.px, self._view.grid.cell(row, column)
        indent = px(_MARK) + px(_GAP) if cell.mark is not None else 0
        words = QFontMetricsF(self._theme.font(cell.role)).horizontalAdvance(cell.text)
        return math.ceil(words) + indent + 2 * px(_PAD_X) + 1

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size at the width of the cell's column."""
        width = self._view.columnWidth(index.column())
        return QSize(width, self.height(index.row(), index.column(), width))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint ground, mark, words and ring."""
        grid, tokens, px = self._view.grid, self._theme.tokens, self._theme.px
        cell, detail = grid.cell(index.row(), index.column()), grid.is_detail(index.row())
        box = QRect(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected) and self._view.hasFocus()
        painter.save()
        ground = "well" if detail else ("accent_soft" if chosen else "card")
        painter.fillRect(box, QColor(getattr(tokens, ground)))
        blocks = self._blocks(cell, box.width(), detail=detail) if detail or self._whole_row(box) else []
        first = blocks[0][0].boundingRect().height() if blocks else 0.0
        line = max(min(first, self._line_height(cell)), px(_MARK + 2))
        left, top = box.left() + px(_PAD_X), float(box.top() + px(_PAD_Y))
        if cell.mark is not None:
            side = px(_MARK)
            square = QRectF(left, top + (line - side) / 2, side, side)
            if self._whole_row(box):
                paint_mark(painter, square, cell.mark, self._theme.colour(cell.mark), tokens.card)
        if cell.mark is not None or detail:
            left += px(_MARK) + px(_GAP)
        if len(blocks) == 1:
            top += max(0.0, (px(_MARK + 2) - first) / 2)
        for block, tone in blocks:
            painter.setPen(QColor(getattr(tokens, tone)))
            for number in range(block.lineCount()):
                words = block.lineAt(number)
                if self._whole(top + words.y(), top + words.y() + words.height()):
                    words.draw(painter, QPointF(left, top))
            top += block.boundingRect().height()
        if chosen and not detail:
            self._paint_ring(painter, box, index.column())
        painter.restore()

    def _paint_ring(self, painter: QPainter, box: QRect, column: int) -> None:
        width = self._theme.px(2)
        colour = QColor(self._theme.tokens.accent)
        painter.fillRect(box.left(), box.top(), box.width(), width, colour)
        painter.fillRect(box.left(), box.bottom() + 1 - width, box.width(), width, colour)
        if column == 0:
            painter.fillRect(box.left(), box.top(), width, box.height(), colour)
        if column == self._view.grid.columnCount() - 1:
            painter.fillRect(box.right() + 1 - width, box.top(), width, box.height(), colour)

    def _whole_row(self, box: QRect) -> bool:
        """Tell whether a row is seen whole, for half a value misleads; one higher than the table is shown by lines."""
        return self._whole(box.top(), box.bottom()) or box.height() > self._view.viewport().height()

    def _whole(self, top: float, bottom: float) -> bool:
        """Tell whether a line can be seen whole; one cut in half by the edge is left out until it is scrolled to."""
        return top >= 0 and bottom <= self._view.viewport().height() + 1

    def _line_height(self, cell: Cell) -> float:
        return QFontMetricsF(self._theme.font(cell.role)).height()

    def _blocks(self, cell: Cell, width: int, *, detail: bool) -> list[tuple[QTextLayout, str]]:
        px = self._theme.px
        indent = px(_MARK) + px(_GAP) if cell.mark is not None or detail else 0
        room = max(1, width - 2 * px(_PAD_X) - indent)
        parts = ((cell.text, cell.role, cell.tone), (cell.note, Role.SMALL, cell.note_tone))
        return [(_laid(text, self._theme.font(role), room), tone) for text, role, tone in parts if text]


def _laid(text: str, font: QFont, width: float) -> QTextLayout:
    layout = QTextLayout(text.replace("\n", "\u2028"), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    height = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, height))
        height += line.height()
    layout.endLayout()
    return layout
