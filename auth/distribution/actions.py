"""What a change does to what is installed."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Action"]


class Action(StrEnum):
    """Tell what happens to a row; ``changed`` is another certificate of the same key, or another list of one State."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REFUSED = "refused"
