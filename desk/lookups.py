"""Asking the registers about the citizen whose card was inspected: who may be asked, and what came of it.

All registers that the purpose allows are asked at the same time, after the inspection has ended. A card that was
stopped gives no ground to look anybody up, so nobody is asked; attention does, for the registers are what helps the
clerk then.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from auth.errors import ClerkNotSignedIn, RegisterError, StepUpNeeded
from auth.purposes import ConsentRecord, Purpose, RegisterUse, Way
from auth.registers.ports import Answer, Lookup
from auth.registers.proofs import Worded
from desk.confirming import CONFIRMATION_MISSING, TOLD, ProofBeside, YesFirst
from desk.outcomes import Asked, LookupOutcome
from desk.patience import Patience, patiently
from desk.ports import DeskRegister, Registers
from desk.register_kind import RegisterKind
from desk.tap import RegisterPresence, Tap
from desk.view import RegisterState
from reader.inspection.report import Decision, Inspection
from reader.lds.identity import Identity

__all__ = [
    "CONSENT_REFUSED",
    "LookupPlan",
    "Question",
    "ask",
    "make_lookup",
    "nobody",
    "plan",
    "wants_sign_in",
    "withheld",
]

T = TypeVar("T")
Hold = Callable[[Tap, str, str, str], RegisterPresence | None]

WITHHELD = "lookup-withheld"
NOT_FOR_PURPOSE = "lookup-not-for-purpose"
NOT_SET_UP = "register-not-set-up"
NO_IDENTITY = "lookup-no-identity"
WITHOUT_PRESENCE = "lookup-without-presence"
CERTIFICATE_NEEDED = "certificate-needed"
CONSENT_REFUSED = "consent-refused"
OLD_NUMBER_DIGITS = (9, 12)


@dataclass(frozen=True, slots=True)
class LookupPlan:
    """Hold how each register stands before it is asked, and the questions to those that are to be asked."""

    outcomes: tuple[LookupOutcome[Any], ...]
    questions: tuple[Question, ...] = ()

    @property
    def takes_proof(self) -> bool:
        """Tell whether a proof of the card's presence can be made for any of the questions."""
        return any(question.takes_proof for question in self.questions)

    def requests(self) -> dict[str, bytes]:
        """Return the requests that a proof of the card's presence can be for, by register: serialised here, once."""
        found: dict[str, bytes] = {}
        for question in self.questions:
            if question.takes_proof:
                # What cannot be worded is refused where it is asked, and told there.
                with suppress(RegisterError):
                    found[question.register.kind.name] = question.word()
        return found

    def proven(self, tap: Tap, hold: Hold) -> LookupPlan:
        """Return the same plan, its requests sent as they were worded, with the proof; ``hold`` judges the receipts."""
        alone = next((question for question in self.questions if question.asks_yes_or_no_alone), None)
        proofs = {
            question.register.kind.name: proof
            for question in self.questions
            if (proof := question.proven_by(tap, hold)) is not None
        }
        # The questions before data are shared, and so is the proof that goes with them where they stand alone.
        first = next((question.yes_first for question in self.questions), None)
        if first is not None and alone is not None:
            first = replace(first, proof=proofs.get(first.kind.name))
        return replace(
            self,
            questions=tuple(
                replace(question, yes_first=first, proof=proofs.get(question.register.kind.name))
                for question in self.questions
            ),
        )


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """Hold a question to one register; calling it asks.

    ``find`` is None where only a yes or no is wanted, ``yes_first`` is there where one is wanted before. ``proof`` is
    the proof of the card's presence for what is asked of this register, where one was made.
    """

    register: DeskRegister
    find: Callable[..., Answer[Any]] | None
    lookup: Lookup
    yes_first: YesFirst | None = None
    proof: ProofBeside | None = None

    @property
    def asks_yes_or_no_alone(self) -> bool:
        """Tell whether this register is asked for a yes or no and for no data."""
        first = self.yes_first
        return self.find is None and first is not None and first.kind.name == self.register.kind.name

    @property
    def takes_proof(self) -> bool:
        """Tell whether a proof of the card's presence can be made for what is asked: whatever it is can carry one."""
        register = self.register
        if self.find is not None:
            return register.word is not None and register.find_worded is not None
        carries = register.word_questions is not None and register.confirm_worded is not None
        return self.asks_yes_or_no_alone and carries

    def word(self) -> bytes:
        """Return the request as it is serialised; raise RegisterRefused, or ValueError where it takes no proof."""
        first, register = self.yes_first, self.register
        if self.find is not None and register.word is not None:
            return register.word(self.lookup)
        if first is None or register.word_questions is None:
            raise ValueError("no proof can be made for this")
        return register.word_questions(first.lookup)

    def proven_by(self, tap: Tap, hold: Hold) -> ProofBeside | None:
        """Return ``tap`` as what goes beside this request; None where it was not made for it."""
        name, register = self.register.kind.name, self.register
        send = register.find_worded if self.find is not None else register.confirm_worded
        if name not in tap.requests or send is None or not self.takes_proof:
            return None
        return ProofBeside(Worded(tap.requests[name], tap.member), send, partial(hold, tap, name))

    def __call__(self, patience: Patience | None = None) -> LookupOutcome[Any]:
        """Ask the register and return what came of it; never raise, for the visit goes on without it.

        With ``patience`` what is lost on the way is tried again; without it, and of a client that cannot, it is asked
        for once.
        """
        asking = partial(self._ask, patience)
        if self.yes_first is not None:
            wanted = asking if self.find is not None else None
            return self.yes_first.before(self.register.kind, wanted, self.lookup, patience)
        return asking()

    def _ask(self, patience: Patience | None) -> LookupOutcome[Any]:
        register, name, find = self.register, self.register.kind.name, self.find
        if find is None:
            return LookupOutcome(register.kind, RegisterState.NOT_ALLOWED, failure=NOT_FOR_PURPOSE)
        proof = self.proof
        if proof is None:
            return ask(register.kind, patiently(patience, name, register.seconds, find), self.lookup)
        outcome = ask(register.kind, patiently(patience, name, register.seconds, proof.send, proof.worded), self.lookup)
        return replace(outcome, presence=proof.hold(outcome.receipt, outcome.receipt_log))

    def __repr__(self) -> str:
        """Show to whom."""
        return f"Question({self.register.kind.name})"


