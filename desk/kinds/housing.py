"""The housing register at the desk: a citizen's dwellings, each drawn, and what encumbers them before all else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from auth.purposes.vocabulary import FIELDS
from auth.registers.housing_ports import (
    Dwelling,
    DwellingHoldings,
    DwellingKind,
    EncumbranceKind,
    HousingScheme,
    OwnershipForm,
    TransactionKind,
)
from desk.cells import cell, date_text, weightiest
from desk.holders import holder_among, holder_cells
from desk.kinds.housing_words import ENCUMBRANCES, FORMS, HEADS, KINDS, SCHEMES, TRANSACTIONS, WITHOUT_TERM
from desk.kinds.qualities import QUALITY_HEAD, QUALITY_WORDS, STANDINGS
from desk.kinds.squares import square_metres
from desk.language import Phrase
from desk.places import compare_places
from desk.register_kind import Certified, RegisterKind, SectionKind
from desk.section_view import AlertView, Building, Column, ItemView, Said
from desk.view import FieldId, Match, SourceValue
from reader.lds.identity import Identity

__all__ = ["HOUSING", "KIND", "DwellingView", "EncumbranceView", "TransactionView", "dwelling_view"]

HOUSING = "housing"


@dataclass(frozen=True, slots=True, repr=False)
class EncumbranceView:
    """Show one encumbrance."""

    kind: EncumbranceKind
    holder: str
    since: str
    reference: str


@dataclass(frozen=True, slots=True, repr=False)
class TransactionView:
    """Show one transaction."""

    kind: TransactionKind
    day: str
    reference: str


@dataclass(frozen=True, slots=True, repr=False)
class DwellingView:
    """Show one dwelling; dates as they are written in Vietnam, ``ownership_term`` empty without a term."""

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
    floor_area: str
    ownership_form: OwnershipForm | None
    ownership_term: str
    owners: tuple[str, ...]
    encumbrances: tuple[EncumbranceView, ...]
    transactions: tuple[TransactionView, ...]
    quality: str
    issued: str
    asked: tuple[str, ...] = ()


def dwelling_view(dwelling: Dwelling, asked: tuple[str, ...] = tuple(FIELDS["housing"])) -> DwellingView:
    """Return one dwelling, ready to show.

    ``asked`` tells a field that the register has nothing in from one that the purpose does not ask for.
    """
    return DwellingView(
        certificate_serial=dwelling.certificate_serial,
        kind=dwelling.kind,
        scheme=dwelling.scheme,
        project=dwelling.project,
        block=dwelling.block,
        floor=dwelling.floor,
        floors=dwelling.floors,
        number=dwelling.number,
        address=dwelling.address,
        commune=dwelling.commune,
        commune_before=dwelling.commune_before,
        floor_area=square_metres(dwelling.floor_area_m2) if dwelling.floor_area_m2 is not None else "",
        ownership_form=dwelling.ownership_form,
        ownership_term=date_text(dwelling.ownership_term),
        owners=tuple(owner.full_name for owner in dwelling.owners),
        encumbrances=tuple(
            EncumbranceView(entry.kind, entry.holder, date_text(entry.since), entry.reference)
            for entry in dwelling.encumbrances
        ),
        transactions=tuple(
            TransactionView(entry.kind, date_text(entry.day), entry.reference) for entry in dwelling.transactions
        ),
        quality=dwelling.quality.value,
        issued=date_text(dwelling.issued),
        asked=asked,
    )


def _cells(identity: Identity, holdings: DwellingHoldings) -> dict[FieldId, SourceValue]:
    """Compare with the owners who are this citizen; of several dwellings the weightiest difference is shown.

    A citizen need not live in what they own: a residence is told only where it is one of the dwellings, or where the
    register writes the owner's own address.
    """
    cells = weightiest(holder_cells(identity, dwelling.owners) for dwelling in holdings.dwellings)
    residence = _lives_in_one(identity, holdings) or _address_written(identity, holdings)
    return cells | ({FieldId.RESIDENCE: residence} if residence is not None else {})


def _lives_in_one(identity: Identity, holdings: DwellingHoldings) -> SourceValue | None:
    """Return the cell of the dwelling in which the citizen lives by the chip, under its present or its former name."""
    for dwelling in holdings.dwellings:
        if not identity.residence or not dwelling.address:
            continue
        before = _former_address(dwelling)
        match, reason = compare_places(identity.residence, dwelling.address, before)
        if match is not Match.DIFFERENT:
            return SourceValue(dwelling.address, match, reason)
    return None


def _former_address(dwelling: Dwelling) -> str:
    if not dwelling.commune_before or not dwelling.commune or not dwelling.address.endswith(dwelling.commune):
        return ""
    return dwelling.address.removesuffix(dwelling.commune) + dwelling.commune_before


def _address_written(identity: Identity, holdings: DwellingHoldings) -> SourceValue | None:
    owners = (holder_among(identity, dwelling.owners) for dwelling in holdings.dwellings)
    written = [
        {FieldId.RESIDENCE: cell(identity.residence, owner.address, compare_places)}
        for owner in owners
        if owner is not None and owner.address
    ]
    return weightiest(written).get(FieldId.RESIDENCE)


def _listed(holdings: DwellingHoldings) -> tuple[DwellingView, ...]:
    return tuple(dwelling_view(dwelling, holdings.asked) for dwelling in holdings.dwellings)


def _item(dwelling: DwellingView) -> ItemView:
    return ItemView(
        certificate=dwelling.certificate_serial,
        key="/".join((dwelling.certificate_serial, dwelling.block, str(dwelling.floor), dwelling.number)),
        label=dwelling.number or dwelling.certificate_serial,
        cells=(
            _name(dwelling),
            dwelling.floor_area,
            _ownership(dwelling),
            dwelling.certificate_serial,
            ", ".join(dwelling.owners),
        ),
        standing=STANDINGS[dwelling.quality],
        standing_words=QUALITY_WORDS[dwelling.quality],
        details=_details(dwelling),
        alerts=tuple(_alert(entry) for entry in dwelling.encumbrances),
        picture=Building(
            label=dwelling.number,
            floors=dwelling.floors or max(1, dwelling.floor),
            floor=dwelling.floor,
            shared=dwelling.kind is DwellingKind.APARTMENT,
            locked=bool(dwelling.encumbrances),
        ),
    )


def _name(dwelling: DwellingView) -> Phrase:
    kind = KINDS[dwelling.kind] if dwelling.kind is not None else Phrase("", "")
    return _both(lambda say: f"{say(kind)} {dwelling.number}".strip())


def _ownership(dwelling: DwellingView) -> Phrase:
    if dwelling.ownership_form is None:
        return Phrase("", "")
    form = FORMS[dwelling.ownership_form]
    until = Phrase(f"đến {dwelling.ownership_term}", f"until {dwelling.ownership_term}")
    term = until if dwelling.ownership_term else WITHOUT_TERM
    return _both(lambda say: f"{say(form)}, {say(term)}")


def _details(dwelling: DwellingView) -> tuple[tuple[Phrase, Said], ...]:
    place = Phrase(
        _joined(
            (f"toà {dwelling.block}", dwelling.block),
            (f"tầng {dwelling.floor}", dwelling.floor),
            (f"nhà {dwelling.floors} tầng", dwelling.floors),
        ),
        _joined(
            (f"block {dwelling.block}", dwelling.block),
            (f"floor {dwelling.floor}", dwelling.floor),
            (f"of {dwelling.floors} floors", dwelling.floors),
        ),
    )
    told: list[tuple[str, Said]] = [
        ("address", dwelling.address),
        ("before", dwelling.commune_before),
        ("project", dwelling.project),
        ("place", place if place.vi else ""),
        ("scheme", SCHEMES[dwelling.scheme] if dwelling.scheme is not None else ""),
        ("issued", dwelling.issued),
    ]
    told += [("transaction", _transaction(entry)) for entry in dwelling.transactions]
    return (*((HEADS[head], value) for head, value in told if value), (QUALITY_HEAD, QUALITY_WORDS[dwelling.quality]))


def _transaction(entry: TransactionView) -> Phrase:
    kind = TRANSACTIONS[entry.kind]
    return _both(lambda say: ", ".join(part for part in (say(kind), entry.day, entry.reference) if part))


def _alert(entry: EncumbranceView) -> AlertView:
    since = Phrase(f"từ {entry.since}", f"since {entry.since}") if entry.since else Phrase("", "")
    text = _both(lambda say: ", ".join(part for part in (entry.holder, say(since), entry.reference) if part))
    return AlertView(ENCUMBRANCES[entry.kind], text)


def _joined(*parts: tuple[str, object]) -> str:
    return ", ".join(words for words, there in parts if there)


def _both(make: Callable[[Callable[[Phrase], str]], str]) -> Phrase:
    """Return in both languages what ``make`` says with the phrases it is given."""
    return Phrase(make(lambda phrase: phrase.vi), make(lambda phrase: phrase.en))


def _certified(holdings: DwellingHoldings) -> tuple[Certified, ...]:
    return tuple(
        Certified(
            dwelling.certificate_serial,
            tuple(owner.full_name for owner in dwelling.owners) if "owners" in holdings.asked else (),
        )
        for dwelling in holdings.dwellings
    )


KIND = RegisterKind(
    name=HOUSING,
    title=Phrase("Nhà ở", "Housing"),
    ask=lambda connection, lookup: (
        connection.find_by_certificate(lookup) if lookup.certificate else connection.find_dwellings(lookup)
    ),
    cells=_cells,
    section=SectionKind(
        heading=Phrase("Nhà ở", "Dwellings"),
        columns=(
            Column(HEADS["dwelling"], 0.36, "number"),
            Column(HEADS["area"], field="floor_area_m2"),
            Column(HEADS["ownership"], 0.26, "ownership_form"),
            Column(HEADS["certificate"]),
            Column(HEADS["owners"], 0.38, "owners"),
        ),
        nothing=Phrase(
            "Hệ thống thông tin về nhà ở không có nhà nào của công dân này.",
            "The housing register holds no dwelling for this citizen.",
        ),
        listed=_listed,
        item=_item,
        asked=lambda holdings: holdings.asked,
    ),
    certified=_certified,
    order=30,
)
"""The information system on housing and the real-estate market."""
