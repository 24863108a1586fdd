"""The decision: icon, word, what it means, and why."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from desk.view import DecisionView, DeskState, DeskView
from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part, set_flag
from reader.inspection.report import Decision

__all__ = ["DecisionCard"]

_MEANINGS = {
    Decision.PROCEED: ("good", Mark.GOOD),
    Decision.ATTENTION: ("attention", Mark.ATTENTION),
    Decision.STOP: ("stop", Mark.STOP),
}
# More reasons than these are one glance away in the list of checks, where the weightiest stand in the same order.
_MOST_REASONS = 3


class DecisionCard(Part):
    """Show one word a clerk can act on from two metres away, and the reasons below it."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "decision")
        # No more of a view than this is kept: the card stays when the citizen is gone.
        self._decision: DecisionView | None = None
        self._going_on = DeskView(DeskState.READING, 0)
        self._mark = MarkLabel(look, 30)
        self.word = self.label(Role.DECISION, wrap=True)
        self.word.setObjectName("word")
        self.line = self.label(Role.BODY, wrap=True)
        self.reasons = self.label(Role.BODY, wrap=True)
        self._head = QHBoxLayout()
        self._head.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignVCenter)
        self._head.addWidget(self.word, 1)
        self._box = QVBoxLayout(self)
        self._box.addLayout(self._head)
        self._box.addWidget(self.line)
        self._box.addWidget(self.reasons)
        self._box.addStretch(1)
        self.restyle()
        self.retranslate()

    def present(self, view: DeskView) -> None:
        """Show the decision; before there is one, say what is still going on."""
        going_on = DeskView(view.state, 0, waits_for_others=view.waits_for_others)
        if (view.decision, going_on) != (self._decision, self._going_on):
            self._decision, self._going_on = view.decision, going_on
            self.retranslate()

    def retranslate(self) -> None:
        """Write word, line and reasons."""
        decision = self._decision
        if decision is None:
            meaning, mark = "", Mark.RUNNING
            self.word.setText(self.tr("Checking"))
            self.line.setText(self.texts.headline(self._going_on))
            reasons = []
        else:
            meaning, mark = _MEANINGS[decision.decision]
            self.word.setText(self.texts.decision(decision.decision))
            self.line.setText(self.texts.decision_line(decision.decision))
            reasons = [self.texts.finding(check, reason) for check, reason in decision.reasons]
        shown = reasons[:_MOST_REASONS]
        if len(reasons) > _MOST_REASONS:
            shown.append(self.tr("and {count} more, see the checks").format(count=len(reasons) - _MOST_REASONS))
        self.reasons.setText("\n".join(f"• {reason}" for reason in shown))
        self.reasons.setVisible(bool(shown))
        self._mark.show_mark(mark, f"{meaning}_soft" if meaning else "unknown_soft")
        set_flag(self, "meaning", meaning)
        for label in (self.word, self.line, self.reasons):
            set_flag(label, "meaning", meaning)
        self.setAccessibleName("; ".join((self.word.text(), self.line.text(), *reasons)))

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        self._box.setContentsMargins(px(16), px(10), px(16), px(10))
        self._box.setSpacing(px(4))
        self._head.setSpacing(px(10))
