"""What must be said of this computer: that the registers do not take it, or that its key is due; nothing while well."""

from __future__ import annotations

from desk.device_view import DeviceView
from gui.widgets.notice_strip import NoticeStrip
from gui.widgets.part import Look

__all__ = ["DeviceStrip"]


class DeviceStrip(NoticeStrip):
    """Say one sentence and its next step: before a citizen waits, not as a failed look-up."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._view: DeviceView | None = None

    def present(self, view: DeviceView | None) -> None:
        """Show what must be said of the computer."""
        if view != self._view:
            self._view = view
            self.retranslate()

    def retranslate(self) -> None:
        """Write the sentence."""
        self.say(self.texts.device(self._view) if self._view is not None else "")
