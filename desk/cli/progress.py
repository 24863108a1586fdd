"""A visit's progress on standard error: a bar in a terminal, a line for each new state elsewhere; no personal data."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from desk.terminal import console_for
from desk.texts import Texts
from desk.view import DeskState, DeskView

__all__ = ["VisitProgress"]


class VisitProgress:
    """Show each view's state and, while reading, how far it is."""

    def __init__(self, texts: Texts, console: Console | None = None) -> None:
        self._texts = texts
        self._console = console or console_for(sys.stderr)
        self._shown: tuple[DeskState, bool] | None = None
        self._told: tuple[str, ...] = ()
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        self._bar = Progress(*columns, console=self._console, transient=True)
        self._task = self._bar.add_task("", total=100, visible=False)

    def __enter__(self) -> VisitProgress:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to a question until the block ends."""
        if self._console.is_terminal:
            self._bar.stop()
        try:
            yield
        finally:
            if self._console.is_terminal:
                self._bar.start()

    def show(self, view: DeskView) -> None:
        """Take one more view."""
        is_news = (view.state, view.waits_for_others) != self._shown and view.state is not DeskState.NO_READER
        if is_news and not self._console.is_terminal:
            self._console.print(f"… {self._texts.headline(view)}")
            if view.state is DeskState.CARD_LOST:
                self._console.print(f"  {self._texts.card_lost(view.progress)} {self._texts.card_back()}")
            if view.state is DeskState.CARD_WANTED:
                self._console.print(f"  {self._texts.card_wanted('why')} {self._texts.card_wanted('next')}")
        self._shown = (view.state, view.waits_for_others)
        self._tell_stages(view)
        if self._console.is_terminal:
            percent = view.progress.percent if view.progress else 0
            reading = view.state in (DeskState.READING, DeskState.CARD_LOST)
            words = self._texts.headline(view)
            self._bar.update(self._task, description=words, completed=percent, visible=reading)

    def _tell_stages(self, view: DeskView) -> None:
        """Say of each register once that it is still working, or is being asked again."""
        waiting = (register for register in view.registers if register.stage)
        lines = tuple(line for _, line in self._texts.register_lines(waiting))
        for line in lines:
            if line not in self._told:
                self._console.print(f"… {line}")
        self._told = lines
