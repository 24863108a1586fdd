"""One household: four people at most, whose dates, numbers and names of parents and spouses fit one another."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mock_cards.personas import REFERENCE_DAY
from mock_registers.filling.names import People, PersonName, draw, draw_people
from mock_registers.filling.parcels import InventedParcel
from mock_registers.filling.places import COMMUNES, HAMLETS, Commune
from mock_registers.filling.rates import RATES

__all__ = ["HOUSEHOLD", "Household", "InventedPerson", "draw_members"]

HOUSEHOLD = 4
_CHILDREN, _GRANDPARENTS = 0.6, 0.85
_NO_CARD_BEFORE, _OLD_NUMBER_FROM, _MARRIED_FROM = 14, 20, 20
# The ages at which a card ends (Law 26/2023/QH15, article 21); two years before, the next one counts.
_CARD_ENDS = (14, 25, 40, 60)
_RELIGIONS = ("Phật giáo", "Công giáo", "Tin lành", "Cao Đài", "Phật giáo Hòa Hảo", "Hồi giáo")


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """Hold one citizen as the population register has them, but for the numbers; dates are ISO 8601."""

    full_name: str
    born: date
    sex: str
    ethnicity: str
    religion: str
    place_of_origin: str
    residence: str
    residence_before: str
    father: str
    mother: str
    spouse: str
    issue_date: str | None
    expiry: str | None
    card_status: str
    date_is_partial: bool
    has_old_number: bool
    personal_number: str = ""
    old_number: str = ""

    @property
    def date_of_birth(self) -> str:
        """Return the date as the register has it: for some the year only."""
        return f"{self.born.year:04d}" if self.date_is_partial else self.born.isoformat()

    @property
    def is_grown(self) -> bool:
        """Tell whether the person may hold land in their own name."""
        return REFERENCE_DAY.year - self.born.year > _MARRIED_FROM


@dataclass(frozen=True, slots=True)
class Household:
    """Hold those who live together, and the parcels that are theirs."""

    number: int
    members: tuple[InventedPerson, ...]
    parcels: tuple[InventedParcel, ...]
    commune: Commune
    address: str
    """As it is written now."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Hold what must be known of all members before any of them is written down."""

    name: PersonName
    sex: str
    born: date
    father: str = ""
    mother: str = ""
    spouse: str = ""


def draw_members(source: random.Random) -> tuple[tuple[InventedPerson, ...], Commune, str, str]:
    """Return four people who live together, their commune, and their address as of now and of before the mergers."""
    people = draw_people(source)
    commune = COMMUNES[int(source.random() * len(COMMUNES))]
    house = f"Số {1 + int(source.random() * 240)}, {draw(source, HAMLETS)}"
    now, before = f"{house}, {commune.now}", f"{house}, {commune.before}"
    renamed = source.random() < RATES.residence_renamed
    residence = (now, before) if renamed else (before, "")
    members = tuple(_person(source, part, people, commune, residence) for part in _parts(source, people))
    return members, commune, now, before


def _parts(source: random.Random, people: People) -> tuple[_Part, ...]:
    kind = source.random()
    year = REFERENCE_DAY.year
    if kind < _CHILDREN:
        couple = _couple(source, people, year - 24 - int(source.random() * 32))
        return (*couple, *_children(source, people, *couple))
    if kind < _GRANDPARENTS:
        elders = _couple(source, people, year - 52 - int(source.random() * 32))
        son = _child(source, people, *elders, sex="M", grown=True)
        wife = _single(source, people, "F", son.born.year + 4 - int(source.random() * 8))
        return (*elders, *_married(son, wife))
    # Somebody whose spouse is not there, with a widowed mother and two children.
    elders = _couple(source, people, year - 52 - int(source.random() * 26))
    here = _child(source, people, *elders, grown=True)
    other = _single(source, people, "F" if here.sex == "M" else "M", here.born.year)
    parents = (here, other) if here.sex == "M" else (other, here)
    return (here, replace(elders[1], spouse=""), *_children(source, people, *parents))


def _couple(source: random.Random, people: People, year: int) -> tuple[_Part, _Part]:
    man = _single(source, people, "M", year)
    woman = _single(source, people, "F", year + 4 - int(source.random() * 8))
    return _married(man, woman)


def _married(man: _Part, woman: _Part) -> tuple[_Part, _Part]:
    return replace(man, spouse=woman.name.full), replace(woman, spouse=man.name.full)


def _single(source: random.Random, people: People, sex: str, year: int) -> _Part:
    """Return somebody whose parents are not in the register."""
    name = people.name(source, sex)
    father = people.name(source, "M", "" if people.by_mother else name.inherited)
    mother = people.name(source, "F", name.inherited if people.by_mother else "")
    return _Part(name, sex, _day(source, year), father.full, mother.full)


def _children(source: random.Random, people: People, father: _Part, mother: _Part) -> tuple[_Part, _Part]:
    first = _child(source, people, father, mother)
    second = _child(source, people, father, mother)
    while second.name == first.name:
        second = _child(source, people, father, mother)
    return first, second


def _child(
    source: random.Random, people: People, father: _Part, mother: _Part, *, sex: str = "", grown: bool = False
) -> _Part:
    younger = max(father.born.year, mother.born.year)
    latest = REFERENCE_DAY.year - (_MARRIED_FROM + 2 if grown else 1)
    year = max(younger + 18, min(latest, younger + 19 + int(source.random() * 14)))
    sex = sex or ("M" if source.random() < 0.51 else "F")
    inherited = (mother if people.by_mother else father).name.inherited
    # Nobody is named as a parent is.
    while (name := people.name(source, sex, inherited)) in (father.name, mother.name):
        pass
    return _Part(name, sex, _day(source, min(year, latest)), father.name.full, mother.name.full)


def _day(source: random.Random, year: int) -> date:
    return date(year, 1, 1) + timedelta(days=int(source.random() * 365))


def _person(
    source: random.Random, part: _Part, people: People, commune: Commune, residence: tuple[str, str]
) -> InventedPerson:
    issued, expiry = _card(source, part.born)
    status = "valid" if issued else "unknown"
    if issued and source.random() < RATES.card_not_valid:
        status = draw(source, ("lost", "cancelled", "replaced"))
    age = REFERENCE_DAY.year - part.born.year
    return InventedPerson(
        full_name=part.name.full,
        born=part.born,
        sex=part.sex,
        ethnicity=people.ethnicity,
        religion="Không"
        if source.random() < 0.85
        else ("Phật giáo", "Công giáo", "Tin lành")[int(source.random() * 3)],
        place_of_origin=commune.before,
        residence=residence[0],
        residence_before=residence[1],
        father=part.father,
        mother=part.mother,
        spouse="" if source.random() < RATES.spouse_silent else part.spouse,
        issue_date=issued,
        expiry=expiry,
        card_status=status,
        date_is_partial=source.random() < RATES.date_partial,
        has_old_number=age >= _OLD_NUMBER_FROM and source.random() < RATES.old_number,
    )


def _card(source: random.Random, born: date) -> tuple[str | None, str | None]:
    """Return when the card was made and when it ends; None for no card, and for no end."""
    drawn = date(2021, 3, 1) + timedelta(days=int(source.random() * 1900))
    if drawn.year - born.year <= _NO_CARD_BEFORE:
        return None, None
    ends = [age for age in _CARD_ENDS if born.year + age > drawn.year + 2]
    if not ends:
        return drawn.isoformat(), None
    # 29 February has no birthday in most years.
    day = min(born.day, 28) if born.month == 2 else born.day
    return drawn.isoformat(), date(born.year + ends[0], born.month, day).isoformat()
