"""What a desk holds at this moment: the present visit, and what stays from visit to visit.

The rooms of a desk share it. It changes in the desk's mailbox only, one message at a time, so that it needs no lock;
other threads take the frozen values out of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from auth.purposes import Purpose
from desk.visit_data import Surroundings, VisitData

__all__ = ["Held"]


@dataclass(slots=True, repr=False)
class Held:
    """Hold the data of the present visit, and what is around it."""

    data: VisitData
    around: Surroundings

    def change(self, **changes: Any) -> None:
        """Change fields of the visit's data."""
        self.data = replace(self.data, **changes)

    @property
    def purpose(self) -> Purpose:
        """Return the purpose in use."""
        return self.around.purposes.purpose(self.around.purpose)

    def __repr__(self) -> str:
        """Show the number of the visit only."""
        return f"Held({self.data.serial})"
