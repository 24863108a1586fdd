"""Chip ↔ population ↔ land, field by field: what each source holds and how it stands to the chip.

The chip is the measure, for it is proven; a register that differs is shown, not judged. A register that was not asked,
or gave no verified answer, has no say in any row. What only one side holds is *missing*, and the reason says on which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from auth.registers.ports import LandHoldings, PopulationRecord
from desk.dates import compare_dates
from desk.holders import HolderEntry, entries_of
from desk.names import compare_names, same_letters
from desk.outcomes import LookupOutcome
from desk.personal_number import compare_numbers, digits_of, parse_personal_number
from desk.places import compare_places
from desk.view import ComparisonRow, FieldId, Match, RegisterState, SourceValue
from reader.lds.identity import CalendarDate, Identity, Sex

__all__ = ["NO_EXPIRY", "compare", "sex_text"]

NO_EXPIRY = "Không thời hạn"
_NOT_ASKED = SourceValue("", Match.NOT_ASKED)
_SEXES = {Sex.MALE: "Nam", Sex.FEMALE: "Nữ", Sex.UNSPECIFIED: ""}
_COUNTRY_CODES = {"vnm": "việt nam"}
# What stands out most is what a clerk must see when several parcels speak of one citizen.
_WEIGHT = [Match.DIFFERENT, Match.RENAMED, Match.SAME_WRITTEN_OTHERWISE, Match.SAME, Match.MISSING, Match.NOT_ASKED]

T = TypeVar("T")
Verdict = tuple[Match, str]


def compare(
    identity: Identity, population: LookupOutcome[PopulationRecord], land: LookupOutcome[LandHoldings]
) -> tuple[ComparisonRow, ...]:
    """Return the rows of the comparison, in the order of ``FieldId``; a row that nobody fills is left out."""
    chip = _chip_texts(identity)
    of_population = _population_cells(identity, population)
    of_land = _land_cells(identity, land)
    rows = (
        ComparisonRow(
            field,
            chip[field],
            of_population.get(field, _NOT_ASKED),
            of_land.get(field, _NOT_ASKED),
            _note(identity, field),
        )
        for field in FieldId
    )
    return tuple(row for row in rows if row.chip or row.population.value or row.land.value)


def sex_text(sex: Sex) -> str:
    """Return a sex as the card writes it; empty where it is not specified."""
    return _SEXES[sex]


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
        FieldId.ISSUE_DATE: _date_text(identity.issue_date),
        FieldId.EXPIRY: _date_text(identity.expiry) or NO_EXPIRY,
    }


def _population_cells(identity: Identity, outcome: LookupOutcome[PopulationRecord]) -> dict[FieldId, SourceValue]:
    if outcome.state is RegisterState.NOT_FOUND:
        return {field: SourceValue("", Match.MISSING, "register-silent") for field in FieldId}
    record = outcome.record
    if record is None:
        return {}
    before = record.residence_before
    return {
        FieldId.FULL_NAME: _name_cell(identity, record.full_name),
        FieldId.PERSONAL_NUMBER: _number_cell(identity, record.personal_number),
        FieldId.OLD_NUMBER: _cell(identity.old_number, record.old_number, _same_digits),
        FieldId.DATE_OF_BIRTH: _date_cell(identity.date_of_birth, record.date_of_birth),
        FieldId.SEX: _cell(sex_text(identity.sex), sex_text(record.sex), _same_text),
        FieldId.NATIONALITY: _cell(identity.nationality, record.nationality, _same_country),
        FieldId.ETHNICITY: _cell(identity.ethnicity, record.ethnicity, _names),
        FieldId.RELIGION: _cell(identity.religion, record.religion, _names),
        FieldId.PLACE_OF_ORIGIN: _cell(identity.place_of_origin, record.place_of_origin, compare_places),
        FieldId.RESIDENCE: _cell(
            identity.residence, record.residence, lambda ours, theirs: compare_places(ours, theirs, before)
        ),
        FieldId.FATHER: _cell(identity.father, record.father, _names),
        FieldId.MOTHER: _cell(identity.mother, record.mother, _names),
        FieldId.SPOUSE: _cell(identity.spouse, record.spouse, _names),
        FieldId.ISSUE_DATE: _date_cell(identity.issue_date, record.issue_date),
        FieldId.EXPIRY: _expiry_cell(identity.expiry, record.expiry),
    }


def _land_cells(identity: Identity, outcome: LookupOutcome[LandHoldings]) -> dict[FieldId, SourceValue]:
    """Compare with the entries that speak of this citizen; of several parcels the weightiest difference is shown."""
    if outcome.record is None or not outcome.record.parcels:
        return {}
    cells = [_entry_cells(identity, entry) for entry in entries_of(identity, outcome.record)]
    fields = dict.fromkeys(field for entry in cells for field in entry)
    return {
        field: min((entry[field] for entry in cells if field in entry), key=lambda cell: _WEIGHT.index(cell.match))
        for field in fields
    }


def _entry_cells(identity: Identity, entry: HolderEntry) -> dict[FieldId, SourceValue]:
    holder = entry.holder
    if holder is None:
        names = ", ".join(other.full_name for other in entry.parcel.holders)
        return {FieldId.FULL_NAME: SourceValue(names, Match.DIFFERENT, "no-such-holder")}
    return {
        FieldId.FULL_NAME: _name_cell(identity, holder.full_name),
        FieldId.PERSONAL_NUMBER: _number_cell(identity, holder.number),
        FieldId.DATE_OF_BIRTH: _date_cell(identity.date_of_birth, holder.date_of_birth),
        FieldId.RESIDENCE: _cell(identity.residence, holder.address, compare_places),
    }


def _cell(chip: str, register: str, verdict: Callable[[str, str], Verdict]) -> SourceValue:
    if not chip and not register:
        return _NOT_ASKED
    if not register:
        return SourceValue("", Match.MISSING, "register-silent")
    if not chip:
        return SourceValue(register, Match.MISSING, "chip-silent")
    return SourceValue(register, *verdict(chip, register))


def _name_cell(identity: Identity, register: str) -> SourceValue:
    # A chip whose DG13 was not readable gives the name of the MRZ, which has no diacritics.
    plain = identity.full_name == identity.mrz_name
    return _cell(identity.full_name, register, lambda ours, theirs: _names(ours, theirs, chip_is_plain=plain))


def _number_cell(identity: Identity, register: str) -> SourceValue:
    old = identity.old_number
    return _cell(identity.personal_number, register, lambda ours, theirs: compare_numbers(ours, old, theirs))


def _date_cell(chip: CalendarDate | None, register: CalendarDate | None) -> SourceValue:
    if chip is None or register is None:
        return _cell(_date_text(chip), _date_text(register), _same_text)
    return SourceValue(register.vietnamese(), *compare_dates(chip, register))


def _expiry_cell(chip: CalendarDate | None, register: CalendarDate | None) -> SourceValue:
    """Compare expiries: on the chip none means "without expiry"; a register without one is silent unless they agree."""
    if chip is None and register is None:
        return SourceValue(NO_EXPIRY, Match.SAME)
    if chip is None and register is not None:
        return SourceValue(register.vietnamese(), Match.DIFFERENT, "other-date")
    return _date_cell(chip, register)


def _note(identity: Identity, field: FieldId) -> str:
    if field is not FieldId.PERSONAL_NUMBER:
        return ""
    number = parse_personal_number(identity.personal_number)
    if number is None or number.fits(identity.date_of_birth, identity.sex):
        return ""
    return "number-unlike-birth"


def _names(chip: str, register: str, *, chip_is_plain: bool = False) -> Verdict:
    found = compare_names(chip, register, chip_is_plain=chip_is_plain)
    return found.match, found.reason


def _same_text(chip: str, register: str) -> Verdict:
    return (Match.SAME, "") if same_letters(chip) == same_letters(register) else (Match.DIFFERENT, "other-value")


def _same_digits(chip: str, register: str) -> Verdict:
    return (Match.SAME, "") if digits_of(chip) == digits_of(register) else (Match.DIFFERENT, "other-number")


def _same_country(chip: str, register: str) -> Verdict:
    ours, theirs = (_COUNTRY_CODES.get(text.casefold(), text) for text in (chip, register))
    return _names(ours, theirs)


def _date_text(date: CalendarDate | None) -> str:
    return date.vietnamese() if date else ""
