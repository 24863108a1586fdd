"""The look-up messages from the registers' side.

Written apart from the client's models on purpose: an error in one must not hide in the other.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

__all__ = [
    "CheckpointRequest",
    "Citizen",
    "ConfirmReply",
    "ConsentSaid",
    "HolderRecord",
    "HoldingsRecord",
    "LookupReply",
    "LookupRequest",
    "ParcelRecord",
    "PersonRecord",
    "PollRequest",
    "Working",
]

# Whoever proves a card's presence is named in challenges and receipts, which name people by ids only.
ClerkId = Annotated[str, Field(pattern=r"^[!-~]{1,100}$")]
Identifier = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")]


class _Request(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class Citizen(_Request):
    """Who is asked about."""

    personal_number: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    full_name: Annotated[str, Field(min_length=1, max_length=200)]
    date_of_birth: Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
    old_number: Annotated[str, Field(pattern=r"^([0-9]{9}|[0-9]{12})?$")] = ""


class ConsentSaid(_Request):
    """What a citizen agreed to, as the desk says: the text by version and hash, and how and when."""

    kind: Literal["consent", "statute"]
    version: Identifier
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    language: Literal["vi", "en"]
    how: Literal["read-by-citizen", "read-aloud"]
    at: AwareDatetime


class LookupRequest(_Request):
    """One look-up: who, from which device, by which clerk, for what, on what legal basis; which fields or questions.

    ``clerk`` is an id, never what a clerk is called. ``dossier`` is the office's own number of the matter, kept for its
    auditors and judged by nobody here.
    """

    device: Identifier
    lookup_id: Identifier
    purpose: Identifier
    legal_basis: Annotated[str, Field(max_length=300)]
    clerk: ClerkId
    citizen: Citizen
    fields: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")], ...], Field(max_length=40)] = ()
    questions: Annotated[tuple[Identifier, ...], Field(max_length=20)] = ()
    certificate: Annotated[str, Field(pattern=r"^[0-9A-Za-z ./-]{0,30}$")] = ""
    dossier: Annotated[str, Field(pattern=r"^[0-9A-Za-z._/-]{0,64}$")] = ""
    consent: ConsentSaid | None = None


class CheckpointRequest(BaseModel):
    """A device about its ledger: a checkpoint to countersign and why it continues the last one; or nothing, to ask."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device: Identifier
    checkpoint: Annotated[str, Field(max_length=12_000)] = ""
    proof: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")], ...], Field(max_length=64)] = ()


class PollRequest(_Request):
    """Asks for an answer that was promised: the digest of what the look-up was (auth.wire.promise)."""

    request_digest: Annotated[str, Field(pattern=r"^sha-256=:[0-9A-Za-z+/]{43}=:$")]


class Working(_Record):
    """Says that a look-up was taken and is being worked on; what else there is to say, the signed fields do."""

    state: Literal["working"] = "working"


class PersonRecord(_Record):
    """One citizen as the population register has them; dates are ISO 8601, possibly partial."""

    personal_number: str
    full_name: str
    date_of_birth: str
    sex: str
    nationality: str
    card_status: str
    ethnicity: str
    religion: str
    place_of_origin: str
    residence: str
    residence_before: str
    father: str
    mother: str
    spouse: str
    old_number: str
    issue_date: str | None
    expiry: str | None


class HolderRecord(_Record):
    """One holder of a parcel."""

    full_name: str
    number: str
    date_of_birth: str | None
    address: str


class ParcelRecord(_Record):
    """One parcel; ``boundary`` are VN-2000 corners in metres."""

    certificate_serial: str
    map_sheet: str
    parcel_number: str
    commune: str
    commune_before: str
    address: str
    area_m2: str
    land_type: str
    land_type_name: str
    term: str
    form_of_use: str
    origin: str
    holders: tuple[HolderRecord, ...]
    boundary: tuple[tuple[float, float], ...]
    quality: str
    issued: str | None


class HoldingsRecord(_Record):
    """All parcels of one citizen, and the old numbers under which the register looked too."""

    personal_number: str
    old_numbers: tuple[str, ...]
    parcels: tuple[ParcelRecord, ...]


class LookupReply(_Record):
    """The answer to one look-up, naming the act it answers; the record holds what was asked for.

    ``receipt`` is of the proof that came with the question, if any; ``receipt_log`` is the JSON that proves it logged.
    """

    lookup_id: str
    purpose: str
    legal_basis: str
    record: dict[str, object] | None
    receipt: str = ""
    receipt_log: str = ""


class ConfirmReply(_Record):
    """The answer to questions, naming the act it answers: yes or no to each; the receipt is as that of a look-up."""

    lookup_id: str
    purpose: str
    legal_basis: str
    answers: dict[str, bool]
    receipt: str = ""
    receipt_log: str = ""
