"""A page with one picture, one headline, why, and one thing to do next: waiting, failed, wiped, hidden."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.theme import Role
from gui.widgets.part import Look, Part
from gui.widgets.pictures import Picture, PictureView

__all__ = ["Message", "MessagePage", "NoticeCard"]

# The height at 100 % from which there is room for the picture above the words.
_PICTURE_FROM = 400
# And that from which there is room for a notice at the foot as well.
_NOTICE_FROM = 520


@dataclass(frozen=True, slots=True)
class Message:
    """Hold what the page says; ``notice`` stands apart at its foot, for whoever has the time to read it."""

    picture: Picture
    title: str
    text: str = ""
    next_step: str = ""
    notice_title: str = ""
    notice: str = ""


class MessagePage(Part):
    """Show a message in the middle of the page."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "page")
        self.picture = PictureView(look)
        self.title = self.label(Role.PAGE, wrap=True)
        self.text = self.label(Role.BODY, "quiet", wrap=True)
        self.next_step = self.label(Role.STRONG, wrap=True)
        self.notice = NoticeCard(look)
        self._column = QVBoxLayout()
        self._column.addStretch(2)
        self._column.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self.title, self.text, self.next_step):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            self._column.addWidget(label)
        self._answer_row = QWidget()
        self._answers = QHBoxLayout(self._answer_row)
        self._answers.setContentsMargins(0, 0, 0, 0)
        self._answers.addStretch(1)
        self._answers.addStretch(1)
        self._answer_row.hide()
        self._column.addWidget(self._answer_row)
        self._column.addStretch(3)
        content = QWidget()
        content.setObjectName("content")
        self._row = QHBoxLayout()
        self._row.addStretch(1)
        self._row.addLayout(self._column, 6)
        self._row.addStretch(1)
        self._foot = QHBoxLayout()
        self._foot.addStretch(1)
        self._foot.addWidget(self.notice, 40)
        self._foot.addStretch(1)
        whole = QVBoxLayout(content)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(self._row, 1)
        whole.addLayout(self._foot)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(content)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(scroll)
        self.restyle()

    def add_answer(self, button: QPushButton) -> None:
        """Put ``button`` under the words, for the other thing that can be done."""
        self._answers.insertWidget(self._answers.count() - 1, button)

    def present(self, message: Message) -> None:
        """Show ``message``."""
        self.picture.present(message.picture)
        self.title.setText(message.title)
        self.text.setText(message.text)
        self.next_step.setText(message.next_step)
        self.text.setVisible(bool(message.text))
        self.next_step.setVisible(bool(message.next_step))
        self.notice.present(message.notice_title, message.notice)
        self.setAccessibleName(". ".join(part for part in (message.title, message.text, message.next_step) if part))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the picture out where the words need the room; they say the same."""
        super().resizeEvent(event)
        self.picture.setVisible(self.height() >= self.theme.px(_PICTURE_FROM))
        self.notice.give_room(enough=self.height() >= self.theme.px(_NOTICE_FROM))

    def show_answers(self, *, shown: bool) -> None:
        """Show the row of buttons, or leave it out; why they are there then stands below them, where room runs out."""
        self._answer_row.setVisible(shown)
        self._column.removeWidget(self.text)
        behind = self._answer_row if shown else self.title
        self._column.insertWidget(self._column.indexOf(behind) + 1, self.text)

    def restyle(self) -> None:
        """Set margins, gaps and the longest line."""
        px = self.theme.px
        self._row.setContentsMargins(px(24), px(16), px(24), px(16))
        self._column.setSpacing(px(10))
        self._foot.setContentsMargins(px(24), 0, px(24), px(16))
        self._answer_row.setMaximumWidth(px(560))
        for label in (self.title, self.text, self.next_step):
            label.setMaximumWidth(px(560))
            label.setMinimumWidth(min(px(560), px(300)))
        self.notice.restyle()


class NoticeCard(Part):
    """Frame a few lines under a small heading."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "card")
        self._enough = True
        self._title = self.label(Role.STRONG)
        self._text = self.label(Role.SMALL, "quiet", wrap=True)
        self._box = QVBoxLayout(self)
        self._box.addWidget(self._title)
        self._box.addWidget(self._text)
        self.restyle()

    def present(self, title: str, text: str) -> None:
        """Show ``text``; nothing at all where there is none."""
        self._title.setText(title)
        self._text.setText(text)
        self._show()

    def give_room(self, *, enough: bool) -> None:
        """Stand aside where what must be said needs the room."""
        self._enough = enough
        self._show()

    def _show(self) -> None:
        self.setVisible(self._enough and bool(self._text.text()))

    def restyle(self) -> None:
        """Set margins and the longest line."""
        px = self.theme.px
        self._box.setContentsMargins(px(14), px(10), px(14), px(10))
        self._box.setSpacing(px(4))
        self.setMaximumWidth(px(900))
