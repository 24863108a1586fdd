"""The one meeting point of the desk's threads and the window's thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal

__all__ = ["Bridge"]


class Bridge(QObject):
    """Carry values from any thread into the GUI thread.

    The object lives in the GUI thread and is never moved. All values come through its queue, in the order in which they
    were posted, those of the GUI thread itself among them: told at once, a wipe would be overtaken by what a reading
    had posted before, and the window would show the citizen again. After ``close`` nothing arrives any more.
    """

    # Not called ``event``: that name would hide QObject.event.
    arrived = Signal(object)
    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._posted.connect(self._arrive, Qt.ConnectionType.QueuedConnection)

    def post(self, value: object) -> None:
        """Hand ``value`` to the GUI thread; may be called from any thread, also after ``close``."""
        if self._open:
            self._posted.emit(value)

    def close(self) -> None:
        """Let nothing through any more, also of what is queued."""
        self._open = False

    def _arrive(self, value: object) -> None:
        if self._open:
            self.arrived.emit(value)
