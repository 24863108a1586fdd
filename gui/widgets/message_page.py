"""A page with one picture, one headline, why, and one thing to do next: waiting, failed, wiped, hidden."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from gui.theme import Role
from gui.widgets.part import Look, Part
from gui.widgets.pictures import Picture, PictureView

__all__ = ["Message", "MessagePage"]


@dataclass(frozen=True, slots=True)
class Message:
    """Hold what the page says."""

    picture: Picture
    title: str
    text: str = ""
    next_step: str = ""


class MessagePage(Part):
    """Show a message in the middle of the page."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "page")
        self.picture = PictureView(look)
        self.title = self.label(Role.PAGE, wrap=True)
        self.text = self.label(Role.BODY, "quiet", wrap=True)
        self.next_step = self.label(Role.STRONG, wrap=True)
        self._column = QVBoxLayout()
        self._column.addStretch(2)
        self._column.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self.title, self.text, self.next_step):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            self._column.addWidget(label)
        self._column.addStretch(3)
        self._row = QHBoxLayout(self)
        self._row.addStretch(1)
        self._row.addLayout(self._column, 6)
        self._row.addStretch(1)
        self.restyle()

    def present(self, message: Message) -> None:
        """Show ``message``."""
        self.picture.present(message.picture)
        self.title.setText(message.title)
        self.text.setText(message.text)
        self.next_step.setText(message.next_step)
        self.text.setVisible(bool(message.text))
        self.next_step.setVisible(bool(message.next_step))
        self.setAccessibleName(". ".join(part for part in (message.title, message.text, message.next_step) if part))

    def restyle(self) -> None:
        """Set margins, gaps and the longest line."""
        px = self.theme.px
        self._row.setContentsMargins(px(24), px(16), px(24), px(16))
        self._column.setSpacing(px(10))
        for label in (self.title, self.text, self.next_step):
            label.setMaximumWidth(px(560))
            label.setMinimumWidth(min(px(560), px(300)))
