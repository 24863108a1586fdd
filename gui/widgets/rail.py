"""The left side of the desk: reader, number, steps, progress, presence, age of the trust, what waits, a wrong clock."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from desk.view import ActionId, DeskView
from gui.widgets.clock_line import ClockLine
from gui.widgets.key_block import KeyBlock
from gui.widgets.part import Look, Part, set_flag
from gui.widgets.presence_line import PresenceLine
from gui.widgets.reader_strip import ReaderStrip
from gui.widgets.step_list import Progress, StepList
from gui.widgets.trust_line import TrustLine
from gui.widgets.waiting_line import WaitingLine

__all__ = ["Rail"]

_WIDE = 232
_UNBOUNDED = 16_777_215
# The least height at 100 % of a rail that lies across, and its greatest share of the window in percent.
_LOWEST, _SHARE = 84, 28


class Rail(Part):
    """Show where the visit stands and take the number; ``entered`` hands the number over."""

    entered = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "rail")
        self.readers = ReaderStrip(look)
        self.key = KeyBlock(look)
        self.steps = StepList(look)
        self.progress = Progress(look)
        self.trust = TrustLine(look)
        self.waiting = WaitingLine(look)
        self.wrong_clock = ClockLine(look)
        self.presence = PresenceLine(look)
        self.key.entered.connect(self.entered)
        self._content = QWidget()
        self._content.setObjectName("scrolled")
        self._grid = QGridLayout(self._content)
        # Only a window that is very low for its scale makes the rail scroll.
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._content)
        self._scroll.viewport().setAutoFillBackground(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._scroll)
        self._rules = [QFrame(), QFrame()]
        for rule in self._rules:
            rule.setObjectName("rule")
        self._across: bool | None = None
        self._content.installEventFilter(self)
        self.lie(across=False)
        self.restyle()

    def lie(self, *, across: bool) -> None:
        """Stand at the side, or lie along the top where the window is narrow."""
        if across == self._across:
            return
        self._across = across
        set_flag(self, "across", across)
        self.steps.lie(across=across)
        self.key.lie(across=across)
        self.progress.keep_room(keep=not across)
        places = (
            ((self.readers, 0, 0), (self.key, 0, 1), (self.steps, 1, 0), (self.progress, 2, 0), (self.trust, 3, 0))
            if across
            else ((self.readers, 0, 0), (self.key, 2, 0), (self.steps, 4, 0), (self.progress, 5, 0), (self.trust, 7, 0))
        )
        last = (self.waiting, 4 if across else 8, 0), (self.wrong_clock, 6 if across else 9, 0)
        for widget, row, column in (*places, *last):
            self._grid.addWidget(widget, row, column, 1, 2 if across and row else 1)
        self._grid.addWidget(self.presence, 5 if across else 6, 0, 1, 2 if across else 1, Qt.AlignmentFlag.AlignTop)
        self.trust.lie(across=across)
        for number, rule in enumerate(self._rules):
            rule.setVisible(not across)
            self._grid.addWidget(rule, 1 + 2 * number, 0)
        for row in range(7):
            self._grid.setRowStretch(row, int(row == 6 and not across))
        for column in range(2):
            self._grid.setColumnStretch(column, column + 1 if across else 0)
        self.restyle()

    def present(self, view: DeskView) -> None:
        """Show reader, steps and progress, and whether a number is wanted."""
        self.readers.present(view.service, view.readers)
        self.key.present(wanted=ActionId.ENTER_KEY in view.actions, held=view.key_held)
        self.steps.present(view.steps)
        self.progress.present(view.progress)
        self.trust.present(view.trust)
        self.waiting.present(view.waiting)
        self.wrong_clock.present(view.wrong_clock)
        self.presence.present(view.presence, view.registers)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the content needs at this width."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take another height when the words inside need it."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return False

    def restyle(self) -> None:
        """Set width and gaps."""
        px = self.theme.px
        if self._across:
            self._grid.setContentsMargins(px(16), px(8), px(16), px(8))
            self._grid.setVerticalSpacing(px(8))
            self.setMinimumWidth(0)
            self.setMaximumWidth(_UNBOUNDED)
        else:
            self._grid.setContentsMargins(px(16), px(16), px(16), px(12))
            self._grid.setVerticalSpacing(px(14))
            self.setFixedWidth(px(_WIDE))
        self._grid.setHorizontalSpacing(px(14))
        self._fit()

    def _fit(self) -> None:
        """Be as high as the content where it lies across; at the side take the window's height."""
        if self._across:
            margins = self.contentsMargins()
            width = self.width() - margins.left() - margins.right()
            # A scroll area gives its content at least the least height, which is counted at the least width.
            needed = max(self._grid.totalHeightForWidth(width), self._grid.totalMinimumSize().height())
            # In a very low window the page comes first, and the rail scrolls.
            high = min(needed, max(self.theme.px(_LOWEST), self.window().height() * _SHARE // 100))
            self.setFixedHeight(high + margins.top() + margins.bottom())
            self._scroll.setFixedHeight(high)
        else:
            self.setMinimumHeight(0)
            self.setMaximumHeight(_UNBOUNDED)
            self._scroll.setMinimumHeight(0)
            self._scroll.setMaximumHeight(_UNBOUNDED)
