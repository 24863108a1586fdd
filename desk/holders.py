"""Who among the holders of an entry is this citizen: found by number, by old number, or by name and birth."""

from __future__ import annotations

from collections.abc import Iterable

from auth.registers.ports import Holder
from desk.cells import date_cell, name_cell, number_cell
from desk.dates import compare_dates
from desk.names import compare_names
from desk.personal_number import compare_numbers, digits_of
from desk.view import FieldId, Match, SourceValue
from reader.lds.identity import Identity

__all__ = ["holder_among", "holder_cells"]


def holder_among(identity: Identity, holders: Iterable[Holder]) -> Holder | None:
    """Return the holder who is this citizen; None where nobody matches."""
    known = tuple(holders)
    for holder in known:
        if digits_of(holder.number) and _number_matches(identity, holder):
            return holder
    for holder in known:
        if _name_and_birth_match(identity, holder):
            return holder
    return None


def holder_cells(identity: Identity, holders: Iterable[Holder]) -> dict[FieldId, SourceValue]:
    """Return how an entry's holder stands to the chip; where none is this citizen, the names of all, as different."""
    known = tuple(holders)
    holder = holder_among(identity, known)
    if holder is None:
        names = ", ".join(other.full_name for other in known)
        return {FieldId.FULL_NAME: SourceValue(names, Match.DIFFERENT, "no-such-holder")}
    return {
        FieldId.FULL_NAME: name_cell(identity, holder.full_name),
        FieldId.PERSONAL_NUMBER: number_cell(identity, holder.number),
        FieldId.DATE_OF_BIRTH: date_cell(identity.date_of_birth, holder.date_of_birth),
    }


def _number_matches(identity: Identity, holder: Holder) -> bool:
    match, _ = compare_numbers(identity.personal_number, identity.old_number, holder.number)
    return match is not Match.DIFFERENT


def _name_and_birth_match(identity: Identity, holder: Holder) -> bool:
    """Tell whether name and birth are this citizen's; without a birth the name alone will do, and the number shows."""
    if not holder.full_name or compare_names(identity.full_name, holder.full_name).match is Match.DIFFERENT:
        return False
    if holder.date_of_birth is None:
        return True
    return compare_dates(identity.date_of_birth, holder.date_of_birth)[0] is not Match.DIFFERENT
