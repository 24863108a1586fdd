"""From when to when something is valid."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Validity"]


@dataclass(frozen=True, slots=True)
class Validity:
    """Hold its first and its last moment, in seconds since 1970."""

    begins: float
    ends: float

    def holds(self, at: float, margin: float = 0.0) -> bool:
        """Tell whether it is valid at ``at``, and as far as ``margin`` around it."""
        return self.begins + margin <= at <= self.ends - margin
