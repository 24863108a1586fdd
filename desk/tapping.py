"""The tap as a visit conducts it: words the look-ups, has the card prove itself for them, keeps both until then.

The tap happens at the end of a reading, on the card worker; the look-ups that it was made for are asked for after it.
What was worded then is sent then, and no proof is for anything else. Where the citizen must be asked first, or where
another purpose or another look-up is wanted later, the card is opened once more for a tap of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event as Flag
from typing import Protocol

from desk.consenting import consent_wanted
from desk.held import Held
from desk.jobs import ReadJob
from desk.lookups import LookupPlan, withheld
from desk.news import News
from desk.ports import PresenceStep
from desk.tap import Tap, TapState
from desk.tapped import Attempt, Ground, Tapped
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


class Tapping:
    """Hold the tap of the present visit.

    ``step`` is None at a desk that asks for no presence. ``plan`` returns whom the visit would ask now, ``among`` who
    asks by then. With ``may_reopen`` the card can be opened once more.
    """

    def __init__(
        self,
        step: PresenceStep | None,
        plan: Callable[[Inspection], LookupPlan],
        held: Held,
        among: Callable[[Surroundings], Surroundings],
        *,
        may_reopen: bool = False,
    ) -> None:
        self._step = step
        self.plan = plan
        self._held = held
        self._among = among
        self._may_reopen = may_reopen
        self._tapped: Tapped | None = None
        self._chip_protocol = ""

    def during(self, job: ReadJob, post: Post) -> Afterwards | None:
        """Return what is to follow the inspection of ``job`` while the chip is open; None where nothing is.

        ``post`` tells the desk when the card begins to be asked, and brings home what came of it, from the card worker:
        by then the visit may be over, and only the desk knows.
        """
        step = self._step
        if step is None:
            return None

        def prove(inspection: Inspection, chip: OpenChip) -> None:
            if inspection.decision is Decision.STOP or job.cancel.is_set():
                return
            self._chip_protocol = chip.chip_protocol
            attempt = Attempt(self._ground(job.serial), self.plan(inspection))
            if self._may_reopen and consent_wanted(attempt.plan, self._held.purpose, self._held.data.consent):
                # Nothing is committed to that the citizen has not agreed to; the card proves itself after that. What
                # that needs is loaded here, where nobody waits for it.
                step.untapped(inspection, attempt.ground.purpose, TapState.NOTHING_ASKED)
                return
            post(Event.DATA_READ, News(tapping=True), visit=job.serial)
            tapped = self._tap(step, attempt, inspection, chip, job.cancel)
            post(Event.DATA_READ, News(tapping=True, tapped=tapped), visit=job.serial)

        return prove

    def attempt(self, inspection: Inspection) -> Attempt:
        """Return what the card would have to prove itself for now."""
        return Attempt(self._ground(self._held.data.serial), self.plan(inspection))

    def wanted(self, planned: LookupPlan) -> bool:
        """Tell whether the card is to prove itself before ``planned`` is asked: it was not asked to on this ground."""
        if self._step is None or not self._may_reopen or not planned.questions:
            return False
        if not planned.takes_proof:
            self._leave_out(TapState.NOTHING_ASKED)
        return self._tapped is None or self._tapped.attempt.ground != self._ground(self._held.data.serial)

    def without_card(self, attempt: Attempt, inspection: Inspection) -> Tapped | None:
        """Return what comes of ``attempt`` where no card is needed to tell, None where one is."""
        if self._step is None:
            return None
        tap = self._step.without_card(inspection, attempt.plan.requests(), attempt.ground.purpose)
        return Tapped(attempt, tap) if tap is not None else None

    def once_more(self, attempt: Attempt, inspection: Inspection, chip: OpenChip, cancel: Flag) -> Tapped:
        """Have the card, opened once more, prove itself; raise as ``PresenceStep.tap``. For the card worker."""
        if self._step is None:
            raise ValueError("this desk asks for no presence")
        known = replace(chip, chip_protocol=self._chip_protocol)
        return self._tap(self._step, attempt, inspection, known, cancel)

    def keep(self, tapped: Tapped) -> None:
        """Keep what came of an attempt until its look-ups are asked for."""
        self._tapped = tapped

    def leave_out(self) -> None:
        """Hold that the look-ups of now go without a proof: the card was gone, and the clerk wants to go on."""
        self._leave_out(TapState.CARD_GONE)

    def _leave_out(self, why: TapState) -> None:
        inspection, ground = self._held.data.inspection, self._ground(self._held.data.serial)
        if self._step is not None and inspection is not None:
            tap = self._step.untapped(inspection, ground.purpose, why)
            self._tapped = Tapped(Attempt(ground, LookupPlan(())), tap)

    def plan_for(self, planned: LookupPlan) -> tuple[LookupPlan, Tap | None]:
        """Return whom to ask: what was tapped for, with its proof, the first time; else ``planned``, without one.

        What came of the tap comes with it. Where the policy stops a visit below its level, nobody is asked without it.
        """
        tapped, self._tapped = self._tapped, None
        ground = self._ground(self._held.data.serial)
        if tapped is not None and self._step is not None and tapped.attempt.ground == ground and tapped.tap.proven:
            return tapped.attempt.plan.proven(tapped.tap, self._step.hold), tapped.tap
        same_visit = tapped is not None and tapped.attempt.ground.visit == ground.visit
        tap = tapped.tap if tapped is not None and same_visit else self._held.data.tap
        spent = self._spent(tap, planned, ground.purpose)
        if spent is None or spent.rule.below is not Decision.STOP or spent.rule.allows(spent.local):
            return planned, spent
        return withheld(planned), spent

    def _spent(self, tap: Tap | None, planned: LookupPlan, purpose: str) -> Tap | None:
        """Return ``tap`` without its proof, by the rule of ``purpose``: it may have been made for another one."""
        inspection = self._held.data.inspection
        if self._step is None or inspection is None or (tap is None and not planned.questions):
            return None
        untapped = self._step.untapped(inspection, purpose, TapState.NOTHING_ASKED)
        return untapped if tap is None else replace(tap, proof=None, member=b"", rule=untapped.rule)

    def forget(self) -> None:
        """Drop what is held of a visit that has ended, or of a reading before the one that begins."""
        self._tapped = None
        self._chip_protocol = ""

    def close(self) -> None:
        """Break off what is asked of a verifier."""
        if self._step is not None:
            self._step.close()

    def _tap(
        self, step: PresenceStep, attempt: Attempt, inspection: Inspection, chip: OpenChip, cancel: Flag
    ) -> Tapped:
        ground = attempt.ground
        tap = step.tap(inspection, chip, attempt.plan.requests(), ground.purpose, ground.clerk, cancel)
        return Tapped(attempt, tap)

    def _ground(self, visit: int) -> Ground:
        """Return the ground of now; what the card worker has under way is of the visit it was begun for."""
        data, around = self._held.data, self._among(self._held.around)
        return Ground(visit, around.purpose, data.certificate, data.consent, data.dossier, around.clerk_id)
