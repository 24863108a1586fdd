"""What the desk may ask of the housing register, and the shape of the answers.

The Ministry of Construction's information system on housing and the real-estate market holds dwellings, their owners
and what is done with them (Housing Law 27/2023/QH15; Decree 357/2025/NĐ-CP). Its interface is not published, so the
shape here is ours; what there is to say of a dwelling follows the certificate and the law's own terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from auth.purposes.vocabulary import FIELDS
from auth.registers.ports import Answer, DataQuality, Holder, Lookup
from reader.lds.identity import CalendarDate

__all__ = [
    "Dwelling",
    "DwellingHoldings",
    "DwellingKind",
    "Encumbrance",
    "EncumbranceKind",
    "HousingConnection",
    "HousingRegister",
    "HousingScheme",
    "OwnershipForm",
    "Transaction",
    "TransactionKind",
]


class DwellingKind(StrEnum):
    """Tell what is dwelt in: a house that stands by itself or in a row, or an apartment in a building of many."""

    HOUSE = "house"
    ROW_HOUSE = "row-house"
    VILLA = "villa"
    APARTMENT = "apartment"


class HousingScheme(StrEnum):
    """Tell under which scheme a dwelling was made (Housing Law, art. 2)."""

    OWN = "own"
    COMMERCIAL = "commercial"
    SOCIAL = "social"
    RESETTLEMENT = "resettlement"
    OFFICIAL = "official"


class OwnershipForm(StrEnum):
    """Tell how a dwelling is owned: by one, by several by shares, or by several together (Civil Code, art. 205–213)."""

    SOLE = "sole"
    SHARED = "shared"
    JOINT = "joint"


class EncumbranceKind(StrEnum):
    """Tell what stands in the way of an owner who would dispose of a dwelling."""

    MORTGAGE = "mortgage"
    SEIZURE = "seizure"
    DISPUTE = "dispute"


class TransactionKind(StrEnum):
    """Tell what was done with a dwelling."""

    PURCHASE = "purchase"
    LEASE_PURCHASE = "lease-purchase"
    GIFT = "gift"
    INHERITANCE = "inheritance"
    EXCHANGE = "exchange"
    CONTRIBUTION = "contribution"


@dataclass(frozen=True, slots=True, repr=False)
class Encumbrance:
    """Hold one encumbrance: its kind, who has the right, since when, and the reference of the entry."""

    kind: EncumbranceKind
    holder: str
    since: CalendarDate | None = None
    reference: str = ""

    def __repr__(self) -> str:
        """Show its kind."""
        return f"Encumbrance({self.kind})"


@dataclass(frozen=True, slots=True, repr=False)
class Transaction:
    """Hold one transaction: its kind, its day and the reference of the contract or the decision."""

    kind: TransactionKind
    day: CalendarDate | None
    reference: str = ""

    def __repr__(self) -> str:
        """Show its kind."""
        return f"Transaction({self.kind})"


@dataclass(frozen=True, slots=True, repr=False)
class Dwelling:
    """Hold one dwelling or apartment.

    ``floor`` is 0 where all floors are held; ``floors`` how many the building has, 0 where nobody says.
    ``ownership_term`` is None for ownership without a term. What was not asked for stands empty;
    ``DwellingHoldings.asked`` tells which that is. Where ``owners`` were not, only the entry of the citizen is there.
    """

    certificate_serial: str
    kind: DwellingKind | None
    scheme: HousingScheme | None
    project: str
    block: str
    floor: int
    floors: int
    number: str
    address: str
    commune: str
    commune_before: str
    floor_area_m2: Decimal | None
    ownership_form: OwnershipForm | None
    ownership_term: CalendarDate | None
    owners: tuple[Holder, ...]
    encumbrances: tuple[Encumbrance, ...]
    transactions: tuple[Transaction, ...]
    quality: DataQuality
    issued: CalendarDate | None = None

    def __repr__(self) -> str:
        """Show nothing of the dwelling."""
        return "Dwelling(…)"


@dataclass(frozen=True, slots=True, repr=False)
class DwellingHoldings:
    """Hold the dwellings that the housing register finds for a citizen; empty where there are none.

    ``asked`` names the fields of a dwelling that were asked for.
    """

    dwellings: tuple[Dwelling, ...]
    asked: tuple[str, ...] = tuple(FIELDS["housing"])

    def __repr__(self) -> str:
        """Show how many."""
        return f"DwellingHoldings({len(self.dwellings)} dwellings)"


class HousingRegister(Protocol):
    """Look dwellings up in the information system on housing and the real-estate market."""

    def find_dwellings(self, lookup: Lookup) -> Answer[DwellingHoldings]:
        """Return the dwellings that the citizen holds; raise RegisterError where no trustworthy answer came."""
        ...

    def find_by_certificate(self, lookup: Lookup) -> Answer[DwellingHoldings]:
        """Return what the citizen holds under ``lookup.certificate``; raise RegisterError as ``find_dwellings`` does.

        This needs the certificate's serial, the holder's number and name, and is open to purposes to which all that
        somebody holds is not.
        """
        ...


class HousingConnection(HousingRegister, Protocol):
    """A housing register over a wire that must be closed."""

    def close(self) -> None:
        """Break off what is under way and end the client's thread."""
        ...
