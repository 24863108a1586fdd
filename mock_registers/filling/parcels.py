"""Invented parcels: each in a cell of its own, the area that of its corners, holders as certificates name them."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mock_registers.filling.places import Commune
from mock_registers.filling.rates import RATES

__all__ = ["Holding", "InventedHolder", "InventedParcel", "draw_parcel"]

# Two million cells are a square of 180 kilometres about the middle of a VN-2000 zone.
_CELL_M = 125
_COLUMNS = 1440
_NORTH_M, _EAST_M = 1_900_000.0, 410_000.0
_PER_SHEET = 400
_LONG = "Lâu dài"


@dataclass(frozen=True, slots=True)
class _Use:
    code: str
    name: str
    smallest_m2: int
    largest_m2: int
    lasting: bool
    origin: str


_GIVEN = "Giao đất không thu tiền sử dụng đất"
_USES = (
    _Use("ONT", "Đất ở tại nông thôn", 60, 400, True, "Công nhận QSDĐ như giao đất có thu tiền sử dụng đất"),
    _Use("ODT", "Đất ở tại đô thị", 36, 180, True, "Nhận chuyển nhượng đất được Nhà nước giao đất có thu tiền"),
    _Use("LUC", "Đất chuyên trồng lúa", 240, 2400, False, _GIVEN),
    _Use("CLN", "Đất trồng cây lâu năm", 300, 5000, False, _GIVEN),
    _Use("HNK", "Đất trồng cây hằng năm khác", 200, 2000, False, _GIVEN),
    _Use("NTS", "Đất nuôi trồng thủy sản", 500, 5000, False, _GIVEN),
    _Use("RSX", "Đất rừng sản xuất", 2000, 9000, False, "Nhà nước cho thuê đất trả tiền hằng năm"),
)


class Holding(Protocol):
    """Be somebody who may hold land: what the land register writes of a person."""

    @property
    def full_name(self) -> str: ...  # noqa: D102  # the fields of InventedPerson, which explain themselves
    @property
    def personal_number(self) -> str: ...  # noqa: D102  # as above
    @property
    def old_number(self) -> str: ...  # noqa: D102  # as above
    @property
    def date_of_birth(self) -> str: ...  # noqa: D102  # as above


@dataclass(frozen=True, slots=True)
class InventedHolder:
    """Hold one holder as the land register has them."""

    full_name: str
    number: str
    date_of_birth: str | None
    address: str


@dataclass(frozen=True, slots=True)
class InventedParcel:
    """Hold one parcel; ``boundary`` are VN-2000 (northing, easting) corners in metres, not closed."""

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
    quality: str
    issued: str
    boundary: tuple[tuple[float, float], ...]
    holders: tuple[InventedHolder, ...]

    @property
    def key(self) -> str:
        """Return what the register knows the parcel by."""
        return f"{self.certificate_serial}/{self.map_sheet}/{self.parcel_number}"


def draw_parcel(
    source: random.Random, number: int, holders: Sequence[Holding], commune: Commune, addresses: tuple[str, str]
) -> InventedParcel:
    """Return the parcel of this number, of one holder or of two spouses; ``addresses`` are of now and of before."""
    use = _USES[int(source.random() * len(_USES))]
    boundary = _boundary(source, number, use)
    area = _area(boundary)
    if source.random() < RATES.area_differs:
        area *= 1.05
    year = 2003 + int(source.random() * 23)
    quality = source.random()
    return InventedParcel(
        certificate_serial=_serial(number, year),
        map_sheet=str(1 + number // _PER_SHEET % 300),
        parcel_number=str(1 + number % _PER_SHEET),
        commune=commune.now,
        commune_before=commune.before,
        address=addresses[0].partition(", ")[2],
        area_m2=f"{area:.1f}",
        land_type=use.code,
        land_type_name=use.name,
        term=_LONG if use.lasting else f"Đến 15/10/{year + 50}",
        form_of_use="Sử dụng chung" if len(holders) > 1 else "Sử dụng riêng",
        origin=use.origin,
        quality=_quality(quality),
        issued=f"{year}-{1 + int(source.random() * 12):02d}-{1 + int(source.random() * 28):02d}",
        boundary=boundary,
        holders=tuple(_holder(source, person, addresses) for person in holders),
    )


def _serial(number: int, year: int) -> str:
    """Return a serial of the form of its year, two letters and eight or six digits; each number has its own."""
    letters = f"V{chr(ord('A') + number // 1_000_000 % 26)}"
    within = number % 1_000_000
    return f"{letters} {10_000_000 + within}" if year >= 2015 else f"{letters} {within:06d}"


def _quality(drawn: float) -> str:
    if drawn < RATES.quality_unverified:
        return "unverified"
    return "incomplete" if drawn < RATES.quality_unverified + RATES.quality_incomplete else "verified"


def _boundary(source: random.Random, number: int, use: _Use) -> tuple[tuple[float, float], ...]:
    """Return four or five corners inside the parcel's own cell, one after another around it."""
    area = use.smallest_m2 + source.random() * (use.largest_m2 - use.smallest_m2)
    width = area**0.5 * (0.7 + 0.4 * source.random())
    height = area / width
    row, column = divmod(number, _COLUMNS)
    north, east = _NORTH_M + _CELL_M * row, _EAST_M + _CELL_M * column
    shear = height * 0.1 * source.random()
    corners = [
        (north, east + shear),
        (north, east + width + shear),
        (north + height, east + width),
        (north + height, east),
    ]
    if source.random() < 0.2:
        corners.insert(2, (north + height / 2, east + width * 1.06 + shear))
    return tuple((round(one, 2), round(other, 2)) for one, other in corners)


def _area(boundary: Sequence[tuple[float, float]]) -> float:
    """Return the area within the corners (Gauss's trapezoids)."""
    total = 0.0
    for (north, east), (next_north, next_east) in zip(boundary, (*boundary[1:], boundary[0]), strict=True):
        total += (east - _EAST_M) * (next_north - _NORTH_M) - (next_east - _EAST_M) * (north - _NORTH_M)
    return abs(total) / 2


def _holder(source: random.Random, person: Holding, addresses: tuple[str, str]) -> InventedHolder:
    name = person.full_name
    drawn = source.random()
    if drawn < RATES.holder_other_name:
        name = f"{name.rpartition(' ')[0]} Sai"
    elif drawn < RATES.holder_other_name + RATES.holder_plain_name:
        name = _plain(name)
    by_old = person.old_number and source.random() < RATES.holder_old_number
    born: str | None = person.date_of_birth
    drawn = source.random()
    if drawn < RATES.holder_date_silent:
        born = None
    elif drawn < RATES.holder_date_silent + RATES.holder_other_date:
        born = f"{int(person.date_of_birth[:4]) + 1}"
    return InventedHolder(
        full_name=name,
        number=person.old_number if by_old else person.personal_number,
        date_of_birth=born,
        address=addresses[1] if source.random() < RATES.holder_old_address else addresses[0],
    )


def _plain(name: str) -> str:
    """Return a name as machines without Vietnamese letters wrote it."""
    letters = unicodedata.normalize("NFD", name.upper().replace("Đ", "D").replace("'", " "))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
