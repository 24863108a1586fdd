"""The look-ups of a visit: asked beside each other on the pool, kept as they come home, asked again where wanted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from auth.wire.errand import Recall, Stage
from desk.asked_for import AskedFor
from desk.consenting import consent_wanted
from desk.event_box import EventBox
from desk.held import Held
from desk.jobs import LookupPool
from desk.lookups import CONSENT_REFUSED, nobody
from desk.news import News
from desk.outcomes import LookupOutcome
from desk.patience import Patience
from desk.planner import Planner
from desk.ports import Registers
from desk.tapping import Tapping
from desk.visit import Event
from reader.inspection.report import Decision

__all__ = ["Asking"]


class Asking:
    """Ask the registers about the present visit's citizen."""

    def __init__(
        self, registers: Registers, planner: Planner, tapping: Tapping, held: Held, pool: LookupPool, box: EventBox
    ) -> None:
        self._registers = registers
        self._planner = planner
        self._tapping = tapping
        self._held = held
        self._pool = pool
        self._box = box
        self._recall = Recall()

    def look_up(self) -> None:
        """Ask whom the purpose allows to be asked; say so instead where the citizen or the card must be asked first."""
        held = self._held
        inspection, serial = held.data.inspection, held.data.serial
        if inspection is None:
            self._box.first(Event.LOOKUP_DONE)
            return
        planned = self._planner(inspection)
        if consent_wanted(planned, held.purpose, held.data.consent):
            self._box.first(Event.CONSENT_NEEDED)
            return
        if self._tapping.wanted(planned):
            self._box.first(Event.PROOF_WANTED)
            return
        planned, tap = self._tapping.plan_for(planned)
        held.change(outcomes=planned.outcomes, tap=tap, tapping=False, asked_for=self._asked_for())
        patience = Patience(self._recall, partial(self._tell_stage, serial))
        for question in planned.questions:
            self._pool.submit(partial(self._ask, serial, partial(question, patience)))
        if not held.data.asking:
            self._box.first(Event.LOOKUP_DONE)

    def _ask(self, serial: int, question: Callable[[], LookupOutcome[Any]]) -> None:
        """Ask, and bring the answer home; this runs on the look-up pool."""
        self._box.post(Event.ANSWER_ARRIVED, News(outcome=question()), visit=serial)

    def _tell_stage(self, serial: int, register: str, stage: Stage) -> None:
        """Bring home how far a look-up is; this runs on the look-up pool."""
        self._box.run(lambda: self._keep_stage(serial, register, stage))

    def _keep_stage(self, serial: int, register: str, stage: Stage) -> None:
        if serial == self._held.data.serial:
            self._held.data = self._held.data.with_stage(register, stage)

    def call_back(self) -> None:
        """Break off the look-ups of a visit that has ended."""
        self._recall.call()
        self._recall = Recall()

    def keep_answer(self, news: News) -> None:
        """Keep what came of one register; the last one ends the look-up."""
        if news.outcome is not None:
            self._held.data = self._held.data.with_outcome(news.outcome)
        if not self._held.data.asking:
            self._box.first(Event.LOOKUP_DONE)

    def again(self) -> None:
        """Ask once more, unless the card was stopped."""
        inspection = self._held.data.inspection
        if inspection is not None and inspection.decision is not Decision.STOP:
            self._box.first(Event.LOOK_UP_AGAIN)

    def put_away(self) -> None:
        """Drop what the registers said for another purpose than the one in use: it is not for whoever has that one."""
        held, asked_for = self._held, self._held.data.asked_for
        if asked_for is not None and asked_for.purpose.id != held.purpose.id:
            held.change(outcomes=self._registers.nobody_asked(), tap=None, tapping=False, asked_for=None)

    def ask_nobody(self) -> None:
        """Say of every register that it is not asked, for the citizen did not agree."""
        refused = nobody(self._registers, CONSENT_REFUSED)
        self._held.change(outcomes=refused.outcomes, tap=None, tapping=False, asked_for=self._asked_for())

    def _asked_for(self) -> AskedFor:
        return AskedFor.by(self._held.purpose, self._held.data.consent)
