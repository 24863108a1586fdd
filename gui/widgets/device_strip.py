"""What must be said of this computer: that the registers do not take it, or that its key is due; nothing while well."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from desk.device_view import DeviceView
from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part

__all__ = ["DeviceStrip"]


class DeviceStrip(Part):
    """Lie across the window with one sentence and its next step: before a citizen waits, not as a failed look-up."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "clerk")
        self._view: DeviceView | None = None
        self._mark = MarkLabel(look, 18, "attention_soft")
        self.words = self.label(Role.BODY, wrap=True)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self.words, 1)
        self.hide()
        self.restyle()

    def present(self, view: DeviceView | None) -> None:
        """Show what must be said of the computer."""
        if view != self._view:
            self._view = view
            self.retranslate()

    def retranslate(self) -> None:
        """Write the sentence."""
        self.setVisible(self._view is not None)
        said = self.texts.device(self._view) if self._view is not None else ""
        self._mark.show_mark(Mark.ATTENTION, "attention_soft")
        self.words.setText(said)
        self.setAccessibleName(said)

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        self._row.setContentsMargins(px(16), px(6), px(12), px(6))
        self._row.setSpacing(px(12))
