"""Which rows a household is: one series a table, in the order in which foreign keys allow them to be written.

Whoever has another table that a household fills writes a function like these in a file of its own and adds a ``Series``
to ``SERIES``. What must be drawn for it is drawn from a ``random.Random`` seeded by the first member's number, so that
people and parcels stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Table

from mock_registers.filling.household import Household
from mock_registers.folding import fold_name
from mock_registers.tables import Base, HolderRow, ParcelRow, PersonRow

__all__ = ["SERIES", "Row", "Series"]

Row = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Hold a table, by its class, and how a household becomes rows of it, with every column in the order declared."""

    row: type[Base]
    rows: Callable[[Household], Iterator[Row]]

    @property
    def table(self) -> Table:
        """Return the table; raise TypeError for a row that has none of its own."""
        table = self.row.__table__
        if not isinstance(table, Table):
            raise TypeError(f"{self.row.__name__} is no table of its own")
        return table


def _persons(household: Household) -> Iterator[Row]:
    for person in household.members:
        yield (
            person.personal_number,
            person.old_number,
            fold_name(person.full_name),
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


def _parcels(household: Household) -> Iterator[Row]:
    for parcel in household.parcels:
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


def _holders(household: Household) -> Iterator[Row]:
    for parcel in household.parcels:
        for position, holder in enumerate(parcel.holders):
            yield (
                parcel.key,
                position,
                holder.number,
                fold_name(holder.full_name),
                holder.full_name,
                holder.date_of_birth,
                holder.address,
            )


SERIES: tuple[Series, ...] = (
    Series(PersonRow, _persons),
    Series(ParcelRow, _parcels),
    Series(HolderRow, _holders),
)
