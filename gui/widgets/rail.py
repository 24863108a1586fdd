"""The left side of the desk: reader, number field, steps, progress — always there, always in this order."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout

from desk.view import ActionId, DeskView
from gui.widgets.key_block import KeyBlock
from gui.widgets.part import Look, Part, set_flag
from gui.widgets.reader_strip import ReaderStrip
from gui.widgets.step_list import Progress, StepList

__all__ = ["Rail"]


class Rail(Part):
    """Show where the visit stands and take the number; ``entered`` hands the number over."""

    entered = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "rail")
        self.readers = ReaderStrip(look)
        self.key = KeyBlock(look)
        self.steps = StepList(look)
        self.progress = Progress(look)
        self.key.entered.connect(self.entered)
        self._grid = QGridLayout(self)
        self._rules = [QFrame(), QFrame()]
        for rule in self._rules:
            rule.setObjectName("rule")
        self._across: bool | None = None
        self.lie(across=False)
        self.restyle()

    def lie(self, *, across: bool) -> None:
        """Stand at the side, or lie along the top where the window is narrow."""
        if across == self._across:
            return
        self._across = across
        set_flag(self, "across", across)
        self.steps.lie(across=across)
        places = (
            ((self.readers, 0, 0), (self.key, 0, 1), (self.steps, 1, 0), (self.progress, 2, 0))
            if across
            else ((self.readers, 0, 0), (self.key, 2, 0), (self.steps, 4, 0), (self.progress, 5, 0))
        )
        for widget, row, column in places:
            self._grid.addWidget(widget, row, column, 1, 2 if across and row else 1)
        for number, rule in enumerate(self._rules):
            rule.setVisible(not across)
            self._grid.addWidget(rule, 1 + 2 * number, 0)
        for row in range(7):
            self._grid.setRowStretch(row, int(row == 6 and not across))
        self.restyle()

    def present(self, view: DeskView) -> None:
        """Show reader, steps and progress, and whether a number is wanted."""
        self.readers.present(view.service, view.readers)
        self.key.present(wanted=ActionId.ENTER_KEY in view.actions, held=view.key_held)
        self.steps.present(view.steps)
        self.progress.present(view.progress)

    def restyle(self) -> None:
        """Set width and gaps."""
        px = self.theme.px
        self._grid.setContentsMargins(px(16), px(16), px(16), px(12))
        self._grid.setSpacing(px(14))
        if self._across:
            self.setMinimumWidth(0)
            self.setMaximumWidth(16_777_215)
        else:
            self.setFixedWidth(px(232))
