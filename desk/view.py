"""What a shell shows: one frozen view model of the whole desk, made anew at every change.

The window and the terminal render the same ``DeskView``. Values are ready to show (dates in Vietnamese form, text made
safe); words come as codes and arguments that ``desk.texts`` turns into Vietnamese or English.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from auth.purposes import Purpose
from desk.comparison_view import ComparisonRow, FieldId, Match, RegisterCell, SourceValue
from desk.device_view import DeviceView
from desk.failure_view import FailureView
from desk.language import Phrase
from desk.presence_shown import PresenceView
from desk.section_view import SectionView
from desk.sign_in_view import SignInView
from desk.wrong_clock import WrongClockView
from reader.inspection.checks import CheckId, CheckStatus
from reader.inspection.report import Decision

__all__ = [
    "ActionId",
    "CheckView",
    "ComparisonRow",
    "DecisionView",
    "DeskState",
    "DeskView",
    "FailureView",
    "FieldId",
    "IdentityView",
    "Match",
    "PortraitView",
    "ProgressView",
    "ReaderView",
    "RegisterCell",
    "RegisterState",
    "RegisterView",
    "SourceValue",
    "StepId",
    "StepState",
    "StepView",
    "TrustView",
    "WaitingView",
]


class DeskState(StrEnum):
    """Name the states of a visit; each is a designed page."""

    NO_READER = "no-reader"
    WAIT_CARD = "wait-card"
    NEED_KEY = "need-key"
    READING = "reading"
    CARD_LOST = "card-lost"
    CONSENT = "consent"
    PROVING = "proving"
    CARD_WANTED = "card-wanted"
    LOOKUP = "lookup"
    SHOWING = "showing"
    FAULT = "fault"
    STOPPING = "stopping"
    WIPED = "wiped"


class StepId(StrEnum):
    """Name the steps at the left of the desk."""

    CARD = "card"
    READ = "read"
    VERIFY = "verify"
    LOOKUP = "lookup"
    RESULT = "result"


class StepState(StrEnum):
    """Tell how far a step is."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RegisterState(StrEnum):
    """Tell how a register stands in this visit."""

    IDLE = "idle"
    ASKING = "asking"
    ANSWERED = "answered"
    NOT_FOUND = "not-found"
    FAILED = "failed"
    NOT_ALLOWED = "not-allowed"
    CONFIRMED = "confirmed"
    """Every question was answered with yes, and no data were wanted."""

    NOT_CONFIRMED = "not-confirmed"
    """A question was answered with no, so no data were asked for."""

    QUEUED = "queued"
    """It waits in the outbox: the register was away, and the clerk gave a dossier number."""


class ActionId(StrEnum):
    """Name what a shell may do now; ``DeskView.actions`` holds those that are offered."""

    ENTER_KEY = "enter-key"
    CANCEL = "cancel"
    NEXT = "next"
    LOOK_UP_AGAIN = "look-up-again"
    CHOOSE_PURPOSE = "choose-purpose"
    QUEUE_LOOKUPS = "queue-lookups"
    MAKE_SLIP = "make-slip"
    AGREE = "agree"
    REFUSE = "refuse"
    GO_ON_WITHOUT_PROOF = "go-on-without-proof"
    SIGN_IN = "sign-in"
    SIGN_IN_AGAIN = "sign-in-again"
    STOP_SIGN_IN = "stop-sign-in"
    SIGN_OUT = "sign-out"


@dataclass(frozen=True, slots=True)
class ReaderView:
    """Show one reader: ``slot`` is a ``reader.iso7816.SlotState`` value."""

    name: str
    slot: str
    emulated: bool = False
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class StepView:
    """Show one step."""

    step: StepId
    state: StepState


