"""VI | EN, switched while the window is open."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton

from desk.language import Language
from gui.widgets.part import Look, Part

__all__ = ["LanguageSwitch"]

_NAMES = {Language.VIETNAMESE: ("VI", "Tiếng Việt"), Language.ENGLISH: ("EN", "English")}


class LanguageSwitch(Part):
    """Switch the language; each is called by its own name, whatever language is in use."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._group = QButtonGroup(self)
        self.buttons: dict[Language, QPushButton] = {}
        for language, (word, name) in _NAMES.items():
            button = QPushButton(word)
            button.setCheckable(True)
            button.setAccessibleName(name)
            button.setToolTip(f"{name} (Ctrl+L)")
            self._group.addButton(button)
            self._row.addWidget(button)
            self.buttons[language] = button
        self._group.buttonClicked.connect(self._clicked)
        look.tongue.changed.connect(self._show)
        self._show()
        self.restyle()

    def restyle(self) -> None:
        """Set the buttons side by side."""
        self._row.setSpacing(self.theme.px(4))

    def _clicked(self) -> None:
        for language, button in self.buttons.items():
            if button.isChecked():
                self.look.tongue.speak(language)
        self._show()

    def _show(self) -> None:
        for language, button in self.buttons.items():
            button.setChecked(language is self.look.tongue.language)
