"""The look-up messages of both registers as pydantic models: strict, nothing extra, every length bounded.

A model's job ends at the border: it becomes a frozen dataclass of ``auth.registers.ports`` or nothing at all.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, StringConstraints

from auth.registers.ports import (
    CardStatus,
    DataQuality,
    Holder,
    LandHoldings,
    Parcel,
    PopulationRecord,
)
from auth.registers.text import clean_text
from reader.errors import DataError
from reader.lds.identity import CalendarDate, Sex

__all__ = [
    "CitizenMessage",
    "GatewayPersonMessage",
    "HoldingsMessage",
    "LookupAnswer",
    "LookupMessage",
    "PersonMessage",
]

MAX_PARCELS = 200
MAX_HOLDERS = 50
MAX_CORNERS = 1_000
MAX_METRES = 10_000_000.0


def _date(value: object) -> CalendarDate:
    if not isinstance(value, str) or len(value) > 10:
        raise ValueError("not a date")
    try:
        return CalendarDate.from_iso(value)
    except DataError:
        raise ValueError("not a date") from None


def _not_blank(value: str) -> str:
    if not value:
        raise ValueError("empty")
    return value


WireDate = Annotated[CalendarDate, PlainValidator(_date)]
Text = Annotated[str, StringConstraints(max_length=500), AfterValidator(clean_text)]
ShortText = Annotated[str, StringConstraints(max_length=100), AfterValidator(clean_text)]
Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_text), AfterValidator(_not_blank)]
PersonalNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
OldNumber = Annotated[str, StringConstraints(pattern=r"^([0-9]{9}|[0-9]{12})?$")]
HolderNumber = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z./ -]{0,30}$")]
Token = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")]
Area = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}(\.[0-9]{1,4})?$")]
Metres = Annotated[float, Field(ge=0.0, le=MAX_METRES, allow_inf_nan=False)]


class _Message(BaseModel):
    # hide_input_in_errors: a ValidationError's text would otherwise hold what the register sent.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class CitizenMessage(_Message):
    """Say who is asked about."""

    personal_number: PersonalNumber
    full_name: Name
    date_of_birth: Annotated[str, StringConstraints(max_length=10)]
    old_number: OldNumber = ""


class LookupMessage(_Message):
    """Ask: who, by whom, for what, on what basis."""

    device: Token
    lookup_id: Token
    purpose: Token
    legal_basis: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    clerk: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    certificate: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z ./-]{0,30}$")] = ""
    citizen: CitizenMessage


class _PersonFields(_Message):
    personal_number: PersonalNumber
    full_name: Name
    date_of_birth: WireDate
    sex: Sex
    nationality: ShortText
    ethnicity: ShortText = ""
    religion: ShortText = ""
    place_of_origin: Text = ""
    residence: Text = ""
    residence_before: Text = ""
    father: ShortText = ""
    mother: ShortText = ""
    spouse: ShortText = ""
    old_number: OldNumber = ""
    issue_date: WireDate | None = None
    expiry: WireDate | None = None


class PersonMessage(_PersonFields):
    """Tell what the population register has of a citizen, the card's status always among it."""

    card_status: CardStatus

    def record(self) -> PopulationRecord:
        """Return it as the value that crosses floors."""
        return PopulationRecord(**{name: getattr(self, name) for name in type(self).model_fields})


class GatewayPersonMessage(_PersonFields):
    """Tell what a gateway passes on of a citizen: it has no place for the card's status."""

    def record(self) -> PopulationRecord:
        """Return it as the value that crosses floors."""
        told = {name: getattr(self, name) for name in type(self).model_fields}
        return PopulationRecord(**told, card_status=None)


class HolderMessage(_Message):
    """Tell one holder of a parcel."""

    full_name: Name
    number: HolderNumber
    date_of_birth: WireDate | None = None
    address: Text = ""

    def holder(self) -> Holder:
        """Return it as the value that crosses floors."""
        return Holder(self.full_name, self.number, self.date_of_birth, self.address)


class ParcelMessage(_Message):
    """Tell one parcel."""

    certificate_serial: ShortText
    map_sheet: ShortText
    parcel_number: ShortText
    commune: Text
    commune_before: Text = ""
    address: Text
    area_m2: Area
    land_type: ShortText
    land_type_name: ShortText
    term: ShortText
    form_of_use: ShortText
    origin: Text
    holders: Annotated[tuple[HolderMessage, ...], Field(min_length=1, max_length=MAX_HOLDERS)]
    boundary: Annotated[tuple[tuple[Metres, Metres], ...], Field(max_length=MAX_CORNERS)]
    quality: DataQuality
    issued: WireDate | None = None

    def parcel(self) -> Parcel:
        """Return it as the value that crosses floors."""
        plain = {name: getattr(self, name) for name in type(self).model_fields if name not in ("holders", "area_m2")}
        return Parcel(**plain, area_m2=Decimal(self.area_m2), holders=tuple(holder.holder() for holder in self.holders))


class HoldingsMessage(_Message):
    """Tell all parcels of a citizen, and under which numbers the register looked."""

    personal_number: PersonalNumber
    old_numbers: Annotated[tuple[OldNumber, ...], Field(max_length=10)] = ()
    parcels: Annotated[tuple[ParcelMessage, ...], Field(max_length=MAX_PARCELS)]

    def holdings(self) -> LandHoldings:
        """Return it as the value that crosses floors."""
        return LandHoldings(tuple(parcel.parcel() for parcel in self.parcels))


RecordT = TypeVar("RecordT", bound=BaseModel)


class LookupAnswer(_Message, Generic[RecordT]):
    """Answer one look-up, naming the act it answers; ``record`` is null where the register knows nobody like this."""

    lookup_id: Token
    purpose: Token
    legal_basis: Annotated[str, StringConstraints(max_length=300)]
    record: RecordT | None
