"""How fresh the trust is, in place at the foot of the rail: quiet while all is well, marked when more is due."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from auth.distribution.kinds import FreshnessLevel
from desk.view import TrustView
from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part, plain_label

__all__ = ["TrustLine"]

_MARKS = {
    FreshnessLevel.CURRENT: Mark.GOOD,
    FreshnessLevel.DUE: Mark.ATTENTION,
    FreshnessLevel.OVERDUE: Mark.ATTENTION,
    FreshnessLevel.UNKNOWN: Mark.UNKNOWN,
    FreshnessLevel.NONE: Mark.ATTENTION,
}


class TrustLine(Part):
    """Show a mark and a sentence; nothing before the trust was read."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "trust")
        self._view: TrustView | None = None
        self._across = False
        self._mark = MarkLabel(look, 16)
        self._words = plain_label(look.theme, Role.SMALL, "quiet", wrap=True)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.addWidget(self._mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self._words, 0, 1)
        self._grid.setColumnStretch(1, 1)
        self.hide()

    def lie(self, *, across: bool) -> None:
        """Say less where the window is narrow: how old the trust is, and nothing while all is well."""
        self._across = across
        self.retranslate()

    def present(self, view: TrustView | None) -> None:
        """Show how fresh the trust is."""
        if view != self._view:
            self._view = view
            self.retranslate()

    def retranslate(self) -> None:
        """Write the sentence."""
        view = self._view
        quiet = view is not None and view.level == FreshnessLevel.CURRENT and not view.expired
        wanted = view is not None and not (self._across and quiet)
        self.setVisible(wanted)
        if self._view is None:
            return
        words = self.texts.trust(self._view)
        shown = replace(self._view, crls_overdue=0, next_due="") if self._across else self._view
        mark = Mark.ATTENTION if self._view.expired else _MARKS[FreshnessLevel(self._view.level)]
        self._mark.show_mark(mark)
        self._words.setText(self.texts.trust(shown))
        self.setAccessibleName(words)
