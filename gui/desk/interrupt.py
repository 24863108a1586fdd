"""Ctrl+C in the terminal closes the window in an orderly way: wiped, threads ended."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication

__all__ = ["quit_on_interrupt"]


@contextmanager
def quit_on_interrupt(app: QApplication) -> Iterator[None]:
    """Close all windows on SIGINT and SIGTERM; without a timer that would wake the machine for nothing.

    Python runs its handlers only when it runs at all, and Qt's loop does not run Python while nothing happens: the
    wake-up socket makes something happen.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    awake, wake = socket.socketpair()
    awake.setblocking(False)
    wake.setblocking(False)
    notifier = QSocketNotifier(awake.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: awake.recv(64))
    before_fd = signal.set_wakeup_fd(wake.fileno())
    before = {number: signal.signal(number, lambda *_: app.quit()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before_fd)
        notifier.setEnabled(False)
        awake.close()
        wake.close()
