"""The theme in use: one scheme and one scale, put onto the application at once."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from gui.theme.marks import Mark
from gui.theme.sheet import style_sheet
from gui.theme.tokens import DARK, HIGH_CONTRAST, LIGHT, Tokens
from gui.theme.type import Role, font, load_family

__all__ = ["SCALES", "Scheme", "Theme"]

SCALES = (1.0, 1.25, 1.5, 1.75, 2.0)
_ROLE = "typeRole"


class Scheme(StrEnum):
    """Name the schemes; ``SYSTEM`` follows the desktop, and its wish for more contrast."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high-contrast"


class Theme(QObject):
    """Hold tokens and scale, and dress the application in them; ``changed`` tells that either is another one."""

    changed = Signal()

    def __init__(self, app: QApplication, scheme: Scheme = Scheme.SYSTEM, scale: float = 1.0) -> None:
        super().__init__(app)
        self._app = app
        self.scheme = scheme
        self.scale = scale
        self.tokens: Tokens = LIGHT
        self.family_loaded = load_family()
        self._apply()
        app.styleHints().colorSchemeChanged.connect(self._system_changed)

    def use(self, *, scheme: Scheme | None = None, scale: float | None = None) -> None:
        """Change scheme or scale; the scale is kept between 1 and 2. What is worn already is not put on again."""
        self.scheme = scheme or self.scheme
        self.scale = min(SCALES[-1], max(SCALES[0], scale or self.scale))
        if self._apply():
            self.changed.emit()

    def px(self, pixels: float) -> int:
        """Return a length given at 100 % in pixels of the present scale."""
        return round(pixels * self.scale)

    def font(self, role: Role) -> QFont:
        """Return the font of ``role``."""
        return font(role, self.scale)

    def dress(self, widget: QWidget, role: Role) -> None:
        """Give ``widget`` the font of ``role``, now and after every change of scale."""
        widget.setProperty(_ROLE, role.name)
        widget.setFont(self.font(role))

    def colour(self, mark: Mark) -> str:
        """Return the colour in which ``mark`` is painted."""
        tokens = self.tokens
        return {
            Mark.GOOD: tokens.good,
            Mark.ATTENTION: tokens.attention,
            Mark.STOP: tokens.stop,
            Mark.UNKNOWN: tokens.unknown,
            Mark.RUNNING: tokens.accent,
            Mark.SAME: tokens.good,
            Mark.ALIKE: tokens.accent,
            Mark.DIFFERENT: tokens.attention,
        }.get(mark, tokens.quiet)

    def _system_changed(self) -> None:
        if self.scheme is Scheme.SYSTEM:
            self.use()

    def _apply(self) -> bool:
        """Dress the application; tell whether it was dressed otherwise before."""
        self.tokens = self._chosen()
        sheet, body = style_sheet(self.tokens, self.scale), self.font(Role.BODY)
        palette = _palette(self.tokens)
        # To dress it takes a tenth of a second, and a desktop tells of changes that are none for this theme.
        if (self._app.styleSheet(), self._app.font(), self._app.palette()) == (sheet, body, palette):
            return False
        self._app.setFont(body)
        self._app.setPalette(palette)
        self._app.setStyleSheet(sheet)
        for widget in self._app.allWidgets():
            role = widget.property(_ROLE)
            if role:
                widget.setFont(self.font(Role[role]))
        return True

    def _chosen(self) -> Tokens:
        if self.scheme is not Scheme.SYSTEM:
            return {Scheme.LIGHT: LIGHT, Scheme.DARK: DARK, Scheme.HIGH_CONTRAST: HIGH_CONTRAST}[self.scheme]
        hints = QGuiApplication.styleHints()
        if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
            return HIGH_CONTRAST
        return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT


def _palette(tokens: Tokens) -> QPalette:
    palette = QPalette()
    colours = {
        QPalette.ColorRole.Window: tokens.paper,
        QPalette.ColorRole.WindowText: tokens.ink,
        QPalette.ColorRole.Base: tokens.card,
        QPalette.ColorRole.AlternateBase: tokens.paper,
        QPalette.ColorRole.Text: tokens.ink,
        QPalette.ColorRole.PlaceholderText: tokens.quiet,
        QPalette.ColorRole.Button: tokens.card,
        QPalette.ColorRole.ButtonText: tokens.ink,
        QPalette.ColorRole.Highlight: tokens.accent,
        QPalette.ColorRole.HighlightedText: tokens.on_accent,
        QPalette.ColorRole.Link: tokens.accent,
        QPalette.ColorRole.ToolTipBase: tokens.card,
        QPalette.ColorRole.ToolTipText: tokens.ink,
    }
    for role, colour in colours.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.quiet))
    return palette
