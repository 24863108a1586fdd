"""The two pages that lie over the others: hidden (F12) and help (F1)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from desk.view import ActionId, Match
from gui.theme import Mark, Role
from gui.widgets.comparison_card import MATCH_MARKS
from gui.widgets.message_page import Message, MessagePage
from gui.widgets.part import Look, MarkLabel, Part
from gui.widgets.pictures import Picture
from reader.inspection.checks import CheckStatus

__all__ = ["HelpPage", "HiddenPage"]

_STATUS_MARKS = (
    (CheckStatus.PASSED, Mark.GOOD),
    (CheckStatus.FAILED, Mark.STOP),
    (CheckStatus.INCONCLUSIVE, Mark.UNKNOWN),
    (CheckStatus.NOT_APPLICABLE, Mark.NONE),
    (CheckStatus.UNAVAILABLE, Mark.PENDING),
)
_MATCHES = (Match.SAME, Match.RENAMED, Match.DIFFERENT, Match.MISSING, Match.NOT_ASKED)


class HiddenPage(MessagePage):
    """Stand before the page while somebody looks over the clerk's shoulder."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the message."""
        self.present(
            Message(
                Picture.HIDDEN,
                self.tr("Hidden"),
                self.tr("The visit goes on; nothing of it is shown."),
                self.tr("F12 shows it again."),
            )
        )


class HelpPage(Part):
    """List the keys and what the marks mean."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "page")
        self._title = self.label(Role.PAGE)
        self._keys = [(self.label(Role.STRONG), self.label(wrap=True)) for _ in range(14)]
        self._marks = [(MarkLabel(look, 16), self.label(wrap=True)) for _ in (*_STATUS_MARKS, *_MATCHES)]
        self._heads = (self.label(Role.HEADING), self.label(Role.HEADING))
        content = QWidget()
        content.setObjectName("content")
        self._grid = QGridLayout(content)
        self._grid.addWidget(self._title, 0, 0, 1, 5)
        for head, column in zip(self._heads, (0, 3), strict=True):
            self._grid.addWidget(head, 1, column, 1, 2)
        for column, pairs in ((0, self._keys), (3, self._marks)):
            for row, (left, right) in enumerate(pairs, start=2):
                self._grid.addWidget(left, row, column, Qt.AlignmentFlag.AlignTop)
                self._grid.addWidget(right, row, column + 1, Qt.AlignmentFlag.AlignTop)
        self._grid.setRowStretch(20, 1)
        for column in (1, 4):
            self._grid.setColumnStretch(column, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(scroll)
        self.restyle()
        self.retranslate()

    def retranslate(self) -> None:
        """Write every word."""
        texts = self.texts
        self._title.setText(self.tr("Help"))
        self._heads[0].setText(self.tr("Keys"))
        self._heads[1].setText(self.tr("Marks"))
        keys = (
            ("Enter", self.tr("Read the card with the number entered; open what a row holds")),
            ("F2", texts.action(ActionId.NEXT)),
            ("F3", self.tr("Go to the number field")),
            ("Alt+M, Alt+H", self.tr("Go to the purpose; to the dossier number")),
            ("F4", texts.action(ActionId.LOOK_UP_AGAIN)),
            ("F6, F7, F9", self.tr("Record what the citizen says: read it and agrees, heard it and agrees, does not")),
            ("Ctrl+P, Ctrl+S", self.tr("Make the result slip, then print it; keep it as a file")),
            ("F12", self.tr("Cover what is on the screen, and show it again")),
            ("Esc", self.tr("One step back; stop what is running and wipe")),
            ("Tab, ↑ ↓", self.tr("Move from card to card, and inside one")),
            ("Ctrl+C", self.tr("Copy the personal number; it is wiped from the clipboard with the visit")),
            ("Ctrl+L", "Tiếng Việt / English"),
            ("Ctrl + / −", self.tr("Everything larger or smaller")),
            ("F1", self.tr("This page, and back")),
        )
        for (key, words), (name, meaning) in zip(self._keys, keys, strict=True):
            key.setText(name)
            words.setText(meaning)
        meanings = [(mark, texts.status(status)) for status, mark in _STATUS_MARKS]
        meanings += [(MATCH_MARKS[match], texts.match(match)) for match in _MATCHES]
        for (mark, words), (shape, meaning) in zip(self._marks, meanings, strict=True):
            mark.show_mark(shape, "paper")
            words.setText(meaning)
        self.setAccessibleName(self.tr("Help"))

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        self._grid.setContentsMargins(px(32), px(24), px(32), px(24))
        self._grid.setVerticalSpacing(px(8))
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setColumnMinimumWidth(2, px(16))
