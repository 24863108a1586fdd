"""One family in a handful of roles.

Noto Sans holds every letter of Vietnamese and of the minority languages' spellings (ŏ ŭ č ĕ ĭ ñ), and its digits are of
one width. It comes as a variable font: a weight is an axis of the font, which a style sheet cannot set, so fonts are
set by role from here and the style sheet leaves type alone.
"""

from __future__ import annotations

from enum import Enum
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase

__all__ = ["FAMILY", "Role", "font", "font_files", "load_family"]

FAMILY = "Noto Sans"
_PACKAGE = "fontpkg_noto_sans"
_WEIGHT = QFont.Tag("wght")


class Role(Enum):
    """Name what a piece of text is for: (pixels at 100 %, weight)."""

    SMALL = (12, 400)
    BODY = (13, 400)
    STRONG = (13, 600)
    HEADING = (14, 650)
    BRAND = (16, 700)
    READING = (16, 400)
    """What a citizen reads, from across the counter."""

    KEY = (18, 500)
    NUMBER = (19, 500)
    DECISION = (22, 700)
    PAGE = (24, 650)
    NAME = (26, 700)


def font_files() -> tuple[Path, ...]:
    """Return the font files that the font package hands out, none where the package is not there."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        return ()
    # The italic of the package is left out: nothing here is set in italics.
    return tuple(file for file in sorted(Path(spec.origin).parent.glob("files/*.ttf")) if "Italic" not in file.name)


def load_family() -> bool:
    """Make the family known to Qt; tell whether it is. Needs a QGuiApplication."""
    if FAMILY in QFontDatabase.families():
        return True
    loaded = [QFontDatabase.addApplicationFont(str(file)) for file in font_files()]
    return bool(loaded) and min(loaded) >= 0


def font(role: Role, scale: float) -> QFont:
    """Return the font of ``role`` at ``scale``."""
    pixels, weight = role.value
    made = QFont(FAMILY)
    made.setPixelSize(round(pixels * scale))
    made.setVariableAxis(_WEIGHT, weight)
    made.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    return made
