"""That this computer's clock is wrong, at the foot of the rail; nothing while it is right or nobody knows better."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout

from desk.wrong_clock import WrongClockView
from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part, plain_label

__all__ = ["ClockLine"]


class ClockLine(Part):
    """Show a mark and a sentence: by how much it is wrong, and what to do."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "trust")
        self._view: WrongClockView | None = None
        self._mark = MarkLabel(look, 16)
        self.words = plain_label(look.theme, Role.SMALL, wrap=True)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.addWidget(self._mark, 0, 0)
        self._grid.addWidget(self.words, 0, 1)
        self._grid.setColumnStretch(1, 1)
        self.hide()

    def present(self, view: WrongClockView | None) -> None:
        """Show how wrong the clock is."""
        if view != self._view:
            self._view = view
            self.retranslate()

    def retranslate(self) -> None:
        """Write the sentence."""
        view = self._view
        self.setVisible(view is not None)
        if view is None:
            return
        said = self.texts.wrong_clock(view)
        self._mark.show_mark(Mark.ATTENTION)
        self.words.setText(said)
        self.setAccessibleName(said)
