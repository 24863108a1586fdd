"""Asking the registers about the citizen whose card was inspected: who may be asked, and what came of it.

All registers that the purpose allows are asked at the same time, after the inspection has ended. A card that was
stopped gives no ground to look anybody up, so nobody is asked; attention does, for the registers are what helps the
clerk then.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from auth.errors import LedgerUnusable, RegisterError
from auth.purposes import ConsentRecord, Purpose, RegisterUse, Way
from auth.registers.ports import Answer, Lookup
from desk.confirming import CONFIRMATION_MISSING, YesFirst
from desk.outcomes import LookupOutcome
from desk.ports import DeskRegister, Registers
from desk.register_kind import RegisterKind
from desk.view import RegisterState
from reader.inspection.report import Decision, Inspection
from reader.lds.identity import Identity

__all__ = ["CONSENT_REFUSED", "LookupPlan", "ask", "make_lookup", "nobody", "plan"]

T = TypeVar("T")

WITHHELD = "lookup-withheld"
NOT_FOR_PURPOSE = "lookup-not-for-purpose"
NOT_SET_UP = "register-not-set-up"
NO_IDENTITY = "lookup-no-identity"
CERTIFICATE_NEEDED = "certificate-needed"
CONSENT_REFUSED = "consent-refused"
OLD_NUMBER_DIGITS = (9, 12)


@dataclass(frozen=True, slots=True)
class LookupPlan:
    """Hold how each register stands before it is asked, and the questions to those that are to be asked."""

    outcomes: tuple[LookupOutcome[Any], ...]
    questions: tuple[Callable[[], LookupOutcome[Any]], ...] = ()


def make_lookup(identity: Identity, purpose: Purpose, clerk: str, consent: ConsentRecord | None = None) -> Lookup:
    """Word the look-up of a citizen under a fresh id."""
    return Lookup(
        lookup_id=str(uuid.uuid4()),
        personal_number=identity.personal_number,
        full_name=identity.full_name,
        date_of_birth=identity.date_of_birth,
        purpose=purpose.id,
        legal_basis=purpose.legal_basis,
        clerk=clerk,
        old_number=_askable(identity.old_number),
        consent=consent,
    )


def _askable(old_number: str) -> str:
    """Return an old number by which a register can search; what else a chip may hold there is not asked about."""
    is_number = old_number.isascii() and old_number.isdecimal() and len(old_number) in OLD_NUMBER_DIGITS
    return old_number if is_number else ""


def plan(
    inspection: Inspection,
    registers: Registers,
    purpose: Purpose,
    clerk: str,
    *,
    consent: ConsentRecord | None = None,
    certificate: str = "",
) -> LookupPlan:
    """Return whom to ask about the inspected card, and why not where nobody is to be asked.

    Where the purpose has questions, they come first and the rest waits for a yes. ``certificate`` is the serial of a
    land certificate that was scanned: what is registered under it is asked for, and nothing else.
    """
    identity = inspection.identity
    if inspection.decision is Decision.STOP:
        return _nobody(registers, RegisterState.NOT_ALLOWED, WITHHELD)
    if identity is None or not identity.personal_number or not identity.full_name:
        return _nobody(registers, RegisterState.FAILED, NO_IDENTITY)
    lookup = make_lookup(identity, purpose, clerk, consent)
    yes_first = _yes_first(registers, purpose, lookup)
    planned = [_one(register, purpose, lookup, certificate, yes_first) for register in registers.registers]
    return LookupPlan(
        tuple(outcome for outcome, _ in planned), tuple(question for _, question in planned if question is not None)
    )


def nobody(registers: Registers, failure: str) -> LookupPlan:
    """Return that nobody is asked, for the reason ``failure``."""
    return _nobody(registers, RegisterState.NOT_ALLOWED, failure)


def ask(kind: RegisterKind[T], find: Callable[[Lookup], Answer[T]], lookup: Lookup) -> LookupOutcome[T]:
    """Ask one register and return what came of it; never raise, for the visit goes on without it."""
    try:
        answer = find(lookup)
    except Exception as error:  # a look-up thread must outlive any fault, and its text may hold personal data
        code = error.code if isinstance(error, RegisterError | LedgerUnusable) else RegisterError.code
        return LookupOutcome(kind, RegisterState.FAILED, failure=code, answered_at=datetime.now(tz=UTC))
    state = RegisterState.NOT_FOUND if answer.record is None else RegisterState.ANSWERED
    return LookupOutcome(
        kind, state, answer.record, answered_at=answer.answered_at, key_id=answer.key_id, notes=answer.notes
    )


def _one(
    register: DeskRegister, purpose: Purpose, lookup: Lookup, certificate: str, yes_first: YesFirst | None
) -> tuple[LookupOutcome[Any], Callable[[], LookupOutcome[Any]] | None]:
    kind, find, use = register.kind, register.find, purpose.use(register.kind.name)
    if use is None:
        return LookupOutcome(kind, RegisterState.NOT_ALLOWED, failure=NOT_FOR_PURPOSE), None
    if find is None:
        return LookupOutcome(kind, RegisterState.FAILED, failure=NOT_SET_UP), None
    wanted = _by(use, certificate)
    if wanted is None:
        return LookupOutcome(kind, RegisterState.NOT_ALLOWED, failure=CERTIFICATE_NEEDED), None
    asking = partial(ask, kind, find, replace(lookup, certificate=wanted)) if use.fields else None
    if yes_first is not None:
        return LookupOutcome(kind, RegisterState.ASKING), partial(yes_first.before, kind, asking)
    if _wants_a_yes(purpose):
        return LookupOutcome(kind, RegisterState.FAILED, failure=CONFIRMATION_MISSING), None
    return LookupOutcome(kind, RegisterState.ASKING), asking


def _by(use: RegisterUse, certificate: str) -> str | None:
    """Return the certificate to search by, empty to search by the holder; None where the purpose needs one."""
    if Way.CERTIFICATE in use.ways and certificate:
        return certificate
    return None if use.ways == (Way.CERTIFICATE,) else ""


def _wants_a_yes(purpose: Purpose) -> bool:
    return any(use.questions for use in purpose.uses)


def _yes_first(registers: Registers, purpose: Purpose, lookup: Lookup) -> YesFirst | None:
    """Return the questions of the purpose, None where it has none or no register here answers them."""
    for register in registers.registers:
        use = purpose.use(register.kind.name)
        if use is not None and use.questions and register.confirm is not None:
            return YesFirst(register.kind, register.confirm, lookup)
    return None


def _nobody(registers: Registers, state: RegisterState, failure: str) -> LookupPlan:
    return LookupPlan(tuple(LookupOutcome(register.kind, state, failure=failure) for register in registers.registers))
