"""One invented person as data: what the card holds, what registers hold of them, which parcels and dwellings."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "REFERENCE_DAY",
    "CardData",
    "DwellingEncumbrance",
    "DwellingTransaction",
    "Expects",
    "HousingDwelling",
    "LandHolder",
    "LandParcel",
    "Persona",
    "PopulationData",
]

REFERENCE_DAY = date(2026, 6, 1)
"""The day on which ``expects`` holds: cards end, whatever is written about them, and tests stop the clock here."""

IsoDate = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
FullDate = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
# The number of nine digits that cards had before, or one of twelve that was cancelled.
EarlierNumber = Annotated[str, Field(pattern=r"^(099(\d{6}|\d{9}))?$")]
PersonalNumber = Annotated[str, Field(pattern=r"^099\d{9}$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class CardData(_Model):
    """What the chip holds. Dates are ISO 8601; an empty ``expiry`` means "Không thời hạn"."""

    personal_number: PersonalNumber
    full_name: str
    date_of_birth: FullDate
    sex: Annotated[str, Field(pattern="^[MF]$")]
    nationality: str = "Việt Nam"
    nationality_code: Annotated[str, Field(pattern="^[A-Z]{1,3}$")] = "VNM"
    ethnicity: str = "Kinh"
    religion: str = "Không"
    place_of_origin: str = ""
    residence: str = ""
    distinguishing_marks: str = ""
    issue_date: FullDate
    expiry: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    father: str = ""
    mother: str = ""
    spouse: str = ""
    old_number: EarlierNumber = ""
    generation: Annotated[int, Field(ge=2021, le=2024)] = 2021
    portrait: Annotated[str, Field(pattern="^(jpeg|jpeg2000|none)$")] = "jpeg"


class PopulationData(_Model):
    """What the population register holds otherwise than the card: None means "as on the card".

    ``present`` False means that the register has no such person.
    """

    present: bool = True
    full_name: str | None = None
    date_of_birth: IsoDate | None = None
    sex: str | None = None
    nationality: str | None = None
    ethnicity: str | None = None
    religion: str | None = None
    place_of_origin: str | None = None
    residence: str | None = None
    residence_before: str = ""
    father: str | None = None
    mother: str | None = None
    spouse: str | None = None
    old_number: EarlierNumber | None = None
    issue_date: FullDate | None = None
    expiry: FullDate | None = None
    card_status: Annotated[str, Field(pattern="^(valid|lost|cancelled|replaced|unknown)$")] = "valid"


class LandHolder(_Model):
    """One holder as the land register or the housing register has it."""

    full_name: str
    number: Annotated[str, Field(pattern=r"^099(\d{6}|\d{9})$")]
    date_of_birth: str = ""
    address: str = ""


class LandParcel(_Model):
    """One parcel; ``boundary`` are VN-2000 (northing, easting) corners in metres, not closed."""

    certificate_serial: Annotated[str, Field(pattern=r"^[A-Z]{2} ?\d{6,8}$")]
    map_sheet: str
    parcel_number: str
    commune: str
    commune_before: str = ""
    address: str
    area_m2: str
    land_type: str
    land_type_name: str
    term: str = "Lâu dài"
    form_of_use: str = "Sử dụng riêng"
    origin: str = ""
    issued: str = ""
    quality: Annotated[str, Field(pattern="^(verified|incomplete|unverified)$")] = "verified"
    holders: tuple[LandHolder, ...]
    boundary: tuple[tuple[float, float], ...]


class DwellingEncumbrance(_Model):
    """One encumbrance of a dwelling: of what kind, for whom, since when, by which entry."""

    kind: Annotated[str, Field(pattern="^(mortgage|seizure|dispute)$")]
    holder: str
    since: str = ""
    reference: str = ""


class DwellingTransaction(_Model):
    """One transaction with a dwelling."""

    kind: Annotated[str, Field(pattern="^(purchase|lease-purchase|gift|inheritance|exchange|contribution)$")]
    day: str = ""
    reference: str = ""


class HousingDwelling(_Model):
    """One dwelling in the housing register; ``floor`` is 0 for all of a house, ``ownership_term`` may be empty."""

    certificate_serial: Annotated[str, Field(pattern=r"^[A-Z]{2} ?\d{6,8}$")]
    kind: Annotated[str, Field(pattern="^(house|row-house|villa|apartment)$")]
    scheme: Annotated[str, Field(pattern="^(own|commercial|social|resettlement|official)$")] = "own"
    project: str = ""
    block: str = ""
    floor: Annotated[int, Field(ge=-20, le=200)] = 0
    floors: Annotated[int, Field(ge=0, le=200)] = 0
    number: str = ""
    address: str
    commune: str
    commune_before: str = ""
    floor_area_m2: Annotated[str, Field(pattern=r"^[0-9]{1,10}(\.[0-9]{1,4})?$")]
    ownership_form: Annotated[str, Field(pattern="^(sole|shared|joint)$")] = "sole"
    ownership_term: str = ""
    issued: str = ""
    quality: Annotated[str, Field(pattern="^(verified|incomplete|unverified)$")] = "verified"
    owners: tuple[LandHolder, ...]
    encumbrances: tuple[DwellingEncumbrance, ...] = ()
    transactions: tuple[DwellingTransaction, ...] = ()


class Expects(_Model):
    """What a visit of this person comes to: the decision, and each cell of the comparison that is not plainly the same.

    ``population``, ``land`` and ``housing`` hold the match by the name of the row ("full-name"), as the JSON of a visit
    has them.
    """

    decision: Annotated[str, Field(pattern="^(proceed|attention|stop)$")] = "proceed"
    population: dict[str, str] = {}
    land: dict[str, str] = {}
    housing: dict[str, str] = {}


class Persona(_Model):
    """One invented person."""

    name: str
    about: str
    card: CardData
    population: PopulationData = PopulationData()
    parcels: tuple[LandParcel, ...] = ()
    dwellings: tuple[HousingDwelling, ...] = ()
    expects: Expects = Expects()
