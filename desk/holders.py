"""Who among a parcel's holders is this citizen: found by number, by old number, or by name and birth."""

from __future__ import annotations

from dataclasses import dataclass

from auth.registers.ports import Holder, LandHoldings, Parcel
from desk.dates import compare_dates
from desk.names import compare_names
from desk.personal_number import compare_numbers, digits_of
from desk.view import Match
from reader.lds.identity import Identity

__all__ = ["HolderEntry", "entries_of"]


@dataclass(frozen=True, slots=True, repr=False)
class HolderEntry:
    """Hold one parcel's entry for the citizen; ``holder`` is None where no holder of the parcel matches."""

    parcel: Parcel
    holder: Holder | None


def entries_of(identity: Identity, holdings: LandHoldings) -> tuple[HolderEntry, ...]:
    """Return, for each parcel, the entry that speaks of this citizen."""
    return tuple(HolderEntry(parcel, _holder_of(identity, parcel)) for parcel in holdings.parcels)


def _holder_of(identity: Identity, parcel: Parcel) -> Holder | None:
    for holder in parcel.holders:
        if digits_of(holder.number) and _number_matches(identity, holder):
            return holder
    for holder in parcel.holders:
        if _name_and_birth_match(identity, holder):
            return holder
    return None


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
