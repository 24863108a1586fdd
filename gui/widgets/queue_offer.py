"""The offer to let a look-up wait: a dossier's number and one button, there only while a register is away."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton

from desk.view import ActionId, DeskView
from gui.theme import Role
from gui.widgets.part import Look, Part, tip

__all__ = ["QueueOffer"]

_LONGEST = 100


class QueueOffer(Part):
    """Ask for the number of the dossier; ``wanted`` hands it over. With the visit it is emptied."""

    wanted = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "card")
        self.number = QLineEdit()
        self.number.setMaxLength(_LONGEST)
        self.theme.dress(self.number, Role.BODY)
        self.button = QPushButton()
        self.theme.dress(self.button, Role.BODY)
        self.button.clicked.connect(self._hand_over)
        self.number.returnPressed.connect(self._hand_over)
        self.number.textChanged.connect(self._enable)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.number, 1)
        self._row.addWidget(self.button)
        self._visit = 0
        self.hide()
        self._enable()
        self.restyle()
        self.retranslate()

    def present(self, view: DeskView) -> None:
        """Be there while the desk offers it; forget the number with its visit."""
        if view.visit != self._visit:
            self._visit = view.visit
            self.number.clear()
        self.setVisible(ActionId.QUEUE_LOOKUPS in view.actions)

    def retranslate(self) -> None:
        """Write every word."""
        name = self.tr("Dossier number")
        offer = self.tr("A register is away. The look-up can wait until it is there, sealed, for a dossier.")
        self.number.setPlaceholderText(name)
        self.number.setToolTip(tip(offer))
        self.number.setAccessibleName(name)
        self.button.setText(self.texts.action(ActionId.QUEUE_LOOKUPS))
        self.button.setToolTip(tip(offer))

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        self._row.setContentsMargins(px(8), px(8), px(8), px(8))
        self._row.setSpacing(px(8))

    def _enable(self) -> None:
        self.button.setEnabled(bool(self.number.text().strip()))

    def _hand_over(self) -> None:
        if self.button.isEnabled() and self.isVisible():
            self.wanted.emit(self.number.text().strip())
