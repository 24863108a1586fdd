"""A whole population by its order: any household and any citizen of it can be had at once, without those before."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace
from functools import cache

from mock_cards.personas import load_all
from mock_registers.filling.household import HOUSEHOLD, Household, InventedPerson, draw_members
from mock_registers.filling.parcels import InventedParcel, draw_parcel
from mock_registers.filling.places import Commune
from mock_registers.filling.rates import RATES

__all__ = ["MOST_PARCELS", "MOST_PERSONS", "FillOrder", "Invention"]

MOST_PERSONS = 1_000_000
"""As many as a number's last six digits tell apart: no two invented people share them."""
MOST_PARCELS = 2_000_000
"""As many as have a place of their own on the map."""
# Prime to ten, so that counting by them meets each six digits once in a million.
_NUMBER_STEP, _OLD_STEP = 617_737, 363_637


@dataclass(frozen=True, slots=True)
class FillOrder:
    """Hold how many people and parcels, and the seed; raise ValueError for what cannot be."""

    persons: int
    parcels: int
    seed: str = "motcua"

    def __post_init__(self) -> None:
        if not 1 <= self.persons <= MOST_PERSONS:
            raise ValueError(f"from 1 to {MOST_PERSONS:,} persons")
        if not 0 <= self.parcels <= MOST_PARCELS:
            raise ValueError(f"from 0 to {MOST_PARCELS:,} parcels")
        if not 1 <= len(self.seed) <= 100:
            raise ValueError("a seed of 1 to 100 characters")

    @property
    def households(self) -> int:
        """Return how many households that makes; the last may be smaller."""
        return -(-self.persons // HOUSEHOLD)


class Invention:
    """Invent the households of one order, each the same every time."""

    def __init__(self, order: FillOrder) -> None:
        """Take the order."""
        self.order = order
        digest = hashlib.sha256(order.seed.encode()).digest()
        self._first_number = int.from_bytes(digest[:4]) % 1_000_000
        self._first_old = int.from_bytes(digest[4:8]) % 1_000_000

    def household(self, number: int) -> Household:
        """Return a household, from 0; raise IndexError beyond the last."""
        order = self.order
        if not 0 <= number < order.households:
            raise IndexError(number)
        source = random.Random(f"{order.seed}/{number}")
        drawn, commune, now, before = draw_members(source)
        first = number * HOUSEHOLD
        members = tuple(
            self._numbered(first + place, person) for place, person in enumerate(drawn[: order.persons - first])
        )
        parcels = range(number * order.parcels // order.households, (number + 1) * order.parcels // order.households)
        return Household(
            number,
            members,
            tuple(self._parcel(source, parcel, members, (commune, (now, before))) for parcel in parcels),
            commune,
            now,
        )

    def person(self, number: int) -> InventedPerson:
        """Return a citizen, from 0; raise IndexError beyond the last."""
        household, place = divmod(number, HOUSEHOLD)
        return self.household(household).members[place]

    @staticmethod
    def _parcel(
        source: random.Random,
        number: int,
        members: tuple[InventedPerson, ...],
        where: tuple[Commune, tuple[str, str]],
    ) -> InventedParcel:
        grown = [member for member in members if member.is_grown]
        owner = grown[int(source.random() * len(grown))] if grown else members[0]
        holders = [owner]
        if owner.spouse and source.random() < RATES.joint:
            holders += [other for other in grown if other.full_name == owner.spouse][:1]
        return draw_parcel(source, number, holders, *where)

    def _numbered(self, number: int, person: InventedPerson) -> InventedPerson:
        """Give the numbers, PPP G YY NNNNNN and 099NNNNNN; whoever's is taken by a persona is a year younger."""
        own = (self._first_number + number * _NUMBER_STEP) % 1_000_000
        taken = _taken()
        while (text := _personal_number(person, own)) in taken:
            person = replace(person, born=person.born.replace(year=person.born.year + 1, day=min(person.born.day, 28)))
        old = f"099{(self._first_old + number * _OLD_STEP) % 1_000_000:06d}"
        has_old = person.has_old_number and old not in taken
        return replace(person, personal_number=text, old_number=old if has_old else "")


def _personal_number(person: InventedPerson, own: int) -> str:
    century, year = divmod(person.born.year - 1900, 100)
    return f"099{2 * century + (person.sex == 'F')}{year:02d}{own:06d}"


@cache
def _taken() -> frozenset[str]:
    """Return every number that a persona has, or holds land by."""
    numbers = set()
    for persona in load_all():
        numbers |= {persona.card.personal_number, persona.card.old_number, persona.population.old_number or ""}
        numbers |= {holder.number for parcel in persona.parcels for holder in parcel.holders}
    return frozenset(numbers)
