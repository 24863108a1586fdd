"""From what the desk holds to what a shell shows: ``present`` is a pure function and knows no thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from auth.errors import StepUpNeeded
from auth.purposes import Purpose, answers
from desk.cells import sex_text
from desk.comparison import compare
from desk.judgement import judge
from desk.outcomes import LookupOutcome
from desk.presence_view import presence_view
from desk.progress import progress_of
from desk.queueing import can_wait
from desk.register_kind import POPULATION
from desk.register_views import register_views, section_views
from desk.sign_in_view import SignInState, SignInView
from desk.steps import steps_of
from desk.view import (
    ActionId,
    CheckView,
    ComparisonRow,
    DeskState,
    DeskView,
    FailureView,
    FieldId,
    IdentityView,
    Match,
    PortraitView,
    ReaderView,
)
from desk.visit import Event, transition
from desk.visit_data import Surroundings, VisitData
from reader.inspection.checks import Check
from reader.inspection.report import Decision
from reader.iso7816 import ReaderSnapshot
from reader.lds.identity import Identity

__all__ = ["check_view", "identity_view", "present"]

_OFFERED = {
    ActionId.ENTER_KEY: Event.KEY_ENTERED,
    ActionId.CANCEL: Event.CANCEL,
    ActionId.NEXT: Event.NEXT,
    ActionId.LOOK_UP_AGAIN: Event.LOOK_UP_AGAIN,
    ActionId.AGREE: Event.CONSENT_GIVEN,
    ActionId.REFUSE: Event.CONSENT_REFUSED,
    ActionId.GO_ON_WITHOUT_PROOF: Event.WITHOUT_PROOF,
}

_ALWAYS_SHOWN = (FieldId.FULL_NAME, FieldId.PERSONAL_NUMBER, FieldId.DATE_OF_BIRTH)


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
    if state is DeskState.CARD_WANTED:
        data = data.covered()
    identity, inspection, presence = data.identity, data.inspection, presence_view(data)
    sign_in = _sign_in(around.sign_in, data)
    chosen = around.purposes.purpose(around.purpose) if around.purposes.knows(around.purpose) else None
    asked_for = data.asked_for.purpose if data.asked_for is not None else None
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
        decision=judge(inspection, data.population, presence) if inspection else None,
        checks=tuple(check_view(check) for check in data.checks),
        comparison=_asked_for(compare(identity, data.outcomes), data.outcomes, asked_for or chosen) if identity else (),
        sections=section_views(data.outcomes),
        registers=register_views(data.outcomes, data.certificate),
        failure=FailureView(trouble) if state is DeskState.NO_READER and trouble else data.failure,
        actions=_actions(state, data, around, chosen) | _sign_in_actions(sign_in),
        key_held=data.key is not None,
        certificate=data.certificate,
        waits_for_others=state in (DeskState.READING, DeskState.PROVING) and data.waits_for_others,
        trust=around.trust,
        presence=presence,
        card_is_back=state is DeskState.CARD_WANTED and data.tapping,
        asked_for=asked_for,
        purposes=around.purposes.purposes,
        waiting=around.waiting,
        sign_in=sign_in,
        wrong_clock=around.wrong_clock,
        device=around.device,
        dossier=data.dossier,
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


def _asked_for(
    rows: tuple[ComparisonRow, ...], outcomes: Iterable[LookupOutcome[Any]], purpose: Purpose | None
) -> tuple[ComparisonRow, ...]:
    """Return the rows without those that no register is asked about: then nobody needs to see them either.

    Until an answer is there the purpose tells which these will be, so that no row goes away under the clerk's eyes.
    """
    if any(outcome.record is not None for outcome in outcomes):
        return tuple(row for row in rows if row.field in _ALWAYS_SHOWN or not _left_out(row))
    use = purpose.use(POPULATION) if purpose is not None else None
    if use is None:
        return rows
    return tuple(row for row in rows if row.field in _ALWAYS_SHOWN or row.field.value.replace("-", "_") in use.fields)


def _left_out(row: ComparisonRow) -> bool:
    told = [cell.held for cell in row.cells]
    return all(held.match is Match.NOT_ASKED for held in told) and any(held.reason for held in told)


def _sign_in(view: SignInView | None, data: VisitData) -> SignInView | None:
    """Add whether a register of this visit wants the clerk to sign in again."""
    again = any(outcome.failure == StepUpNeeded.code for outcome in data.outcomes)
    return replace(view, again=again) if view is not None else None


def _sign_in_actions(view: SignInView | None) -> frozenset[str]:
    if view is None:
        return frozenset()
    if view.state is SignInState.WAITING:
        return frozenset({str(ActionId.STOP_SIGN_IN)})
    if view.state is SignInState.NOBODY:
        return frozenset({str(ActionId.SIGN_IN)})
    offered = {str(ActionId.SIGN_IN), str(ActionId.SIGN_OUT)}
    return frozenset(offered | ({str(ActionId.SIGN_IN_AGAIN)} if view.again else set()))


def _actions(state: DeskState, data: VisitData, around: Surroundings, chosen: Purpose | None) -> frozenset[str]:
    offered = {str(action) for action, event in _OFFERED.items() if transition(state, event) is not None}
    if data.inspection is not None and data.inspection.decision is Decision.STOP:
        offered.discard(ActionId.LOOK_UP_AGAIN)
    if state is DeskState.PROVING and (chosen is None or not answers(data.consent, chosen)):
        # Nobody agreed to this, so that there is nothing to be taken back.
        offered.discard(ActionId.REFUSE)
    if state is DeskState.SHOWING and any(can_wait(outcome, around.can_wait) for outcome in data.outcomes):
        offered.add(ActionId.QUEUE_LOOKUPS)
    if state is DeskState.SHOWING and data.inspection is not None and data.identity is not None:
        offered.add(ActionId.MAKE_SLIP)
    return frozenset({*offered, str(ActionId.CHOOSE_PURPOSE)})
