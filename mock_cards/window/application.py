"""Open the window on a running service, or on one of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from mock_cards.build import CardFactory
from mock_cards.orders import CardOrder
from mock_cards.pcsc import CardTable, ControlServer, PrivatePcscd, find_control
from mock_cards.pcsc.control import control_in
from mock_cards.serve import new_seed, stopped_by_signal
from mock_cards.window.look import put_on
from mock_cards.window.window import CardWindow
from mock_cards.window.words import language_of_system
from mock_cards.window.worker import Worker
from reader.errors import ServiceUnavailable

__all__ = ["run"]

OWN_READERS = 4
PCSC_TROUBLE = 3
SIGNALS_MS = 200


def run(socket: Path | None = None) -> int:
    """Show the window until it is closed; return the exit code: 3 where there is no service and can be none."""
    with ExitStack() as stack:
        stop = stack.enter_context(stopped_by_signal())
        try:
            path = _found(socket) or stack.enter_context(_own_service())
        except ServiceUnavailable as error:
            sys.stderr.write(f"{error}\n")
            return PCSC_TROUBLE
        app = QApplication.instance() or QApplication(sys.argv[:1])
        assert isinstance(app, QApplication)  # noqa: S101  # a window needs no less
        colours = put_on(app)
        worker = Worker(path)
        stack.callback(worker.stop)
        window = CardWindow(worker, colours, language_of_system())
        window.show()
        # Python notices a signal when it has its turn, which the timer gives it.
        ticking = QTimer()
        ticking.timeout.connect(lambda: app.quit() if stop.is_set() else None)
        ticking.start(SIGNALS_MS)
        return app.exec()


def _found(socket: Path | None) -> Path | None:
    try:
        return find_control(socket)
    except ServiceUnavailable as none_or_many:
        if "more than one" in str(none_or_many):
            raise
        return None


@contextmanager
def _own_service() -> Iterator[Path]:
    """Run a service with one card on it; yield its control socket."""
    with PrivatePcscd(readers=OWN_READERS) as pcscd:
        table = CardTable(pcscd, CardFactory(new_seed()))
        try:
            with ControlServer(table, pcscd.directory, pcscd.socket_path):
                table.insert(1, CardOrder())
                yield control_in(pcscd.directory)
        finally:
            table.close()
