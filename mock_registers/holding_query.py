"""What a citizen holds, found by number and name: the parcel or dwelling, and everybody who is named with it.

One statement brings both, so that nobody is told half of what is being changed at that moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import aliased

from mock_registers.database import Database
from mock_registers.folding import fold_name
from mock_registers.housing_tables import DwellingRow, OwnerRow
from mock_registers.messages import Citizen, HolderRecord
from mock_registers.tables import HolderRow, ParcelRow, PersonRow

__all__ = ["HoldingQuery", "Named", "old_numbers"]

_PERSON = tuple(HolderRecord.model_fields)
_OLD_NUMBER = select(PersonRow.old_number).where(PersonRow.personal_number == bindparam("number"))

Named = tuple[Row[Any], tuple[HolderRecord, ...]]
"""One parcel or dwelling with the columns of its table, and who is named with it, in their order."""


def old_numbers(database: Database, citizen: Citizen) -> set[str]:
    """Return the old numbers of a citizen: from the request and from the population register, as the two are matched.

    Raise DatabaseTrouble.
    """
    known = database.ask(_OLD_NUMBER, {"number": citizen.personal_number})
    return {citizen.old_number, *(row.old_number for row in known)} - {""}


class HoldingQuery:
    """Find the rows of one table by the people who are named in another."""

    def __init__(self, entry: type[ParcelRow | DwellingRow], person: type[HolderRow | OwnerRow], key: str) -> None:
        """Take both tables, and the column of the second that says which row of the first it belongs to."""
        other = aliased(person)
        theirs = select(getattr(other, key)).where(
            other.number.in_(bindparam("numbers", expanding=True)), other.name_key == bindparam("name")
        )
        people = (getattr(person, name).label(f"person_{name}") for name in _PERSON)
        self._statement = (
            select(*entry.__table__.columns, *people)
            .join_from(entry, person, getattr(person, key) == entry.key)
            .where(entry.key.in_(theirs))
            .order_by(entry.key, person.position)
        )

    def find(self, database: Database, citizen: Citizen, old: set[str]) -> Iterator[Named]:
        """Give what is held by somebody of the citizen's name under their number or an ``old`` one.

        Raise DatabaseTrouble.
        """
        values = {"numbers": sorted({citizen.personal_number, *old}), "name": fold_name(citizen.full_name)}
        for _, rows in groupby(database.ask(self._statement, values), lambda row: row.key):
            named = [*rows]
            yield named[0], tuple(map(_person, named))


def _person(row: Row[Any]) -> HolderRecord:
    said: Sequence[Any] = row[-len(_PERSON) :]
    return HolderRecord(**dict(zip(_PERSON, said, strict=True)))
