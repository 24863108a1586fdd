"""What a database remembers of being filled in bulk: which population, and how far it has come."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from mock_registers.tables import Base

__all__ = ["FillRow"]


class FillRow(Base):
    """The one population of a database; ``done`` households are in it, each with all of its rows.

    Which rows these are, ``edition`` says: the first ones had no dwellings.
    """

    __tablename__ = "fills"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seed: Mapped[str] = mapped_column(String(100))
    persons: Mapped[int]
    parcels: Mapped[int]
    households: Mapped[int]
    done: Mapped[int]
    edition: Mapped[int] = mapped_column(server_default="1")
