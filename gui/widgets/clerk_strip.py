"""Who signs in, in words and with what to do: nothing while a clerk is signed in and all is well."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from desk.sign_in_view import SignInState, SignInView
from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part

__all__ = ["ClerkStrip"]


class ClerkStrip(Part):
    """Say that nobody is signed in, that the browser is waited for, or that the purpose wants a new sign-in."""

    sign_in_wanted = Signal()
    again_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "clerk")
        self._view: SignInView | None = None
        self._mark = MarkLabel(look, 18)
        self._words = self.label(Role.BODY, wrap=True)
        self.button = QPushButton()
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._mark)
        self._row.addWidget(self._words, 1)
        self._row.addWidget(self.button)
        self.button.clicked.connect(self._pressed)
        self.hide()
        self.restyle()

    def present(self, view: SignInView | None) -> None:
        """Show how the sign-in stands."""
        if view != self._view:
            self._view = view
            self.retranslate()

    def retranslate(self) -> None:
        """Write every word."""
        view = self._view
        settled = view is None or (view.state is SignInState.SIGNED_IN and not view.again and view.failure is None)
        self.setVisible(not settled)
        if view is None or settled:
            return
        mark = Mark.PENDING if view.state is SignInState.WAITING else Mark.ATTENTION
        self._mark.show_mark(mark, "attention_soft")
        words = self._said(view)
        self._words.setText(words)
        self.button.setText(self._offered(view))
        self.setAccessibleName(words)

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        self._row.setContentsMargins(px(16), px(6), px(12), px(6))
        self._row.setSpacing(px(12))

    def _said(self, view: SignInView) -> str:
        if view.state is SignInState.WAITING:
            return self.texts.sign_in("waiting")
        if view.failure is not None:
            failure = self.texts.failure(view.failure)
            return f"{failure.title}. {failure.next_step}"
        return self.texts.sign_in("again" if view.again else "nobody")

    def _offered(self, view: SignInView) -> str:
        if view.state is SignInState.WAITING:
            return self.tr("Stop waiting")
        return self.tr("Sign in again") if view.state is SignInState.SIGNED_IN else self.tr("Sign in")

    def _pressed(self) -> None:
        if self._view is None:
            return
        if self._view.state is SignInState.WAITING:
            self.stop_wanted.emit()
        elif self._view.state is SignInState.SIGNED_IN:
            self.again_wanted.emit()
        else:
            self.sign_in_wanted.emit()
