"""A yes before data: the questions of a purpose are asked once, and what any register is asked waits for the answer.

Registers are asked beside each other, on threads of their own. The first of them that gets here asks the questions; the
others wait for what came of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from auth.errors import ClerkNotSignedIn, LedgerUnusable, RegisterError
from auth.registers.ports import Answer, Confirmation, Lookup
from desk.outcomes import LookupOutcome
from desk.patience import Patience, patiently
from desk.register_kind import RegisterKind
from desk.view import RegisterState

__all__ = ["CONFIRMATION_MISSING", "NOT_CONFIRMED", "YesFirst"]

NOT_CONFIRMED = "citizen-not-confirmed"
CONFIRMATION_MISSING = "confirmation-missing"

Asking = Callable[[], LookupOutcome[Any]]


@dataclass(slots=True, repr=False)
class YesFirst:
    """Hold the questions to one register, of ``kind``, about one citizen; may be used from several threads."""

    kind: RegisterKind[Any]
    confirm: Callable[..., Answer[Confirmation]]
    lookup: Lookup
    seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _came: LookupOutcome[Any] | None = None

    def before(
        self, kind: RegisterKind[Any], asking: Asking | None, patience: Patience | None = None
    ) -> LookupOutcome[Any]:
        """Return what came of ``asking`` the register of ``kind`` after a yes, or why it was not asked.

        ``asking`` is None where the purpose wants no data of it; with ``patience`` a question that is lost on the way
        is asked again.
        """
        came = self._outcome(patience)
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
        try:
            answer = patiently(patience, self.kind.name, self.seconds, self.confirm)(self.lookup)
        except Exception as error:  # a look-up thread must outlive any fault, and its text may hold personal data
            code = (
                error.code
                if isinstance(error, RegisterError | LedgerUnusable | ClerkNotSignedIn)
                else RegisterError.code
            )
            return LookupOutcome(self.kind, RegisterState.FAILED, failure=code, answered_at=datetime.now(tz=UTC))
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
            confirmation=confirmation,
        )
