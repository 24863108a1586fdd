"""The offer to let a look-up wait for the dossier of this visit, there only while a register is away."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from desk.view import ActionId, DeskView
from gui.theme import Role
from gui.widgets.part import Look, Part, tip

__all__ = ["QueueOffer"]


class QueueOffer(Part):
    """Offer to queue under the number that stands at the top; ``number_wanted`` leads there while there is none."""

    wanted = Signal()
    number_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "card")
        self._dossier = ""
        self.words = self.label(Role.BODY, wrap=True)
        self.button = QPushButton()
        self.theme.dress(self.button, Role.BODY)
        self.button.clicked.connect(self._pressed)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.words, 1)
        self._row.addWidget(self.button)
        self.hide()
        self.restyle()
        self.retranslate()

    def present(self, view: DeskView) -> None:
        """Be there while the desk offers it."""
        if view.dossier != self._dossier:
            self._dossier = view.dossier
            self.retranslate()
        self.setVisible(ActionId.QUEUE_LOOKUPS in view.actions)

    def retranslate(self) -> None:
        """Write every word."""
        offer = self.tr("A register is away. The look-up can wait until it is there, sealed, for a dossier.")
        if self._dossier:
            self.words.setText(self.tr("Let it wait for dossier {number}").format(number=self._dossier))
            self.button.setText(self.texts.action(ActionId.QUEUE_LOOKUPS))
        else:
            self.words.setText(self.tr("With a dossier number the look-up can wait."))
            self.button.setText(self.tr("Enter number"))
        self.button.setToolTip(tip(offer))
        self.button.setAccessibleDescription(offer)

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        self._row.setContentsMargins(px(16), px(8), px(8), px(8))
        self._row.setSpacing(px(8))

    def _pressed(self) -> None:
        if self._dossier:
            self.wanted.emit()
        else:
            self.number_wanted.emit()
