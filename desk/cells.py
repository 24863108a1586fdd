"""The cells of the comparison: how a value that a register holds stands to the chip's.

The chip is the measure, for it is proven. What only one side holds is *missing*, and the reason says on which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from desk.dates import compare_dates
from desk.names import compare_names, same_letters
from desk.personal_number import compare_numbers, digits_of
from desk.view import FieldId, Match, SourceValue
from reader.lds.identity import CalendarDate, Identity, Sex

__all__ = [
    "NOT_ASKED",
    "NOT_FOR_PURPOSE",
    "NO_EXPIRY",
    "Verdict",
    "cell",
    "date_cell",
    "date_text",
    "expiry_cell",
    "name_cell",
    "names",
    "number_cell",
    "same_country",
    "same_digits",
    "same_text",
    "sex_text",
    "weightiest",
]

NO_EXPIRY = "Không thời hạn"
NOT_ASKED = SourceValue("", Match.NOT_ASKED)
# Of a field that the purpose does not ask for a register says neither something nor nothing.
NOT_FOR_PURPOSE = SourceValue("", Match.NOT_ASKED, "not-for-purpose")
_SEXES = {Sex.MALE: "Nam", Sex.FEMALE: "Nữ", Sex.UNSPECIFIED: ""}
_COUNTRY_CODES = {"vnm": "việt nam"}
# What stands out most is what a clerk must see when several entries speak of one citizen.
_WEIGHT = [Match.DIFFERENT, Match.RENAMED, Match.SAME_WRITTEN_OTHERWISE, Match.SAME, Match.MISSING, Match.NOT_ASKED]

Verdict = tuple[Match, str]


def cell(chip: str, register: str, verdict: Callable[[str, str], Verdict]) -> SourceValue:
    """Return the cell of two texts; ``verdict`` is asked only where both sides have one."""
    if not chip and not register:
        return NOT_ASKED
    if not register:
        return SourceValue("", Match.MISSING, "register-silent")
    if not chip:
        return SourceValue(register, Match.MISSING, "chip-silent")
    return SourceValue(register, *verdict(chip, register))


def name_cell(identity: Identity, register: str) -> SourceValue:
    """Return the cell of a holder's name."""
    # A chip whose DG13 was not readable gives the name of the MRZ, which has no diacritics.
    plain = identity.full_name == identity.mrz_name
    return cell(identity.full_name, register, lambda ours, theirs: names(ours, theirs, chip_is_plain=plain))


def number_cell(identity: Identity, register: str) -> SourceValue:
    """Return the cell of a number, which may be the citizen's old one."""
    old = identity.old_number
    return cell(identity.personal_number, register, lambda ours, theirs: compare_numbers(ours, old, theirs))


def date_cell(chip: CalendarDate | None, register: CalendarDate | None) -> SourceValue:
    """Return the cell of a date."""
    if chip is None or register is None:
        return cell(date_text(chip), date_text(register), same_text)
    return SourceValue(register.vietnamese(), *compare_dates(chip, register))


def expiry_cell(chip: CalendarDate | None, register: CalendarDate | None) -> SourceValue:
    """Compare expiries: on the chip none means "without expiry"; a register without one is silent unless they agree."""
    if chip is None and register is None:
        return SourceValue(NO_EXPIRY, Match.SAME)
    if chip is None and register is not None:
        return SourceValue(register.vietnamese(), Match.DIFFERENT, "other-date")
    return date_cell(chip, register)


def weightiest(entries: Iterable[Mapping[FieldId, SourceValue]]) -> dict[FieldId, SourceValue]:
    """Return, of several entries for one citizen, the cell that stands out most in each row."""
    told = tuple(entries)
    fields = dict.fromkeys(field for entry in told for field in entry)
    return {
        field: min((entry[field] for entry in told if field in entry), key=lambda value: _WEIGHT.index(value.match))
        for field in fields
    }


def names(chip: str, register: str, *, chip_is_plain: bool = False) -> Verdict:
    """Compare two names or words."""
    found = compare_names(chip, register, chip_is_plain=chip_is_plain)
    return found.match, found.reason


def same_text(chip: str, register: str) -> Verdict:
    """Compare two texts that have one spelling."""
    return (Match.SAME, "") if same_letters(chip) == same_letters(register) else (Match.DIFFERENT, "other-value")


def same_digits(chip: str, register: str) -> Verdict:
    """Compare two numbers by their digits."""
    return (Match.SAME, "") if digits_of(chip) == digits_of(register) else (Match.DIFFERENT, "other-number")


def same_country(chip: str, register: str) -> Verdict:
    """Compare two nationalities, by name or by code."""
    ours, theirs = (_COUNTRY_CODES.get(text.casefold(), text) for text in (chip, register))
    return names(ours, theirs)


def sex_text(sex: Sex | None) -> str:
    """Return a sex as the card writes it; empty where it is not specified or not known."""
    return _SEXES[sex] if sex is not None else ""


def date_text(date: CalendarDate | None) -> str:
    """Return a date as it is written in Vietnam; empty for none."""
    return date.vietnamese() if date else ""
