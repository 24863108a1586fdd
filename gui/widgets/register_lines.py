"""How each register stands; one that gave no answer says why and what to do, in place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from desk.view import RegisterState, RegisterView
from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part, plain_label

__all__ = ["RegisterLines"]

_MARKS = {
    RegisterState.IDLE: Mark.NOT_ASKED,
    RegisterState.ASKING: Mark.RUNNING,
    RegisterState.ANSWERED: Mark.GOOD,
    RegisterState.NOT_FOUND: Mark.MISSING,
    RegisterState.FAILED: Mark.ATTENTION,
    RegisterState.NOT_ALLOWED: Mark.NOT_ASKED,
    RegisterState.CONFIRMED: Mark.GOOD,
    RegisterState.NOT_CONFIRMED: Mark.ATTENTION,
    RegisterState.QUEUED: Mark.RUNNING,
}


class RegisterLines(Part):
    """Show one line a register, or several not asked for one reason; a failed one is a notice with its next step.

    An answer of which something must be said, or in which something must not be overlooked, never has a good mark.
    """

    def __init__(self, look: Look) -> None:
        super().__init__(look, "card")
        self._registers: tuple[RegisterView, ...] = ()
        self._box = QVBoxLayout(self)
        self._lines: list[_Line] = []
        self.restyle()

    def present(self, registers: tuple[RegisterView, ...]) -> None:
        """Show ``registers``."""
        if registers != self._registers:
            self._registers = registers
            self.retranslate()

    def retranslate(self) -> None:
        """Write every line."""
        said = self.texts.register_lines(self._registers)
        while len(self._lines) > len(said):
            gone = self._lines.pop()
            self._box.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        while len(self._lines) < len(said):
            self._lines.append(_Line(self.look))
            self._box.addWidget(self._lines[-1])
        for line, (view, state) in zip(self._lines, said, strict=True):
            failed = view.state in (RegisterState.FAILED, RegisterState.NOT_CONFIRMED)
            when = f" · {view.answered_at}" if view.answered_at and not failed else ""
            words = self.texts.failure_of(view.failure) if failed and view.failure else None
            mark = Mark.ATTENTION if view.notes or view.alerts else _MARKS[view.state]
            line.say(mark, state + when, words.next_step if words else "", notice=failed)

    def restyle(self) -> None:
        """Set the gap."""
        px = self.theme.px
        self._box.setContentsMargins(px(8), px(8), px(8), px(8))
        self._box.setSpacing(px(4))
        for line in self._lines:
            line.restyle()


class _Line(QFrame):
    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._mark = MarkLabel(look, 16)
        self._words: QLabel = plain_label(look.theme, Role.SMALL, "quiet", wrap=True)
        self._next: QLabel = plain_label(look.theme, Role.SMALL, wrap=True)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout()
        self._column.addWidget(self._words)
        self._column.addWidget(self._next)
        self._row.addLayout(self._column, 1)
        self._notice = False
        self.restyle()

    def say(self, mark: Mark, words: str, next_step: str, *, notice: bool) -> None:
        """Show one register; a ``notice`` stands out."""
        self._notice = notice
        self.setObjectName("notice" if notice else "")
        self.style().unpolish(self)
        self.style().polish(self)
        self._mark.show_mark(mark, "attention_soft" if notice else "card")
        self._words.setText(words)
        self._next.setText(next_step)
        self._next.setVisible(bool(next_step))
        self.restyle()

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self._look.theme.px
        side = px(8)
        self._row.setContentsMargins(side, px(6 if self._notice else 0), side, px(6 if self._notice else 0))
        self._row.setSpacing(px(7))
        self._column.setSpacing(px(2))
