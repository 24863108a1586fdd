"""The tap as a visit conducts it: words the look-ups, has the card prove itself for them, keeps both until then.

The tap happens at the end of a reading, on the card worker; the look-ups that it was made for are asked for after it.
What was worded then is sent then: a later look-up of the same visit is another one, and no proof is for that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from desk.jobs import ReadJob
from desk.lookups import LookupPlan, plan, withheld
from desk.news import News
from desk.ports import PresenceStep, Registers
from desk.tap import Tap
from desk.visit import Event
from desk.visit_data import Surroundings
from reader.inspection.open_chip import Afterwards, OpenChip
from reader.inspection.report import Decision, Inspection

__all__ = ["Post", "Tapping"]


class Post(Protocol):
    """Bring an event home to the desk."""

    def __call__(self, event: Event, news: News | None = None, *, visit: int | None = None) -> None:
        """Have ``event`` handled, unless ``visit`` has ended by then."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class _Held:
    serial: int
    purpose: str
    plan: LookupPlan
    tap: Tap


class Tapping:
    """Hold the tap of the present visit; ``step`` is None at a desk that asks for no presence."""

    def __init__(self, step: PresenceStep | None, registers: Registers) -> None:
        self._step = step
        self._registers = registers
        self._held: _Held | None = None

    def during(self, job: ReadJob, around: Surroundings, post: Post) -> Afterwards | None:
        """Return what is to follow the inspection of ``job`` while the chip is open; None where nothing is.

        ``post`` tells the desk when the card begins to be asked, from the card worker.
        """
        step = self._step
        if step is None:
            return None

        def prove(inspection: Inspection, chip: OpenChip) -> None:
            self._held = None
            if inspection.decision is Decision.STOP:
                return
            planned = plan(inspection, self._registers, around.purpose, around.clerk_id)
            post(Event.DATA_READ, News(tapping=True), visit=job.serial)
            tap = step.tap(inspection, chip, planned.requests(), around.purpose, around.clerk_id, job.cancel)
            self._held = _Held(job.serial, around.purpose, planned, tap)

        return prove

    def plan_for(
        self, serial: int, inspection: Inspection, around: Surroundings, earlier: Tap | None
    ) -> tuple[LookupPlan, Tap | None]:
        """Return whom to ask, the first time with the proof that was made for it, and what came of the tap.

        ``earlier`` is the tap of this visit where it was looked up before. Where the policy stops a visit below its
        level, nobody is asked without it.
        """
        held, self._held = self._held, None
        if held is not None and (held.serial, held.purpose) == (serial, around.purpose):
            planned = held.plan
            if held.tap.proven and self._step is not None:
                planned = planned.proven(held.tap, self._step.hold)
            return self._as_policy_says(planned, held.tap, held.tap.proven), held.tap
        spent = replace(earlier, proof=None, member=b"") if earlier is not None else None
        planned = plan(inspection, self._registers, around.purpose, around.clerk_id)
        return self._as_policy_says(planned, spent, False), spent

    def _as_policy_says(self, planned: LookupPlan, tap: Tap | None, proven: bool) -> LookupPlan:
        if tap is None or proven or tap.rule.below is not Decision.STOP or tap.rule.allows(tap.local):
            return planned
        return withheld(planned)

    def forget(self) -> None:
        """Drop what is held of a visit that has ended."""
        self._held = None

    def close(self) -> None:
        """Break off what is asked of a verifier."""
        if self._step is not None:
            self._step.close()
