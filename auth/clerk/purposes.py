"""For which purposes a clerk signs in, and which of them want a newer and stronger sign-in (RFC 9470)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auth.purposes import PURPOSES
from auth.wire.oauth import ACR_PASSWORD, ACR_TWO_FACTOR, DETAIL_TYPE, SENSITIVE_SECONDS, audience, authorization_detail

__all__ = ["SENSITIVE", "Granted", "Wish", "details_of", "granted_purposes", "is_fresh_enough"]

# A statement of everything the population register holds leaves the office on paper: who hands it out says so anew.
SENSITIVE = frozenset({"citizen-information"})

Granted = Mapping[str, frozenset[str]]
"""The registers that a token may be shown to, by purpose."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Hold what a sign-in is asked for: purposes with their registers, and how the clerk must sign in.

    ``clerk_hint`` fills in the clerk's id on the page; it promises nothing.
    """

    purposes: tuple[tuple[str, tuple[str, ...]], ...]
    acr: str = ACR_PASSWORD
    max_age: int | None = None
    clerk_hint: str = ""
    language: str = "vi"

    @classmethod
    def for_all(cls, language: str = "vi") -> Wish:
        """Return the wish for every purpose that this desk knows."""
        return cls(tuple((purpose.id, purpose.registers) for purpose in PURPOSES), language=language)

    def stepped_up(self, clerk_hint: str) -> Wish:
        """Return the same wish with the sign-in that sensitive purposes want."""
        return Wish(self.purposes, ACR_TWO_FACTOR, SENSITIVE_SECONDS, clerk_hint, self.language)

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


def is_fresh_enough(purpose: str, acr: str, auth_time: int, now: float) -> bool:
    """Tell whether a sign-in of ``auth_time`` is good enough for ``purpose``."""
    return purpose not in SENSITIVE or (acr == ACR_TWO_FACTOR and now - auth_time <= SENSITIVE_SECONDS)
