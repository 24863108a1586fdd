"""What can be done now, at the same place always, each with its key."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from desk.view import ActionId, DeskView
from gui.theme import Role
from gui.theme.icons import action_icon
from gui.widgets.part import Look, Part, tip

__all__ = ["ActionBar"]


class ActionBar(Part):
    """Offer next citizen, look up again, slip, hide, stop; what cannot be done now stays in its place, disabled."""

    next_wanted = Signal()
    look_up_wanted = Signal()
    slip_wanted = Signal()
    hide_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "actions")
        self.next = self._button("F2", "account-arrow-right-outline", self.next_wanted)
        self.again = self._button("F4", "refresh", self.look_up_wanted)
        self.slip = self._button("Ctrl+P", "file-document-outline", self.slip_wanted)
        self.hide_page = self._button("F12", "eye-off-outline", self.hide_wanted)
        self.stop = self._button("", "close", self.stop_wanted)
        self._row = QHBoxLayout(self)
        for button in (self.next, self.again, self.slip, self.hide_page):
            self._row.addWidget(button)
        self._row.addStretch(1)
        self._row.addWidget(self.stop)
        self._hidden = False
        self._narrow = False
        self.restyle()
        self.retranslate()

    def present(self, view: DeskView) -> None:
        """Enable what the desk offers now."""
        self.next.setEnabled(ActionId.NEXT in view.actions)
        self.again.setEnabled(ActionId.LOOK_UP_AGAIN in view.actions)
        self.slip.setEnabled(ActionId.MAKE_SLIP in view.actions)
        self.stop.setEnabled(ActionId.CANCEL in view.actions)

    def show_hidden(self, *, hidden: bool) -> None:
        """Say that the page is hidden, so that the same key shows it again."""
        self._hidden = hidden
        self.retranslate()

    def narrow(self, *, narrow: bool) -> None:
        """Leave the keys to the tooltips where the window is narrow."""
        if narrow != self._narrow:
            self._narrow = narrow
            self.retranslate()

    def dress_icons(self) -> None:
        """Put the icons on; called once the window has been painted, for the icon set takes long to load."""
        for button in (self.next, self.again, self.slip, self.hide_page, self.stop):
            button.setIcon(action_icon(str(button.property("iconName")), self.theme.tokens))

    def retranslate(self) -> None:
        """Write every word with its key."""
        self._say(self.next, "F2", self.texts.action(ActionId.NEXT), self.tr("End this visit, wipe, wait for the next"))
        self._say(
            self.again,
            "F4",
            self.texts.action(ActionId.LOOK_UP_AGAIN),
            self.tr("Ask the registers once more for this citizen"),
        )
        slip = self.texts.action(ActionId.MAKE_SLIP)
        self._say(self.slip, "Ctrl+P", slip, self.tr("Make the slip that the office files: see, keep or print it"))
        hide = self.tr("Show again") if self._hidden else self.tr("Hide")
        self._say(self.hide_page, "F12", hide, self.tr("Cover what is on the screen, and show it again"))
        self._say(self.stop, "Esc", self.texts.action(ActionId.CANCEL), self.tr("Stop what is running and wipe"))

    def restyle(self) -> None:
        """Set margins and gaps, and paint icons in the scheme's colours where they are on."""
        px = self.theme.px
        self._row.setContentsMargins(px(12), px(8), px(12), px(8))
        self._row.setSpacing(px(8))
        for button in (self.next, self.again, self.slip, self.hide_page, self.stop):
            button.setIconSize(QSize(px(18), px(18)))
        if not self.next.icon().isNull():
            self.dress_icons()

    def _button(self, key: str, icon: str, wanted: SignalInstance) -> QPushButton:
        button = QPushButton()
        button.setProperty("iconName", icon)
        self.theme.dress(button, Role.BODY)
        button.clicked.connect(wanted)
        if key:
            shortcut = QShortcut(QKeySequence(key), self, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(button.click)
        return button

    def _say(self, button: QPushButton, key: str, words: str, hint: str) -> None:
        button.setText(words if self._narrow else f"{words}   {key}")
        button.setAccessibleName(words)
        button.setToolTip(tip(f"{hint} ({key})"))
