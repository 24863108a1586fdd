"""The page on which a citizen is asked: the text they agree to, and what they say to it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from auth.purposes import ConsentHow, Purpose
from desk.view import ActionId, DeskView
from gui.theme import Role
from gui.widgets.part import Look, Part, plain_label, tip

__all__ = ["ConsentPage"]

_WIDEST, _ONE_LINE = 860, 620


class ConsentPage(Part):
    """Show the very text whose hash is recorded, in the language of the page, and take the citizen's answer.

    ``given`` tells the purpose, the language and the way; ``refused`` that the citizen does not agree.
    """

    given = Signal(str, str, str)
    refused = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "page")
        self._purpose: Purpose | None = None
        self._name = ""
        self.title = self.label(Role.PAGE, wrap=True)
        self.about = self.label(Role.STRONG, wrap=True)
        self._lines: list[QLabel] = []
        self._text = Part(look, "card")
        self._text_box = QVBoxLayout(self._text)
        self.read = self._button("F6", lambda: self._give(ConsentHow.READ_BY_CITIZEN))
        self.aloud = self._button("F7", lambda: self._give(ConsentHow.READ_ALOUD))
        self.refuse = self._button("F9", self.refused.emit)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for button in (self.read, self.aloud, self.refuse):
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._column = QVBoxLayout()
        for widget in (self.title, self.about, self._text):
            self._column.addWidget(widget)
        self._column.addLayout(self._buttons)
        self._column.addStretch(1)
        content = QWidget()
        content.setObjectName("content")
        self._row = QHBoxLayout(content)
        self._row.addStretch(1)
        self._row.addLayout(self._column, 20)
        self._row.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(content)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(scroll)
        self.restyle()
        self.retranslate()

    def present(self, view: DeskView) -> None:
        """Show the text of the purpose in use where the citizen is to be asked; forget it all elsewhere."""
        wanted = ActionId.AGREE in view.actions
        purpose = view.purpose_in_use if wanted else None
        name = view.identity.full_name if wanted and view.identity is not None else ""
        if (purpose, name) != (self._purpose, self._name):
            self._purpose, self._name = purpose, name
            self.retranslate()
        for button in (self.read, self.aloud, self.refuse):
            button.setEnabled(purpose is not None)

    def retranslate(self) -> None:
        """Write every word."""
        texts, purpose = self.texts, self._purpose
        self.title.setText(texts.consent("heading"))
        self.about.setText(" · ".join(part for part in (self._name.upper(), self._purpose_name()) if part))
        lines = texts.for_citizen(purpose).split("\n") if purpose is not None else []
        while len(self._lines) > len(lines):
            gone = self._lines.pop()
            self._text_box.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        while len(self._lines) < len(lines):
            self._lines.append(plain_label(self.theme, Role.READING, wrap=True))
            self._text_box.addWidget(self._lines[-1])
        for label, line in zip(self._lines, lines, strict=True):
            label.setText(line)
        self._text.setVisible(bool(lines))
        for button, key, name in (
            (self.read, "F6", "read"),
            (self.aloud, "F7", "aloud"),
            (self.refuse, "F9", "refused"),
        ):
            button.setText(f"{texts.consent(name)}   {key}")
            button.setAccessibleName(texts.consent(name))
            button.setToolTip(tip(f"{texts.consent(f'{name}-hint')} ({key})"))
        self.setAccessibleName(". ".join((self.title.text(), self.about.text(), *lines)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the answers under one another where they have no room side by side."""
        super().resizeEvent(event)
        self._arrange()

    def restyle(self) -> None:
        """Set margins, gaps and the longest line."""
        px = self.theme.px
        self._row.setContentsMargins(px(24), px(20), px(24), px(16))
        self._column.setSpacing(px(12))
        self._text_box.setContentsMargins(px(16), px(14), px(16), px(14))
        self._text_box.setSpacing(px(10))
        self._buttons.setSpacing(px(8))
        for widget in (self.title, self.about, self._text):
            widget.setMaximumWidth(px(_WIDEST))
        self._arrange()

    def _arrange(self) -> None:
        narrow = self.width() < self.theme.px(_ONE_LINE)
        down, right = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._buttons.setDirection(down if narrow else right)

    def _purpose_name(self) -> str:
        return self.texts.purpose(self._purpose.id, (self._purpose,)) if self._purpose is not None else ""

    def _give(self, how: ConsentHow) -> None:
        if self._purpose is not None:
            self.given.emit(self._purpose.id, self.look.tongue.language.value, how.value)

    def _button(self, key: str, wanted: object) -> QPushButton:
        button = QPushButton()
        self.theme.dress(button, Role.BODY)
        button.clicked.connect(wanted)
        shortcut = QShortcut(QKeySequence(key), self, context=Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(button.click)
        return button
