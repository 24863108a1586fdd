"""How long a clerk waits for the window: from the start of the process to the first paint, and to the icons; memory.

Once the shell alone with a desk that waits for a card, once the whole command ``motcua desk`` as a clerk starts it,
with the desk itself, PC/SC and the probe of the display. A process of its own each time, on the platform in
``QT_QPA_PLATFORM`` (off screen where none is set). Process and parent read the same monotonic clock.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

from benchmarks.figure import Figure

GOAL_MS = 500.0
MEMORY_GOAL_MB = 160.0
ROUNDS = 7

_CHILD = """
import time

class WaitingDesk:
    def subscribe(self, on_view):
        from PySide6.QtCore import QTimer
        from PySide6.QtWidgets import QApplication
        from desk.view import DeskState, DeskView, ReaderView
        from gui.desk.window import DeskWindow

        window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, DeskWindow))
        window.painted.connect(lambda: print(time.monotonic_ns(), flush=True))
        window.painted.connect(lambda: QTimer.singleShot(0, self.after_icons))
        on_view(DeskView(DeskState.WAIT_CARD, 1, readers=(ReaderView("Reader 1", "empty"),)))

    def after_icons(self):
        from PySide6.QtCore import QTimer
        from PySide6.QtWidgets import QApplication

        QTimer.singleShot(0, self.ready)

    def ready(self):
        import resource
        from PySide6.QtWidgets import QApplication

        print(time.monotonic_ns(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
        QApplication.quit()

    def __getattr__(self, intent):
        return lambda *arguments: None

from gui.desk import run
run(WaitingDesk(), [], None)
"""

# The command's own entry point; only the window is told to say when it was painted, and to close.
_COMMAND = """
import time

import gui.desk

run_shell = gui.desk.run

def run(desk, arguments, sandbox):
    from PySide6.QtWidgets import QApplication
    from gui.desk.window import DeskWindow

    begin = DeskWindow.__init__

    def watched(self, *parts):
        begin(self, *parts)
        self.painted.connect(lambda: print(time.monotonic_ns(), flush=True))
        self.painted.connect(QApplication.quit)

    DeskWindow.__init__ = watched
    return run_shell(desk, arguments, sandbox)

gui.desk.run = run

from desk.cli import main

main(["desk"])
"""


def figures() -> list[Figure]:
    """Return the medians of several starts, after one that warms the file cache."""
    starts = [_start() for _ in range(ROUNDS + 1)][1:]
    painted, ready, megabytes = zip(*starts, strict=True)
    commands = [_start_command() for _ in range(ROUNDS + 1)][1:]
    return [
        Figure("motcua desk: process start to first paint", statistics.median(commands), "ms", GOAL_MS),
        Figure("process start to first paint", statistics.median(painted), "ms", GOAL_MS),
        Figure("process start to icons shown", statistics.median(ready), "ms"),
        Figure("most resident memory until then", statistics.median(megabytes), "MB", MEMORY_GOAL_MB),
    ]


def _start_command() -> float:
    """Run ``motcua desk`` until its window is painted; return the milliseconds."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    began = time.monotonic_ns()
    done = subprocess.run([sys.executable, "-c", _COMMAND], env=environment, check=True, capture_output=True, text=True)
    return (int(done.stdout) - began) / 1e6


def _start() -> tuple[float, float, float]:
    """Start one window; return milliseconds to its first paint and to its icons, and the most memory it had, in MB."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    began = time.monotonic_ns()
    done = subprocess.run([sys.executable, "-c", _CHILD], env=environment, check=True, capture_output=True, text=True)
    painted, ready, kilobytes = (int(word) for word in done.stdout.split())
    return (painted - began) / 1e6, (ready - began) / 1e6, kilobytes / 1024
