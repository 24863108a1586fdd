"""The number field with its name, its button and one line of help, or of what is wrong with what was typed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QPushButton, QVBoxLayout

from gui.theme import Role
from gui.widgets.key_field import KeyField
from gui.widgets.key_text import KeyShape
from gui.widgets.part import Look, Part, set_flag, tip

__all__ = ["KeyBlock"]


class KeyBlock(Part):
    """Take a key; ``entered`` hands it over. The line below the field says how, or what is wrong, never a dialog."""

    entered = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._refused = False
        self._held = False
        self._title = self.label(Role.STRONG)
        self.field = KeyField(look)
        self._title.setBuddy(self.field)
        self.go = QPushButton()
        self.go.setProperty("primary", True)
        self.theme.dress(self.go, Role.STRONG)
        self.hint = self.label(Role.SMALL, "quiet", wrap=True)
        self._across = False
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._pair = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._pair.addWidget(self.field, 1)
        self._pair.addWidget(self.go)
        self._box.addWidget(self._title)
        self._box.addLayout(self._pair)
        self._box.addWidget(self.hint)
        self.field.entered.connect(self.entered)
        self.field.edited.connect(self._edited)
        self.field.refused.connect(self._on_refused)
        self.go.clicked.connect(self.field.submit)
        self.restyle()
        self.retranslate()

    def present(self, *, wanted: bool, held: bool) -> None:
        """Take a number or do not; ``held`` says that one was entered and its card is awaited."""
        self.field.setEnabled(wanted)
        if held != self._held:
            self._held = held
            self._say()
        self._enable()

    def lie(self, *, across: bool) -> None:
        """Put the button beside the field where there is little height, and leave out what the tooltip says."""
        self._across = across
        self._pair.setDirection(QBoxLayout.Direction.LeftToRight if across else QBoxLayout.Direction.TopToBottom)
        self._title.setVisible(not across)
        self._say()

    def wipe(self) -> None:
        """Forget what was typed."""
        self.field.wipe()

    def retranslate(self) -> None:
        """Write every word."""
        self._title.setText(self.tr("Number or QR code"))
        self.field.setPlaceholderText(self.tr("12 digits"))
        self.field.setAccessibleName(self.tr("Number or QR code"))
        self.field.setAccessibleDescription(self._help())
        self.field.setToolTip(tip(self._help()))
        self.go.setText(self.tr("Read the card"))
        self.go.setToolTip(tip(self.tr("Read the card with this number (Enter)")))
        self._say()

    def restyle(self) -> None:
        """Set the gap."""
        self._box.setSpacing(self.theme.px(6))
        self._pair.setSpacing(self.theme.px(6))

    def _enable(self) -> None:
        self.go.setEnabled(self.field.isEnabled() and self.field.key_text.shape is not KeyShape.EMPTY)

    def _edited(self) -> None:
        self._refused = False
        self._enable()
        self._say()

    def _on_refused(self) -> None:
        self._refused = True
        self._say()

    def _say(self) -> None:
        if self._refused:
            self.hint.setText(self._wrong(self.field.key_text.shape, len(self.field.key_text.digits)))
        elif self._held:
            self.hint.setText(self.tr("Number taken. Now put the card on the reader."))
        else:
            self.hint.setText(self._help())
        set_flag(self.hint, "tone", "stop" if self._refused else "quiet")
        self.hint.setVisible(not self._across or self._refused or self._held)

    def _help(self) -> str:
        return self.tr("Type the 12 digits, or scan the QR code or the three lines on the back.")

    def _wrong(self, shape: KeyShape, digits: int) -> str:
        if shape is KeyShape.DIGITS:
            return self.tr("{count} digits so far; 12 are needed, or the last 6.").format(count=digits)
        if shape is KeyShape.EMPTY:
            return self.tr("Nothing entered yet: type the 12 digits or scan the QR code.")
        if shape is KeyShape.MRZ:
            return self.tr("The code on the back has three lines of 30 characters; scan it again.")
        return self.tr("This is neither a number nor a card’s QR code. Press Esc and enter it again.")
