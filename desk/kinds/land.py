"""The land register at the desk: a citizen's parcels, each drawn to scale, and how their holder stands to the chip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auth.purposes.vocabulary import FIELDS
from auth.registers.ports import LandHoldings, Parcel
from desk.cells import cell, weightiest
from desk.holders import holder_among, holder_cells
from desk.kinds.qualities import QUALITY_HEAD, QUALITY_WORDS, STANDINGS
from desk.kinds.squares import square_metres
from desk.language import Phrase
from desk.places import compare_places
from desk.register_kind import Certified, RegisterKind, SectionKind
from desk.section_view import Column, ItemView, Outline
from desk.view import FieldId, SourceValue
from reader.lds.identity import Identity

__all__ = ["KIND", "LAND", "ParcelView", "parcel_view"]

LAND = "land"

_HEADS: Mapping[str, Phrase] = {
    "place": Phrase("Tờ · Thửa", "Sheet · Parcel"),
    "area": Phrase("Diện tích", "Area"),
    "type": Phrase("Loại đất", "Land type"),
    "certificate": Phrase("Giấy chứng nhận", "Certificate"),
    "holders": Phrase("Người sử dụng", "Holders"),
    "address": Phrase("Địa chỉ", "Address"),
    "before": Phrase("Xã trước đây", "Former commune"),
    "term": Phrase("Thời hạn", "Term"),
    "form": Phrase("Hình thức", "Form of use"),
    "origin": Phrase("Nguồn gốc", "Origin"),
}


@dataclass(frozen=True, slots=True, repr=False)
class ParcelView:
    """Show one parcel; ``boundary`` as (east, north) metres relative to its south-west corner.

    ``asked`` names the fields that were asked for; of the others nothing is known, and they stand empty.
    """

    certificate_serial: str
    map_sheet: str
    parcel_number: str
    area: str
    land_type: str
    land_type_name: str
    address: str
    commune: str
    commune_before: str
    term: str
    form_of_use: str
    origin: str
    holders: tuple[str, ...]
    quality: str
    boundary: tuple[tuple[float, float], ...] = ()
    asked: tuple[str, ...] = ()


def parcel_view(parcel: Parcel, asked: tuple[str, ...] = tuple(FIELDS["land"])) -> ParcelView:
    """Return one parcel, ready to show; corners are metres east and north of its south-west corner.

    ``asked`` tells a field that the register has nothing in from one that the purpose does not ask for.
    """
    south = min((north for north, _ in parcel.boundary), default=0.0)
    west = min((east for _, east in parcel.boundary), default=0.0)
    return ParcelView(
        certificate_serial=parcel.certificate_serial,
        map_sheet=parcel.map_sheet,
        parcel_number=parcel.parcel_number,
        area=square_metres(parcel.area_m2),
        land_type=parcel.land_type,
        land_type_name=parcel.land_type_name,
        address=parcel.address,
        commune=parcel.commune,
        commune_before=parcel.commune_before,
        term=parcel.term,
        form_of_use=parcel.form_of_use,
        origin=parcel.origin,
        holders=tuple(holder.full_name for holder in parcel.holders),
        quality=parcel.quality.value,
        boundary=tuple((round(east - west, 3), round(north - south, 3)) for north, east in parcel.boundary),
        asked=asked,
    )


def _cells(identity: Identity, holdings: LandHoldings) -> dict[FieldId, SourceValue]:
    """Compare with the entries that speak of this citizen; of several parcels the weightiest difference is shown."""
    return weightiest(_parcel_cells(identity, parcel) for parcel in holdings.parcels)


def _parcel_cells(identity: Identity, parcel: Parcel) -> dict[FieldId, SourceValue]:
    cells = holder_cells(identity, parcel.holders)
    holder = holder_among(identity, parcel.holders)
    if holder is not None:
        cells[FieldId.RESIDENCE] = cell(identity.residence, holder.address, compare_places)
    return cells


def _listed(holdings: LandHoldings) -> tuple[ParcelView, ...]:
    return tuple(parcel_view(parcel, holdings.asked) for parcel in holdings.parcels)


def _item(parcel: ParcelView) -> ItemView:
    kind = " — ".join(part for part in (parcel.land_type, parcel.land_type_name) if part)
    place = f"{parcel.map_sheet} · {parcel.parcel_number}"
    more = (
        ("address", parcel.address),
        ("before", parcel.commune_before),
        ("term", parcel.term),
        ("form", parcel.form_of_use),
        ("origin", parcel.origin),
    )
    return ItemView(
        certificate=parcel.certificate_serial,
        key=f"{parcel.certificate_serial}/{parcel.map_sheet}/{parcel.parcel_number}",
        label=parcel.certificate_serial,
        cells=(place, parcel.area, kind, parcel.certificate_serial, ", ".join(parcel.holders)),
        standing=STANDINGS[parcel.quality],
        standing_words=QUALITY_WORDS[parcel.quality],
        details=(
            *((_HEADS[head], value) for head, value in more if value),
            (QUALITY_HEAD, QUALITY_WORDS[parcel.quality]),
        ),
        picture=Outline(parcel.parcel_number, parcel.map_sheet, parcel.boundary)
        if "boundary" in parcel.asked
        else None,
    )


def _certified(holdings: LandHoldings) -> tuple[Certified, ...]:
    return tuple(
        Certified(
            parcel.certificate_serial,
            tuple(holder.full_name for holder in parcel.holders) if "holders" in holdings.asked else (),
        )
        for parcel in holdings.parcels
    )


KIND = RegisterKind(
    name=LAND,
    title=Phrase("Đất đai", "Land"),
    ask=lambda connection, lookup: (
        connection.find_by_certificate(lookup) if lookup.certificate else connection.find_holdings(lookup)
    ),
    cells=_cells,
    section=SectionKind(
        heading=Phrase("Thửa đất", "Parcels"),
        columns=(
            Column(_HEADS["place"], field="parcel_number"),
            Column(_HEADS["area"], field="area_m2"),
            Column(_HEADS["type"], 0.48, field="land_type"),
            Column(_HEADS["certificate"]),
            Column(_HEADS["holders"], 0.52, field="holders"),
        ),
        nothing=Phrase(
            "Cơ sở dữ liệu đất đai không có thửa nào của công dân này.",
            "The land register holds no parcel for this citizen.",
        ),
        listed=_listed,
        item=_item,
        asked=lambda holdings: holdings.asked,
    ),
    certified=_certified,
    every_certificate=True,
    order=20,
)
"""The National Land Database."""
