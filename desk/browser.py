"""The system's browser, as a sign-in needs it."""

from __future__ import annotations

import os
import sys
import webbrowser

__all__ = ["open_browser"]

_TEXT_BROWSERS = ("elinks", "links", "lynx", "w3m", "www-browser")


def open_browser(address: str) -> bool:
    """Open an https address in the system's browser; False where there is none with a window of its own.

    A browser of the terminal would take over the terminal that this program writes on.
    """
    if not address.startswith("https://"):
        return False
    if sys.platform not in ("win32", "darwin") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if getattr(browser, "basename", "") in _TEXT_BROWSERS:
        return False
    return browser.open(address, new=2)
