"""For which purposes a clerk signs in, and which of them want a newer and stronger sign-in (RFC 9470)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from auth.purposes import PurposeRegistry, StepUp, shipped_registry
from auth.wire.oauth import ACR_PASSWORD, ACR_TWO_FACTOR, DETAIL_TYPE, audience, authorization_detail, reaches

__all__ = ["Granted", "Wish", "details_of", "granted_purposes"]

# Nobody wants this of a sign-in that happened a moment ago, so it is what a sign-in anew is asked for.
_JUST_NOW_S = 60

Granted = Mapping[str, frozenset[str]]
"""The registers that a token may be shown to, by purpose."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Hold what a sign-in is asked for: purposes with their registers, and how the clerk must sign in.

    ``step_ups`` is what each sensitive purpose wants; ``clerk_hint`` fills in the clerk's id on the page and promises
    nothing.
    """

    purposes: tuple[tuple[str, tuple[str, ...]], ...]
    step_ups: Mapping[str, StepUp] = field(default_factory=dict)
    acr: str = ACR_PASSWORD
    max_age: int | None = None
    clerk_hint: str = ""
    language: str = "vi"

    @classmethod
    def for_all(cls, registry: PurposeRegistry | None = None, language: str = "vi") -> Wish:
        """Return the wish for every purpose of ``registry``, of the shipped one where it is left out."""
        known = (registry or shipped_registry()).purposes
        step_ups = {purpose.id: purpose.step_up for purpose in known if purpose.step_up is not None}
        return cls(tuple((purpose.id, purpose.registers) for purpose in known), step_ups, language=language)

    def stepped_up(self, clerk_hint: str) -> Wish:
        """Return the same wish with the sign-in that sensitive purposes want."""
        return replace(self, acr=ACR_TWO_FACTOR, max_age=_JUST_NOW_S, clerk_hint=clerk_hint)

    def is_good_enough(self, purpose: str, acr: str, age_s: float) -> bool:
        """Tell whether a sign-in of class ``acr``, ``age_s`` ago, is what ``purpose`` wants (RFC 9470)."""
        wanted = self.step_ups.get(purpose)
        return wanted is None or (age_s <= wanted.max_age_s and reaches(acr, wanted.acr))

    def details(self) -> list[dict[str, object]]:
        """Return the authorization details (RFC 9396)."""
        return [authorization_detail(purpose, registers) for purpose, registers in self.purposes]


def details_of(purpose: str, registers: Iterable[str]) -> str:
    """Return the one detail to which a token request is narrowed, as JSON."""
    return json.dumps([authorization_detail(purpose, registers)])


def granted_purposes(details: object, wish: Wish) -> dict[str, frozenset[str]]:
    """Return what was granted, as far as it was wished for: a server that grants more is not taken at its word."""
    granted: dict[str, frozenset[str]] = {}
    wished = {purpose: frozenset(map(audience, registers)) for purpose, registers in wish.purposes}
    names = {audience(name): name for _, registers in wish.purposes for name in registers}
    for detail in details if isinstance(details, list) else []:
        if not isinstance(detail, dict) or detail.get("type") != DETAIL_TYPE:
            continue
        purpose, places = detail.get("purpose"), detail.get("locations")
        if isinstance(purpose, str) and purpose in wished and isinstance(places, list):
            known = [place for place in places if isinstance(place, str) and place in wished[purpose]]
            granted[purpose] = frozenset(names[place] for place in known)
    return granted
