"""Where the registers keep what they know: filled from the personas, asked by number and name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine, Row, bindparam, insert, select, update
from sqlalchemy.orm import Session

from mock_cards.personas import LandParcel, Persona
from mock_registers.database import IN_MEMORY, Database, open_database
from mock_registers.folding import fold_name
from mock_registers.holding_query import HoldingQuery, Named, old_numbers
from mock_registers.messages import Citizen, HoldingsRecord, ParcelRecord, PersonRecord
from mock_registers.replacing import put_rows
from mock_registers.tables import CheckpointRow, HolderRow, ParcelRow, PersonRow

__all__ = ["IN_MEMORY", "Storage", "fold_name"]

_PERSON_FIELDS = tuple(PersonRecord.model_fields)
_PARCEL_FIELDS = tuple(name for name in ParcelRecord.model_fields if name not in ("holders", "boundary"))
_PERSON = select(PersonRow.name_key, *(getattr(PersonRow, name) for name in _PERSON_FIELDS)).where(
    PersonRow.personal_number == bindparam("number")
)
_CARD = select(PersonRow.card_status).where(PersonRow.personal_number == bindparam("number"))
_ENDED = frozenset({"lost", "cancelled", "replaced"})
_PARCELS = HoldingQuery(ParcelRow, HolderRow, "parcel_key")
_CHECKPOINT = select(CheckpointRow.note).where(
    CheckpointRow.register == bindparam("of_register"), CheckpointRow.device_key == bindparam("of_device")
)


class Storage:
    """Hold both registers in one database; ``database_url`` is SQLAlchemy's (SQLite in memory by default).

    Tables are made or upgraded first. Raise DatabaseTrouble for a database that does not work, here and everywhere.
    """

    def __init__(self, database_url: str = IN_MEMORY) -> None:
        self._database = open_database(database_url)
        try:
            _make_tables(self._database)
        except BaseException:
            self._database.close()
            raise

    @property
    def database(self) -> Database:
        """Return the database, for whoever keeps tables of their own in it."""
        return self._database

    @property
    def engine(self) -> Engine:
        """Return the engine for what else the registers keep in the database; each transaction may write.

        Use ``database`` where one only reads, or would have errors in the words of ``mock_registers.database_errors``.
        """
        return self._database.writing_engine

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def fill(self, personas: Iterable[Persona]) -> None:
        """Write the personas and their parcels; what is there already under the same key is replaced."""
        # Two servers that start at once would both miss a row, and both write it.
        with self._database.alone() as connection, Session(connection) as session:
            known = tuple(personas)
            people = (_person_row(persona) for persona in known if persona.population.present)
            put_rows(session, PersonRow.personal_number, people)
            put_rows(session, ParcelRow.key, (_parcel_row(parcel) for persona in known for parcel in persona.parcels))

    def find_person(self, citizen: Citizen) -> PersonRecord | None:
        """Return the record under the number if its name or its date of birth agrees too.

        A number alone opens nothing; a single disagreement still finds the record, so that the desk can show it.
        """
        for row in self._database.ask(_PERSON, {"number": citizen.personal_number}):
            if row.name_key == fold_name(citizen.full_name) or _same_date(row.date_of_birth, citizen.date_of_birth):
                return _person_record(row)
        return None

    def card_is_valid(self, _document_number: str, personal_number: str) -> bool:
        """Tell whether nothing speaks against a citizen's card (``auth.presence.CardStanding``).

        It is known by the person: nothing else of a card is in this register. Of whom it knows nothing, nothing does.
        """
        found = self._database.ask(_CARD, {"number": personal_number})
        return not any(row.card_status in _ENDED for row in found)

    def find_holdings(self, citizen: Citizen) -> HoldingsRecord:
        """Return the parcels that a holder of this name holds under the new number or an old one.

        The old number comes from the request and from the population register, as the two databases are matched.
        """
        old = old_numbers(self._database, citizen)
        return HoldingsRecord(
            personal_number=citizen.personal_number,
            old_numbers=tuple(sorted(old)),
            parcels=tuple(map(_parcel_record, _PARCELS.find(self._database, citizen, old))),
        )

    def last_checkpoint(self, register: str, device_key: str) -> str:
        """Return the note of the last checkpoint that ``register`` countersigned for a device, empty without one."""
        found = self._database.ask(_CHECKPOINT, {"of_register": register, "of_device": device_key})
        return "".join(row.note for row in found)

    def replace_checkpoint(self, register: str, device_key: str, last: str, note: str) -> bool:
        """Keep ``note`` in the place of ``last`` ("" for none); return False where that is not the last one any more.

        Two that are offered at once cannot both continue the same one.
        """
        key = {"register": register, "device_key": device_key}
        change = update(CheckpointRow).filter_by(**key, note=last).values(note=note)
        with self._database.alone() as connection:
            if not last and connection.scalar(select(CheckpointRow.note).filter_by(**key)) is None:
                connection.execute(insert(CheckpointRow).values(**key, note=note))
                return True
            return bool(connection.execute(change).rowcount)

    def someone_else(self, citizen: Citizen) -> Citizen:
        """Return another citizen than ``citizen``: what a register that mixes people up would answer about."""
        with self._database.reading() as session:
            query = select(PersonRow).where(PersonRow.personal_number != citizen.personal_number)
            row = session.scalars(query.order_by(PersonRow.personal_number).limit(1)).one()
            return Citizen(
                personal_number=row.personal_number, full_name=row.full_name, date_of_birth=row.date_of_birth
            )


def _make_tables(database: Database) -> None:
    if database.in_memory:
        # Nothing is there to be upgraded, and Alembic takes longer to import than all of this sandbox to start. Not
        # imported above: the schema knows every room with tables, and the rooms know this one.
        from mock_registers.schema import METADATA

        METADATA.create_all(database.engine)
        return
    from mock_registers.migrating import upgrade

    upgrade(database)


def _same_date(one: str, other: str) -> bool:
    """Compare ISO dates as far as both go: 1948 agrees with 1948-05-02."""
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def _person_row(persona: Persona) -> PersonRow:
    """Join the card with what the register holds otherwise; None there means "as on the card"."""
    card, other = persona.card, persona.population
    differing = {name: value for name, value in other.model_dump(exclude={"present"}).items() if value is not None}
    fields = {name: getattr(card, name) for name in _PERSON_FIELDS if name in type(card).model_fields} | differing
    fields["expiry"] = fields["expiry"] or None
    return PersonRow(**fields, name_key=fold_name(fields["full_name"]))


def _parcel_row(parcel: LandParcel) -> ParcelRow:
    key = f"{parcel.certificate_serial}/{parcel.map_sheet}/{parcel.parcel_number}"
    fields = {name: getattr(parcel, name) for name in _PARCEL_FIELDS}
    fields["issued"] = parcel.issued or None
    holders = [
        HolderRow(
            parcel_key=key,
            position=position,
            number=holder.number,
            name_key=fold_name(holder.full_name),
            full_name=holder.full_name,
            date_of_birth=holder.date_of_birth or None,
            address=holder.address,
        )
        for position, holder in enumerate(parcel.holders)
    ]
    return ParcelRow(**fields, key=key, boundary=[list(corner) for corner in parcel.boundary], holders=holders)


def _person_record(row: Row[Any]) -> PersonRecord:
    return PersonRecord(**{name: getattr(row, name) for name in _PERSON_FIELDS})


def _parcel_record(named: Named) -> ParcelRecord:
    row, holders = named
    return ParcelRecord(
        **{name: getattr(row, name) for name in _PARCEL_FIELDS},
        boundary=tuple((northing, easting) for northing, easting in row.boundary),
        holders=holders,
    )
