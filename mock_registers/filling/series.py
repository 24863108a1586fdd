"""Which rows a household is: one series a table, in the order in which foreign keys allow them to be written.

Whoever has another table that a household fills writes a function like these and adds a ``Series`` to ``SERIES``, and
counts ``EDITION`` up: a database that was filled in part must not be gone on with otherwise. What must be drawn for it
is drawn from a source of its own, so that people and parcels stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Table

from mock_registers.filling.dwellings import InventedDwelling, draw_dwellings
from mock_registers.filling.household import Household
from mock_registers.filling.parcels import InventedHolder
from mock_registers.folding import fold_name
from mock_registers.housing_tables import DwellingRow, OwnerRow
from mock_registers.tables import Base, HolderRow, ParcelRow, PersonRow

__all__ = ["EDITION", "SERIES", "Drawn", "Row", "Series"]

EDITION = 2
"""Which tables a household fills: the first edition had no dwellings."""

Row = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Hold one household with what several tables tell of it: its dwellings and its folded names, worked out once."""

    household: Household
    dwellings: tuple[InventedDwelling, ...]
    folded: Mapping[str, str]

    @classmethod
    def of(cls, household: Household) -> Drawn:
        """Draw the dwellings, and fold the name of everybody who is a member or holds something."""
        dwellings = tuple(draw_dwellings(household))
        names = {person.full_name for person in household.members}
        names |= {holder.full_name for parcel in household.parcels for holder in parcel.holders}
        names |= {owner.full_name for dwelling in dwellings for owner in dwelling.owners}
        return cls(household, dwellings, {name: fold_name(name) for name in names})


@dataclass(frozen=True, slots=True)
class Series:
    """Hold a table, by its class, and how a household becomes rows of it, with every column in the order declared."""

    row: type[Base]
    rows: Callable[[Drawn], Iterator[Row]]

    @property
    def table(self) -> Table:
        """Return the table; raise TypeError for a row that has none of its own."""
        table = self.row.__table__
        if not isinstance(table, Table):
            raise TypeError(f"{self.row.__name__} is no table of its own")
        return table


def _persons(drawn: Drawn) -> Iterator[Row]:
    for person in drawn.household.members:
        yield (
            person.personal_number,
            person.old_number,
            drawn.folded[person.full_name],
            person.full_name,
            person.date_of_birth,
            person.sex,
            "Việt Nam",
            person.card_status,
            person.ethnicity,
            person.religion,
            person.place_of_origin,
            person.residence,
            person.residence_before,
            person.father,
            person.mother,
            person.spouse,
            person.issue_date,
            person.expiry,
        )


def _parcels(drawn: Drawn) -> Iterator[Row]:
    for parcel in drawn.household.parcels:
        yield (
            parcel.key,
            parcel.certificate_serial,
            parcel.map_sheet,
            parcel.parcel_number,
            parcel.commune,
            parcel.commune_before,
            parcel.address,
            parcel.area_m2,
            parcel.land_type,
            parcel.land_type_name,
            parcel.term,
            parcel.form_of_use,
            parcel.origin,
            parcel.quality,
            parcel.issued,
            json.dumps(parcel.boundary),
        )


def _holders(drawn: Drawn) -> Iterator[Row]:
    for parcel in drawn.household.parcels:
        yield from _named(drawn, parcel.key, parcel.holders)


def _dwellings(drawn: Drawn) -> Iterator[Row]:
    for dwelling in drawn.dwellings:
        yield (
            dwelling.key,
            dwelling.certificate_serial,
            dwelling.kind,
            dwelling.scheme,
            dwelling.project,
            dwelling.block,
            dwelling.floor,
            dwelling.floors,
            dwelling.number,
            dwelling.address,
            dwelling.commune,
            dwelling.commune_before,
            dwelling.floor_area_m2,
            dwelling.ownership_form,
            dwelling.ownership_term,
            dwelling.issued,
            dwelling.quality,
            json.dumps(dwelling.encumbrances),
            json.dumps(dwelling.transactions),
        )


def _owners(drawn: Drawn) -> Iterator[Row]:
    for dwelling in drawn.dwellings:
        yield from _named(drawn, dwelling.key, dwelling.owners)


def _named(drawn: Drawn, key: str, holders: tuple[InventedHolder, ...]) -> Iterator[Row]:
    for position, holder in enumerate(holders):
        yield (
            key,
            position,
            holder.number,
            drawn.folded[holder.full_name],
            holder.full_name,
            holder.date_of_birth,
            holder.address,
        )


SERIES: tuple[Series, ...] = (
    Series(PersonRow, _persons),
    Series(ParcelRow, _parcels),
    Series(HolderRow, _holders),
    Series(DwellingRow, _dwellings),
    Series(OwnerRow, _owners),
)
