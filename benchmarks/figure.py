"""One measured figure: a name, a value with its unit, and the goal it is held against."""

from __future__ import annotations

from dataclasses import asdict, dataclass

__all__ = ["Figure"]


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold one figure; ``goal`` is the bound it should keep, 0 where there is none, and ``at_least`` turns it round."""

    name: str
    value: float
    unit: str
    goal: float = 0.0
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Tell whether the goal is kept; a figure without a goal always holds."""
        if not self.goal:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def as_json(self) -> dict[str, object]:
        """Return the form that build/bench/NAME.json holds."""
        shown = asdict(self)
        del shown["at_least"]
        return {**shown, "holds": self.holds}
