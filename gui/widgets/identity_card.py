"""Who the card speaks of: portrait, name, number, and what a clerk asks for first; every value in its final place."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

from desk.view import FieldId, IdentityView, PortraitView
from gui.theme import Role
from gui.widgets.part import Look, Part, tip
from gui.widgets.portrait import Portrait

__all__ = ["IdentityCard"]

_FACTS = (FieldId.DATE_OF_BIRTH, FieldId.SEX, FieldId.NATIONALITY, FieldId.EXPIRY)
_RING = 2


class IdentityCard(Part):
    """Show the citizen; ``copied`` hands over the plain digits that were put on the clipboard."""

    copied = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "card")
        self._identity: IdentityView | None = None
        self.portrait = Portrait(look)
        self.name = _Value(look, Role.NAME, wide=230)
        self.number = _CopyableNumber(look)
        self.number.copied.connect(self.copied)
        self.facts = {field: (self.label(Role.SMALL, "quiet"), _Value(look, Role.STRONG, wide=84)) for field in _FACTS}
        self.residence = (self.label(Role.SMALL, "quiet"), _Value(look, Role.BODY, wide=320))
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.portrait, 0, Qt.AlignmentFlag.AlignTop)
        self._words = QVBoxLayout()
        self._row.addLayout(self._words, 1)
        self._words.addWidget(self.name)
        self._words.addWidget(self.number)
        self._facts = QGridLayout()
        for column, (caption, value) in enumerate(self.facts.values()):
            self._facts.addWidget(caption, 0, column)
            self._facts.addWidget(value, 1, column, Qt.AlignmentFlag.AlignTop)
            self._facts.setColumnStretch(column, 1)
        self._words.addLayout(self._facts)
        self._words.addWidget(self.residence[0])
        self._words.addWidget(self.residence[1])
        self._words.addStretch(1)
        for caption in (self.residence[0], *(caption for caption, _ in self.facts.values())):
            caption.setIndent(_RING)
        self.restyle()
        self.retranslate()

    def present(self, identity: IdentityView | None, portrait: PortraitView | None) -> None:
        """Show what has arrived; None holds the room with a skeleton."""
        self.portrait.present(portrait)
        if identity != self._identity:
            self._identity = identity
            self._show()

    def stand(self, portrait_height: int) -> None:
        """Take the height of a portrait of ``portrait_height`` pixels at 100 %."""
        self.portrait.stand(portrait_height)

    def retranslate(self) -> None:
        """Write captions and values."""
        for field, (caption, _) in self.facts.items():
            caption.setText(self.texts.field(field))
        self.residence[0].setText(self.texts.field(FieldId.RESIDENCE))
        self._show()

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        self._row.setContentsMargins(px(10), px(10), px(16), px(10))
        self._row.setSpacing(px(16))
        self._words.setSpacing(px(1))
        self._facts.setHorizontalSpacing(px(16))
        self._facts.setVerticalSpacing(0)
        self._facts.setContentsMargins(0, px(3), 0, px(3))

    def _show(self) -> None:
        identity = self._identity
        self.name.say(identity.full_name if identity else None)
        self.number.show_number(
            identity.personal_number if identity else "", identity.grouped_number if identity else ""
        )
        values = {
            FieldId.DATE_OF_BIRTH: identity.date_of_birth if identity else None,
            FieldId.SEX: identity.sex if identity else None,
            FieldId.NATIONALITY: identity.nationality if identity else None,
            FieldId.EXPIRY: (identity.expiry or self.tr("No expiry")) if identity else None,
        }
        for field, (_, value) in self.facts.items():
            value.say(values[field])
        self.residence[1].say(identity.residence if identity else None)
        shown = "; ".join(f"{self.texts.field(field)}: {value}" for field, value in values.items() if value)
        self.setAccessibleName(f"{identity.full_name}; {shown}" if identity else self.tr("No citizen yet"))


class _Value(QLabel):
    """Show a value, or a bar where it will stand."""

    def __init__(self, look: Look, role: Role, *, wide: int) -> None:
        super().__init__()
        self._theme = look.theme
        self._wide = wide
        self._waiting = True
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        # As wide as the focus ring of the number, so that all values stand in one line.
        self.setIndent(_RING)
        look.theme.dress(self, role)

    def say(self, text: str | None) -> None:
        """Show ``text``; None shows the bar, and empty text a dash."""
        self._waiting = text is None
        # The bar keeps a line's height by a space that no screen reader speaks.
        self.setText("\u00a0" if text is None else text or "–")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text, or the bar."""
        if not self._waiting:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.tokens.well))
        line = self.fontMetrics().height()
        thick = line * 0.56
        width = min(self.width(), self._theme.px(self._wide))
        painter.drawRoundedRect(QRectF(_RING, (line - thick) / 2, width, thick), thick / 3, thick / 3)
        painter.end()


class _CopyableNumber(_Value):
    """Show the personal number in groups; Ctrl+C or a double click copies the plain digits."""

    copied = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look, Role.NUMBER, wide=170)
        self._digits = ""
        self._look = look
        self.setObjectName("copyable")
        self.setWordWrap(False)
        self.setIndent(0)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_number(self, digits: str, grouped: str) -> None:
        """Show ``grouped``; copying takes ``digits``."""
        self._digits = digits
        self.say(grouped or None)
        name = self._look.tongue.texts.field(FieldId.PERSONAL_NUMBER)
        self.setAccessibleName(f"{name} {grouped}".strip())
        self.setToolTip(tip(self.tr("Copy the digits (Ctrl+C)")) if digits else "")

    def copy(self) -> None:
        """Copy the plain digits."""
        if self._digits:
            self.copied.emit(self._digits)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy on Ctrl+C."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Copy on a double click."""
        self.copy()
