"""What a card is to prove itself for, on what ground that was worded, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from auth.purposes import ConsentRecord
from desk.lookups import LookupPlan
from desk.tap import Tap

__all__ = ["Attempt", "Ground", "Tapped"]


@dataclass(frozen=True, slots=True, repr=False)
class Ground:
    """Hold on what ground look-ups were worded: what differs from that was not tapped for."""

    visit: int
    purpose: str
    certificate: str
    consent: ConsentRecord | None
    dossier: str
    clerk: str


@dataclass(frozen=True, slots=True, repr=False)
class Attempt:
    """Hold what the card is to prove itself for: the look-ups, and on what ground they were worded."""

    ground: Ground
    plan: LookupPlan


@dataclass(frozen=True, slots=True, repr=False)
class Tapped:
    """Hold what came of an attempt."""

    attempt: Attempt
    tap: Tap
