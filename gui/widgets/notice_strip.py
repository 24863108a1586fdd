"""A line across the window with a mark and a sentence, there only while there is something to say."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part

__all__ = ["NoticeStrip"]


class NoticeStrip(Part):
    """Lie across the window and want attention; whoever says something here writes it in ``retranslate``."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "clerk")
        self._mark = MarkLabel(look, 18, "attention_soft")
        self.words = self.label(Role.BODY, wrap=True)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self.words, 1)
        self.hide()
        self.restyle()

    def say(self, words: str) -> None:
        """Show ``words``; be gone where there are none."""
        self._mark.show_mark(Mark.ATTENTION, "attention_soft")
        self.words.setText(words)
        self.setAccessibleName(words)
        self.setVisible(bool(words))

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        self._row.setContentsMargins(px(16), px(6), px(12), px(6))
        self._row.setSpacing(px(12))
