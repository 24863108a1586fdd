"""The population register at the desk: every field of the chip compared with the citizen's record."""

from __future__ import annotations

from auth.registers.ports import PopulationRecord
from desk.cells import (
    NOT_FOR_PURPOSE,
    cell,
    date_cell,
    expiry_cell,
    name_cell,
    names,
    number_cell,
    same_country,
    same_digits,
    same_text,
    sex_text,
)
from desk.language import Phrase
from desk.places import compare_places
from desk.register_kind import POPULATION, RegisterKind
from desk.view import FieldId, SourceValue
from reader.lds.identity import Identity

__all__ = ["KIND"]


def _cells(identity: Identity, record: PopulationRecord) -> dict[FieldId, SourceValue]:
    """Compare what was asked for; of the rest nothing is known, which is not the same as that there is none."""
    return {
        field: value if field in _ALWAYS or _FIELD_OF[field] in record.asked else NOT_FOR_PURPOSE
        for field, value in _compared(identity, record).items()
    }


_ALWAYS = frozenset({FieldId.PERSONAL_NUMBER})
_FIELD_OF = {field: field.value.replace("-", "_") for field in FieldId}


def _compared(identity: Identity, record: PopulationRecord) -> dict[FieldId, SourceValue]:
    before = record.residence_before
    return {
        FieldId.FULL_NAME: name_cell(identity, record.full_name),
        FieldId.PERSONAL_NUMBER: number_cell(identity, record.personal_number),
        FieldId.OLD_NUMBER: cell(identity.old_number, record.old_number, same_digits),
        FieldId.DATE_OF_BIRTH: date_cell(identity.date_of_birth, record.date_of_birth),
        FieldId.SEX: cell(sex_text(identity.sex), sex_text(record.sex), same_text),
        FieldId.NATIONALITY: cell(identity.nationality, record.nationality, same_country),
        FieldId.ETHNICITY: cell(identity.ethnicity, record.ethnicity, names),
        FieldId.RELIGION: cell(identity.religion, record.religion, names),
        FieldId.PLACE_OF_ORIGIN: cell(identity.place_of_origin, record.place_of_origin, compare_places),
        FieldId.RESIDENCE: cell(
            identity.residence, record.residence, lambda ours, theirs: compare_places(ours, theirs, before)
        ),
        FieldId.FATHER: cell(identity.father, record.father, names),
        FieldId.MOTHER: cell(identity.mother, record.mother, names),
        FieldId.SPOUSE: cell(identity.spouse, record.spouse, names),
        FieldId.ISSUE_DATE: date_cell(identity.issue_date, record.issue_date),
        FieldId.EXPIRY: expiry_cell(identity.expiry, record.expiry),
    }


KIND = RegisterKind(
    name=POPULATION,
    title=Phrase("Dân cư", "Population"),
    ask=lambda connection, lookup: connection.find_citizen(lookup),
    confirm=lambda connection, lookup: connection.confirm_citizen(lookup),
    cells=_cells,
    knows_everybody=True,
    order=10,
)
"""The National Population Database."""
