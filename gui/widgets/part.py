"""What all pieces have in common: a theme, a language, and the two moments at which they dress and speak anew."""

from __future__ import annotations

import html
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from desk.texts import Texts
from gui.theme import Mark, Role, Theme, paint_mark
from gui.translations import Tongue

__all__ = ["Look", "MarkLabel", "Part", "plain_label", "set_flag", "tip"]


@dataclass(frozen=True, slots=True)
class Look:
    """Hand a piece its theme and its language."""

    theme: Theme
    tongue: Tongue


class Part(QFrame):
    """Stand under every piece: ``retranslate`` sets all words, ``restyle`` all sizes; both may come at any time."""

    def __init__(self, look: Look, name: str = "") -> None:
        super().__init__()
        self.look = look
        self.theme = look.theme
        self.setObjectName(name)
        look.theme.changed.connect(self._theme_changed)

    @property
    def texts(self) -> Texts:
        """Return the desk's words in the language in use."""
        return self.look.tongue.texts

    def label(self, role: Role = Role.BODY, tone: str = "", *, wrap: bool = False) -> QLabel:
        """Make a label in this piece's theme."""
        return plain_label(self.theme, role, tone, wrap=wrap)

    def retranslate(self) -> None:
        """Set every word in the language in use."""

    def restyle(self) -> None:
        """Set every length and every painted colour from the theme in use."""

    def changeEvent(self, event: QEvent) -> None:
        """Speak anew when the language has changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _theme_changed(self) -> None:
        self.restyle()
        self.update()


class MarkLabel(QWidget):
    """Show one mark beside words that say the same; it is not read out, the words are."""

    def __init__(self, look: Look, size: int = 18, ground: str = "card") -> None:
        super().__init__()
        self._theme = look.theme
        self._size = size
        self._ground = ground
        self._mark: Mark | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.updateGeometry)

    @property
    def mark(self) -> Mark | None:
        """Return the mark that is shown."""
        return self._mark

    def show_mark(self, mark: Mark | None, ground: str = "") -> None:
        """Show ``mark``, or nothing; ``ground`` names the token that lies under it."""
        self._mark = mark
        self._ground = ground or self._ground
        self.update()

    def sizeHint(self) -> QSize:
        """Return the square the mark needs."""
        side = self._theme.px(self._size)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the mark."""
        if self._mark is None:
            return
        painter = QPainter(self)
        side = min(self.width(), self.height())
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        colour = self._theme.colour(self._mark)
        paint_mark(painter, box, self._mark, colour, getattr(self._theme.tokens, self._ground))
        painter.end()


def plain_label(theme: Theme, role: Role = Role.BODY, tone: str = "", *, wrap: bool = False) -> QLabel:
    """Make a label for plain text: nothing that a card or a register says is ever taken for markup."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if tone:
        made.setProperty("tone", tone)
    theme.dress(made, role)
    return made


def set_flag(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet asks about, and let the sheet look again."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def tip(text: str) -> str:
    """Return ``text`` as a tooltip that wraps and in which no markup counts."""
    return f"<qt>{html.escape(text).replace(chr(10), '<br/>')}</qt>" if text else ""
