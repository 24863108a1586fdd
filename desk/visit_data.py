"""What the desk holds of one visit, as one frozen value: a wipe puts an empty one in its place, and nothing is left."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from auth.purposes import ConsentRecord, PurposeRegistry, shipped_registry
from auth.registers.ports import PopulationRecord
from auth.wire.errand import Stage
from desk.asked_for import AskedFor
from desk.device_view import DeviceView
from desk.outcomes import LookupOutcome
from desk.place import Place
from desk.register_kind import POPULATION
from desk.sign_in_view import SignInView
from desk.tap import Tap
from desk.view import FailureView, RegisterState, TrustView, WaitingView
from desk.wrong_clock import WrongClockView
from reader.inspection.checks import Check, CheckId, CheckStatus
from reader.inspection.events import (
    CheckJudged,
    FileProgress,
    IdentityRead,
    InspectionEvent,
    PortraitGrowing,
    PortraitRead,
    Step,
    StepStarted,
)
from reader.inspection.report import Inspection
from reader.lds import KeyInput
from reader.lds.identity import Identity
from reader.lds.portrait import Portrait

__all__ = ["Surroundings", "VisitData"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Hold what stays from visit to visit: who works here, and for what purpose they look up.

    ``clerk`` is the name shown, ``clerk_id`` what the registers are told; ``trust`` how fresh the trust is, once it is
    known. ``purposes`` are those of this desk, ``purpose`` the id of the one in use. ``waiting`` is what waits in the
    outbox, once that is known, and ``can_wait`` names the registers whose look-ups can. ``sign_in`` is how the
    sign-in stands, None where nobody need sign in. ``wrong_clock`` is None where this computer's clock is right,
    ``device`` where nothing need be said of this computer.
    """

    clerk: str = ""
    clerk_id: str = ""
    counter: str = ""
    purpose: str = ""
    test: bool = False
    trust: TrustView | None = None
    purposes: PurposeRegistry = field(default_factory=shipped_registry)
    waiting: WaitingView | None = None
    can_wait: frozenset[str] = frozenset()
    sign_in: SignInView | None = None
    wrong_clock: WrongClockView | None = None
    device: DeviceView | None = None


@dataclass(frozen=True, slots=True, repr=False)
class VisitData:
    """Hold all that is known of one citizen's visit; ``serial`` is its number, and answers to another are dropped.

    ``opened_by`` is what opened the chip: the card may have to prove itself after the citizen was asked.

    ``waits_for_others`` says that another program holds the card and the reading waits for it. ``certificate`` is the
    serial of the land certificate that was scanned in it. ``outcomes`` has one for each register, in the order in which
    they are shown. ``tapping`` says that the card is proving itself, ``tap`` what came of it. ``consent`` is what the
    citizen agreed to in this visit, ``dossier`` the number of the matter: the next citizen's is another one.
    ``asked_for`` is the purpose by which it was last told whom to ask, also where that was nobody, with the consent to
    it: ``outcomes`` and ``tap`` are of that one, whatever was chosen since.
    """

    serial: int = 1
    key: KeyInput | None = None
    step: Step | None = None
    files: tuple[FileProgress, ...] = ()
    identity: Identity | None = None
    portrait: Portrait | None = None
    portrait_whole: bool = True
    checks: tuple[Check, ...] = ()
    inspection: Inspection | None = None
    opened_by: KeyInput | None = None
    outcomes: tuple[LookupOutcome[Any], ...] = ()
    failure: FailureView | None = None
    place: Place | None = None
    certificate: str = ""
    waits_for_others: bool = False
    tapping: bool = False
    tap: Tap | None = None
    consent: ConsentRecord | None = None
    dossier: str = ""
    asked_for: AskedFor | None = None

    @property
    def holds_something(self) -> bool:
        """Tell whether there is anything that idleness should wipe."""
        return self != self._empty()

    @property
    def hashes_proven(self) -> bool:
        """Tell whether what was read is shown to be what the signed object lists."""
        return any(check.id is CheckId.HASHES and check.status is CheckStatus.PASSED for check in self.checks)

    @property
    def population(self) -> LookupOutcome[PopulationRecord] | None:
        """Return what came of the population register, whose word on the card itself can stop the visit."""
        return next((outcome for outcome in self.outcomes if outcome.register == POPULATION), None)

    @property
    def asking(self) -> bool:
        """Tell whether a register has yet to answer."""
        return any(outcome.state is RegisterState.ASKING for outcome in self.outcomes)

    def wiped(self) -> VisitData:
        """Return an empty visit with the next number."""
        return replace(self._empty(), serial=self.serial + 1)

    def interrupted(self, place: Place) -> VisitData:
        """Return this visit with its place and the count of bytes only: the next card may be another one."""
        return replace(self._empty(), files=self.files, place=place, certificate=self.certificate, dossier=self.dossier)

    def covered(self) -> VisitData:
        """Return what may be shown of this visit while its card is away: nothing of the citizen."""
        return replace(self._empty(), failure=self.failure, tapping=self.tapping)

    def _empty(self) -> VisitData:
        return VisitData(self.serial, outcomes=tuple(LookupOutcome(outcome.kind) for outcome in self.outcomes))

    def with_outcome(self, outcome: LookupOutcome[Any]) -> VisitData:
        """Return this visit with what came of one register."""
        changed = (outcome if outcome.register == held.register else held for held in self.outcomes)
        return replace(self, outcomes=tuple(changed))

    def with_stage(self, register: str, stage: Stage) -> VisitData:
        """Return this visit with how far the look-up in one register is; one that is over stays as it is."""
        return replace(
            self,
            outcomes=tuple(
                replace(held, stage=stage) if held.register == register and held.state is RegisterState.ASKING else held
                for held in self.outcomes
            ),
        )

    def with_event(self, event: InspectionEvent) -> VisitData:
        """Return this visit with what an inspection tells while it runs."""
        match event:
            case StepStarted(step):
                return replace(self, step=step)
            case FileProgress():
                others = tuple(progress for progress in self.files if progress.file != event.file)
                return replace(self, files=(*others, event))
            case IdentityRead(identity):
                return replace(self, identity=identity)
            case PortraitGrowing(portrait):
                return replace(self, portrait=portrait, portrait_whole=False)
            case PortraitRead(portrait):
                return replace(self, portrait=portrait, portrait_whole=True)
            case CheckJudged(check):
                return replace(self, checks=(*(c for c in self.checks if c.id is not check.id), check))

    def with_inspection(self, inspection: Inspection, opened_by: KeyInput | None = None) -> VisitData:
        """Return this visit with the finished inspection, which has the last word on all that was told before."""
        return replace(
            self,
            inspection=inspection,
            opened_by=opened_by,
            identity=inspection.identity,
            portrait=inspection.portrait,
            portrait_whole=True,
            checks=inspection.checks,
        )

    def __repr__(self) -> str:
        """Show the number only."""
        return f"VisitData({self.serial})"
