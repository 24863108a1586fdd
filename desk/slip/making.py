"""From a visit as it is shown to its slip: a pure function, so that a slip can never say more than the page did."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from auth.purposes import Purpose, citizen_text
from desk.asked_for import AskedFor
from desk.comparison_view import ComparisonRow, FieldId
from desk.inspection_report import program
from desk.language import Phrase
from desk.outcomes import Asked, LookupOutcome
from desk.register_kind import POPULATION
from desk.slip.content import Maker, Matter, PresenceShown, Slip, SlipDevice, SlipRegister, Subject
from desk.view import ActionId, CheckView, DeskView, RegisterView
from desk.visit_data import VisitData

__all__ = ["slip_of"]

# Every register is asked by these three, so every slip keeps them.
_ALWAYS_KEPT = (FieldId.FULL_NAME, FieldId.PERSONAL_NUMBER, FieldId.DATE_OF_BIRTH)


def slip_of(
    view: DeskView, data: VisitData, clerk_id: str, device: SlipDevice, slip_id: str, now: datetime
) -> Slip | None:
    """Return the slip of the visit that ``view`` shows; None while there is nothing to make one of.

    Nor is there anything for a clerk in whose place another one signed in: what was asked in the other's name goes.
    Whether it is a test is the view's to say, by the same word that draws the ribbon across the desk. ``now`` has a
    zone.
    """
    identity, inspection, decision = data.identity, data.inspection, view.decision
    asked = next((outcome.asked for outcome in data.outcomes if outcome.asked is not None), None)
    # Where the registers were told a purpose, or would have been, the slip is of that one, whatever was chosen since.
    asked_for = data.asked_for or (AskedFor(view.purpose_in_use) if view.purpose_in_use is not None else None)
    if ActionId.MAKE_SLIP not in view.actions or _of_another(asked, clerk_id):
        return None
    if identity is None or inspection is None or decision is None or asked_for is None:
        return None
    purpose = asked_for.purpose
    said = program()
    return Slip(
        slip_id=slip_id,
        made_at=now,
        test=view.test,
        maker=Maker(view.clerk, clerk_id, view.counter, device, f"{said['name']} {said['version']}"),
        matter=_matter(asked_for, asked.dossier if asked is not None else view.dossier),
        subject=Subject(identity.personal_number, identity.full_name, identity.date_of_birth.vietnamese()),
        inspected_at=inspection.moment,
        policy=inspection.policy,
        policy_digest=inspection.policy_digest,
        decision=decision,
        checks=tuple(_bare(check) for check in view.checks),
        comparison=_kept(view.comparison, purpose),
        registers=tuple(map(_register, view.registers, data.outcomes)),
        sections=tuple(section for section in view.sections if purpose.use(section.register) is not None),
        presence=_presence(view),
    )


def _of_another(asked: Asked | None, clerk_id: str) -> bool:
    """Tell whether the registers were asked in the name of another clerk than the one who is here."""
    return asked is not None and bool(clerk_id) and asked.clerk != clerk_id


def _matter(asked_for: AskedFor, dossier: str) -> Matter:
    purpose, given = asked_for.purpose, asked_for.consent
    return Matter(
        purpose=purpose.id,
        name=Phrase(purpose.name_vi, purpose.name_en),
        basis=purpose.basis,
        legal_basis=purpose.legal_basis,
        dossier=dossier,
        keep_days=purpose.keep_days,
        consent=given,
        consent_text=citizen_text(purpose, given.language) if given is not None else "",
    )


def _bare(check: CheckView) -> CheckView:
    """Return a check without its evidence: whoever wants that keeps the evidence file, which is made for it."""
    return replace(check, evidence=())


def _kept(rows: tuple[ComparisonRow, ...], purpose: Purpose) -> tuple[ComparisonRow, ...]:
    """Return the rows that the purpose asks somebody about: what else the chip holds is nothing to file."""
    use = purpose.use(POPULATION)
    wanted = use.fields if use is not None else ()
    return tuple(row for row in rows if row.field in _ALWAYS_KEPT or row.field.value.replace("-", "_") in wanted)


def _register(view: RegisterView, outcome: LookupOutcome[Any]) -> SlipRegister:
    return SlipRegister(
        register=view.register,
        title=view.title,
        state=view.state,
        verified=outcome.verified,
        failure=view.failure,
        lookup=outcome.asked.lookup_id if outcome.asked is not None else "",
        answered_at=outcome.answered_at if outcome.answered else None,
        key_id=outcome.key_id,
        notes=view.notes,
        alerts=view.alerts,
        confirmed=view.confirmed,
        certificate=view.certificate,
        certificate_held=view.certificate_held,
        receipt=outcome.receipt if outcome.presence is not None else "",
    )


def _presence(view: DeskView) -> PresenceShown | None:
    shown = view.presence
    if shown is None or not shown.state:
        return None
    return PresenceShown(shown.state, shown.level, shown.reason, shown.registers)
