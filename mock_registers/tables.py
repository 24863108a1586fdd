"""The tables of both registers; every way in is an index. ``mock_registers.schema`` says how to add some."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

__all__ = ["Base", "CheckpointRow", "HolderRow", "ParcelRow", "PersonRow", "key_text"]


class Base(DeclarativeBase):
    """Gather the tables."""


def key_text(length: int) -> String:
    """Return the type of a column that is looked for and has no order in any language: bytes are compared."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class PersonRow(Base):
    """One citizen of the population register; dates are ISO 8601 text, since a month or day may be unknown."""

    __tablename__ = "persons"

    personal_number: Mapped[str] = mapped_column(key_text(12), primary_key=True)
    old_number: Mapped[str] = mapped_column(key_text(12), index=True)
    name_key: Mapped[str] = mapped_column(key_text(200))
    full_name: Mapped[str] = mapped_column(String(200))
    date_of_birth: Mapped[str] = mapped_column(String(10))
    sex: Mapped[str] = mapped_column(String(1))
    nationality: Mapped[str] = mapped_column(String(100))
    card_status: Mapped[str] = mapped_column(String(20))
    ethnicity: Mapped[str] = mapped_column(String(100))
    religion: Mapped[str] = mapped_column(String(100))
    place_of_origin: Mapped[str] = mapped_column(String(500))
    residence: Mapped[str] = mapped_column(String(500))
    residence_before: Mapped[str] = mapped_column(String(500))
    father: Mapped[str] = mapped_column(String(200))
    mother: Mapped[str] = mapped_column(String(200))
    spouse: Mapped[str] = mapped_column(String(200))
    issue_date: Mapped[str | None] = mapped_column(String(10))
    expiry: Mapped[str | None] = mapped_column(String(10))


class ParcelRow(Base):
    """One parcel of the land register; the key is what a certificate and a map sheet name it by."""

    __tablename__ = "parcels"

    key: Mapped[str] = mapped_column(key_text(120), primary_key=True)
    certificate_serial: Mapped[str] = mapped_column(String(20))
    map_sheet: Mapped[str] = mapped_column(String(20))
    parcel_number: Mapped[str] = mapped_column(String(20))
    commune: Mapped[str] = mapped_column(String(300))
    commune_before: Mapped[str] = mapped_column(String(300))
    address: Mapped[str] = mapped_column(String(500))
    area_m2: Mapped[str] = mapped_column(String(20))
    land_type: Mapped[str] = mapped_column(String(10))
    land_type_name: Mapped[str] = mapped_column(String(100))
    term: Mapped[str] = mapped_column(String(100))
    form_of_use: Mapped[str] = mapped_column(String(100))
    origin: Mapped[str] = mapped_column(String(300))
    quality: Mapped[str] = mapped_column(String(20))
    issued: Mapped[str | None] = mapped_column(String(10))
    boundary: Mapped[list[list[float]]] = mapped_column(JSON)
    holders: Mapped[list[HolderRow]] = relationship(
        order_by="HolderRow.position", cascade="all, delete-orphan", lazy="selectin"
    )


class HolderRow(Base):
    """One holder of a parcel; found by number, new or old, together with the folded name."""

    __tablename__ = "holders"
    __table_args__ = (Index("ix_holders_number_name", "number", "name_key"),)

    parcel_key: Mapped[str] = mapped_column(key_text(120), ForeignKey("parcels.key"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(key_text(30))
    name_key: Mapped[str] = mapped_column(key_text(200))
    full_name: Mapped[str] = mapped_column(String(200))
    date_of_birth: Mapped[str | None] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(500))


class CheckpointRow(Base):
    """The last checkpoint that a register countersigned for a device, as the note it is."""

    __tablename__ = "checkpoints"

    register: Mapped[str] = mapped_column(String(30), primary_key=True)
    device_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    note: Mapped[str] = mapped_column(String(16_384))
