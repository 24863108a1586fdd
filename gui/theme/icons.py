"""Icons for actions, from one kept set; loaded when first asked for, since the set takes a tenth of a second."""

from __future__ import annotations

from PySide6.QtGui import QIcon

from gui.theme.tokens import Tokens

__all__ = ["action_icon"]


def action_icon(name: str, tokens: Tokens) -> QIcon:
    """Return the icon ``name`` of Material Design Icons in the scheme's colours; never shown without a word."""
    import qtawesome

    return QIcon(qtawesome.icon(f"mdi6.{name}", color=tokens.ink, color_disabled=tokens.edge))
