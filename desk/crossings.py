"""One certificate in two registers: land and the house on it stand on one paper, so both must name the same people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from desk.certificate import same_certificate
from desk.names import compare_names
from desk.outcomes import LookupOutcome
from desk.register_kind import Certified, RegisterKind
from desk.view import Match

__all__ = ["Crossing", "crossings"]


@dataclass(frozen=True, slots=True, repr=False)
class Crossing:
    """Hold a certificate that two registers have, and whether both name the same people on it."""

    serial: str
    one: RegisterKind[Any]
    other: RegisterKind[Any]
    same_people: bool


def crossings(outcomes: Iterable[LookupOutcome[Any]]) -> tuple[Crossing, ...]:
    """Return each certificate under which two registers hold something, once for each pair of registers."""
    told = [
        (outcome.kind, outcome.kind.certified(outcome.record)) for outcome in outcomes if outcome.record is not None
    ]
    return tuple(
        Crossing(entry.serial, one, other, all(_same_people(entry, found) for found in _under(entry.serial, theirs)))
        for number, (one, ours) in enumerate(told)
        for other, theirs in told[number + 1 :]
        for entry in _each_once(ours)
        if _under(entry.serial, theirs)
    )


def _each_once(entries: Iterable[Certified]) -> list[Certified]:
    """Return one entry for each certificate: several parcels may stand on one paper, with the same people."""
    kept: list[Certified] = []
    for entry in entries:
        if not any(same_certificate(entry.serial, other.serial) for other in kept):
            kept.append(entry)
    return kept


def _under(serial: str, entries: Iterable[Certified]) -> list[Certified]:
    return [entry for entry in entries if same_certificate(serial, entry.serial)]


def _same_people(one: Certified, other: Certified) -> bool:
    if not one.names or not other.names:
        # Who else holds it was not asked of one of them, so nothing contradicts.
        return True
    return len(one.names) == len(other.names) and all(
        any(compare_names(name, theirs).match is not Match.DIFFERENT for theirs in other.names) for name in one.names
    )
