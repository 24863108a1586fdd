"""What the look-ups are for, and on which legal basis."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent

from auth.purposes import PURPOSES, Purpose
from gui.widgets.choice_box import ChoiceBox
from gui.widgets.part import Look, tip

__all__ = ["PurposeChooser"]


class PurposeChooser(ChoiceBox):
    """Show the purpose in use and offer the others; the tooltip names the legal basis."""

    chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look, narrowest=140)
        self._purposes: tuple[Purpose, ...] = ()
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))
        self._offer(PURPOSES)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let letters and digits through: they come from a scanner and are meant for the number field."""
        if event.text().isprintable() and event.text().strip():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def present(self, purpose: str, purposes: tuple[Purpose, ...], *, allowed: bool) -> None:
        """Show ``purpose`` of ``purposes``; it can be changed where that is ``allowed`` now."""
        if purposes and purposes != self._purposes:
            self._offer(purposes)
        index = self.findData(purpose)
        if index != self.currentIndex():
            self.setCurrentIndex(index)
            self._explain()
        self.setEnabled(allowed)

    def retranslate(self) -> None:
        """Write every purpose in the language in use."""
        for index in range(self.count()):
            self.setItemText(index, self.look.tongue.texts.purpose(self.itemData(index), self._purposes))
            self.setItemData(index, tip(self._purposes[index].legal_basis), Qt.ItemDataRole.ToolTipRole)
        self.setAccessibleName(self.tr("Purpose of the look-ups"))
        self._explain()

    def changeEvent(self, event: QEvent) -> None:
        """Speak anew when the language has changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _offer(self, purposes: tuple[Purpose, ...]) -> None:
        self._purposes = purposes
        self.clear()
        for purpose in purposes:
            self.addItem("", purpose.id)
        self.retranslate()

    def _explain(self) -> None:
        index = self.currentIndex()
        basis = self._purposes[index].legal_basis if index >= 0 else ""
        self.setToolTip(tip(self.tr("Purpose of the look-ups (Alt+M)\nLegal basis: {basis}").format(basis=basis)))
        self.setAccessibleDescription(basis)
