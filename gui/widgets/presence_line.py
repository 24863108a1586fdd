"""How much of the card's presence the registers were shown, in one line; all of it on pointing, and read aloud."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from desk.presence_shown import PresenceView
from desk.view import RegisterView
from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part, plain_label, tip

__all__ = ["PresenceLine"]

# From here on a register saw the chip itself.
_SEEN = 3


class PresenceLine(Part):
    """Show a mark and the level in words; nothing where this desk asks for no presence."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "card")
        self._view: PresenceView | None = None
        self._registers: tuple[RegisterView, ...] = ()
        self._mark = MarkLabel(look, 16)
        self._words = plain_label(look.theme, Role.SMALL, "quiet", wrap=True)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self._words, 1)
        self.restyle()
        self.hide()

    def present(self, view: PresenceView | None, registers: tuple[RegisterView, ...]) -> None:
        """Show what was shown."""
        if (view, registers) != (self._view, self._registers):
            self._view, self._registers = view, registers
            self.retranslate()

    def retranslate(self) -> None:
        """Write the line."""
        said = self.texts.presence(self._view, self._registers)
        self.setVisible(bool(said))
        if self._view is None:
            return
        self._mark.show_mark(_mark_of(self._view))
        self._words.setText(said[0])
        self.setToolTip(tip("\n".join(said[1:])) if len(said) > 1 else "")
        self.setAccessibleName(" ".join(said))

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        self._row.setContentsMargins(px(16), px(8), px(16), px(8))
        self._row.setSpacing(px(7))


def _mark_of(view: PresenceView) -> Mark:
    if not view.state or view.asking:
        return Mark.RUNNING
    if not view.enough:
        return Mark.ATTENTION
    return Mark.GOOD if view.level >= _SEEN else Mark.MISSING
