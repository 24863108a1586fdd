"""The desk window: from the start of a process to its first paint, the parts of that time, and what it keeps in memory.

Each start is a process of its own on Qt's off-screen platform, as after a login; the first one warms the disk and does
not count. What a clerk waits for is the first paint: the icons come after it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figure import Figure

ROOT = Path(__file__).resolve().parent.parent
STARTS = 7
FIRST_PAINT_GOAL_MS = 500.0
MEMORY_GOAL_MB = 160.0

# What the child does: the desk's own shell on a desk with nothing behind it, closed at the first paint.
CHILD = """
import json, resource, sys, time
begun = float(sys.argv[1])
now = time.time
marks = {"python": now()}
from PySide6.QtWidgets import QApplication
marks["qt"] = now()
app = QApplication(["motcua"])
from desk.view import DeskState, DeskView, ReaderView
from gui.desk.window import DeskWindow
from gui.theme import Scheme, Theme
from gui.translations import Tongue
from gui.widgets.part import Look
marks["imports"] = now()

class Nobody:
    def __getattr__(self, name):
        return lambda *given: None

window = DeskWindow(Look(Theme(app, Scheme.LIGHT), Tongue(app)), Nobody())
window.present_view(DeskView(DeskState.WAIT_CARD, 1, readers=(ReaderView("Reader", "empty"),)))
window.resize(1280, 800)
marks["window"] = now()

def painted():
    marks["paint"] = now()

window.painted.connect(painted)
window.show()
while "paint" not in marks or window.actions_bar.next.icon().isNull():
    app.processEvents()
marks["icons"] = now()
with open("/proc/self/statm") as file:
    resident = int(file.read().split()[1]) * resource.getpagesize() / 2**20
print(json.dumps({"at": {name: 1000 * (at - begun) for name, at in marks.items()}, "rss": resident}))
"""


def figures() -> list[Figure]:
    runs = [_start() for _ in range(STARTS + 1)][1:]
    at = {name: statistics.median(run["at"][name] for run in runs) for name in runs[0]["at"]}
    return [
        Figure("process start to first paint", at["paint"], "ms", FIRST_PAINT_GOAL_MS),
        Figure("… of which Python itself", at["python"], "ms"),
        Figure("… loading Qt", at["qt"] - at["python"], "ms"),
        Figure("… loading the desk and the window’s code", at["imports"] - at["qt"], "ms"),
        Figure("… making the window", at["window"] - at["imports"], "ms"),
        Figure("… laying out and painting", at["paint"] - at["window"], "ms"),
        Figure("process start to icons on the buttons", at["icons"], "ms"),
        Figure(
            "resident memory, waiting for a card", statistics.median(run["rss"] for run in runs), "MB", MEMORY_GOAL_MB
        ),
    ]


def _start() -> dict[str, dict[str, float]]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, str(time.time())],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(ran.stdout)
