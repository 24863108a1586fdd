"""A yes before data: the questions of a purpose are asked once, and what any register is asked waits for the answer.

Registers are asked beside each other, on threads of their own. The first of them that gets here asks the questions; the
others wait for what came of it. Where nothing but a yes or no is wanted of their register, the questions carry the
proof of the card's presence; else the question for data does, which comes after a yes.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from auth.device.errors import DeviceError
from auth.errors import ClerkNotSignedIn, LedgerUnusable, RegisterError
from auth.registers.ports import Answer, Confirmation, Lookup
from auth.registers.proofs import Worded
from desk.outcomes import Asked, LookupOutcome, YesWanted
from desk.patience import Patience, patiently
from desk.register_kind import RegisterKind
from desk.tap import RegisterPresence
from desk.view import RegisterState

__all__ = ["AWAY", "CONFIRMATION_MISSING", "NOT_CONFIRMED", "TOLD", "ProofBeside", "YesFirst"]

# What a look-up may fail with, told by its own code.
TOLD = RegisterError | LedgerUnusable | DeviceError | ClerkNotSignedIn
NOT_CONFIRMED = "citizen-not-confirmed"
CONFIRMATION_MISSING = "confirmation-missing"
# The register was away: what it was asked can wait for it.
AWAY = frozenset(
    {
        "register-unreachable",
        "register-timeout",
        "register-resting",
        "register-working",
        # No connection is made until somebody has seen to a certificate, a list or the clock; then it goes.
        "client-certificate-out-of-time",
        "client-certificate-refused",
        "client-certificate-unusable",
        "client-certificate-wanted",
        "register-certificate-out-of-time",
        "register-certificate-revoked",
        "register-clock-in-doubt",
        "register-crl-expired",
        "register-crl-unusable",
    }
)

Asking = Callable[[], LookupOutcome[Any]]


@dataclass(frozen=True, slots=True, repr=False)
class ProofBeside:
    """Hold a request with the proof that was made for it, what sends the two, and what judges the receipt and its log.

    ``send`` takes the look-up and what was worded of it, as ``ask`` without a proof takes the look-up. ``judge`` may
    raise; ``hold`` is what a look-up calls.
    """

    worded: Worded
    send: Callable[..., Answer[Any]]
    judge: Callable[[str, str], RegisterPresence | None]

    def hold(self, receipt: str, log: str) -> RegisterPresence | None:
        """Return what a receipt and its log say; None where that cannot be judged: the answer stands without it."""
        try:
            return self.judge(receipt, log)
        except Exception:  # a look-up thread must outlive any fault, and its text may hold personal data
            return None


@dataclass(slots=True, repr=False)
class YesFirst:
    """Hold the questions to one register, of ``kind``, about one citizen; may be used from several threads.

    ``proof`` is what goes beside them, where the card has proved itself for them.
    """

    kind: RegisterKind[Any]
    confirm: Callable[..., Answer[Confirmation]]
    lookup: Lookup
    seconds: float = 0.0
    proof: ProofBeside | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _came: LookupOutcome[Any] | None = None
    # A look-up of its own, under whose id the questions wait: at their register the data are another one.
    _waits_as: str = field(default_factory=lambda: str(uuid.uuid4()))

    def before(
        self, kind: RegisterKind[Any], asking: Asking | None, lookup: Lookup, patience: Patience | None = None
    ) -> LookupOutcome[Any]:
        """Return what came of ``asking`` the register of ``kind`` after a yes, or why it was not asked.

        ``asking`` is None where the purpose wants no data of it; ``lookup`` is what it would ask then. Where the
        questions were not answered for want of their register, both can wait, the questions first. With ``patience`` a
        question that is lost on the way is asked again.
        """
        came = self._outcome(patience)
        if came.state is RegisterState.FAILED and came.failure in AWAY:
            wanted = YesWanted(self.kind.name, replace(self.lookup, lookup_id=self._waits_as))
            waits = lookup if asking is not None else None
            if kind.name != self.kind.name:
                came = LookupOutcome(kind, came.state, failure=CONFIRMATION_MISSING, answered_at=came.answered_at)
            return replace(came, lookup=waits, yes_wanted=wanted)
        if kind.name == self.kind.name:
            if came.state is not RegisterState.CONFIRMED or asking is None:
                return came
            return replace(asking(), confirmation=came.confirmation)
        if came.state is RegisterState.CONFIRMED and asking is not None:
            return asking()
        if came.state is RegisterState.FAILED:
            return LookupOutcome(kind, RegisterState.FAILED, failure=CONFIRMATION_MISSING, answered_at=came.answered_at)
        return LookupOutcome(kind, RegisterState.NOT_ALLOWED, failure=NOT_CONFIRMED)

    def _outcome(self, patience: Patience | None) -> LookupOutcome[Any]:
        with self._lock:
            if self._came is None:
                self._came = self._ask(patience)
            return self._came

    def _ask(self, patience: Patience | None) -> LookupOutcome[Any]:
        proof = self.proof
        confirm, beside = (self.confirm, ()) if proof is None else (proof.send, (proof.worded,))
        try:
            answer = patiently(patience, self.kind.name, self.seconds, confirm, *beside)(self.lookup)
        except Exception as error:  # a look-up thread must outlive any fault, and its text may hold personal data
            code = error.code if isinstance(error, TOLD) else RegisterError.code
            now, asked = datetime.now(tz=UTC), Asked.by(self.lookup)
            return LookupOutcome(self.kind, RegisterState.FAILED, failure=code, answered_at=now, asked=asked)
        confirmation = answer.record
        if confirmation is None:
            return LookupOutcome(self.kind, RegisterState.FAILED, failure=RegisterError.code)
        return LookupOutcome(
            self.kind,
            RegisterState.CONFIRMED if confirmation.all_yes else RegisterState.NOT_CONFIRMED,
            answered_at=answer.answered_at,
            key_id=answer.key_id,
            failure="" if confirmation.all_yes else NOT_CONFIRMED,
            notes=answer.notes,
            receipt=answer.receipt,
            receipt_log=answer.receipt_log,
            presence=proof.hold(answer.receipt, answer.receipt_log) if proof is not None else None,
            confirmation=confirmation,
            asked=Asked.by(self.lookup),
        )
