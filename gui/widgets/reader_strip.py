"""Reader and card, always in sight: which reader, what lies on it, whether the service runs."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desk.view import ReaderView
from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part, plain_label

__all__ = ["ReaderStrip"]

_SLOT_MARKS = {"present": Mark.GOOD, "empty": Mark.PENDING, "mute": Mark.ATTENTION, "held": Mark.ATTENTION}


class ReaderStrip(Part):
    """Show every reader with a mark and a word; the one in use first in ink, the others quiet."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "readers")
        self._service = "running"
        self._readers: tuple[ReaderView, ...] = ()
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._lines: list[_ReaderLine] = []
        self.restyle()
        self.retranslate()

    def present(self, service: str, readers: tuple[ReaderView, ...]) -> None:
        """Show service and readers."""
        if (service, readers) != (self._service, self._readers):
            self._service, self._readers = service, readers
            self.retranslate()

    def retranslate(self) -> None:
        """Write every line anew."""
        lines = self._wanted()
        while len(self._lines) > len(lines):
            gone = self._lines.pop()
            self._rows.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        while len(self._lines) < len(lines):
            made = _ReaderLine(self.look)
            self._lines.append(made)
            self._rows.addWidget(made)
        for line, (mark, name, state) in zip(self._lines, lines, strict=True):
            line.say(mark, name, state)
        self.setAccessibleName("; ".join(f"{name}: {state}" for _, name, state in lines))

    def restyle(self) -> None:
        """Set the gap between lines."""
        self._rows.setSpacing(self.theme.px(8))

    def _wanted(self) -> list[tuple[Mark, str, str]]:
        if self._service != "running":
            return [(Mark.ATTENTION, self.tr("Reader"), self.texts.service(self._service))]
        if not self._readers:
            return [(Mark.PENDING, self.tr("Reader"), self.tr("none connected"))]
        return [
            (_SLOT_MARKS.get(reader.slot, Mark.UNKNOWN), reader.name, self.texts.slot(reader.slot))
            for reader in self._readers
        ]


class _ReaderLine(QWidget):
    def __init__(self, look: Look) -> None:
        super().__init__()
        self._mark = MarkLabel(look, 16)
        self._name = plain_label(look.theme, Role.STRONG, wrap=True)
        self._state = plain_label(look.theme, Role.BODY, "quiet", wrap=True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._mark, 0, 0)
        grid.addWidget(self._name, 0, 1)
        grid.addWidget(self._state, 1, 1)
        grid.setColumnStretch(1, 1)

    def say(self, mark: Mark, name: str, state: str) -> None:
        """Show one reader."""
        self._mark.show_mark(mark)
        self._name.setText(name)
        self._state.setText(state)
