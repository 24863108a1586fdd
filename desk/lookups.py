"""Asking the registers about the citizen whose card was inspected: who may be asked, and what came of it.

Both registers are asked at the same time, after the inspection has ended. A card that was stopped gives no ground to
look anybody up, so nobody is asked; attention does, for the registers are what helps the clerk then.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from auth.device.errors import DeviceError
from auth.errors import LedgerUnusable, RegisterError
from auth.purposes import purpose as purpose_of
from auth.registers.ports import Answer, LandHoldings, Lookup, PopulationRecord
from desk.outcomes import LookupOutcome
from desk.ports import Registers
from desk.view import RegisterState
from desk.visit_data import LAND, POPULATION
from reader.inspection.report import Decision, Inspection
from reader.lds.identity import Identity

__all__ = ["LookupPlan", "ask", "make_lookup", "plan"]

T = TypeVar("T")

WITHHELD = "lookup-withheld"
NOT_FOR_PURPOSE = "lookup-not-for-purpose"
NOT_SET_UP = "register-not-set-up"
NO_IDENTITY = "lookup-no-identity"
OLD_NUMBER_DIGITS = (9, 12)


@dataclass(frozen=True, slots=True)
class LookupPlan:
    """Hold how each register stands before it is asked, and the question to it, where it is to be asked."""

    population: LookupOutcome[PopulationRecord]
    land: LookupOutcome[LandHoldings]
    ask_population: Callable[[], LookupOutcome[PopulationRecord]] | None = None
    ask_land: Callable[[], LookupOutcome[LandHoldings]] | None = None


def make_lookup(identity: Identity, purpose: str, clerk: str) -> Lookup:
    """Word the look-up of a citizen under a fresh id; raise KeyError for an unknown purpose."""
    return Lookup(
        lookup_id=str(uuid.uuid4()),
        personal_number=identity.personal_number,
        full_name=identity.full_name,
        date_of_birth=identity.date_of_birth,
        purpose=purpose,
        legal_basis=purpose_of(purpose).legal_basis,
        clerk=clerk,
        old_number=_askable(identity.old_number),
    )


def _askable(old_number: str) -> str:
    """Return an old number by which a register can search; what else a chip may hold there is not asked about."""
    is_number = old_number.isascii() and old_number.isdecimal() and len(old_number) in OLD_NUMBER_DIGITS
    return old_number if is_number else ""


def plan(inspection: Inspection, registers: Registers, purpose: str, clerk: str) -> LookupPlan:
    """Return whom to ask about the inspected card, and why not where nobody is to be asked."""
    identity = inspection.identity
    if inspection.decision is Decision.STOP:
        return _nobody(RegisterState.NOT_ALLOWED, WITHHELD)
    if identity is None or not identity.personal_number or not identity.full_name:
        return _nobody(RegisterState.FAILED, NO_IDENTITY)
    lookup = make_lookup(identity, purpose, clerk)
    find_citizen = registers.population.find_citizen if registers.population else None
    find_holdings = registers.land.find_holdings if registers.land else None
    population, ask_population = _one(POPULATION, find_citizen, lookup)
    land, ask_land = _one(LAND, find_holdings, lookup)
    return LookupPlan(population, land, ask_population, ask_land)


def ask(register: str, find: Callable[[Lookup], Answer[T]], lookup: Lookup) -> LookupOutcome[T]:
    """Ask one register and return what came of it; never raise, for the visit goes on without it."""
    try:
        answer = find(lookup)
    except Exception as error:  # a look-up thread must outlive any fault, and its text may hold personal data
        code = error.code if isinstance(error, RegisterError | LedgerUnusable | DeviceError) else RegisterError.code
        return LookupOutcome(register, RegisterState.FAILED, failure=code, answered_at=datetime.now(tz=UTC))
    state = RegisterState.NOT_FOUND if answer.record is None else RegisterState.ANSWERED
    return LookupOutcome(
        register, state, answer.record, answered_at=answer.answered_at, key_id=answer.key_id, notes=answer.notes
    )


def _one(
    register: str, find: Callable[[Lookup], Answer[T]] | None, lookup: Lookup
) -> tuple[LookupOutcome[T], Callable[[], LookupOutcome[T]] | None]:
    if register not in purpose_of(lookup.purpose).registers:
        return LookupOutcome(register, RegisterState.NOT_ALLOWED, failure=NOT_FOR_PURPOSE), None
    if find is None:
        return LookupOutcome(register, RegisterState.FAILED, failure=NOT_SET_UP), None
    asked = find
    return LookupOutcome(register, RegisterState.ASKING), lambda: ask(register, asked, lookup)


def _nobody(state: RegisterState, failure: str) -> LookupPlan:
    return LookupPlan(
        LookupOutcome(POPULATION, state, failure=failure),
        LookupOutcome(LAND, state, failure=failure),
    )
