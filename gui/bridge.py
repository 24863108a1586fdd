"""The one meeting point of the desk's threads and the window's thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

__all__ = ["Bridge"]


class Bridge(QObject):
    """Carry values from any thread into the GUI thread.

    The object lives in the GUI thread and is never moved: a signal emitted from another thread then arrives in the GUI
    thread whatever kind of slot is connected. After ``close`` nothing arrives any more.
    """

    # Not called ``event``: that name would hide QObject.event.
    arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True

    def post(self, value: object) -> None:
        """Hand ``value`` to the GUI thread; may be called from any thread, also after ``close``."""
        if self._open:
            self.arrived.emit(value)

    def close(self) -> None:
        """Let nothing through any more."""
        self._open = False
