"""Where the registers keep what they know: filled from the personas, asked by number and name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from mock_cards.personas import LandParcel, Persona
from mock_registers.messages import Citizen, HolderRecord, HoldingsRecord, ParcelRecord, PersonRecord
from mock_registers.tables import Base, CheckpointRow, HolderRow, ParcelRow, PersonRow

__all__ = ["IN_MEMORY", "Storage", "fold_name"]

IN_MEMORY = "sqlite://"

_PERSON_FIELDS = tuple(PersonRecord.model_fields)
_PARCEL_FIELDS = tuple(name for name in ParcelRecord.model_fields if name not in ("holders", "boundary"))
_HOLDER_FIELDS = tuple(HolderRecord.model_fields)


class Storage:
    """Hold both registers in one database; ``database_url`` is SQLAlchemy's (SQLite in memory by default)."""

    def __init__(self, database_url: str = IN_MEMORY) -> None:
        self._engine = _engine(database_url)
        Base.metadata.create_all(self._engine)

    @property
    def engine(self) -> Engine:
        """Return the database, for what else the registers keep in it."""
        return self._engine

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def fill(self, personas: Iterable[Persona]) -> None:
        """Write the personas and their parcels; what is there already under the same key is replaced."""
        with Session(self._engine) as session, session.begin():
            for persona in personas:
                if persona.population.present:
                    session.merge(_person_row(persona))
                for parcel in persona.parcels:
                    session.merge(_parcel_row(parcel))

    def find_person(self, citizen: Citizen) -> PersonRecord | None:
        """Return the record under the number if its name or its date of birth agrees too.

        A number alone opens nothing; a single disagreement still finds the record, so that the desk can show it.
        """
        with Session(self._engine) as session:
            row = session.get(PersonRow, citizen.personal_number)
            if row is None:
                return None
            if row.name_key != fold_name(citizen.full_name) and not _same_date(
                row.date_of_birth, citizen.date_of_birth
            ):
                return None
            return _person_record(row)

    def find_holdings(self, citizen: Citizen) -> HoldingsRecord:
        """Return the parcels that a holder of this name holds under the new number or an old one.

        The old number comes from the request and from the population register, as the two databases are matched.
        """
        with Session(self._engine) as session:
            known = session.get(PersonRow, citizen.personal_number)
            old_numbers = {citizen.old_number, known.old_number if known is not None else ""} - {""}
            keys = (
                select(HolderRow.parcel_key)
                .where(HolderRow.number.in_({citizen.personal_number, *old_numbers}))
                .where(HolderRow.name_key == fold_name(citizen.full_name))
            )
            rows = session.scalars(select(ParcelRow).where(ParcelRow.key.in_(keys)).order_by(ParcelRow.key))
            return HoldingsRecord(
                personal_number=citizen.personal_number,
                old_numbers=tuple(sorted(old_numbers)),
                parcels=tuple(_parcel_record(row) for row in rows),
            )

    def last_checkpoint(self, register: str, device_key: str) -> str:
        """Return the note of the last checkpoint that ``register`` countersigned for a device, empty without one."""
        with Session(self._engine) as session:
            row = session.get(CheckpointRow, (register, device_key))
            return row.note if row is not None else ""

    def remember_checkpoint(self, register: str, device_key: str, note: str) -> None:
        """Keep ``note`` in place of the one before."""
        with Session(self._engine) as session, session.begin():
            session.merge(CheckpointRow(register=register, device_key=device_key, note=note))

    def someone_else(self, citizen: Citizen) -> Citizen:
        """Return another citizen than ``citizen``: what a register that mixes people up would answer about."""
        with Session(self._engine) as session:
            query = select(PersonRow).where(PersonRow.personal_number != citizen.personal_number)
            row = session.scalars(query.order_by(PersonRow.personal_number).limit(1)).one()
            return Citizen(
                personal_number=row.personal_number, full_name=row.full_name, date_of_birth=row.date_of_birth
            )


def fold_name(name: str) -> str:
    """Return ``name`` as an index key: its base letters only.

    Case, diacritics, apostrophes and spaces differ between registers for one and the same name (H'Mŭt, H MUT); đ is
    d, ŏ is o, č is c.
    """
    decomposed = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return "".join(letter for letter in decomposed if letter.isalnum())


def _engine(database_url: str) -> Engine:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        # One connection for all: each new one would open an empty database of its own. The registers ask it from
        # their one loop thread; only filling and closing happen elsewhere, before and after.
        return create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    return create_engine(url)


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


def _person_record(row: PersonRow) -> PersonRecord:
    return PersonRecord(**{name: getattr(row, name) for name in _PERSON_FIELDS})


def _parcel_record(row: ParcelRow) -> ParcelRecord:
    return ParcelRecord(
        **{name: getattr(row, name) for name in _PARCEL_FIELDS},
        boundary=tuple((northing, easting) for northing, easting in row.boundary),
        holders=tuple(
            HolderRecord(**{name: getattr(holder, name) for name in _HOLDER_FIELDS}) for holder in row.holders
        ),
    )
