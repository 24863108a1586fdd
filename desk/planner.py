"""Whom the present visit would ask now."""

from __future__ import annotations

from desk.clerk_post import ClerkPost
from desk.held import Held
from desk.lookups import LookupPlan, plan
from desk.ports import Registers
from reader.inspection.report import Inspection

__all__ = ["Planner"]


class Planner:
    """Plan look-ups for the visit that ``held`` holds, by the clerk who is at ``clerk``; from any thread."""

    def __init__(self, registers: Registers, clerk: ClerkPost, held: Held) -> None:
        self._registers = registers
        self._clerk = clerk
        self._held = held

    def __call__(self, inspection: Inspection) -> LookupPlan:
        """Return whom to ask about the card of ``inspection``, by the purpose in use and what was agreed to."""
        purpose, data = self._held.purpose, self._held.data
        around = self._clerk.among(self._held.around)
        return plan(
            inspection,
            self._registers,
            purpose,
            around.clerk_id if around.clerk_id or self._clerk.view is None else None,
            consent=data.consent if purpose.needs_consent else None,
            certificate=data.certificate,
            dossier=data.dossier,
        )
