"""The text of a slip as one flowing document; where pages break is the layout's matter."""

from __future__ import annotations

from PySide6.QtGui import (
    QBrush,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableCellFormat,
    QTextTableFormat,
)

from desk.slip import Block, Fact, Grid, SlipPage
from gui.print.ink import INK, QUIET, RULE, Print, mm, print_font

__all__ = ["HEADING_MARK", "WHOLE_MARK", "slip_document"]

HEADING_MARK = QTextFormat.Property.UserProperty + 1
"""Marks blocks that must not be the last of a page."""
WHOLE_MARK = QTextFormat.Property.UserProperty + 2
"""Marks frames that must not be cut in two."""

_SIDE_BY_SIDE = 3
_GAP = mm(2.2)


def slip_document(page: SlipPage) -> QTextDocument:
    """Return the text of ``page``, without what stands at the head and foot of every page."""
    document = QTextDocument()
    document.setUndoRedoEnabled(False)
    document.setDocumentMargin(0)
    document.setDefaultFont(print_font(Print.BODY))
    writer = _Writer(QTextCursor(document))
    writer.line(page.title, Print.TITLE)
    writer.line(page.subtitle, Print.BODY, below=_GAP)
    writer.box((page.verdict, Print.VERDICT), (page.verdict_line, *(f"– {reason}" for reason in page.reasons)))
    citizen, matter, maker = page.blocks[:_SIDE_BY_SIDE]
    writer.side_by_side((citizen, maker), (matter,))
    for block in page.blocks[_SIDE_BY_SIDE:]:
        writer.block(block)
    writer.space(mm(3))
    writer.box((page.signature.heading, Print.HEADING), page.signature.lines)
    return document


class _Writer:
    """Write at a cursor; the document begins with an empty block, which the first line takes."""

    def __init__(self, cursor: QTextCursor) -> None:
        self._cursor = cursor
        self._fresh = True

    def line(self, text: str, role: Print, *, below: float = 0, above: float = 0, heading: bool = False) -> None:
        """Write one paragraph."""
        layout = QTextBlockFormat()
        layout.setBottomMargin(below)
        layout.setTopMargin(above)
        if heading:
            layout.setProperty(HEADING_MARK, True)
        if self._fresh:
            self._cursor.setBlockFormat(layout)
            self._fresh = False
        else:
            self._cursor.insertBlock(layout)
        self._cursor.setBlockCharFormat(_ink(role))
        self._cursor.insertText(text, _ink(role))

    def space(self, height: float) -> None:
        """Leave ``height`` free."""
        self.line("", Print.FOOT, below=height)

    def block(self, block: Block) -> None:
        """Write a part of the page under its heading."""
        self.line(block.heading, Print.HEADING, above=mm(3.4), below=mm(0.8), heading=True)
        if block.facts:
            self.facts(block.facts)
        if block.grid is not None and block.grid.rows:
            self.grid(block.grid)
        if block.details:
            self.facts(block.details)
        for text in block.lines:
            self.line(text, Print.BODY, above=mm(0.5))

    def facts(self, facts: tuple[Fact, ...], label_share: float = 22) -> None:
        """Write labels and values, a row each."""
        table = self._table(len(facts), (label_share, 100 - label_share))
        for row, fact in enumerate(facts):
            self._fill(table, row, 0, fact.label, Print.BODY, quiet=True)
            self._fill(table, row, 1, fact.value, Print.STRONG if fact.strong else Print.BODY)

    def grid(self, grid: Grid) -> None:
        """Write a table whose head comes again on each page that it reaches."""
        table = self._table(len(grid.rows) + 1, tuple(share * 100 for share in grid.shares), heads=1)
        for column, head in enumerate(grid.heads):
            self._fill(table, 0, column, head, Print.STRONG, rule=mm(0.3))
        for row, cells in enumerate(grid.rows, start=1):
            for column, text in enumerate(cells):
                self._fill(table, row, column, text, Print.BODY, rule=mm(0.12))

    def side_by_side(self, left: tuple[Block, ...], right: tuple[Block, ...]) -> None:
        """Write two columns of blocks."""
        table = self._table(1, (47, 53))
        for column, blocks in enumerate((left, right)):
            cell = table.cellAt(0, column)
            layout = QTextTableCellFormat()
            layout.setRightPadding(mm(5) if column == 0 else 0)
            inner = _Writer(cell.firstCursorPosition())
            for block in blocks:
                inner.line(block.heading, Print.HEADING, above=mm(2.4), below=mm(0.8))
                inner.facts(block.facts, 30)
            layout.merge(_ink(Print.HEADING))
            cell.setFormat(layout)
        self._leave(table)

    def box(self, head: tuple[str, Print], lines: tuple[str, ...]) -> None:
        """Write what must not be overlooked, in a frame."""
        layout = QTextFrameFormat()
        layout.setBorder(mm(0.5))
        layout.setBorderBrush(QBrush(INK))
        layout.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        layout.setPadding(mm(2.4))
        layout.setTopMargin(mm(1.5))
        layout.setBottomMargin(mm(1.5))
        layout.setProperty(WHOLE_MARK, True)
        frame = self._cursor.insertFrame(layout)
        inner = _Writer(frame.firstCursorPosition())
        text, role = head
        inner.line(text, role, below=mm(0.6))
        for line in lines:
            inner.line(line, Print.BODY)
        self._cursor = frame.lastCursorPosition()
        self._cursor.movePosition(QTextCursor.MoveOperation.NextBlock)
        self._shrink()

    def _table(self, rows: int, shares: tuple[float, ...], heads: int = 0) -> QTextTable:
        layout = QTextTableFormat()
        # Without a border of the table none of its cells is drawn; its own style draws nothing.
        layout.setBorder(1)
        layout.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
        layout.setTopMargin(mm(0.6))
        layout.setBottomMargin(mm(1.6))
        layout.setCellSpacing(0)
        layout.setCellPadding(0)
        layout.setBorderCollapse(True)
        layout.setHeaderRowCount(heads)
        layout.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        whole = sum(shares)
        percent = QTextLength.Type.PercentageLength
        layout.setColumnWidthConstraints([QTextLength(percent, share * 100 / whole) for share in shares])
        table = self._cursor.insertTable(rows, len(shares), layout)
        self._leave(table)
        return table

    def _leave(self, table: QTextTable) -> None:
        self._cursor = table.lastCursorPosition()
        self._cursor.movePosition(QTextCursor.MoveOperation.NextBlock)
        self._shrink()

    def _shrink(self) -> None:
        """Have the block that follows a table or frame take the next line: else each would leave an empty one."""
        self._fresh = True

    def _fill(
        self, table: QTextTable, row: int, column: int, text: str, role: Print, *, rule: float = 0, quiet: bool = False
    ) -> None:
        cell = table.cellAt(row, column)
        layout = QTextTableCellFormat()
        layout.setTopPadding(mm(0.35))
        layout.setBottomPadding(mm(0.35))
        layout.setRightPadding(mm(1.5))
        if rule:
            layout.setBottomBorder(rule)
            layout.setBottomBorderBrush(QBrush(RULE))
            layout.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        ink = _ink(role)
        if quiet:
            ink.setForeground(QBrush(QUIET))
        cell.firstCursorPosition().insertText(text, ink)
        # A cell and its first paragraph share one format, so what the paragraph needs goes with the cell's own.
        layout.merge(ink)
        cell.setFormat(layout)


def _ink(role: Print) -> QTextCharFormat:
    ink = QTextCharFormat()
    ink.setFont(print_font(role))
    ink.setForeground(QBrush(INK))
    ink.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignNormal)
    return ink
