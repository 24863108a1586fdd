"""How the window looks: a few colours by meaning, light and dark, and one style sheet made of them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

__all__ = ["Colours", "colours_of", "monospace", "put_on"]

FAMILY, FAMILY_PACKAGE = "Noto Sans", "fontpkg_noto_sans"
PIXELS = 13
DARK_BELOW = 128


@dataclass(frozen=True, slots=True)
class Colours:
    """Hold colours as ``#RRGGBB``; text on what lies under it has a contrast of 4.5 and more."""

    paper: str
    card: str
    ink: str
    quiet: str
    line: str
    edge: str
    accent: str
    on_accent: str
    soft: str
    stop: str
    good: str
    test: str
    on_test: str


LIGHT = Colours(
    paper="#F3F5F8",
    card="#FFFFFF",
    ink="#16202A",
    quiet="#52606D",
    line="#D9DFE5",
    edge="#77848F",
    accent="#1D5FA6",
    on_accent="#FFFFFF",
    soft="#E5EFF9",
    stop="#B0241B",
    good="#17693A",
    test="#653592",
    on_test="#FFFFFF",
)
DARK = Colours(
    paper="#14191F",
    card="#1C232B",
    ink="#E8EDF2",
    quiet="#A9B5C0",
    line="#333D47",
    edge="#7D8A96",
    accent="#8CBCF2",
    on_accent="#0D1822",
    soft="#24364A",
    stop="#FF9B92",
    good="#86D9A6",
    test="#C9A4EE",
    on_test="#20102F",
)


def colours_of(app: QApplication) -> Colours:
    """Return the colours that go with the system's own."""
    dark = app.palette().color(QPalette.ColorRole.Window).lightness() < DARK_BELOW
    return DARK if dark else LIGHT


def put_on(app: QApplication) -> Colours:
    """Give the application its font and its colours; return them."""
    spec = find_spec(FAMILY_PACKAGE)
    if FAMILY not in QFontDatabase.families() and spec is not None and spec.origin is not None:
        for file in sorted(Path(spec.origin).parent.glob("files/*.ttf")):
            QFontDatabase.addApplicationFont(str(file))
    font = QFont(FAMILY)
    font.setPixelSize(PIXELS)
    app.setFont(font)
    colours = colours_of(app)
    app.setStyle("Fusion")
    app.setStyleSheet(_sheet(colours))
    return colours


def monospace() -> QFont:
    """Return the font for bytes and zones."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(PIXELS)
    return font


def _sheet(c: Colours) -> str:
    return f"""
    QWidget {{ background: {c.paper}; color: {c.ink}; }}
    QLabel, QCheckBox {{ background: transparent; }}
    QCheckBox::indicator {{ width: 13px; height: 13px; border: 1px solid {c.edge}; border-radius: 3px; }}
    QCheckBox::indicator:checked {{ background: {c.accent}; border: 3px double {c.card}; }}
    QCheckBox:focus {{ text-decoration: underline; }}
    QLabel[role="ribbon"] {{ background: {c.test}; color: {c.on_test}; padding: 6px 16px; }}
    QLabel[role="quiet"] {{ color: {c.quiet}; }}
    QLabel[role="error"] {{ color: {c.stop}; }}
    QFrame[role="card"] {{ background: {c.card}; border: 1px solid {c.line}; border-radius: 8px; }}
    QFrame[role="card"] QLabel, QFrame[role="card"] QCheckBox {{ background: {c.card}; border: none; }}
    QListWidget, QTableWidget, QComboBox, QComboBox QAbstractItemView {{
        background: {c.card}; border: 1px solid {c.edge}; border-radius: 4px;
        selection-background-color: {c.soft}; selection-color: {c.ink};
    }}
    QComboBox {{ padding: 5px 8px; min-height: 18px; }}
    QComboBox::drop-down {{ border: none; width: 22px; }}
    QScrollBar {{ background: {c.card}; border: none; }}
    QScrollBar:vertical {{ width: 10px; }}
    QScrollBar:horizontal {{ height: 10px; }}
    QScrollBar::handle {{ background: {c.edge}; border-radius: 3px; margin: 2px; min-height: 24px; min-width: 24px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QComboBox QLineEdit {{ background: {c.card}; border: none; padding: 0; }}
    QListWidget::item {{ padding: 6px 8px; }}
    QHeaderView::section {{ background: {c.card}; color: {c.quiet}; border: none;
        border-bottom: 1px solid {c.line}; padding: 5px 8px; }}
    QTableWidget {{ gridline-color: {c.line}; }}
    QTableWidget::item {{ padding: 2px 8px; }}
    QPushButton {{ background: {c.card}; border: 1px solid {c.edge}; border-radius: 4px; padding: 7px 14px; }}
    QPushButton:default {{ background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; }}
    QPushButton:disabled {{ background: {c.paper}; color: {c.quiet}; border-color: {c.line}; }}
    QPushButton:focus, QComboBox:focus, QListWidget:focus, QTableWidget:focus {{ border: 2px solid {c.accent}; }}
    QPushButton:focus {{ padding: 6px 13px; }}
    QPushButton:default:focus {{ border-color: {c.ink}; }}
    """
