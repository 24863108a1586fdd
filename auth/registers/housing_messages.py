"""The answers of the housing register as pydantic models: strict, nothing extra, every length bounded."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from auth.registers.housing_ports import (
    Dwelling,
    DwellingHoldings,
    DwellingKind,
    Encumbrance,
    EncumbranceKind,
    HousingScheme,
    OwnershipForm,
    Transaction,
    TransactionKind,
)
from auth.registers.messages import (
    MAX_HOLDERS,
    Area,
    HolderMessage,
    OldNumber,
    PersonalNumber,
    ShortText,
    Text,
    WireDate,
)
from auth.registers.ports import DataQuality

__all__ = ["DwellingMessage", "DwellingsMessage"]

MAX_DWELLINGS = 200
MAX_ENTRIES = 100
MAX_FLOORS = 200
# One in a building's basements is below nought.
MIN_FLOOR = -20


class _Message(BaseModel):
    # hide_input_in_errors: a ValidationError's text would otherwise hold what the register sent.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class EncumbranceMessage(_Message):
    """Tell one encumbrance."""

    kind: EncumbranceKind
    holder: Text
    since: WireDate | None = None
    reference: ShortText = ""

    def encumbrance(self) -> Encumbrance:
        """Return it as the value that crosses floors."""
        return Encumbrance(self.kind, self.holder, self.since, self.reference)


class TransactionMessage(_Message):
    """Tell one transaction."""

    kind: TransactionKind
    day: WireDate | None = None
    reference: ShortText = ""

    def transaction(self) -> Transaction:
        """Return it as the value that crosses floors."""
        return Transaction(self.kind, self.day, self.reference)


class DwellingMessage(_Message):
    """Tell one dwelling; encumbrances are always told, be it that there are none."""

    certificate_serial: ShortText
    kind: DwellingKind
    scheme: HousingScheme
    project: Text = ""
    block: ShortText = ""
    floor: Annotated[int, Field(ge=MIN_FLOOR, le=MAX_FLOORS)] = 0
    floors: Annotated[int, Field(ge=0, le=MAX_FLOORS)] = 0
    number: ShortText = ""
    address: Text
    commune: Text
    commune_before: Text = ""
    floor_area_m2: Area
    ownership_form: OwnershipForm
    ownership_term: WireDate | None = None
    owners: Annotated[tuple[HolderMessage, ...], Field(min_length=1, max_length=MAX_HOLDERS)]
    encumbrances: Annotated[tuple[EncumbranceMessage, ...], Field(max_length=MAX_ENTRIES)]
    transactions: Annotated[tuple[TransactionMessage, ...], Field(max_length=MAX_ENTRIES)] = ()
    quality: DataQuality
    issued: WireDate | None = None

    def dwelling(self) -> Dwelling:
        """Return it as the value that crosses floors."""
        lists = ("owners", "encumbrances", "transactions", "floor_area_m2")
        plain = {name: getattr(self, name) for name in type(self).model_fields if name not in lists}
        return Dwelling(
            **plain,
            floor_area_m2=Decimal(self.floor_area_m2),
            owners=tuple(owner.holder() for owner in self.owners),
            encumbrances=tuple(entry.encumbrance() for entry in self.encumbrances),
            transactions=tuple(entry.transaction() for entry in self.transactions),
        )


class DwellingsMessage(_Message):
    """Tell the dwellings of a citizen that were found, and under which numbers the register looked."""

    personal_number: PersonalNumber
    old_numbers: Annotated[tuple[OldNumber, ...], Field(max_length=10)] = ()
    dwellings: Annotated[tuple[DwellingMessage, ...], Field(max_length=MAX_DWELLINGS)]

    def holdings(self) -> DwellingHoldings:
        """Return it as the value that crosses floors."""
        return DwellingHoldings(tuple(dwelling.dwelling() for dwelling in self.dwellings))
