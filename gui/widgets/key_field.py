"""The field for number, QR code or MRZ: keeps no history, shows digits in groups, takes what a scanner types."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.theme import Role
from gui.widgets.key_text import LONGEST, KeyShape, KeyText, grouped
from gui.widgets.part import Look, set_flag

__all__ = ["KeyField", "types_text"]


class KeyField(QLineEdit):
    """Take a key; ``entered`` hands it over complete, ``refused`` says that Enter came too early or on nonsense.

    The text is kept here, not in the line edit's own buffer: every change goes through ``setText``, which leaves
    nothing to undo, while ``clear`` would keep the last citizen's number one Ctrl+Z away.
    """

    entered = Signal(str)
    refused = Signal()
    edited = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = KeyText("")
        self.setMaxLength(LONGEST)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self.setDragEnabled(False)
        look.theme.dress(self, Role.KEY)

    @property
    def key_text(self) -> KeyText:
        """Return what was typed so far."""
        return self._key

    def wipe(self) -> None:
        """Forget what was typed; nothing of it can be undone."""
        self._take("")

    def take(self, text: str) -> None:
        """Put ``text`` in, as if it were pasted into the empty field."""
        self._take(text)

    def type_on(self, text: str) -> None:
        """Add typed characters."""
        self._take(self._key.raw + text)

    def submit(self) -> None:
        """Hand the key over where it is complete, else say that it is not."""
        if self._key.complete:
            text = self._key.clean
            self._take("")
            self.entered.emit(text)
        elif self._key.wants_more_lines:
            self._take(self._key.raw + "\n")
        else:
            set_flag(self, "wrong", True)
            self.refused.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take every key that makes text, paste, delete and Enter; leave the rest to the window."""
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Paste):
            self._paste(QGuiApplication.clipboard().mimeData())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submit()
        elif key == Qt.Key.Key_Backspace:
            self._take("" if event.modifiers() & Qt.KeyboardModifier.ControlModifier else self._key.raw[:-1])
        elif key == Qt.Key.Key_Delete or (key == Qt.Key.Key_Escape and self._key.raw):
            self._take("")
        elif types_text(event):
            self.type_on(event.text())
        else:
            event.ignore()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Take only what an input method has finished."""
        if event.commitString():
            self.type_on(event.commitString())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let no middle click paste past the checks."""
        if event.button() != Qt.MouseButton.MiddleButton:
            super().mouseReleaseEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Refuse what is dragged here."""
        event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Refuse what is dropped here."""
        event.ignore()

    def event(self, event: QEvent) -> bool:
        """Keep the window's shortcuts from taking what the field wants itself."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            mine = event.key() == Qt.Key.Key_Escape and bool(self._key.raw)
            if mine or types_text(event) or event.matches(QKeySequence.StandardKey.Paste):
                event.accept()
                return True
        return super().event(event)

    def _paste(self, data: QMimeData | None) -> None:
        if data is not None and data.hasText():
            self._take(self._key.raw + data.text().strip("\r\n"))

    def _take(self, raw: str) -> None:
        # One character beyond the bound is kept, so that a text too long stays nonsense and is not cut into sense.
        self._key = KeyText(raw[: LONGEST + 1])
        set_flag(self, "wrong", False)
        self.setText(_shown(self._key))
        self.edited.emit()


def types_text(event: QKeyEvent) -> bool:
    """Tell whether a key writes text rather than commanding something."""
    command = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    return bool(event.text()) and event.text().isprintable() and not event.modifiers() & command


def _shown(key: KeyText) -> str:
    shape = key.shape
    if shape is KeyShape.DIGITS:
        return grouped(key.digits)
    if shape is KeyShape.QR:
        return f"{grouped(key.raw.split('|')[0].strip())} · QR"
    if shape is KeyShape.LAND_QR:
        return "QR …"
    return " ".join(key.mrz_lines) if shape is KeyShape.MRZ else key.raw[:LONGEST].replace("\n", " ")
