"""What the desk may ask of a register, and the shape of the answers; every client implements these Protocols."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from auth.purposes import ConsentRecord, PurposeRegistry
from auth.purposes.vocabulary import FIELDS
from reader.lds.identity import CalendarDate, Sex

# For the annotations only: whoever shows an answer does not need the wire.
if TYPE_CHECKING:
    from auth.wire.access import ClerkAuthorization
    from auth.wire.endpoint import DeviceCredential, RegisterEndpoint

__all__ = [
    "Answer",
    "AnswerNote",
    "CardStatus",
    "Confirmation",
    "Connection",
    "ConnectionMaker",
    "DataQuality",
    "Holder",
    "LandConnection",
    "LandHoldings",
    "LandRegister",
    "Lookup",
    "Parcel",
    "PopulationConnection",
    "PopulationRecord",
    "PopulationRegister",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class Lookup:
    """Ask about one citizen, for one purpose, on one legal basis; ``lookup_id`` names the act in every record of it.

    ``purpose`` is the id of an entry in ``auth.purposes``, ``legal_basis`` the citation that goes on the wire, and
    ``clerk`` the clerk's id as the office gives it. ``old_number`` is the nine-digit number where the chip or the QR
    code tells one: many parcels are still registered under it.

    ``fields`` are what one register is asked for, ``questions`` what it is to say yes or no to; left empty they are all
    that the purpose may ask of it, never more. ``certificate`` is the serial of a land certificate that was shown.
    ``dossier`` is the office's own number of the matter. ``consent`` is the citizen's, for a purpose that needs it.
    """

    lookup_id: str
    personal_number: str
    full_name: str
    date_of_birth: CalendarDate
    purpose: str
    legal_basis: str
    clerk: str
    old_number: str = ""
    fields: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    certificate: str = ""
    dossier: str = ""
    consent: ConsentRecord | None = None

    def __repr__(self) -> str:
        """Show the act, not the person."""
        return f"Lookup({self.lookup_id}, {self.purpose})"


class CardStatus(StrEnum):
    """Tell what the population register says of the card itself."""

    VALID = "valid"
    LOST = "lost"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, repr=False)
class PopulationRecord:
    """Hold the population register's record of a citizen; empty text where it has none.

    ``asked`` names the fields that were asked for: of the others nothing is known here, neither something nor nothing.
    ``residence_before`` is the residence by the three-level names in use before 1 July 2025, where it was renamed.
    ``card_status`` is None where the way to the register has no place for it, which no signed answer may leave out.
    """

    personal_number: str
    full_name: str
    date_of_birth: CalendarDate | None
    sex: Sex | None
    nationality: str
    card_status: CardStatus | None
    ethnicity: str = ""
    religion: str = ""
    place_of_origin: str = ""
    residence: str = ""
    residence_before: str = ""
    father: str = ""
    mother: str = ""
    spouse: str = ""
    old_number: str = ""
    issue_date: CalendarDate | None = None
    expiry: CalendarDate | None = None
    asked: tuple[str, ...] = tuple(FIELDS["population"])

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return "PopulationRecord(…)"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Hold a yes or a no to each question that was asked, in their order, and nothing else.

    ``together`` says whether number, name and date of birth are one person's. A gateway that tells nothing but this
    leaves ``answers`` empty.
    """

    together: bool
    answers: tuple[tuple[str, bool], ...] = ()

    @property
    def all_yes(self) -> bool:
        """Tell whether nothing that was asked was answered with no."""
        return self.together and all(yes for _, yes in self.answers)

    def says(self, question: str) -> bool | None:
        """Return the answer to ``question``, None where it was not asked or not answered."""
        return dict(self.answers).get(question)

    @property
    def card_valid(self) -> bool | None:
        """Tell whether the citizen's card is valid, None where that is not known."""
        return self.says("card-valid")


class DataQuality(StrEnum):
    """Name the land register's data-quality groups (the state of the national clean-up)."""

    VERIFIED = "verified"
    INCOMPLETE = "incomplete"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, repr=False)
class Holder:
    """Hold one holder as the land register has it; ``number`` may still be an old nine-digit one."""

    full_name: str
    number: str
    date_of_birth: CalendarDate | None = None
    address: str = ""

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return "Holder(…)"


