"""The line that says that the card proves itself, there only for that while; the citizen can still take a yes back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from desk.view import ActionId, DeskState, DeskView
from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part, tip

__all__ = ["ProofStrip"]


class ProofStrip(Part):
    """Ask for the card to be left there; ``taken_back`` tells that the citizen no longer agrees."""

    taken_back = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "card")
        self._mark = MarkLabel(look, 18)
        self._mark.show_mark(Mark.RUNNING)
        self.words = self.label(Role.BODY, wrap=True)
        self.button = QPushButton()
        self.theme.dress(self.button, Role.BODY)
        self.button.clicked.connect(self.taken_back)
        shortcut = QShortcut(QKeySequence("F9"), self, context=Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(self.button.click)
        self._row = QHBoxLayout()
        self._row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self.words, 1)
        self._box = QVBoxLayout(self)
        self._box.addLayout(self._row)
        self._box.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)
        self.hide()
        self.restyle()
        self.retranslate()

    def present(self, view: DeskView) -> None:
        """Be there while the card proves itself."""
        self.button.setVisible(ActionId.REFUSE in view.actions)
        self.button.setEnabled(ActionId.REFUSE in view.actions)
        self.setVisible(view.state is DeskState.PROVING)

    def retranslate(self) -> None:
        """Write every word."""
        words = self.texts.card_wanted
        self.words.setText(words("proving"))
        self.button.setText(f"{words('take-back')}   F9")
        self.button.setAccessibleName(words("take-back"))
        self.button.setToolTip(tip(f"{words('take-back-hint')} (F9)"))

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        self._row.setContentsMargins(px(8), px(2), px(8), 0)
        self._row.setSpacing(px(8))
        self._box.setContentsMargins(px(8), px(8), px(8), px(8))
        self._box.setSpacing(px(6))
