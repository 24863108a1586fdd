"""Chip ↔ registers, field by field: what each source holds and how it stands to the chip.

The chip is the measure, for it is proven; a register that differs is shown, not judged. A register that was not asked,
or gave no verified answer, has no say in any row. What only one side holds is *missing*, and the reason says on which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auth.purposes.vocabulary import IDENTITY_QUESTIONS
from desk.cells import NO_EXPIRY, NOT_ASKED, date_text, sex_text
from desk.outcomes import LookupOutcome
from desk.personal_number import parse_personal_number
from desk.view import ComparisonRow, FieldId, Match, RegisterCell, RegisterState, SourceValue
from reader.lds.identity import Identity

__all__ = ["compare"]

# A register that said yes or no told no value; the questions about who it is are called as the rows are.
_YES, _NO = SourceValue("", Match.SAME, "confirmed-yes"), SourceValue("", Match.DIFFERENT, "confirmed-no")


def compare(identity: Identity, outcomes: Iterable[LookupOutcome[Any]]) -> tuple[ComparisonRow, ...]:
    """Return the rows of the comparison, in the order of ``FieldId``; a row that nobody fills is left out.

    Each row has a cell for each of ``outcomes``, in their order.
    """
    chip = _chip_texts(identity)
    told = tuple((outcome.register, _cells(identity, outcome)) for outcome in outcomes)
    rows = (
        ComparisonRow(
            field,
            chip[field],
            tuple(RegisterCell(register, cells.get(field, NOT_ASKED)) for register, cells in told),
            _note(identity, field),
        )
        for field in FieldId
    )
    return tuple(row for row in rows if row.chip or any(cell.held.value for cell in row.cells))


def _cells(identity: Identity, outcome: LookupOutcome[Any]) -> Mapping[FieldId, SourceValue]:
    if outcome.kind.knows_everybody and outcome.state is RegisterState.NOT_FOUND:
        return {field: SourceValue("", Match.MISSING, "register-silent") for field in FieldId}
    if outcome.record is None and outcome.confirmation is not None:
        return {
            FieldId(question): _YES if yes else _NO
            for question, yes in outcome.confirmation.answers
            if question in IDENTITY_QUESTIONS
        }
    return outcome.kind.cells(identity, outcome.record) if outcome.record is not None else {}


def _chip_texts(identity: Identity) -> dict[FieldId, str]:
    return {
        FieldId.FULL_NAME: identity.full_name,
        FieldId.PERSONAL_NUMBER: identity.personal_number,
        FieldId.OLD_NUMBER: identity.old_number,
        FieldId.DATE_OF_BIRTH: identity.date_of_birth.vietnamese(),
        FieldId.SEX: sex_text(identity.sex),
        FieldId.NATIONALITY: identity.nationality,
        FieldId.ETHNICITY: identity.ethnicity,
        FieldId.RELIGION: identity.religion,
        FieldId.PLACE_OF_ORIGIN: identity.place_of_origin,
        FieldId.RESIDENCE: identity.residence,
        FieldId.FATHER: identity.father,
        FieldId.MOTHER: identity.mother,
        FieldId.SPOUSE: identity.spouse,
        FieldId.ISSUE_DATE: date_text(identity.issue_date),
        FieldId.EXPIRY: date_text(identity.expiry) or NO_EXPIRY,
    }


def _note(identity: Identity, field: FieldId) -> str:
    if field is not FieldId.PERSONAL_NUMBER:
        return ""
    number = parse_personal_number(identity.personal_number)
    if number is None or number.fits(identity.date_of_birth, identity.sex):
        return ""
    return "number-unlike-birth"
