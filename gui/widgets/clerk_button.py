"""The clerk who is signed in, by name, with what ends their turn: a hand-over, or signing out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QMenu, QToolButton

from desk.view import ActionId, DeskView
from gui.widgets.part import Look, tip

__all__ = ["ClerkButton"]


class ClerkButton(QToolButton):
    """Offer both in a menu; not there at a desk at which nobody need sign in, or while nobody is."""

    hand_over_wanted = Signal()
    sign_out_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._name = ""
        self.setProperty("plain", True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._hand_over = self._menu.addAction("")
        self._sign_out = self._menu.addAction("")
        self._hand_over.triggered.connect(self.hand_over_wanted)
        self._sign_out.triggered.connect(self.sign_out_wanted)
        self.hide()
        self.retranslate()

    def present(self, view: DeskView) -> None:
        """Show who is signed in."""
        self.setVisible(ActionId.SIGN_OUT in view.actions)
        if view.clerk != self._name:
            self._name = view.clerk
            self.retranslate()

    def retranslate(self) -> None:
        """Write every word."""
        self._hand_over.setText(self.tr("Hand over to another clerk…"))
        self._sign_out.setText(self.tr("Sign out"))
        self.setText(self.tr("Clerk"))
        # A name may hold an ampersand, which a button would take for a key.
        self.setAccessibleName(self.tr("Clerk: {name}").format(name=self._name))
        self.setToolTip(tip(self.tr("{name} is signed in").format(name=self._name)))
        self._menu.setAccessibleName(self.tr("Clerk"))

    def changeEvent(self, event: QEvent) -> None:
        """Speak anew when the language has changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