def make_lookup(
    identity: Identity, purpose: Purpose, clerk: str, consent: ConsentRecord | None = None, dossier: str = ""
) -> Lookup:
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
        dossier=dossier,
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
    clerk: str | None,
    *,
    consent: ConsentRecord | None = None,
    certificate: str = "",
    dossier: str = "",
) -> LookupPlan:
    """Return whom to ask about the inspected card, and why not where nobody is to be asked.

    Where the purpose has questions, they come first and the rest waits for a yes. ``certificate`` is the serial of a
    land certificate that was scanned: what is registered under it is asked for, and nothing else. ``dossier`` is the
    office's number of the matter. ``clerk`` is None where one must sign in first.
    """
    identity = inspection.identity
    if inspection.decision is Decision.STOP:
        return _nobody(registers, RegisterState.NOT_ALLOWED, WITHHELD)
    if identity is None or not identity.personal_number or not identity.full_name:
        return _nobody(registers, RegisterState.FAILED, NO_IDENTITY)
    if clerk is None:
        return _nobody(registers, RegisterState.FAILED, ClerkNotSignedIn.code)
    lookup = make_lookup(identity, purpose, clerk, consent, dossier)
    yes_first = _yes_first(registers, purpose, lookup)
    planned = [_one(register, purpose, lookup, certificate, yes_first) for register in registers.registers]
    return LookupPlan(
        tuple(outcome for outcome, _ in planned), tuple(question for _, question in planned if question is not None)
    )


def withheld(planned: LookupPlan) -> LookupPlan:
    """Return the plan with nobody asked: the policy wants the card's presence shown first, and it was not."""
    return LookupPlan(
        tuple(
            replace(outcome, state=RegisterState.NOT_ALLOWED, failure=WITHOUT_PRESENCE)
            if outcome.state is RegisterState.ASKING
            else outcome
            for outcome in planned.outcomes
        )
    )


def nobody(registers: Registers, failure: str) -> LookupPlan:
    """Return that nobody is asked, for the reason ``failure``."""
    return _nobody(registers, RegisterState.NOT_ALLOWED, failure)


def wants_sign_in(outcomes: Iterable[LookupOutcome[Any]]) -> bool:
    """Tell whether a register was not asked for want of a clerk, or of one who signed in as the purpose wants it."""
    return any(outcome.failure in (ClerkNotSignedIn.code, StepUpNeeded.code) for outcome in outcomes)


def ask(kind: RegisterKind[T], find: Callable[[Lookup], Answer[T]], lookup: Lookup) -> LookupOutcome[T]:
    """Ask one register and return what came of it; never raise, for the visit goes on without it."""
    try:
        answer = find(lookup)
    except Exception as error:  # a look-up thread must outlive any fault, and its text may hold personal data
        code = error.code if isinstance(error, TOLD) else RegisterError.code
        now = datetime.now(tz=UTC)
        failed = LookupOutcome(kind, RegisterState.FAILED, failure=code, answered_at=now, lookup=lookup)
        return replace(failed, asked=Asked.by(lookup))
    return LookupOutcome(
        kind,
        RegisterState.NOT_FOUND if answer.record is None else RegisterState.ANSWERED,
        answer.record,
        answered_at=answer.answered_at,
        key_id=answer.key_id,
        notes=answer.notes,
        receipt=answer.receipt,
        receipt_log=answer.receipt_log,
        asked=Asked.by(lookup),
    )


def _one(
    register: DeskRegister, purpose: Purpose, lookup: Lookup, certificate: str, yes_first: YesFirst | None
) -> tuple[LookupOutcome[Any], Question | None]:
    kind, find, use = register.kind, register.find, purpose.use(register.kind.name)
    if use is None:
        return LookupOutcome(kind, RegisterState.NOT_ALLOWED, failure=NOT_FOR_PURPOSE), None
    if find is None:
        return LookupOutcome(kind, RegisterState.FAILED, failure=NOT_SET_UP), None
    wanted = _by(use, certificate)
    if wanted is None:
        return LookupOutcome(kind, RegisterState.NOT_ALLOWED, failure=CERTIFICATE_NEEDED), None
    question = Question(register, find if use.fields else None, replace(lookup, certificate=wanted), yes_first)
    if yes_first is not None:
        return LookupOutcome(kind, RegisterState.ASKING), question
    if _wants_a_yes(purpose):
        return LookupOutcome(kind, RegisterState.FAILED, failure=CONFIRMATION_MISSING), None
    return LookupOutcome(kind, RegisterState.ASKING), question


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
            return YesFirst(register.kind, register.confirm, lookup, register.seconds)
    return None


def _nobody(registers: Registers, state: RegisterState, failure: str) -> LookupPlan:
    return LookupPlan(tuple(LookupOutcome(register.kind, state, failure=failure) for register in registers.registers))
