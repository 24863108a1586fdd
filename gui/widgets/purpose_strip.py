"""For what the page was looked up, where another purpose was chosen since; nothing while they are the same."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from desk.view import DeskView
from gui.widgets.notice_strip import NoticeStrip
from gui.widgets.part import Look

__all__ = ["PurposeStrip"]


class PurposeStrip(NoticeStrip):
    """Stand between the chosen purpose and a page that is of another one, and name that one."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._view: DeskView | None = None

    def present(self, view: DeskView) -> None:
        """Be there while the page is of another purpose than the chosen one; say so aloud when it begins."""
        before = self.words.text()
        self._view = view if view.other_purpose_chosen else None
        self.retranslate()
        said = self.words.text()
        if said and said != before:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))

    def retranslate(self) -> None:
        """Write the sentences."""
        self.say(self.texts.other_purpose(self._view) if self._view is not None else "")
