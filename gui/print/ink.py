"""Sizes, weights and greys of paper: pixels of a grid of 300 a inch, ink that survives a black-and-white copier."""

from __future__ import annotations

from enum import Enum

from PySide6.QtGui import QColor, QFont

from gui.theme.type import FAMILY

__all__ = ["FAINT", "GRID_DPI", "INK", "PAGE", "QUIET", "RULE", "Print", "mm", "print_font"]

GRID_DPI = 300
INK, QUIET, RULE = QColor("#000000"), QColor("#3C3C3C"), QColor("#8A8A8A")
# Solid, since PDF/A-1 knows no transparency; light enough to read what stands on it.
FAINT = QColor("#D6D6D6")


class Print(Enum):
    """Name what a piece of text on paper is for: (tenths of a point, weight)."""

    FOOT = (70, 400)
    SMALL = (80, 400)
    BODY = (92, 400)
    STRONG = (92, 650)
    HEADING = (104, 700)
    VERDICT = (130, 700)
    TITLE = (200, 750)
    WATERMARK = (540, 800)


def mm(length: float) -> int:
    """Return millimetres in pixels of the grid."""
    return round(length / 25.4 * GRID_DPI)


PAGE = (mm(210), mm(297))


def print_font(role: Print) -> QFont:
    """Return the font of ``role``.

    The font would compose ị of two glyphs, and a reader of the file find two letters; so that feature is off.
    """
    tenths, weight = role.value
    made = QFont(FAMILY)
    made.setPixelSize(round(tenths / 720 * GRID_DPI))
    made.setVariableAxis(QFont.Tag("wght"), weight)
    made.setFeature(QFont.Tag("ccmp"), 0)
    return made
