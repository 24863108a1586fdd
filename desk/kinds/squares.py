"""Areas as they are written in Vietnam."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["square_metres"]


def square_metres(area: Decimal | None) -> str:
    """Write square metres with a point between thousands and a comma before the fraction; empty for no area."""
    if area is None:
        return ""
    return f"{area:,.1f}".translate(str.maketrans(",.", ".,")) + " m²"
