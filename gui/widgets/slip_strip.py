"""Why there is no slip, beside the key that asked for it: the rest of the page stays, and the key can try again."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from gui.widgets.notice_strip import NoticeStrip
from gui.widgets.part import Look

__all__ = ["SlipStrip"]


class SlipStrip(NoticeStrip):
    """Say why no slip could be made and what to do, until another is asked for or the result goes."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._code = ""

    def tell(self, code: str) -> None:
        """Say what ``code`` of the failure catalogue means, also aloud; nothing for ``""``."""
        self._code = code
        self.retranslate()
        if code:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.words.text()))

    def retranslate(self) -> None:
        """Write the sentences."""
        words = self.texts.failure_of(self._code) if self._code else None
        self.say(f"{words.title}. {words.cause} {words.next_step}" if words is not None else "")
