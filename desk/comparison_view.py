"""The comparison as a shell shows it: a row a field, a cell a source, and how each stands to the chip."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ComparisonRow", "FieldId", "Match", "RegisterCell", "SourceValue"]


class Match(StrEnum):
    """Tell how a register's value stands to the chip's."""

    SAME = "same"
    SAME_WRITTEN_OTHERWISE = "same-written-otherwise"
    RENAMED = "renamed"
    DIFFERENT = "different"
    MISSING = "missing"
    NOT_ASKED = "not-asked"


class FieldId(StrEnum):
    """Name the rows of the comparison."""

    FULL_NAME = "full-name"
    PERSONAL_NUMBER = "personal-number"
    OLD_NUMBER = "old-number"
    DATE_OF_BIRTH = "date-of-birth"
    SEX = "sex"
    NATIONALITY = "nationality"
    ETHNICITY = "ethnicity"
    RELIGION = "religion"
    PLACE_OF_ORIGIN = "place-of-origin"
    RESIDENCE = "residence"
    FATHER = "father"
    MOTHER = "mother"
    SPOUSE = "spouse"
    ISSUE_DATE = "issue-date"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True, repr=False)
class SourceValue:
    """Show what one source holds and how that stands to the chip; ``reason`` is a code that says why."""

    value: str
    match: Match
    reason: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class RegisterCell:
    """Show what one register holds in one row of the comparison."""

    register: str
    held: SourceValue


@dataclass(frozen=True, slots=True, repr=False)
class ComparisonRow:
    """Show one field: the chip's value, each register's with its match; ``note`` is a remark on the chip's value."""

    field: FieldId
    chip: str
    cells: tuple[RegisterCell, ...] = ()
    note: str = ""

    def of(self, register: str) -> SourceValue:
        """Return what ``register`` holds; raise KeyError where the row has no cell of it."""
        for cell in self.cells:
            if cell.register == register:
                return cell.held
        raise KeyError(register)
