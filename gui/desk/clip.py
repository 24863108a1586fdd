"""What the desk put on the clipboard, so that it can be taken off again."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

__all__ = ["Clip"]


class Clip:
    """Put text on the clipboard and wipe it later, unless somebody else has put something there since."""

    def __init__(self) -> None:
        self._text = ""

    def put(self, text: str) -> None:
        """Put ``text`` on the clipboard."""
        self._text = text
        QGuiApplication.clipboard().setText(text)

    def wipe(self) -> None:
        """Empty the clipboard where it still holds what was put there."""
        if self._text and QGuiApplication.clipboard().text() == self._text:
            QGuiApplication.clipboard().setText("")
        self._text = ""
