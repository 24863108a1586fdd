"""A table of words and marks: cells wrap, a row opens in place, colour is never alone.

The comparison, the checks and the parcels are all this table with other rows. A cell that must be read whole is never
elided: rows grow instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from gui.theme import Mark, Role
from gui.widgets.part import tip

__all__ = ["CELL", "Cell", "GridModel", "GridRow"]

CELL = int(Qt.ItemDataRole.UserRole)
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True, repr=False)
class Cell:
    """Hold one cell: words, a mark before them, and what is read out (the words where nothing else is said).

    ``note`` stands small under the words and says why they are as they are.
    """

    text: str = ""
    note: str = ""
    mark: Mark | None = None
    tone: str = "ink"
    role: Role = Role.BODY
    hint: str = ""
    spoken: str = ""
    note_tone: str = "quiet"


@dataclass(frozen=True, slots=True, repr=False)
class GridRow:
    """Hold one row; ``detail`` is what opens under it, ``key`` says that it is the same row as before."""

    key: str
    cells: tuple[Cell, ...]
    detail: str = ""


class GridModel(QAbstractTableModel):
    """Offer rows and, under an open row, its detail as one cell across the table."""

    def __init__(self) -> None:
        super().__init__()
        self._headers: tuple[str, ...] = ()
        self._rows: tuple[GridRow, ...] = ()
        self._open: frozenset[str] = frozenset()
        self._shown: list[tuple[GridRow, bool]] = []

    def set_headers(self, headers: tuple[str, ...]) -> None:
        """Set the words above the columns."""
        self.beginResetModel()
        self._headers = headers
        self.endResetModel()

    def set_rows(self, rows: tuple[GridRow, ...]) -> bool:
        """Show ``rows``; tell whether anything changed. Rows that were open and are still there stay open."""
        if rows == self._rows:
            return False
        self._show(rows, self._open & {row.key for row in rows})
        return True

    def toggle(self, row: int) -> int:
        """Open or close what lies under ``row``; return the row that then stands where the clerk is."""
        if not 0 <= row < len(self._shown):
            return row
        owner, is_detail = self._shown[row]
        if owner.detail:
            self._show(self._rows, self._open ^ {owner.key})
        return row - 1 if is_detail else row

    def close_all(self) -> bool:
        """Close what is open; tell whether anything was."""
        was_open = bool(self._open)
        if was_open:
            self._show(self._rows, frozenset())
        return was_open

    def is_detail(self, row: int) -> bool:
        """Tell whether ``row`` is what opened under another one."""
        return self._shown[row][1]

    def row_key(self, row: int) -> str:
        """Return the key of the row at ``row``, empty where there is none."""
        return self._shown[row][0].key if 0 <= row < len(self._shown) else ""

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell to paint."""
        owner, is_detail = self._shown[row]
        if is_detail:
            return Cell(owner.detail, tone="ink") if column == 0 else Cell()
        return owner.cells[column] if column < len(owner.cells) else Cell()

    def _show(self, rows: tuple[GridRow, ...], opened: frozenset[str]) -> None:
        self.beginResetModel()
        self._rows, self._open = rows, opened
        self._shown = []
        for row in rows:
            self._shown.append((row, False))
            if row.key in opened:
                self._shown.append((row, True))
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # the signature of Qt
        """Return how many rows are shown, details included."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # the signature of Qt
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._headers)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return the word above a column."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headers[section]
        return None

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return words, tooltip, or what is read out."""
        if not index.isValid():
            return None
        cell = self.cell(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(cell.hint) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return cell.spoken or cell.text
        if role == CELL:
            return cell
        return None
