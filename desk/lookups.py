"""Asking the registers about the citizen whose card was inspected: who may be asked, and what came of it.

All registers that the purpose allows are asked at the same time, after the inspection has ended. A card that was
stopped gives no ground to look anybody up, so nobody is asked; attention does, for the registers are what helps the
clerk then.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from auth.device.errors import DeviceError
from auth.errors import LedgerUnusable, RegisterError
from auth.purposes import purpose as purpose_of
from auth.registers.ports import Answer, Lookup
from desk.outcomes import LookupOutcome
from desk.ports import DeskRegister, Registers
from desk.register_kind import RegisterKind
from desk.view import RegisterState
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
    """Hold how each register stands before it is asked, and the questions to those that are to be asked."""

    outcomes: tuple[LookupOutcome[Any], ...]
    questions: tuple[Callable[[], LookupOutcome[Any]], ...] = ()


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
        return _nobody(registers, RegisterState.NOT_ALLOWED, WITHHELD)
    if identity is None or not identity.personal_number or not identity.full_name:
        return _nobody(registers, RegisterState.FAILED, NO_IDENTITY)
    lookup = make_lookup(identity, purpose, clerk)
    planned = [_one(register, lookup) for register in registers.registers]
    return LookupPlan(
        tuple(outcome for outcome, _ in planned), tuple(question for _, question in planned if question is not None)
    )


def ask(kind: RegisterKind[T], find: Callable[[Lookup], Answer[T]], lookup: Lookup) -> LookupOutcome[T]:
    """Ask one register and return what came of it; never raise, for the visit goes on without it."""
    try:
        answer = find(lookup)
    except Exception as error:  # a look-up thread must outlive any fault, and its text may hold personal data
        code = error.code if isinstance(error, RegisterError | LedgerUnusable | DeviceError) else RegisterError.code
        return LookupOutcome(kind, RegisterState.FAILED, failure=code, answered_at=datetime.now(tz=UTC))
    state = RegisterState.NOT_FOUND if answer.record is None else RegisterState.ANSWERED
    return LookupOutcome(
        kind, state, answer.record, answered_at=answer.answered_at, key_id=answer.key_id, notes=answer.notes
    )


def _one(register: DeskRegister, lookup: Lookup) -> tuple[LookupOutcome[Any], Callable[[], LookupOutcome[Any]] | None]:
    kind, find = register.kind, register.find
    if kind.name not in purpose_of(lookup.purpose).registers:
        return LookupOutcome(kind, RegisterState.NOT_ALLOWED, failure=NOT_FOR_PURPOSE), None
    if find is None:
        return LookupOutcome(kind, RegisterState.FAILED, failure=NOT_SET_UP), None
    return LookupOutcome(kind, RegisterState.ASKING), partial(ask, kind, find, lookup)


def _nobody(registers: Registers, state: RegisterState, failure: str) -> LookupPlan:
    return LookupPlan(tuple(LookupOutcome(register.kind, state, failure=failure) for register in registers.registers))
