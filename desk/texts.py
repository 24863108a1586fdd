"""Every word a window or a terminal shows, in the clerk's language: ``Texts(language)`` turns codes into words.

"Signature intact" is never worded as "genuine": what a check proves is said by its own name, no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TypeVar

from auth.distribution.kinds import FreshnessLevel
from auth.purposes import PURPOSES, Purpose, citizen_text
from desk.device_view import DeviceView
from desk.failures import FailureText, failure_codes, failure_text
from desk.language import Language, Phrase
from desk.presence_shown import PresenceView
from desk.section_view import Said, said
from desk.tap import TapState
from desk.view import (
    ActionId,
    DeskState,
    DeskView,
    FailureView,
    FieldId,
    Match,
    ProgressView,
    RegisterState,
    RegisterView,
    StepId,
    StepState,
    TrustView,
    WaitingView,
)
from desk.words import (
    check_words,
    clock_words,
    decision_words,
    evidence_words,
    freshness_words,
    presence_words,
    purpose_words,
    reason_words,
    visit_words,
    waiting_words,
)
from desk.words.device_words import device_words
from desk.words.other_purpose_words import other_purpose_words
from desk.words.sign_in_words import SIGN_IN
from desk.wrong_clock import WrongClockView
from reader.inspection.checks import CheckId, CheckStatus
from reader.inspection.report import Decision
from reader.iso7816 import ServiceState, SlotState

__all__ = ["MATCH_SIGNS", "STATUS_SIGNS", "Texts"]

T = TypeVar("T")

# The signs of the comparison and the checks; always beside a word or a tooltip, never colour alone.
MATCH_SIGNS: Mapping[Match, str] = {
    Match.SAME: "=",
    Match.SAME_WRITTEN_OTHERWISE: "≈",
    Match.RENAMED: "≈",
    Match.DIFFERENT: "≠",
    Match.MISSING: "∅",
    Match.NOT_ASKED: "·",
}
STATUS_SIGNS: Mapping[CheckStatus, str] = {
    CheckStatus.PASSED: "✔",
    CheckStatus.FAILED: "✘",
    CheckStatus.INCONCLUSIVE: "?",
    CheckStatus.NOT_APPLICABLE: "–",
    CheckStatus.UNAVAILABLE: "○",
}


class Texts:
    """Turn codes into words of one language; a code without words comes back as it is, so nothing is hidden."""

    def __init__(self, language: Language | str) -> None:
        self.language = Language(language)

    def check_name(self, id: CheckId | str) -> str:
        """Return what a check is called."""
        return self._of(check_words.CHECK_NAMES, CheckId, id)

    def status(self, status: CheckStatus) -> str:
        """Return how a check came out."""
        return check_words.STATUS_NAMES[status].text(self.language)

    def reason(self, reason: str, check: CheckId | str = "") -> str:
        """Return why a check, a note or a register came out as it did; ``check`` chooses its own wording."""
        phrase = reason_words.OF_CHECK.get((str(check), reason)) or reason_words.REASONS.get(reason)
        phrase = phrase or evidence_words.STATIONS.get(reason)
        return phrase.text(self.language) if phrase else reason

    def next_step(self, check: CheckId | str, status: CheckStatus, reasons: Iterable[str] = ()) -> str:
        """Return what a clerk does about a check that came out so; ``reasons`` are what the policy says of it."""
        steps = decision_words.NEXT_STEPS_OF_REASON
        told = [steps[reason].text(self.language) for reason in reasons if reason in steps]
        if told and status is CheckStatus.PASSED:
            return " ".join(told)
        phrase = decision_words.NEXT_STEPS_OF_CHECK.get((str(check), status)) or check_words.NEXT_STEPS[status]
        return phrase.text(self.language)

    def finding(self, check: CheckId | str, reason: str) -> str:
        """Return a reason of the decision as one sentence: what it is about and what was found."""
        return f"{self.subject(check)}: {self.reason(reason, check)}"

    def subject(self, id: CheckId | str) -> str:
        """Return the name of a check, or of a register that speaks in the decision."""
        phrase = decision_words.SUBJECTS.get(str(id))
        return phrase.text(self.language) if phrase else self.check_name(id)

    def decision(self, decision: Decision) -> str:
        """Return the decision as one word."""
        return visit_words.DECISIONS[decision].text(self.language)

    def decision_line(self, decision: Decision) -> str:
        """Return what the decision means to the clerk."""
        return decision_words.DECISION_LINES[decision].text(self.language)

    def state(self, state: DeskState) -> str:
        """Return the headline of a page."""
        return visit_words.STATES[state].text(self.language)

    def headline(self, view: DeskView) -> str:
        """Return the headline of a page as it stands: that of its state, or what the reading waits for."""
        return self.waiting() if view.waits_for_others else self.state(view.state)

    def waiting(self) -> str:
        """Return what is said while another program uses the card."""
        return visit_words.WAITING["others"].text(self.language)

    def card_lost(self, progress: ProgressView | None) -> str:
        """Return what is said of a card that left in the middle: how much of it was read."""
        if progress is None or not progress.read:
            return visit_words.CARD_LOST["at-once"].text(self.language)
        done = visit_words.CARD_LOST["after-some"]
        return done.text(self.language, percent=progress.percent, read=progress.read, total=progress.total)

    def card_back(self) -> str:
        """Return what to do with a card that left in the middle."""
        return visit_words.CARD_LOST["next"].text(self.language)

    def card_wanted(self, code: str) -> str:
        """Return what is said of a card that is to prove itself once more, or that is wanted back for it."""
        return visit_words.CARD_WANTED[code].text(self.language)

    def trust(self, view: TrustView) -> str:
        """Return what is said of the trust's age, and when more is due."""
        parts = [freshness_words.FRESHNESS[FreshnessLevel(view.level)].text(self.language, days=view.days or 0)]
        if view.expired:
            # What it takes away comes before how old it is.
            parts.insert(0, self.trust_expired(view))
        if view.crls_overdue:
            parts.append(freshness_words.FRESHNESS_MORE["crl-overdue"].text(self.language, count=view.crls_overdue))
        if view.next_due and not view.expired:
            parts.append(freshness_words.FRESHNESS_MORE["next-due"].text(self.language, date=view.next_due))
        return " ".join(parts)

    def trust_expired(self, view: TrustView) -> str:
        """Return since when the trust list has ended, what that takes away, and what to do; empty while it is good."""
        return freshness_words.FRESHNESS_MORE["expired"].text(self.language, date=view.expired) if view.expired else ""

    def wrong_clock(self, view: WrongClockView) -> str:
        """Return what is said of this computer's wrong clock, what that amounts to, and what to do."""
        return clock_words.wrong_clock(view).text(self.language)

    def lookups_waiting(self, view: WaitingView) -> str:
        """Return what is said of the look-ups that wait for a register; empty where there is nothing to say."""
        words, parts = waiting_words.WAITING_LINES, []
        if view.trouble:
            parts.append(self.failure_of(view.trouble).title)
        if view.count:
            parts.append(words["waiting"].text(self.language, count=self._number(view.count), since=view.since))
        for name, count in (("to-decide", view.to_decide), ("frozen", view.frozen), ("ended", view.ended)):
            if count:
                parts.append(words[name].text(self.language, count=self._number(count)))
        return ". ".join(parts) + "." if parts else ""

    def _number(self, number: int) -> str:
        """Write a count with its thousands apart, as the language does."""
        return f"{number:,}".replace(",", "." if self.language is Language.VIETNAMESE else ",")

    def step(self, step: StepId) -> str:
        """Return the name of a step."""
        return visit_words.STEPS[step].text(self.language)

    def step_state(self, state: StepState) -> str:
        """Return how far a step is."""
        return visit_words.STEP_STATES[state].text(self.language)

    def field(self, field: FieldId) -> str:
        """Return the name of a row of the comparison."""
        return visit_words.FIELDS[field].text(self.language)

    def match(self, match: Match) -> str:
        """Return how two values stand to each other."""
        return visit_words.MATCHES[match].text(self.language)

    def match_reason(self, reason: str) -> str:
        """Return why two values stand so; empty for no reason."""
        phrase = visit_words.MATCH_REASONS.get(reason)
        return phrase.text(self.language) if phrase else reason

    def note(self, note: str) -> str:
        """Return a remark on a row of the comparison; empty for none."""
        phrase = visit_words.NOTES_ON_FIELDS.get(note)
        return phrase.text(self.language) if phrase else note

    def said(self, words: Said) -> str:
        """Return what a register's kind says in both languages, or text as it came."""
        return said(words, self.language)

    def register_state(self, state: RegisterState) -> str:
        """Return how a register stands."""
        return visit_words.REGISTER_STATES[state].text(self.language)

    def register_lines(self, views: Iterable[RegisterView]) -> tuple[tuple[RegisterView, str], ...]:
        """Return a line a register, and one for all in a row that stand alike; with whom it is about."""
        lines: list[tuple[RegisterView, str]] = []
        for why, group in groupby(views, key=_alike):
            together = tuple(group)
            if why and len(together) > 1:
                names = ", ".join(self.said(view.title) for view in together)
                lines.append((together[0], self._register_line(names, together[0])))
            else:
                lines += [(view, self._register_line(self.said(view.title), view)) for view in together]
        return tuple(lines)

    def _register_line(self, name: str, view: RegisterView) -> str:
        """Return how a register stands, and why there is no answer where there is none."""
        state = self.register_state(view.state)
        if view.state is RegisterState.ASKING and view.stage in visit_words.STAGES:
            return f"{name}: {visit_words.STAGES[view.stage].text(self.language)}"
        if not view.failure or view.state is RegisterState.NOT_CONFIRMED:
            notes = "".join(f" — {self.answer_note(note)}" for note in view.notes)
            return f"{name}: {state}{self._confirmed(view)}{notes}{self._alerts(view)}{self._certificate(view)}"
        why = self.failure_of(view.failure).title
        if view.state is RegisterState.NOT_ALLOWED:
            # The reason says by itself that nobody was asked.
            return f"{name}: {why[:1].lower()}{why[1:]}"
        return f"{name}: {state} — {why}"

    def answer_note(self, note: str) -> str:
        """Return what must be said of a register's answer."""
        phrase = visit_words.ANSWER_NOTES.get(note)
        return phrase.text(self.language) if phrase else note

    def certificate_scanned(self, serial: str) -> str:
        """Return what is said of a land certificate that was scanned in the place of a card's number."""
        return visit_words.CERTIFICATE["scanned"].text(self.language, serial=serial)

    def _confirmed(self, view: RegisterView) -> str:
        """Return which questions were answered with yes and with no; nothing where data came after a yes to all."""
        if not view.confirmed or view.state is RegisterState.ANSWERED:
            return ""
        said = (f"{self.question(id)}: {purpose_words.ANSWERS[yes].text(self.language)}" for id, yes in view.confirmed)
        return f" — {', '.join(said)}"

    def _alerts(self, view: RegisterView) -> str:
        """Return what must not be overlooked in an answer, each kind once with how often."""
        counted = Counter(self.said(alert) for alert in view.alerts)
        told = ", ".join(words if many == 1 else f"{words} × {many}" for words, many in counted.items())
        return f" — {told}" if told else ""

    def _certificate(self, view: RegisterView) -> str:
        if not view.certificate:
            return ""
        words = visit_words.CERTIFICATE["held" if view.certificate_held else "not-held"]
        return f" — {words.text(self.language, serial=view.certificate)}"

    def service(self, service: ServiceState | str) -> str:
        """Return how the PC/SC service stands."""
        return self._of(visit_words.SERVICES, ServiceState, service)

    def slot(self, slot: SlotState | str) -> str:
        """Return what lies on a reader."""
        return self._of(visit_words.SLOTS, SlotState, slot)

    def action(self, action: ActionId | str) -> str:
        """Return the name of something to do."""
        return self._of(visit_words.ACTIONS, ActionId, action)

    def device(self, view: DeviceView) -> str:
        """Return what must be said of this computer, with the next step."""
        return device_words(view, self.language)

    def sign_in(self, what: str, **values: object) -> str:
        """Return what is said of a sign-in (``desk.words.sign_in_words``)."""
        return SIGN_IN[what].text(self.language, **values)

    def purpose(self, id: str, purposes: Iterable[Purpose] = PURPOSES) -> str:
        """Return the name of one of ``purposes``."""
        for known in purposes:
            if known.id == id:
                return known.name_vi if self.language is Language.VIETNAMESE else known.name_en
        return id

    def other_purpose(self, view: DeskView) -> str:
        """Return that the page is of another purpose than the chosen one, "" where it is not."""
        return other_purpose_words(view, self.language)

    def for_citizen(self, purpose: Purpose) -> str:
        """Return the text that a citizen reads about a purpose, as it is agreed to."""
        return citizen_text(purpose, self.language.value)

    def consent(self, name: str) -> str:
        """Return one of the phrases around the citizen's consent."""
        return purpose_words.CONSENT[name].text(self.language)

    def question(self, id: str) -> str:
        """Return what a question is about."""
        phrase = purpose_words.QUESTIONS.get(id)
        if phrase is not None:
            return phrase.text(self.language)
        return purpose_words.OVER_AGE.text(self.language, age=id.removeprefix("over-"))

    def presence(self, view: PresenceView | None, registers: Iterable[RegisterView] = ()) -> tuple[str, ...]:
        """Return what is said of the card's presence: the level, what it leaves open, why, and a line a register."""
        if view is None:
            return ()
        if not view.state:
            return (self.presence_words("asking"),)
        names = {register.register: register.title.text(self.language) for register in registers}
        came = presence_words.TAPS[TapState(view.state)].text(self.language)
        lines = [self.presence_line(view.level), self.presence_limit(view.level)]
        lines.append(f"· {came}" + (f" ({self.presence_reason(view.reason)})" if view.reason else ""))
        if view.least:
            lines.append(f"· {self.presence_words('least', least=view.least)}")
        for one in view.registers:
            name = names.get(one.register, one.register)
            if one.accepted is None:
                said = self.presence_words("register-silent", register=name)
            elif one.accepted:
                said = self.presence_words("register", register=name, level=one.level)
            else:
                said = self.presence_words("register-refused", register=name)
            why = "; ".join(self.presence_reason(reason) for reason in one.reasons)
            lines.append(f"· {said}" + (f" ({why})" if why else ""))
        return tuple(lines)

    def presence_line(self, level: int) -> str:
        """Return what a level of presence says, on one line."""
        return self.presence_words("line", level=level, words=presence_words.LEVELS[level].text(self.language))

    def presence_short(self, view: PresenceView) -> str:
        """Return the level in a few words, or that the card is being asked."""
        if not view.state:
            return self.presence_words("asking")
        words = presence_words.SHORT_LEVELS[view.level].text(self.language)
        return self.presence_words("line", level=view.level, words=words)

    def presence_limit(self, level: int) -> str:
        """Return what a level of presence leaves open."""
        return presence_words.LEVEL_LIMITS[level].text(self.language)

    def presence_basis(self, basis: str) -> str:
        """Return on what an auditor's verdict of presence rests."""
        return presence_words.BASES[basis].text(self.language)

    def presence_reason(self, reason: str) -> str:
        """Return a word of a presence verifier, or the title of a failure; a status word comes back as it is."""
        phrase = presence_words.REASONS.get(reason)
        if phrase is None and reason in failure_codes():
            return self.failure_of(reason).title
        return phrase.text(self.language) if phrase else reason

    def presence_words(self, name: str, **arguments: object) -> str:
        """Return one of the phrases about a card's presence."""
        return presence_words.LINES[name].text(self.language, **arguments)

    def failure(self, view: FailureView) -> FailureText:
        """Return title, cause and next step of a failure."""
        return failure_text(view.code, self.language, tries_left=view.tries_left)

    def failure_of(self, code: str) -> FailureText:
        """Return title, cause and next step of a code of the failure catalogue."""
        return failure_text(code, self.language)

    def known_failure(self, code: str) -> str:
        """Return the title of a code of the failure catalogue; empty for one that is not in it."""
        return self.failure_of(code).title if code in failure_codes() else ""

    def _of(self, table: Mapping[T, Phrase], kind: type[T], value: object) -> str:
        try:
            return table[kind(value)].text(self.language)  # type: ignore[call-arg]  # an enum's class takes its value
        except ValueError:
            return str(value)


def _alike(view: RegisterView) -> tuple[RegisterState, str, str] | None:
    """Return by what registers share a line; None where there is something to say of this one, or will be."""
    pending = view.state in (RegisterState.IDLE, RegisterState.ASKING)
    of_its_own = view.notes or view.alerts or view.certificate
    return None if pending or of_its_own else (view.state, view.failure, view.answered_at)