@dataclass(frozen=True, slots=True, repr=False)
class Parcel:
    """Hold one parcel; ``boundary`` are VN-2000 (northing, easting) corners in metres, in order, not closed.

    What was not asked for stands empty; ``LandHoldings.asked`` tells which that is. Where ``holders`` were not, only
    the entry of the citizen is there.
    """

    certificate_serial: str
    map_sheet: str
    parcel_number: str
    commune: str
    commune_before: str
    address: str
    area_m2: Decimal | None
    land_type: str
    land_type_name: str
    term: str
    form_of_use: str
    origin: str
    holders: tuple[Holder, ...]
    boundary: tuple[tuple[float, float], ...]
    quality: DataQuality
    issued: CalendarDate | None = None

    def __repr__(self) -> str:
        """Show nothing of the holding."""
        return "Parcel(…)"


@dataclass(frozen=True, slots=True, repr=False)
class LandHoldings:
    """Hold all parcels that the land register finds for a citizen; empty where there are none.

    ``asked`` names the fields of a parcel that were asked for.
    """

    parcels: tuple[Parcel, ...]
    asked: tuple[str, ...] = tuple(FIELDS["land"])

    def __repr__(self) -> str:
        """Show how many."""
        return f"LandHoldings({len(self.parcels)} parcels)"


class AnswerNote(StrEnum):
    """Name what must be said of an answer wherever it is shown."""

    UNSIGNED = "answer-unsigned"
    CARD_STATUS_NOT_TOLD = "card-status-not-told"
    CODES_WITHOUT_NAMES = "codes-without-names"
    NO_SUCH_COMBINATION = "no-such-combination"
    MORE_THAN_ASKED = "more-than-asked"


@dataclass(frozen=True, slots=True, repr=False)
class Answer(Generic[T]):
    """Hold an answer: ``record`` is None where the register knows nobody like this.

    ``key_id`` is the key whose signature was verified, ``answered_at`` the register's own time. An answer that nobody
    signed has neither: its ``notes`` begin with ``AnswerNote.UNSIGNED`` and the time is ours. ``receipt`` is the
    register's signed word on the proof of presence that came with the question, empty where it judged none, and
    ``receipt_log`` the proof that it is in the verifier's log, still unread.
    """

    register: str
    record: T | None
    key_id: str
    answered_at: datetime
    notes: tuple[AnswerNote, ...] = ()
    receipt: str = ""
    receipt_log: str = ""

    def __repr__(self) -> str:
        """Show where it is from."""
        return f"Answer({self.register}, {'found' if self.record is not None else 'none'})"


class PopulationRegister(Protocol):
    """Look citizens up in the National Population Database."""

    def find_citizen(self, lookup: Lookup) -> Answer[PopulationRecord]:
        """Return the citizen's record; raise RegisterError where no trustworthy answer came."""
        ...

    def confirm_citizen(self, lookup: Lookup) -> Answer[Confirmation]:
        """Return yes or no to the purpose's questions, and no data; raise RegisterError without a usable answer."""
        ...


class LandRegister(Protocol):
    """Look parcels up in the National Land Database."""

    def find_holdings(self, lookup: Lookup) -> Answer[LandHoldings]:
        """Return the parcels that the citizen holds; raise RegisterError where no trustworthy answer came."""
        ...

    def find_by_certificate(self, lookup: Lookup) -> Answer[LandHoldings]:
        """Return the parcels of ``lookup.certificate`` that the citizen holds; raise RegisterError as above."""
        ...


class Connection(Protocol):
    """A register over a wire that must be closed; what it may be asked depends on the register."""

    def close(self) -> None:
        """Break off what is under way and end the client's thread."""
        ...


class ConnectionMaker(Protocol):
    """Connect to a register: what a client's class is, found by the entry-point group ``motcua.registers``."""

    def __call__(
        self,
        endpoint: RegisterEndpoint,
        device: DeviceCredential,
        *,
        deadline_s: float = 10.0,
        purposes: PurposeRegistry | None = None,
        clerk: ClerkAuthorization | None = None,
    ) -> Connection:
        """Return the connection; raise RegisterUnreachable for an endpoint that cannot be used."""
        ...


class PopulationConnection(PopulationRegister, Protocol):
    """A population register over a wire that must be closed."""

    def close(self) -> None:
        """Break off what is under way and end the client's thread."""
        ...


class LandConnection(LandRegister, Protocol):
    """A land register over a wire that must be closed."""

    def close(self) -> None:
        """Break off what is under way and end the client's thread."""
        ...
