"""Areas as they are written in Vietnam."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["square_metres"]


def square_metres(area: Decimal) -> str:
    """Write square metres with a point between thousands and a comma before the fraction."""
    return f"{area:,.1f}".translate(str.maketrans(",.", ".,")) + " m²"
