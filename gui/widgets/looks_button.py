"""Light, dark, high contrast, and the size of everything."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from gui.theme import Scheme
from gui.theme.theme import SCALES
from gui.widgets.part import Look, tip

__all__ = ["LooksButton"]


class LooksButton(QToolButton):
    """Offer schemes and scales in a menu; what is in use is checked."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setProperty("plain", True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._schemes = self._group(list(Scheme))
        self._menu.addSeparator()
        self._scales = self._group(list(SCALES))
        self._menu.aboutToShow.connect(self._check)
        self._menu.triggered.connect(self._chosen)
        self.retranslate()

    def retranslate(self) -> None:
        """Write every word."""
        names = {
            Scheme.SYSTEM: self.tr("As the system"),
            Scheme.LIGHT: self.tr("Light"),
            Scheme.DARK: self.tr("Dark"),
            Scheme.HIGH_CONTRAST: self.tr("High contrast"),
        }
        for action in self._schemes.actions():
            action.setText(names[Scheme(action.data())])
        for action in self._scales.actions():
            action.setText(self.tr("Size {percent} %").format(percent=round(float(action.data()) * 100)))
        self.setText(self.tr("Display"))
        self.setAccessibleName(self.tr("Display"))
        self.setToolTip(tip(self.tr("Colours and size (size also by Ctrl++ and Ctrl+-)")))
        self._menu.setAccessibleName(self.tr("Display"))

    def changeEvent(self, event: QEvent) -> None:
        """Speak anew when the language has changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _group(self, values: list[Scheme] | list[float]) -> QActionGroup:
        group = QActionGroup(self)
        for value in values:
            action = QAction(group)
            action.setCheckable(True)
            action.setData(value.value if isinstance(value, Scheme) else value)
            self._menu.addAction(action)
        return group

    def _check(self) -> None:
        theme = self._look.theme
        for action in self._schemes.actions():
            action.setChecked(action.data() == theme.scheme.value)
        for action in self._scales.actions():
            action.setChecked(action.data() == theme.scale)

    def _chosen(self, action: QAction) -> None:
        value = action.data()
        if isinstance(value, float):
            self._look.theme.use(scale=value)
        else:
            self._look.theme.use(scheme=Scheme(value))
