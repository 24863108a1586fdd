"""What a policy says of card presence: how much a register must be shown for a purpose, and what less amounts to.

The levels are those of docs/presence.md, 0 to 4; what is asked for which purpose is the office's to decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reader.errors import DataError
from reader.inspection.report import Decision

__all__ = ["ANY_PURPOSE", "HIGHEST_LEVEL", "PresenceRule", "parse_presence", "rule_for"]

ANY_PURPOSE = "any"
HIGHEST_LEVEL = 4
_KEYS = {"least", "below"}


@dataclass(frozen=True, slots=True)
class PresenceRule:
    """Hold the least level, and what a lower one amounts to: with "stop" no register is asked without it."""

    least: int = 0
    below: Decision = Decision.PROCEED

    def __post_init__(self) -> None:
        """Refuse a level that there is not."""
        if not 0 <= self.least <= HIGHEST_LEVEL:
            raise DataError("policy with a level of presence that there is not")

    def allows(self, level: int) -> bool:
        """Tell whether ``level`` is enough."""
        return level >= self.least


def parse_presence(said: object) -> dict[str, PresenceRule]:
    """Read the table ``presence`` of a policy, purposes by their id; raise DataError for anything else."""
    if not isinstance(said, Mapping):
        raise DataError("presence: a table is needed")
    rules: dict[str, PresenceRule] = {}
    for purpose, row in said.items():
        if not isinstance(row, Mapping) or set(row) != _KEYS:
            raise DataError("presence: each purpose has a least level and what is below it")
        least, below = row["least"], row["below"]
        if isinstance(least, bool) or not isinstance(least, int) or below not in tuple(Decision):
            raise DataError("presence: least is a level, below is proceed, attention or stop")
        rules[purpose] = PresenceRule(least, Decision(below))
    return rules


def rule_for(rules: Mapping[str, PresenceRule], purpose: str) -> PresenceRule:
    """Return the rule of a purpose: its own, else that of any, else that nothing is asked for."""
    return rules.get(purpose) or rules.get(ANY_PURPOSE) or PresenceRule()
