"""The tables of the housing register; every way in is an index."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mock_registers.tables import Base, key_text

__all__ = ["DwellingRow", "OwnerRow"]


class DwellingRow(Base):
    """One dwelling; the key is its certificate and where it lies in the building."""

    __tablename__ = "dwellings"

    key: Mapped[str] = mapped_column(key_text(160), primary_key=True)
    certificate_serial: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    scheme: Mapped[str] = mapped_column(String(20))
    project: Mapped[str] = mapped_column(String(300))
    block: Mapped[str] = mapped_column(String(60))
    floor: Mapped[int]
    floors: Mapped[int]
    number: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(500))
    commune: Mapped[str] = mapped_column(String(300))
    commune_before: Mapped[str] = mapped_column(String(300))
    floor_area_m2: Mapped[str] = mapped_column(String(20))
    ownership_form: Mapped[str] = mapped_column(String(20))
    ownership_term: Mapped[str | None] = mapped_column(String(10))
    issued: Mapped[str | None] = mapped_column(String(10))
    quality: Mapped[str] = mapped_column(String(20))
    encumbrances: Mapped[list[dict[str, str | None]]] = mapped_column(JSON)
    transactions: Mapped[list[dict[str, str | None]]] = mapped_column(JSON)
    owners: Mapped[list[OwnerRow]] = relationship(
        order_by="OwnerRow.position", cascade="all, delete-orphan", lazy="selectin"
    )


class OwnerRow(Base):
    """One owner of a dwelling; found by number, new or old, together with the folded name."""

    __tablename__ = "owners"
    __table_args__ = (Index("ix_owners_number_name", "number", "name_key"),)

    dwelling_key: Mapped[str] = mapped_column(key_text(160), ForeignKey("dwellings.key"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(key_text(30))
    name_key: Mapped[str] = mapped_column(key_text(200))
    full_name: Mapped[str] = mapped_column(String(200))
    date_of_birth: Mapped[str | None] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(500))