@dataclass(frozen=True, slots=True)
class ProgressView:
    """Show how far the reading is: bytes of bytes over all files, and the file now being read."""

    file: str
    read: int
    total: int

    @property
    def percent(self) -> int:
        """Return 0..100."""
        return min(100, self.read * 100 // self.total) if self.total else 0


@dataclass(frozen=True, slots=True, repr=False)
class IdentityView:
    """Show who the card speaks of; ``expiry`` is empty for a card without expiry."""

    full_name: str
    personal_number: str
    date_of_birth: str
    sex: str
    nationality: str
    residence: str
    expiry: str
    old_number: str = ""

    @property
    def grouped_number(self) -> str:
        """Return the personal number in groups of three."""
        digits = self.personal_number
        return " ".join(digits[i : i + 3] for i in range(0, len(digits), 3))


@dataclass(frozen=True, slots=True, repr=False)
class PortraitView:
    """Show the portrait: PNG bytes that we encoded ourselves.

    ``whole`` is False for a first sight of one that is still being read; ``proven`` is False until its hash was
    found to be the signed one.
    """

    png: bytes
    width: int
    height: int
    whole: bool = True
    proven: bool = True


@dataclass(frozen=True, slots=True)
class DecisionView:
    """Show the decision and why: ``reasons`` are (check id, reason code) pairs, the weightiest first."""

    decision: Decision
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CheckView:
    """Show one check; its words come from ``desk.texts`` by id and reason."""

    id: CheckId
    status: CheckStatus
    reason: str
    evidence: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterView:
    """Show how a register stands; ``failure`` is a code of the failure catalogue that says why there is no answer.

    ``title`` is its short name. ``notes`` are codes of what must be said of the answer, "answer-unsigned" among them
    where nobody signed it; ``alerts`` what must not be overlooked in it. ``certificate`` is the serial of the land
    certificate that was scanned, ``certificate_held`` whether it stands in the answer. ``confirmed`` are the yes and no
    that were answered, by question. ``stage`` is an ``auth.wire.errand.Stage`` value while the register is being asked,
    empty where there is nothing to say of that.
    """

    register: str
    title: Phrase
    state: RegisterState
    failure: str = ""
    answered_at: str = ""
    certificate: str = ""
    certificate_held: bool = False
    notes: tuple[str, ...] = ()
    alerts: tuple[Phrase, ...] = ()
    confirmed: tuple[tuple[str, bool], ...] = ()
    stage: str = ""


@dataclass(frozen=True, slots=True)
class WaitingView:
    """Show what waits in the outbox: how many, since when, how many people must decide about, and how many have ended.

    ``trouble`` is a code of the failure catalogue, where nothing can be queued or the file was damaged.
    """

    count: int = 0
    since: str = ""
    to_decide: int = 0
    frozen: int = 0
    ended: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class TrustView:
    """Show how fresh the trust is: for how many ``days`` nobody confirmed it, lists that are overdue, when more is due.

    ``level`` is a ``FreshnessLevel`` value; ``expired`` says since when the list has ended by its own word.
    """

    level: str
    days: int | None = None
    crls_overdue: int = 0
    next_due: str = ""
    expired: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class DeskView:
    """Show the whole desk; ``key_held`` says that a number was entered and a card is awaited.

    ``certificate`` is the serial of the land certificate that was scanned in this visit, empty for none.
    ``waits_for_others`` says that the reading waits for another program that uses the card. ``purposes`` are those that
    may be chosen, ``purpose`` the id of the one in use, ``asked_for`` the one under which stands what the page says of
    the registers, None before that is known. ``sign_in`` is None where nobody need sign in, ``wrong_clock``
    where this computer's clock is right, ``device`` where nothing need be said of this computer. ``dossier`` is the
    number of the matter, empty for none. ``card_is_back`` says that a card which is wanted for its proof lies there and
    is asked.
    """

    state: DeskState
    visit: int
    readers: tuple[ReaderView, ...] = ()
    service: str = "running"
    test: bool = False
    clerk: str = ""
    counter: str = ""
    purpose: str = ""
    steps: tuple[StepView, ...] = ()
    progress: ProgressView | None = None
    identity: IdentityView | None = None
    portrait: PortraitView | None = None
    decision: DecisionView | None = None
    checks: tuple[CheckView, ...] = ()
    comparison: tuple[ComparisonRow, ...] = ()
    sections: tuple[SectionView, ...] = ()
    registers: tuple[RegisterView, ...] = ()
    failure: FailureView | None = None
    actions: frozenset[str] = field(default_factory=frozenset)
    key_held: bool = False
    certificate: str = ""
    waits_for_others: bool = False
    trust: TrustView | None = None
    presence: PresenceView | None = None
    purposes: tuple[Purpose, ...] = ()
    waiting: WaitingView | None = None
    sign_in: SignInView | None = None
    wrong_clock: WrongClockView | None = None
    device: DeviceView | None = None
    dossier: str = ""
    card_is_back: bool = False
    asked_for: Purpose | None = None

    @property
    def purpose_in_use(self) -> Purpose | None:
        """Return the purpose in use, with the text that the citizen reads; None where there is none of the id."""
        return next((known for known in self.purposes if known.id == self.purpose), None)

    @property
    def other_purpose_chosen(self) -> bool:
        """Tell whether the page is of another purpose than the one that is chosen for what is asked next."""
        return self.asked_for is not None and self.asked_for.id != self.purpose

    @property
    def compared(self) -> tuple[RegisterView, ...]:
        """Return the registers that have a column of the comparison: all but those not asked, or all where none is."""
        asked = tuple(view for view in self.registers if view.state is not RegisterState.NOT_ALLOWED)
        return asked or self.registers

    def __repr__(self) -> str:
        """Show the state only."""
        return f"DeskView({self.state}, visit {self.visit})"
