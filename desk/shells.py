"""The shells that show a desk: each is told every view that differs from the last one."""

from __future__ import annotations

import logging

from desk.ports import OnView
from desk.view import DeskView

__all__ = ["Shells"]

_log = logging.getLogger("motcua.desk")


class Shells:
    """Hold who is shown the desk."""

    def __init__(self) -> None:
        self._shells: list[OnView] = []
        self._shown: DeskView | None = None

    def add(self, on_view: OnView, view: DeskView) -> None:
        """Show ``view`` to one more shell at once, and later ones when they come."""
        self._shells.append(on_view)
        _tell(on_view, view)

    def show(self, view: DeskView) -> None:
        """Show ``view`` where it differs from the last one."""
        if view != self._shown:
            self._shown = view
            for on_view in tuple(self._shells):
                _tell(on_view, view)

    def clear(self) -> None:
        """Show nothing to anybody any more."""
        self._shells.clear()
        self._shown = None


def _tell(on_view: OnView, view: DeskView) -> None:
    """Show a view to one shell; a shell that fails is its own trouble and not the citizen's."""
    try:
        on_view(view)
    except Exception as error:
        _log.error("shell failed", extra={"kind": type(error).__name__})
