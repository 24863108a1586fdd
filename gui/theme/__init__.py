"""How everything looks: colours, type, sizes, marks and icons, for one scale and one scheme at a time.

What comes in: a scheme (light, dark, high contrast) and a scale (1.0 to 2.0). What goes out: palette, one application
style sheet, fonts by role, painted marks. Calls nothing but Qt and the icon set.
"""

from gui.theme.marks import Mark, paint_mark
from gui.theme.theme import Scheme, Theme
from gui.theme.tokens import DARK, HIGH_CONTRAST, LIGHT, Tokens
from gui.theme.type import Role

__all__ = ["DARK", "HIGH_CONTRAST", "LIGHT", "Mark", "Role", "Scheme", "Theme", "Tokens", "paint_mark"]
