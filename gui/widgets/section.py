"""A card with a heading and a line beside it that sums up what is inside."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part, plain_label

__all__ = ["Section", "Tally"]


class Section(Part):
    """Frame one subject: heading left, sums right, content below."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "card")
        self.heading = self.label(Role.HEADING)
        self.tally = Tally(look)
        self._head = QHBoxLayout()
        self._head.addWidget(self.heading)
        self._head.addStretch(1)
        self._head.addWidget(self.tally)
        self.box = QVBoxLayout()
        self.box.addLayout(self._head)
        # What belongs beside heading and content alike goes here.
        self.sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self.sides.addLayout(self.box, 3)
        self.restyle()

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        self._head.setContentsMargins(px(8), px(2), px(8), px(2))
        self.sides.setContentsMargins(px(8), px(8), px(8), px(8))
        self.sides.setSpacing(px(8))
        self.box.setSpacing(px(4))


class Tally(QWidget):
    """Count by mark: each with its number and, for those who hear the screen, its word."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._pairs: list[QWidget] = []

    def count(self, sums: list[tuple[Mark, int, str]]) -> None:
        """Show ``(mark, how many, word)`` for each that is not nought."""
        for pair in self._pairs:
            self._row.removeWidget(pair)
            pair.hide()
            pair.deleteLater()
        self._pairs = [self._pair(mark, f"{many} {word}") for mark, many, word in sums if many]
        for pair in self._pairs:
            self._row.addWidget(pair)
        self._row.setSpacing(self._look.theme.px(12))
        self.setAccessibleName("; ".join(f"{many} {word}" for _, many, word in sums if many))

    def _pair(self, mark: Mark, text: str) -> QWidget:
        pair = QWidget()
        row = QHBoxLayout(pair)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._look.theme.px(5))
        shown = MarkLabel(self._look, 14)
        shown.show_mark(mark)
        words = plain_label(self._look.theme, Role.SMALL, "quiet")
        words.setText(text)
        row.addWidget(shown)
        row.addWidget(words)
        return pair
