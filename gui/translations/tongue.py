"""The language in use, for Qt's translations and for the words of ``desk`` alike."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLocale, QObject, QTranslator, Signal
from PySide6.QtWidgets import QApplication

from desk.language import Language
from desk.texts import Texts

__all__ = ["COMPILED", "Tongue"]

COMPILED = Path(__file__).with_name("motcua_vi.qm")


class Tongue(QObject):
    """Hold the language; installing or removing the translator makes Qt send LanguageChange to every widget."""

    changed = Signal()

    def __init__(self, app: QApplication, language: Language = Language.VIETNAMESE) -> None:
        super().__init__(app)
        self._app = app
        self._translator = QTranslator(self)
        # Where make has not built the translations the window still opens, in English.
        self.available = self._translator.load(str(COMPILED))
        self.language = Language.ENGLISH
        self.texts = Texts(Language.ENGLISH)
        self.speak(language)

    @property
    def number_locale(self) -> QLocale:
        """Return the locale for numbers; dates come ready from the desk."""
        return QLocale("vi_VN") if self.language is Language.VIETNAMESE else QLocale("en_GB")

    def speak(self, language: Language) -> None:
        """Switch to ``language``; Vietnamese stays English where the translations are not built."""
        if language is Language.VIETNAMESE and not self.available:
            language = Language.ENGLISH
        if language is self.language:
            return
        self.language = language
        self.texts = Texts(language)
        if language is Language.VIETNAMESE:
            self._app.installTranslator(self._translator)
        else:
            self._app.removeTranslator(self._translator)
        self.changed.emit()
