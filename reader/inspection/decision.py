"""What a policy makes of the checks, in one word."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Decision"]


class Decision(StrEnum):
    """Tell the clerk what the policy makes of the checks."""

    PROCEED = "proceed"
    ATTENTION = "attention"
    STOP = "stop"
