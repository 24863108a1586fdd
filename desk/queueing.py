"""Having a look-up wait that a register could not answer: which ones can, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from desk.confirming import AWAY, CONFIRMATION_MISSING
from desk.event_box import EventBox
from desk.held import Held
from desk.jobs import LookupPool
from desk.outcomes import LookupOutcome
from desk.ports import Registers
from desk.view import RegisterState
from reader.errors import DataError, MotCuaError

if TYPE_CHECKING:
    from desk.waiting import WaitingLookups

__all__ = ["DOSSIER_WRONG", "Queueing", "can_wait", "queue_one"]

DOSSIER_WRONG = "dossier-number-wrong"
# An attempt to queue can be made again.
_ANEW = frozenset({"outbox-unusable", "outbox-no-room", "outbox-full", DOSSIER_WRONG})


def can_wait(outcome: LookupOutcome[Any], taken: frozenset[str]) -> bool:
    """Tell whether the look-up of ``outcome`` can be queued, where ``taken`` names the registers that can wait.

    Where a yes was wanted before, its questions are queued in front of it.
    """
    wanted, asked = outcome.yes_wanted, {outcome.register} if outcome.lookup is not None else set()
    reasons = AWAY | _ANEW
    if wanted is not None:
        asked, reasons = asked | {wanted.register}, reasons | {CONFIRMATION_MISSING}
    away = outcome.state is RegisterState.FAILED and outcome.failure in reasons
    # A register that was not to be asked for data does not wait beside the one that was to say yes.
    is_its_own = outcome.lookup is not None or (wanted is not None and wanted.register == outcome.register)
    return away and is_its_own and asked <= taken


def queue_one(waiting: WaitingLookups, outcome: LookupOutcome[Any], dossier: str) -> LookupOutcome[Any]:
    """Queue the look-up of ``outcome`` and return how the register stands then; never raise."""
    wanted, lookup, after = outcome.yes_wanted, outcome.lookup, 0
    if wanted is None and lookup is None:
        return outcome
    try:
        if wanted is not None:
            # Whoever of this visit waits for the same yes finds it queued: it is one look-up, under one key.
            question = replace(wanted.lookup, dossier=dossier)
            after = waiting.queue(wanted.register, question, dossier, questions=True).number
        if lookup is not None:
            waiting.queue(outcome.register, replace(lookup, dossier=dossier), dossier, after=after)
    except DataError:
        return replace(outcome, failure=DOSSIER_WRONG)
    except MotCuaError as error:
        return replace(outcome, failure=error.code)
    except Exception:  # the visit goes on, and the fault's text may hold personal data
        return replace(outcome, failure=MotCuaError.code)
    return replace(outcome, state=RegisterState.QUEUED, failure="", lookup=None, yes_wanted=None)


class Queueing:
    """Have the look-ups of the present visit wait, for the visit's dossier."""

    def __init__(self, registers: Registers, held: Held, pool: LookupPool, box: EventBox) -> None:
        self._waiting = registers.waiting
        self._held = held
        self._pool = pool
        self._box = box

    def queue(self) -> None:
        """Have each look-up wait that a register could not answer."""
        waiting, held = self._waiting, self._held
        if waiting is None:
            return
        for outcome in held.data.outcomes:
            if can_wait(outcome, held.around.can_wait):
                # Without its look-up it is not offered again while this is under way: a double click queues once.
                shown = replace(outcome, lookup=None, yes_wanted=None)
                held.data = held.data.with_outcome(shown)
                self._pool.submit(partial(self._one, waiting, shown, outcome, held.data.dossier))

    def _one(
        self, waiting: WaitingLookups, shown: LookupOutcome[Any], outcome: LookupOutcome[Any], dossier: str
    ) -> None:
        """Queue one look-up, and bring home how it went; this runs on the look-up pool."""
        done = queue_one(waiting, outcome, dossier)
        self._box.run(lambda: self._keep(shown, done))

    def _keep(self, shown: LookupOutcome[Any], outcome: LookupOutcome[Any]) -> None:
        """Show how it went in the place of ``shown``, unless the visit is over or the register was asked anew since."""
        if any(held is shown for held in self._held.data.outcomes):
            self._held.data = self._held.data.with_outcome(outcome)
