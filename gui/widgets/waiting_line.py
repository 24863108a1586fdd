"""How many look-ups wait for a register, in place at the foot of the rail; nothing while none does."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from desk.view import WaitingView
from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part, plain_label

__all__ = ["WaitingLine"]


class WaitingLine(Part):
    """Show a mark and a sentence: how many, since when, and what somebody must do about it."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "trust")
        self._view: WaitingView | None = None
        self._mark = MarkLabel(look, 16)
        self.words = plain_label(look.theme, Role.SMALL, "quiet", wrap=True)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.addWidget(self._mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self.words, 0, 1)
        self._grid.setColumnStretch(1, 1)
        self.hide()

    def present(self, view: WaitingView | None) -> None:
        """Show what waits."""
        if view != self._view:
            self._view = view
            self.retranslate()

    def retranslate(self) -> None:
        """Write the sentence."""
        view = self._view
        said = self.texts.lookups_waiting(view) if view is not None else ""
        self.setVisible(bool(said))
        if view is None:
            return
        needed = view.trouble or view.to_decide or view.frozen
        self._mark.show_mark(Mark.ATTENTION if needed else Mark.RUNNING if view.count else Mark.GOOD)
        self.words.setText(said)
        self.setAccessibleName(said)
