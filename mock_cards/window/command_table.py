"""The commands to the chip as they come, and what it refused by which clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from mock_cards.window.look import Colours, monospace
from mock_cards.window.words import Words

__all__ = ["CommandTable"]

MOST_ROWS = 400
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NUMBERS = (0, 2, 3, 5)
_REFUSAL = 6


class CommandTable(QTableWidget):
    """Show exchanges as the control socket tells them, the newest at the end."""

    def __init__(self, words: Words, colours: Colours) -> None:
        super().__init__(0, _REFUSAL + 1)
        self._stop = QColor(colours.stop)
        self._only_refused = False
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate((44, 300, 48, 72, 60, 48)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width)
        header.setSectionResizeMode(_REFUSAL, QHeaderView.ResizeMode.Stretch)
        self.speak(words)

    @property
    def last(self) -> int:
        """Return the number of the last command that is shown; 0 where none is."""
        item = self.item(self.rowCount() - 1, 0) if self.rowCount() else None
        return int(item.text()) if item else 0

    def speak(self, words: Words) -> None:
        """Name the columns in the language of ``words``."""
        columns = ("number", "command", "sent", "received", "sw", "ms", "refusal")
        self.setHorizontalHeaderLabels([getattr(words, f"column_{column}") for column in columns])
        for column in _NUMBERS:
            if (title := self.horizontalHeaderItem(column)) is not None:
                title.setTextAlignment(_RIGHT)
        self.setAccessibleName(words.commands.replace("&", ""))

    def refusal_shown(self) -> str:
        """Return the refusal of the chosen command, else the last one there is; "" where there is none."""
        chosen = [self.currentRow()] if self.currentRow() >= 0 else range(self.rowCount() - 1, -1, -1)
        texts = (item.text() for row in chosen if (item := self.item(row, _REFUSAL)) is not None)
        return next(filter(None, texts), "")

    def show_only_refused(self, only: bool) -> None:
        """Hide what the chip did not refuse, or show it again."""
        self._only_refused = only
        for row in range(self.rowCount()):
            self._hide_or_show(row)

    def add(self, exchanges: Iterable[Mapping[str, Any]]) -> None:
        """Add commands at the end; the oldest go where there are too many."""
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 1
        for exchange in exchanges:
            self._add(exchange)
        while self.rowCount() > MOST_ROWS:
            self.removeRow(0)
        if at_end:
            self.scrollToBottom()

    def _add(self, exchange: Mapping[str, Any]) -> None:
        row = self.rowCount()
        self.insertRow(row)
        protected = "SM " if exchange["protected"] else ""
        refusal = f"✕ {exchange['clause']}: {exchange['why']}" if exchange["clause"] else exchange["error"]
        texts = (
            str(exchange["number"]),
            f"{exchange['command']}  {protected}{exchange['name']}",
            str(exchange["sent"]),
            str(exchange["received"]),
            exchange["sw"] or "–",
            f"{exchange['ms']:.1f}",
            refusal,
        )
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            if column in _NUMBERS:
                item.setTextAlignment(_RIGHT)
            if column in (1, 4):
                item.setFont(monospace())
            if column in (4, _REFUSAL) and refusal:
                item.setForeground(self._stop)
            item.setToolTip(text if column in (1, _REFUSAL) else "")
            self.setItem(row, column, item)
        self._hide_or_show(row)

    def _hide_or_show(self, row: int) -> None:
        item = self.item(row, _REFUSAL)
        self.setRowHidden(row, self._only_refused and not (item and item.text()))
