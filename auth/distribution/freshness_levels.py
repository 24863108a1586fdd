"""How trust stands in time, as words and windows name it."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["FreshnessLevel"]


class FreshnessLevel(StrEnum):
    """Tell how the trust stands in time."""

    CURRENT = "current"
    DUE = "due"
    OVERDUE = "overdue"
    UNKNOWN = "unknown"
    NONE = "none"
