"""The answers of the housing register as pydantic models: strict, nothing extra, every length bounded."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from auth.purposes.vocabulary import ALWAYS_TOLD
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
    RecordMessage,
    ShortText,
    Text,
    Told,
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


class DwellingMessage(RecordMessage):
    """Tell one dwelling; its certificate, the quality of its data and the citizen's entry always among it."""

    certificate_serial: ShortText
    quality: DataQuality
    owners: Annotated[tuple[HolderMessage, ...], Field(min_length=1, max_length=MAX_HOLDERS)]
    kind: Annotated[DwellingKind | None, Told] = None
    scheme: Annotated[HousingScheme | None, Told] = None
    project: Text = ""
    block: ShortText = ""
    floor: Annotated[int, Field(ge=MIN_FLOOR, le=MAX_FLOORS)] = 0
    floors: Annotated[int, Field(ge=0, le=MAX_FLOORS)] = 0
    number: ShortText = ""
    address: Text = ""
    commune: Text = ""
    commune_before: Text = ""
    floor_area_m2: Annotated[Area | None, Told] = None
    ownership_form: Annotated[OwnershipForm | None, Told] = None
    ownership_term: WireDate | None = None
    encumbrances: Annotated[tuple[EncumbranceMessage, ...], Field(max_length=MAX_ENTRIES)] = ()
    transactions: Annotated[tuple[TransactionMessage, ...], Field(max_length=MAX_ENTRIES)] = ()
    issued: WireDate | None = None

    def exceeds(self, asked: tuple[str, ...], own: frozenset[str]) -> bool:
        """Tell whether more was told than was asked for: a field, or owners beside the citizen's ``own`` entries."""
        others = "owners" not in asked and any(owner.number not in own for owner in self.owners)
        return others or self.goes_beyond(asked, (*ALWAYS_TOLD["housing"], "owners"))

    def only(self, asked: tuple[str, ...], own: frozenset[str]) -> Self:
        """Return it as it may be kept, without what was not asked for."""
        everyone = "owners" in asked
        owners = tuple(owner for owner in self.owners if everyone or owner.number in own)
        return self.with_only((*asked, *ALWAYS_TOLD["housing"]), owners=owners)

    def dwelling(self, asked: tuple[str, ...], own: frozenset[str]) -> Dwelling:
        """Return it as the value that crosses floors, without what was not asked for."""
        kept = self.only(asked, own)
        return Dwelling(
            **{name: getattr(kept, name) for name in _PLAIN},
            floor_area_m2=Decimal(kept.floor_area_m2) if kept.floor_area_m2 is not None else None,
            owners=tuple(owner.holder() for owner in kept.owners),
            encumbrances=tuple(entry.encumbrance() for entry in kept.encumbrances),
            transactions=tuple(entry.transaction() for entry in kept.transactions),
        )


# What stands in a dwelling as it stands in the message.
_PLAIN = (
    "certificate_serial",
    "quality",
    "kind",
    "scheme",
    "project",
    "block",
    "floor",
    "floors",
    "number",
    "address",
    "commune",
    "commune_before",
    "ownership_form",
    "ownership_term",
    "issued",
)


class DwellingsMessage(_Message):
    """Tell the dwellings of a citizen that were found, and under which numbers the register looked."""

    personal_number: PersonalNumber
    old_numbers: Annotated[tuple[OldNumber, ...], Field(max_length=10)] = ()
    dwellings: Annotated[tuple[DwellingMessage, ...], Field(max_length=MAX_DWELLINGS)]

    def held(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Give of each dwelling the serial of its certificate and its owners' numbers."""
        for dwelling in self.dwellings:
            yield dwelling.certificate_serial, tuple(owner.number for owner in dwelling.owners)

    def answers(self, asked: tuple[str, ...]) -> bool:
        """Tell whether each asked field of each dwelling was told, be it as empty."""
        return not any(dwelling.lacks(asked) for dwelling in self.dwellings)

    def exceeds(self, asked: tuple[str, ...], own: frozenset[str]) -> bool:
        """Tell whether more was told than was asked for."""
        return any(dwelling.exceeds(asked, own) for dwelling in self.dwellings)

    def only(self, asked: tuple[str, ...], own: frozenset[str]) -> Self:
        """Return it as it may be kept, without what was not asked for."""
        return self.model_copy(update={"dwellings": tuple(dwelling.only(asked, own) for dwelling in self.dwellings)})

    def holdings(self, asked: tuple[str, ...], own: frozenset[str]) -> DwellingHoldings:
        """Return it as the value that crosses floors, without what was not asked for."""
        return DwellingHoldings(tuple(dwelling.dwelling(asked, own) for dwelling in self.dwellings), asked)
