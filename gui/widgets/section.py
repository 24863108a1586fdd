"""A card with a heading and a line beside it that sums up what is inside."""

from __future__ import annotations

from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part, plain_label, tip

__all__ = ["Section", "Tally"]


class Section(Part):
    """Frame one subject: heading left, sums right, content below."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "card")
        self.heading = self.label(Role.HEADING)
        self.tally = Tally(look)
        self._head = QHBoxLayout()
        self._head.addWidget(self.heading)
        self._head.addWidget(self.tally, 1)
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
    """Count by mark: each with its number and its word; the numbers alone where there is no room for words."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addStretch(1)
        self._pairs: list[QWidget] = []
        self._words: list[QLabel] = []
        self._sums: list[tuple[Mark, int, str]] = []

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Sum up in words or in numbers alone, as there is room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics = QFontMetricsF(self._look.theme.font(Role.SMALL))
        beside = self._look.theme.px(14 + 5 + 12) + 2
        wide = sum(metrics.horizontalAdvance(f"{many} {word}") + beside for _, many, word in self._sums)
        self._say(short=wide > self.width())

    def _say(self, *, short: bool) -> None:
        for words, (_, many, word) in zip(self._words, self._sums, strict=True):
            text = str(many) if short else f"{many} {word}"
            if words.text() != text:
                words.setText(text)

    def count(self, sums: list[tuple[Mark, int, str]]) -> None:
        """Show ``(mark, how many, word)`` for each that is not nought."""
        for pair in self._pairs:
            self._row.removeWidget(pair)
            pair.hide()
            pair.deleteLater()
        self._sums = [(mark, many, word) for mark, many, word in sums if many]
        self._words = []
        self._pairs = [self._pair(mark) for mark, _, _ in self._sums]
        for pair in self._pairs:
            self._row.addWidget(pair)
        self._row.setSpacing(self._look.theme.px(12))
        spoken = "; ".join(f"{many} {word}" for _, many, word in self._sums)
        self.setAccessibleName(spoken)
        self.setToolTip(tip(spoken))
        self._fit()
        # Never a reason for the card to be wider than there is room: without words the numbers still say it.
        self.setMinimumWidth(len(self._pairs) * self._look.theme.px(44))

    def _pair(self, mark: Mark) -> QWidget:
        pair = QWidget()
        row = QHBoxLayout(pair)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._look.theme.px(5))
        shown = MarkLabel(self._look, 14)
        shown.show_mark(mark)
        words = plain_label(self._look.theme, Role.SMALL, "quiet")
        self._words.append(words)
        row.addWidget(shown)
        row.addWidget(words)
        return pair
