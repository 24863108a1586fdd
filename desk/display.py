"""Whether a window can be opened: asked in a child process, since Qt aborts its process on a dead display."""

from __future__ import annotations

import contextlib
import os
import subprocess  # a fixed command of our own interpreter
import sys
from collections.abc import Mapping

__all__ = ["DisplayProbe", "has_display", "is_visible"]

PROBE_SECONDS = 20.0
# Platforms of Qt that draw into memory: good for tests of a window, but nobody sees a demo there.
_INVISIBLE = ("offscreen", "minimal")
_PROBE = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"


class DisplayProbe:
    """Ask, from now on and beside whatever else is done, whether Qt can open a window here; ``answer`` waits for it."""

    def __init__(self, environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> None:
        env = dict(os.environ if environment is None else environment)
        self._child: subprocess.Popen[bytes] | None = None
        on_x_or_wayland = platform not in ("win32", "darwin")
        if on_x_or_wayland and not any(env.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
            return
        with contextlib.suppress(OSError):
            self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and a constant
                [sys.executable, "-c", _PROBE],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def answer(self) -> bool:
        """Return the answer; no after twenty seconds."""
        if self._child is None:
            return False
        try:
            return self._child.wait(PROBE_SECONDS) == 0
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
            return False


def has_display(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> bool:
    """Tell whether Qt can open a window here."""
    return DisplayProbe(environment, platform).answer()


def is_visible(environment: Mapping[str, str] | None = None) -> bool:
    """Tell whether a window that Qt opens here would be seen by anybody."""
    env = os.environ if environment is None else environment
    return env.get("QT_QPA_PLATFORM", "").partition(":")[0] not in _INVISIBLE and has_display(env)
