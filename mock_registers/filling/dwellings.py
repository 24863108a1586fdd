"""Invented dwellings: the house on a household's residential parcel, under its certificate, and flats in between.

Drawn from a source of their own, which the first member's number seeds, so that people and parcels are what they were
before there were dwellings.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from mock_cards.personas import REFERENCE_DAY
from mock_registers.filling.household import Household
from mock_registers.filling.names import draw
from mock_registers.filling.parcels import InventedHolder, InventedParcel
from mock_registers.filling.rates import RATES

__all__ = ["InventedDwelling", "draw_dwellings"]

_RESIDENTIAL = ("ONT", "ODT")
_PROJECTS = ("Khu nhà ở Bến Thử", "Chung cư Mẫu Hòa", "Nhà ở xã hội Ví Dụ", "Khu đô thị Giả Lâm")
_SOCIAL = 2
_TERM_YEARS = 50
_BANK = "Ngân hàng Mẫu, chi nhánh Giả Định"
_OF_A_HOUSE = ("inheritance", "gift", "purchase")


@dataclass(frozen=True, slots=True)
class InventedDwelling:
    """Hold one dwelling; ``mortgaged`` since a day, empty where it is not; ``acquired`` is how and when."""

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
    issued: str
    quality: str
    owners: tuple[InventedHolder, ...]
    mortgaged: str
    acquired: tuple[str, str]

    @property
    def key(self) -> str:
        """Return what the register knows the dwelling by."""
        return f"{self.certificate_serial}/{self.block}/{self.floor}/{self.number}"

    @property
    def encumbrances(self) -> list[dict[str, str | None]]:
        """Return the encumbrances as the register keeps them."""
        if not self.mortgaged:
            return []
        return [{"kind": "mortgage", "holder": _BANK, "since": self.mortgaged, "reference": f"TC-{self.mortgaged}"}]

    @property
    def transactions(self) -> list[dict[str, str | None]]:
        """Return the transactions as the register keeps them."""
        kind, day = self.acquired
        return [{"kind": kind, "day": day, "reference": f"HĐ {day}"}]


def draw_dwellings(household: Household) -> Iterator[InventedDwelling]:
    """Yield the dwellings of one household: under the certificates of its parcels, owned by whoever holds these."""
    source = random.Random(f"{household.members[0].personal_number}/dwellings")
    for parcel in household.parcels:
        if parcel.land_type in _RESIDENTIAL and source.random() < RATES.house:
            yield _house(source, parcel, household)
    if household.parcels and household.members[0].is_grown and source.random() < RATES.flat:
        yield _flat(source, household)


def _house(source: random.Random, parcel: InventedParcel, household: Household) -> InventedDwelling:
    floors = 1 + int(source.random() * 4)
    # A house covers a part of its parcel; what is measured is the area of all its floors.
    area = float(parcel.area_m2) * (0.3 + 0.5 * source.random()) * floors
    kind = draw(source, ("house", "row-house")) if parcel.land_type == "ODT" else "house"
    return InventedDwelling(
        certificate_serial=parcel.certificate_serial,
        kind=kind,
        scheme="own",
        project="",
        block="",
        floor=0,
        floors=floors,
        number="",
        address=household.address,
        commune=parcel.commune,
        commune_before=parcel.commune_before,
        floor_area_m2=f"{area:.1f}",
        ownership_form="joint" if len(parcel.holders) > 1 else "sole",
        ownership_term=None,
        issued=parcel.issued,
        quality=parcel.quality,
        owners=parcel.holders,
        mortgaged=_later(source, parcel.issued) if source.random() < RATES.mortgage else "",
        acquired=(draw(source, _OF_A_HOUSE), parcel.issued),
    )


def _flat(source: random.Random, household: Household) -> InventedDwelling:
    """Return a flat of the first member, and of who they are married to where both are named."""
    place = int(source.random() * len(_PROJECTS))
    floors = 5 + int(source.random() * 25)
    floor, door = 1 + int(source.random() * floors), 1 + int(source.random() * 12)
    block = f"{draw(source, ('A', 'B', 'C'))}{1 + int(source.random() * 3)}"
    owners = _couple(household)
    # The certificate of a flat is one of its own; a parcel's has V where this has W.
    of_land = household.parcels[0]
    issued = of_land.issued
    term = f"{int(issued[:4]) + _TERM_YEARS}{issued[4:]}" if source.random() < RATES.flat_term else None
    return InventedDwelling(
        certificate_serial=f"W{of_land.certificate_serial[1:]}",
        kind="apartment",
        scheme="social" if place == _SOCIAL else "commercial",
        project=_PROJECTS[place],
        block=block,
        floor=floor,
        floors=floors,
        number=f"{block}-{floor}.{door:02d}",
        address=f"{_PROJECTS[place]}, {household.commune.now}",
        commune=household.commune.now,
        commune_before=household.commune.before,
        floor_area_m2=f"{35 + source.random() * 85:.1f}",
        ownership_form="joint" if len(owners) > 1 else "sole",
        ownership_term=term,
        issued=issued,
        quality="verified",
        owners=owners,
        mortgaged=_later(source, issued) if source.random() < RATES.mortgage else "",
        acquired=("lease-purchase" if place == _SOCIAL and source.random() < 0.5 else "purchase", issued),
    )


def _couple(household: Household) -> tuple[InventedHolder, ...]:
    first, *others = household.members
    spouse = [one for one in others if one.is_grown and (one.full_name, one.spouse) == (first.spouse, first.full_name)]
    return tuple(
        InventedHolder(one.full_name, one.personal_number, one.date_of_birth, household.address)
        for one in (first, *spouse[:1])
    )


def _later(source: random.Random, day: str) -> str:
    """Return a day some years after ``day``, in the year of reference at the latest."""
    year = int(day[:4])
    return f"{year + int(source.random() * (REFERENCE_DAY.year - year))}{day[4:]}"
