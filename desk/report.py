"""The JSON of a visit or a read: everything a tester or another program needs, written only where it was asked for.

It holds personal data; the portrait and the files as read are not in it.
"""

from __future__ import annotations

from dataclasses import asdict

from desk.comparison import compare
from desk.crossings import crossings
from desk.inspection_report import Json, check_report, inspection_report, program
from desk.judgement import judge
from desk.presence_report import presence_report
from desk.presence_view import presence_view
from desk.view import ComparisonRow, FailureView, SourceValue
from desk.visit_data import VisitData
from reader.lds.identity import CalendarDate, Identity

__all__ = ["Json", "identity_report", "visit_report"]

# What a report says of an inspection where there is none.
_NOTHING: Json = {
    "inspected_at": None,
    "policy": "",
    "policy_digest": "",
    "access": "",
    "findings": [],
    "trust": [],
    "timings": {},
    "apdus": 0,
    "bytes": {},
}


def visit_report(
    data: VisitData, failure: FailureView | None = None, *, test: bool = False, trust_expired: bool = False
) -> Json:
    """Return the report of a visit; without an inspection it says why there is none.

    ``test`` says that an emulated card or a test anchor is used; so does the inspection, of what it has seen.
    ``trust_expired`` says that the trust list had ended by its own word.
    """
    inspection = data.inspection
    presence = presence_view(data)
    decision = judge(inspection, data.population, presence) if inspection else None
    holdings = _holdings(data)
    return {
        "schema": 1,
        "test": test or (inspection is not None and inspection.test),
        "program": program(),
        "decision": decision.decision.value if decision else None,
        "reasons": [{"check": check, "reason": reason} for check, reason in decision.reasons] if decision else [],
        **(inspection_report(inspection) if inspection else _NOTHING),
        "trust_expired": trust_expired,
        "checks": [check_report(check) for check in data.checks],
        "identity": identity_report(data.identity) if data.identity else None,
        "portrait": _portrait(data),
        "comparison": [_row(row) for row in compare(data.identity, data.outcomes)] if data.identity else [],
        "registers": [
            {
                "register": outcome.register,
                "state": outcome.state.value,
                "failure": outcome.failure,
                "answered_at": outcome.answered_at.isoformat() if outcome.answered_at else None,
                "key_id": outcome.key_id,
                "notes": [str(note) for note in outcome.notes],
                "confirmed": dict(outcome.confirmation.answers) if outcome.confirmation else None,
            }
            for outcome in data.outcomes
        ],
        "presence": presence_report(data) if presence is not None else None,
        "certificates": [
            {
                "serial": crossing.serial,
                "registers": [crossing.one.name, crossing.other.name],
                "same_people": crossing.same_people,
            }
            for crossing in crossings(data.outcomes)
        ],
        "holdings": holdings,
        "parcels": holdings.get("land", []),
        "purpose": _purpose(data),
        "consent": _consent(data),
        "failure": {"code": failure.code, "tries_left": failure.tries_left} if failure else None,
    }


def identity_report(identity: Identity) -> Json:
    """Return who the chip speaks of, as a report shows it."""
    return {
        "personal_number": identity.personal_number,
        "full_name": identity.full_name,
        "date_of_birth": identity.date_of_birth.isoformat(),
        "sex": identity.sex.value,
        "nationality": identity.nationality,
        "ethnicity": identity.ethnicity,
        "religion": identity.religion,
        "place_of_origin": identity.place_of_origin,
        "residence": identity.residence,
        "distinguishing_marks": identity.distinguishing_marks,
        "issue_date": _date(identity.issue_date),
        "expiry": _date(identity.expiry),
        "father": identity.father,
        "mother": identity.mother,
        "spouse": identity.spouse,
        "old_number": identity.old_number,
        "document_number": identity.document_number,
    }


def _portrait(data: VisitData) -> Json | None:
    portrait = data.portrait
    return {"width": portrait.width, "height": portrait.height, "source": portrait.source} if portrait else None


def _purpose(data: VisitData) -> Json | None:
    """Return for what the registers were asked, or not asked, and on what legal basis."""
    if data.asked_for is None:
        return None
    purpose = data.asked_for.purpose
    return {"id": purpose.id, "basis": purpose.basis.value, "legal_basis": purpose.legal_basis}


def _consent(data: VisitData) -> Json | None:
    """Return to which text of that purpose the citizen agreed, and how and when; the text itself is the registry's."""
    record = data.asked_for.consent if data.asked_for is not None else None
    return {**asdict(record), "at": record.at.isoformat()} if record is not None else None


def _holdings(data: VisitData) -> dict[str, list[Json]]:
    """Return what each register holds, by its name; those that were asked for nothing of the kind are left out."""
    return {
        outcome.register: [asdict(listed) for listed in section.listed(outcome.record)]
        for outcome in data.outcomes
        if (section := outcome.kind.section) is not None and outcome.record is not None
    }


def _row(row: ComparisonRow) -> Json:
    return {
        "field": row.field.value,
        "chip": row.chip,
        "note": row.note,
        **{cell.register: _value(cell.held) for cell in row.cells},
    }


def _value(value: SourceValue) -> Json:
    return {"value": value.value, "match": value.match.value, "reason": value.reason}


def _date(date: CalendarDate | None) -> str | None:
    return date.isoformat() if date else None
