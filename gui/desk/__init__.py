"""The desk window: the shell that a clerk works in all day.

What comes in: a ``DeskControls``, command-line arguments of the shell, and in a demo a card sandbox. What goes out: the
clerk's intents, and an exit code. Calls ``gui.widgets`` and ``desk``'s ports and views, nothing below them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desk.ports import DeskControls
    from desk.sandbox_ports import CardSandbox

__all__ = ["run"]


def run(desk: DeskControls, arguments: Sequence[str], sandbox: CardSandbox | None) -> int:
    """Open the desk window and return once it is closed: 0, or 2 for arguments that are not understood.

    Qt is imported here and not with this module, so that whoever only looks for shells does not pay for it.
    """
    from gui.desk.application import run_window

    return run_window(desk, arguments, sandbox)
