"""The five steps of a visit and how far the reading is."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QProgressBar, QVBoxLayout

from desk.view import ProgressView, StepState, StepView
from gui.theme import Mark, Role
from gui.widgets.part import Look, MarkLabel, Part, set_flag

__all__ = ["Progress", "StepList"]

_MARKS = {
    StepState.PENDING: Mark.PENDING,
    StepState.RUNNING: Mark.RUNNING,
    StepState.DONE: Mark.GOOD,
    StepState.FAILED: Mark.ATTENTION,
}


class StepList(Part):
    """Show each step with mark, number and name; the running one in strong type."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "steps")
        self._steps: tuple[StepView, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._lines = [(MarkLabel(look, 16), self.label(Role.BODY, "quiet")) for _ in range(5)]
        self._across = False
        self.lie(across=False)
        self.restyle()

    def lie(self, *, across: bool) -> None:
        """Put the steps one under another, or side by side where the window is narrow."""
        self._across = across
        for number, (mark, name) in enumerate(self._lines):
            row, column = (0, 2 * number) if across else (number, 0)
            self._grid.addWidget(mark, row, column)
            self._grid.addWidget(name, row, column + 1)
        for column in range(10):
            self._grid.setColumnStretch(column, int(column % 2 == 1 if across else column == 1))

    def present(self, steps: tuple[StepView, ...]) -> None:
        """Show how far each step is."""
        if steps != self._steps:
            self._steps = steps
            self.retranslate()

    def retranslate(self) -> None:
        """Write names and states."""
        spoken = []
        for number, (mark, name) in enumerate(self._lines):
            step = self._steps[number] if number < len(self._steps) else None
            mark.show_mark(_MARKS[step.state] if step else None)
            name.setText(f"{number + 1}  {self.texts.step(step.step)}" if step else "")
            running = step is not None and step.state is StepState.RUNNING
            self.theme.dress(name, Role.STRONG if running else Role.BODY)
            set_flag(name, "tone", "quiet" if step is None or step.state is StepState.PENDING else "")
            if step:
                spoken.append(f"{self.texts.step(step.step)}: {self.texts.step_state(step.state)}")
        self.setAccessibleName("; ".join(spoken))

    def restyle(self) -> None:
        """Set the gaps."""
        self._grid.setVerticalSpacing(self.theme.px(8))
        self._grid.setHorizontalSpacing(self.theme.px(8))


class Progress(Part):
    """Show how many bytes of how many have arrived, and of what."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "progress")
        self._progress: ProgressView | None = None
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 100)
        self._what = self.label(Role.SMALL, "quiet")
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self._bar)
        self._box.addWidget(self._what)
        self.keep_room(keep=True)
        self.hide()
        self.restyle()
        self.retranslate()

    def keep_room(self, *, keep: bool) -> None:
        """Keep the room when nothing is being read, so that nothing around it moves, or give it away."""
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(keep)
        self.setSizePolicy(policy)

    def present(self, progress: ProgressView | None) -> None:
        """Show ``progress``, or nothing where nothing is being read."""
        if progress != self._progress:
            self._progress = progress
            self.setVisible(progress is not None)
            self.retranslate()

    def retranslate(self) -> None:
        """Write what is being read, in words a clerk uses."""
        if self._progress is None:
            self._bar.setValue(0)
            self._what.setText("")
            return
        self._bar.setValue(self._progress.percent)
        self._bar.setAccessibleName(self.tr("Reading progress"))
        self._what.setText(self.tr("{what} · {percent} %").format(what=self._file(), percent=self._progress.percent))

    def restyle(self) -> None:
        """Set the gap."""
        self._box.setSpacing(self.theme.px(4))

    def _file(self) -> str:
        file = self._progress.file.upper() if self._progress else ""
        if file == "DG2":
            return self.tr("Portrait")
        if file in ("DG1", "DG13"):
            return self.tr("Personal data")
        if file in ("DG14", "DG15"):
            return self.tr("Chip keys")
        return self.tr("Signature") if file.endswith("SOD") else self.tr("Contents")
