"""From what the desk holds to what a shell shows: ``present`` is a pure function and knows no thread."""

from __future__ import annotations

from dataclasses import replace

from auth.registers.ports import LandHoldings, Parcel
from desk.certificate import holds_certificate
from desk.comparison import compare, sex_text
from desk.judgement import judge
from desk.outcomes import LookupOutcome
from desk.progress import progress_of
from desk.steps import steps_of
from desk.view import (
    ActionId,
    CheckView,
    DeskState,
    DeskView,
    FailureView,
    IdentityView,
    ParcelView,
    PortraitView,
    ReaderView,
    RegisterView,
)
from desk.visit import Event, transition
from desk.visit_data import Surroundings, VisitData
from reader.inspection.checks import Check
from reader.inspection.report import Decision
from reader.iso7816 import ReaderSnapshot
from reader.lds.identity import Identity

__all__ = ["check_view", "identity_view", "parcel_view", "present"]

_OFFERED = {
    ActionId.ENTER_KEY: Event.KEY_ENTERED,
    ActionId.CANCEL: Event.CANCEL,
    ActionId.NEXT: Event.NEXT,
    ActionId.LOOK_UP_AGAIN: Event.LOOK_UP_AGAIN,
}


def present(
    state: DeskState,
    data: VisitData,
    around: Surroundings,
    snapshot: ReaderSnapshot,
    in_use: str = "",
    trouble: str = "",
) -> DeskView:
    """Return the view of the whole desk.

    ``in_use`` names the reader that holds the visit's card, ``trouble`` is the failure code for having no reader.
    """
    identity, inspection = data.identity, data.inspection
    return DeskView(
        state=state,
        visit=data.serial,
        readers=tuple(ReaderView(r.name, r.slot.value, r.emulated, r.name == in_use) for r in snapshot.readers),
        service=snapshot.service.value,
        test=around.test
        or (inspection is not None and inspection.test)
        or any(reader.emulated and reader.name == in_use for reader in snapshot.readers),
        clerk=around.clerk,
        counter=around.counter,
        purpose=around.purpose,
        steps=steps_of(state, data),
        progress=progress_of(data.files) if state in (DeskState.READING, DeskState.CARD_LOST) else None,
        identity=identity_view(identity) if identity else None,
        portrait=_portrait_view(data),
        decision=judge(inspection, data.population) if inspection else None,
        checks=tuple(check_view(check) for check in data.checks),
        comparison=compare(identity, data.population, data.land) if identity else (),
        parcels=_parcels(data.land),
        registers=(_register_view(data.population), _land_view(data)),
        failure=FailureView(trouble) if state is DeskState.NO_READER and trouble else data.failure,
        actions=_actions(state, data),
        key_held=data.key is not None,
        certificate=data.certificate,
        waits_for_others=state is DeskState.READING and data.waits_for_others,
        trust=around.trust,
    )


def identity_view(identity: Identity) -> IdentityView:
    """Return who the card speaks of, ready to show."""
    return IdentityView(
        full_name=identity.full_name,
        personal_number=identity.personal_number,
        date_of_birth=identity.date_of_birth.vietnamese(),
        sex=sex_text(identity.sex),
        nationality=identity.nationality,
        residence=identity.residence,
        expiry=identity.expiry.vietnamese() if identity.expiry else "",
        old_number=identity.old_number,
    )


def _portrait_view(data: VisitData) -> PortraitView | None:
    portrait = data.portrait
    if portrait is None:
        return None
    return PortraitView(portrait.png, portrait.width, portrait.height, data.portrait_whole, data.hashes_proven)


def check_view(check: Check) -> CheckView:
    """Return one check, ready to show."""
    return CheckView(check.id, check.status, check.reason, check.evidence, tuple(note.code for note in check.notes))


def parcel_view(parcel: Parcel) -> ParcelView:
    """Return one parcel, ready to show; corners are metres east and north of its south-west corner."""
    south = min((north for north, _ in parcel.boundary), default=0.0)
    west = min((east for _, east in parcel.boundary), default=0.0)
    return ParcelView(
        certificate_serial=parcel.certificate_serial,
        map_sheet=parcel.map_sheet,
        parcel_number=parcel.parcel_number,
        area=_area(parcel),
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
    )


def _area(parcel: Parcel) -> str:
    """Write square metres with a point between thousands and a comma before the fraction."""
    written = f"{parcel.area_m2:,.1f}"
    return written.translate(str.maketrans(",.", ".,")) + " m²"


def _parcels(outcome: LookupOutcome[LandHoldings]) -> tuple[ParcelView, ...]:
    return tuple(parcel_view(parcel) for parcel in outcome.record.parcels) if outcome.record else ()


def _register_view(outcome: LookupOutcome[object]) -> RegisterView:
    at = outcome.answered_at.astimezone().strftime("%H:%M:%S %d/%m/%Y") if outcome.answered_at else ""
    notes = tuple(str(note) for note in outcome.notes)
    return RegisterView(outcome.register, outcome.state, outcome.failure, at, notes=notes)


def _land_view(data: VisitData) -> RegisterView:
    view = _register_view(data.land)
    if not data.certificate or not data.land.verified:
        return view
    held = holds_certificate(data.certificate, data.land.record)
    return replace(view, certificate=data.certificate, certificate_held=held)


def _actions(state: DeskState, data: VisitData) -> frozenset[str]:
    offered = {str(action) for action, event in _OFFERED.items() if transition(state, event) is not None}
    if data.inspection is not None and data.inspection.decision is Decision.STOP:
        offered.discard(ActionId.LOOK_UP_AGAIN)
    return frozenset({*offered, str(ActionId.CHOOSE_PURPOSE)})
