"""The tap as a visit conducts it: words the look-ups, has the card prove itself for them, keeps both until then.

The tap happens at the end of a reading, on the card worker; the look-ups that it was made for are asked for after it.
What was worded then is sent then: a later look-up of the same visit is another one, and no proof is for that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from auth.purposes import ConsentRecord
from desk.jobs import ReadJob
from desk.lookups import LookupPlan, withheld
from desk.news import News
from desk.ports import PresenceStep
from desk.tap import Tap
from desk.visit import Event
from desk.visit_data import Surroundings, VisitData
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
    """Hold what was worded and tapped, and on what ground: what differs from that was not tapped for."""

    ground: tuple[int, str, str, ConsentRecord | None]
    plan: LookupPlan
    tap: Tap


def _ground(data: VisitData, purpose: str) -> tuple[int, str, str, ConsentRecord | None]:
    return data.serial, purpose, data.certificate, data.consent


class Tapping:
    """Hold the tap of the present visit.

    ``step`` is None at a desk that asks for no presence. ``plan`` returns whom the visit would ask now, ``data`` what
    it holds.
    """

    def __init__(
        self,
        step: PresenceStep | None,
        plan: Callable[[Inspection], LookupPlan],
        data: Callable[[], VisitData],
    ) -> None:
        self._step = step
        self.plan = plan
        self._data = data
        self._held: _Held | None = None

    def during(self, job: ReadJob, surroundings: Callable[[], Surroundings], post: Post) -> Afterwards | None:
        """Return what is to follow the inspection of ``job`` while the chip is open; None where nothing is.

        ``surroundings`` tells who asks by then, and for what. ``post`` tells the desk when the card begins to be asked,
        from the card worker.
        """
        step = self._step
        if step is None:
            return None

        def prove(inspection: Inspection, chip: OpenChip) -> None:
            self._held = None
            if inspection.decision is Decision.STOP:
                return
            around = surroundings()
            ground, planned = _ground(self._data(), around.purpose), self.plan(inspection)
            post(Event.DATA_READ, News(tapping=True), visit=job.serial)
            tap = step.tap(inspection, chip, planned.requests(), around.purpose, around.clerk_id, job.cancel)
            self._held = _Held(ground, planned, tap)

        return prove

    def plan_for(self, data: VisitData, purpose: str, planned: LookupPlan) -> tuple[LookupPlan, Tap | None]:
        """Return whom to ask: what was tapped for, with its proof, the first time; else ``planned``, without one.

        What came of the tap comes with it. Where the policy stops a visit below its level, nobody is asked without it.
        """
        held, self._held = self._held, None
        if held is not None and self._step is not None and held.ground == _ground(data, purpose) and held.tap.proven:
            return held.plan.proven(held.tap, self._step.hold), held.tap
        tap = held.tap if held is not None and held.ground[0] == data.serial else data.tap
        spent = replace(tap, proof=None, member=b"") if tap is not None else None
        if spent is None or spent.rule.below is not Decision.STOP or spent.rule.allows(spent.local):
            return planned, spent
        return withheld(planned), spent

    def forget(self) -> None:
        """Drop what is held of a visit that has ended."""
        self._held = None

    def close(self) -> None:
        """Break off what is asked of a verifier."""
        if self._step is not None:
            self._step.close()
