"""The look-up messages of both registers as pydantic models: strict, nothing extra, every length bounded.

A model's job ends at the border: it becomes a frozen dataclass of ``auth.registers.ports`` or nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
)

from auth.purposes import BasisKind, ConsentHow
from auth.purposes.vocabulary import ALWAYS_TOLD
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
    "AnyRecord",
    "CitizenMessage",
    "ConfirmAnswer",
    "ConsentMessage",
    "GatewayPersonMessage",
    "HoldingsMessage",
    "LookupAnswer",
    "LookupMessage",
    "PersonMessage",
    "RecordMessage",
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


def _not_null(value: object) -> object:
    if value is None:
        raise ValueError("null")
    return value


# For what is absent where nobody asked for it, but never null.
Told = BeforeValidator(_not_null)
WireDate = Annotated[CalendarDate, PlainValidator(_date), PlainSerializer(CalendarDate.isoformat, return_type=str)]
Text = Annotated[str, StringConstraints(max_length=500), AfterValidator(clean_text)]
ShortText = Annotated[str, StringConstraints(max_length=100), AfterValidator(clean_text)]
Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_text), AfterValidator(_not_blank)]
PersonalNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
OldNumber = Annotated[str, StringConstraints(pattern=r"^([0-9]{9}|[0-9]{12})?$")]
HolderNumber = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z./ -]{0,30}$")]
Token = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")]
# An id, never what a clerk is called: it stands in challenges, receipts and the registers' notes.
ClerkId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,100}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Receipt = Annotated[str, StringConstraints(max_length=8_192, pattern=r"^[A-Za-z0-9_.-]*$")]
ReceiptLog = Annotated[str, StringConstraints(max_length=8_192)]
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


class ConsentMessage(_Message):
    """Tell what a citizen agreed to: the text by version and hash, its language, how they came to know it, and when."""

    kind: BasisKind
    version: Token
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    language: Annotated[str, StringConstraints(pattern=r"^(vi|en)$")]
    how: ConsentHow
    at: AwareDatetime


class LookupMessage(_Message):
    """Ask: who, by whom, for what, on what basis; for which fields, or for a yes or no to which questions."""

    device: Token
    lookup_id: Token
    purpose: Token
    legal_basis: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    clerk: ClerkId
    citizen: CitizenMessage
    fields: Annotated[tuple[FieldName, ...], Field(max_length=40)] = ()
    questions: Annotated[tuple[Token, ...], Field(max_length=20)] = ()
    certificate: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z ./-]{0,30}$")] = ""
    dossier: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._/-]{0,64}$")] = ""
    consent: ConsentMessage | None = None


class RecordMessage(_Message):
    """Stand under what registers tell: a field that nobody asked for is let in only to be counted and dropped."""

    model_config = ConfigDict(extra="allow")

    def lacks(self, asked: Iterable[str]) -> bool:
        """Tell whether an asked field was not told, not even that there is none."""
        return bool(set(asked) - self.model_fields_set)

    def goes_beyond(self, asked: Iterable[str], always: Iterable[str]) -> bool:
        """Tell whether a field was told that nobody asked for, known or unknown."""
        return bool(self.model_fields_set - {*asked, *always})

    def with_only(self, names: Iterable[str], **instead: Any) -> Self:
        """Return it with those of ``names`` that were told and nothing else; ``instead`` stands in place of its own."""
        told = {name: getattr(self, name) for name in names if name in self.model_fields_set}
        # What is here was validated when it came; nothing is validated anew.
        return self.model_construct(set(told) | set(instead), **told | instead)


class AnyRecord(RecordMessage):
    """Tell whatever a register tells; whose record it is stands in it where it names anybody."""

    personal_number: ShortText = ""


class _PersonFields(RecordMessage):
    personal_number: PersonalNumber
    full_name: Annotated[Name | None, Told] = None
    date_of_birth: Annotated[WireDate | None, Told] = None
    sex: Annotated[Sex | None, Told] = None
    nationality: ShortText = ""
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

    def told(self, asked: Iterable[str], card_status: CardStatus | None) -> PopulationRecord:
        """Return as the value that crosses floors what was asked for, and nothing else."""
        fields = {name: getattr(self, name) for name in asked}
        plain = {"full_name": "", "date_of_birth": None, "sex": None, "nationality": ""}
        return PopulationRecord(
            **{**plain, **fields},
            personal_number=self.personal_number,
            card_status=card_status,
            asked=tuple(fields),
        )


class PersonMessage(_PersonFields):
    """Tell what the population register has of a citizen, the card's status always among it."""

    card_status: CardStatus

    def answers(self, asked: tuple[str, ...]) -> bool:
        """Tell whether each asked field was told, be it as empty."""
        return not self.lacks(asked)

    def exceeds(self, asked: tuple[str, ...]) -> bool:
        """Tell whether more was told than was asked for."""
        return self.goes_beyond(asked, ALWAYS_TOLD["population"])

    def only(self, asked: tuple[str, ...]) -> Self:
        """Return it as it may be kept, without what was not asked for."""
        return self.with_only((*asked, *ALWAYS_TOLD["population"]))

    def record(self, asked: tuple[str, ...]) -> PopulationRecord:
        """Return it as the value that crosses floors, without what was not asked for."""
        return self.told(asked, self.card_status)


