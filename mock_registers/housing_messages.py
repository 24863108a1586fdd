"""What the housing register tells, from its own side: written apart from the client's models on purpose."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from mock_registers.messages import HolderRecord

__all__ = ["DwellingRecord", "DwellingsRecord", "EncumbranceRecord", "TransactionRecord"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class EncumbranceRecord(_Record):
    """One encumbrance of a dwelling."""

    kind: str
    holder: str
    since: str | None
    reference: str


class TransactionRecord(_Record):
    """One transaction with a dwelling."""

    kind: str
    day: str | None
    reference: str


class DwellingRecord(_Record):
    """One dwelling; ``floor`` is 0 where all floors are held, ``ownership_term`` null for ownership without a term."""

    certificate_serial: str
    kind: str
    scheme: str
    project: str
    block: str
    floor: int
    floors: int
    number: str
    address: str
    commune: str
    commune_before: str
    floor_area_m2: str
    ownership_form: str
    ownership_term: str | None
    owners: tuple[HolderRecord, ...]
    encumbrances: tuple[EncumbranceRecord, ...]
    transactions: tuple[TransactionRecord, ...]
    quality: str
    issued: str | None


class DwellingsRecord(_Record):
    """The dwellings of one citizen, and the old numbers under which the register looked too."""

    personal_number: str
    old_numbers: tuple[str, ...]
    dwellings: tuple[DwellingRecord, ...]