class GatewayPersonMessage(_PersonFields):
    """Tell what a gateway passes on of a citizen: always all it has, and it has no place for some fields at all."""

    model_config = ConfigDict(extra="forbid")

    full_name: Name
    date_of_birth: WireDate
    sex: Sex

    def exceeds(self, asked: tuple[str, ...]) -> bool:
        """Tell whether something was told that was not asked for; a gateway cannot be asked for less."""
        others = self.model_fields_set - {"personal_number", *asked}
        return any(getattr(self, name) not in ("", None) for name in others)

    def record(self, asked: tuple[str, ...]) -> PopulationRecord:
        """Return it as the value that crosses floors; what the gateway has no place for counts as not asked."""
        return self.told([name for name in asked if name in self.model_fields_set], None)


class HolderMessage(_Message):
    """Tell one holder of a parcel."""

    full_name: Name
    number: HolderNumber
    date_of_birth: WireDate | None = None
    address: Text = ""

    def holder(self) -> Holder:
        """Return it as the value that crosses floors."""
        return Holder(self.full_name, self.number, self.date_of_birth, self.address)


class ParcelMessage(RecordMessage):
    """Tell one parcel; its certificate, the quality of its data and the citizen's entry always among it."""

    certificate_serial: ShortText
    quality: DataQuality
    holders: Annotated[tuple[HolderMessage, ...], Field(min_length=1, max_length=MAX_HOLDERS)]
    map_sheet: ShortText = ""
    parcel_number: ShortText = ""
    commune: Text = ""
    commune_before: Text = ""
    address: Text = ""
    area_m2: Annotated[Area | None, Told] = None
    land_type: ShortText = ""
    land_type_name: ShortText = ""
    term: ShortText = ""
    form_of_use: ShortText = ""
    origin: Text = ""
    boundary: Annotated[tuple[tuple[Metres, Metres], ...], Field(max_length=MAX_CORNERS)] = ()
    issued: WireDate | None = None

    def exceeds(self, asked: tuple[str, ...], own: frozenset[str]) -> bool:
        """Tell whether more was told than was asked for: a field, or holders beside the citizen's ``own`` entries."""
        others = "holders" not in asked and any(holder.number not in own for holder in self.holders)
        return others or self.goes_beyond(asked, (*ALWAYS_TOLD["land"], "holders"))

    def only(self, asked: tuple[str, ...], own: frozenset[str]) -> Self:
        """Return it as it may be kept, without what was not asked for."""
        everyone = "holders" in asked
        holders = tuple(holder for holder in self.holders if everyone or holder.number in own)
        return self.with_only((*asked, *ALWAYS_TOLD["land"]), holders=holders)

    def parcel(self, asked: tuple[str, ...], own: frozenset[str]) -> Parcel:
        """Return it as the value that crosses floors, without what was not asked for."""
        kept = self.only(asked, own)
        return Parcel(
            **{name: getattr(kept, name) for name in _PARCEL_PLAIN},
            area_m2=Decimal(kept.area_m2) if kept.area_m2 is not None else None,
            holders=tuple(holder.holder() for holder in kept.holders),
        )


_PARCEL_PLAIN = (
    "certificate_serial",
    "quality",
    "map_sheet",
    "parcel_number",
    "commune",
    "commune_before",
    "address",
    "land_type",
    "land_type_name",
    "term",
    "form_of_use",
    "origin",
    "boundary",
    "issued",
)


class HoldingsMessage(_Message):
    """Tell the parcels of a citizen that were found, and under which numbers the register looked."""

    personal_number: PersonalNumber
    old_numbers: Annotated[tuple[OldNumber, ...], Field(max_length=10)] = ()
    parcels: Annotated[tuple[ParcelMessage, ...], Field(max_length=MAX_PARCELS)]

    def held(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Give of each parcel the serial of its certificate and its holders' numbers."""
        for parcel in self.parcels:
            yield parcel.certificate_serial, tuple(holder.number for holder in parcel.holders)

    def answers(self, asked: tuple[str, ...]) -> bool:
        """Tell whether each asked field of each parcel was told, be it as empty."""
        return not any(parcel.lacks(asked) for parcel in self.parcels)

    def exceeds(self, asked: tuple[str, ...], own: frozenset[str]) -> bool:
        """Tell whether more was told than was asked for."""
        return any(parcel.exceeds(asked, own) for parcel in self.parcels)

    def only(self, asked: tuple[str, ...], own: frozenset[str]) -> Self:
        """Return it as it may be kept, without what was not asked for."""
        return self.model_copy(update={"parcels": tuple(parcel.only(asked, own) for parcel in self.parcels)})

    def holdings(self, asked: tuple[str, ...], own: frozenset[str]) -> LandHoldings:
        """Return it as the value that crosses floors, without what was not asked for."""
        return LandHoldings(tuple(parcel.parcel(asked, own) for parcel in self.parcels), asked)


class ConfirmAnswer(_Message):
    """Answer questions with yes or no, naming the act it answers; the receipt is as that of a look-up."""

    lookup_id: Token
    purpose: Token
    legal_basis: Annotated[str, StringConstraints(max_length=300)]
    answers: Annotated[dict[Token, bool], Field(max_length=20)]
    receipt: Receipt = ""
    receipt_log: ReceiptLog = ""


RecordT = TypeVar("RecordT", bound=BaseModel)


class LookupAnswer(_Message, Generic[RecordT]):
    """Answer one look-up, naming the act it answers; ``record`` is null where the register knows nobody like this.

    ``receipt`` is the register's word on the proof of presence, where one came with the question, ``receipt_log`` the
    proof that it is in the verifier's log, as evidence holds it.
    """

    lookup_id: Token
    purpose: Token
    legal_basis: Annotated[str, StringConstraints(max_length=300)]
    record: RecordT | None
    receipt: Receipt = ""
    receipt_log: ReceiptLog = ""
