"""The page of a slip in words: what whoever draws it needs, and nothing that it would have to decide.

The watermark is part of it, by the slip's own word: no caller can leave it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from desk.language import Language, Phrase
from desk.presence_shown import PresenceOfRegister
from desk.section_view import ItemView, SectionView
from desk.slip.content import Matter, Slip, SlipRegister
from desk.slip.sealing import PreparedSlip
from desk.tap import TapState
from desk.texts import Texts
from desk.view import CheckView, Match, RegisterState, RegisterView, SourceValue
from desk.words.presence_words import LEVELS, SHORT_LEVELS, TAPS
from desk.words.slip_words import CONSENT_WAYS, LABELS, SLIP, WATERMARK
from reader.inspection.checks import CheckStatus

__all__ = ["Block", "Fact", "Grid", "SlipPage", "SlipPrinter", "slip_page"]


@dataclass(frozen=True, slots=True, repr=False)
class Fact:
    """Hold a label and its value."""

    label: str
    value: str
    strong: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Grid:
    """Hold a table: heads, the share of the width each column takes, rows of cells."""

    heads: tuple[str, ...]
    shares: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, repr=False)
class Block:
    """Hold one part of the page under its heading: facts, then a table, then what more is said of its rows, lines."""

    heading: str
    facts: tuple[Fact, ...] = ()
    grid: Grid | None = None
    details: tuple[Fact, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class SlipPage:
    """Hold the whole slip in words.

    ``running`` stands at the head of every page, ``footer`` at its foot beside ``page_words``; ``watermark`` lies
    across every page and is empty only for a slip that is no test. ``signed`` says that the file will be signed.
    """

    title: str
    subtitle: str
    verdict: str
    verdict_line: str
    reasons: tuple[str, ...]
    blocks: tuple[Block, ...]
    signature: Block
    signed: bool
    running: str
    footer: str
    page_words: Phrase
    language: Language
    document_title: str
    creator: str
    watermark: tuple[str, ...] = field(default=())


class SlipPrinter(Protocol):
    """Draw slips; found by the entry-point group ``motcua.printers``."""

    def __call__(self, page: SlipPage) -> bytes:
        """Return ``page`` as a PDF/A-1b file."""
        ...


def slip_page(prepared: PreparedSlip, texts: Texts) -> SlipPage:
    """Return the page of a slip in the language of ``texts``."""
    slip = prepared.slip
    words = _Words(texts)
    decision = slip.decision
    return SlipPage(
        title=words.slip("title"),
        subtitle=words.slip("subtitle"),
        verdict=f"{words.slip('decision')}: {texts.decision(decision.decision)}",
        verdict_line=texts.decision_line(decision.decision),
        reasons=tuple(texts.finding(check, reason) for check, reason in decision.reasons),
        blocks=(
            words.citizen(slip),
            words.matter(slip.matter),
            words.maker(slip),
            words.checks(slip),
            words.registers(slip),
            words.presence(slip),
            words.comparison(slip),
            *(words.section(section) for section in slip.sections if section.items),
            words.trace(prepared),
        ),
        signature=words.signature(prepared),
        signed=prepared.signed_by is not None,
        running=words.slip("running", slip=slip.slip_id),
        footer=f"{slip.maker.program} · SHA-256 slip.json {prepared.digest}",
        page_words=SLIP["page"],
        language=texts.language,
        document_title=f"{SLIP['title'].vi} {slip.slip_id}",
        creator=f"{slip.maker.program}; slip.json SHA-256 {prepared.digest}{'; TEST' if slip.test else ''}",
        watermark=WATERMARK if slip.test else (),
    )


class _Words:
    """Word the parts of a slip in one language."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def slip(self, name: str, **arguments: object) -> str:
        return SLIP[name].text(self._texts.language, **arguments)

    def label(self, name: str) -> str:
        return LABELS[name].text(self._texts.language)

    def citizen(self, slip: Slip) -> Block:
        who = slip.subject
        digits = who.personal_number
        grouped = " ".join(digits[i : i + 3] for i in range(0, len(digits), 3))
        return Block(
            f"{self.slip('citizen')} — {self.slip('by-chip').lower()}",
            (
                Fact(self.label("name"), who.full_name.upper(), strong=True),
                Fact(self.label("number"), grouped, strong=True),
                Fact(self.label("birth"), who.date_of_birth),
            ),
        )

    def matter(self, matter: Matter) -> Block:
        return Block(
            self.slip("matter"),
            (
                Fact(self.label("dossier"), matter.dossier or self.slip("none"), strong=bool(matter.dossier)),
                Fact(self.label("purpose"), matter.name.text(self._texts.language)),
                Fact(self.label("legal-basis"), matter.legal_basis),
                Fact(self.label("consent"), self._consent(matter)),
                Fact(self.label("keep"), self.slip("keep", days=matter.keep_days)),
            ),
        )

    def maker(self, slip: Slip) -> Block:
        maker = slip.maker
        known_by = f" ({maker.clerk_id})" if maker.clerk_id and maker.clerk_id != maker.clerk else ""
        facts = [
            Fact(self.label("made"), _moment(slip.made_at), strong=True),
            Fact(self.label("read"), _moment(slip.inspected_at)),
            Fact(self.label("clerk"), f"{maker.clerk}{known_by}" or self.slip("none")),
            Fact(self.label("counter"), maker.counter or self.slip("none")),
            Fact(self.label("device"), maker.device.device_id or self.slip("none")),
        ]
        return Block(self.slip("maker"), tuple(facts))

    def checks(self, slip: Slip) -> Block:
        """Say what stands in the way a line each, and what passed in one."""
        facts = []
        for name, statuses, between in (
            ("failed", (CheckStatus.FAILED,), "\n"),
            ("open", (CheckStatus.INCONCLUSIVE, CheckStatus.UNAVAILABLE), "\n"),
            ("passed", (CheckStatus.PASSED,), "; "),
            ("not-applicable", (CheckStatus.NOT_APPLICABLE,), "; "),
        ):
            told = [self._check(check) for check in slip.checks if check.status in statuses]
            if told:
                facts.append(Fact(self.slip(name), between.join(told), strong=name in ("failed", "open")))
        return Block(self.slip("checks"), tuple(facts))

    def registers(self, slip: Slip) -> Block:
        shown = slip.presence.registers if slip.presence is not None else ()
        levels = {one.register: one for one in shown}
        rows = tuple(
            (one.title.text(self._texts.language), self._answer(one), self._level(levels.get(one.register)))
            for one in slip.registers
        )
        heads = (self.label("register"), self.label("answer"), self.slip("presence"))
        return Block(self.slip("registers"), grid=Grid(heads, (0.16, 0.54, 0.3), rows))

    def _level(self, shown: PresenceOfRegister | None) -> str:
        if shown is None:
            return "–"
        if shown.accepted:
            words = SHORT_LEVELS[shown.level].text(self._texts.language)
        else:
            words = self.slip("silent" if shown.accepted is None else "not-accepted")
        return self.slip("level", level=shown.level, words=words)

    def presence(self, slip: Slip) -> Block:
        shown = slip.presence
        if shown is None:
            return Block(self.slip("presence"), lines=(self.slip("no-presence"),))
        came = TAPS[TapState(shown.state)].text(self._texts.language)
        why = f" ({self._texts.presence_reason(shown.reason)})" if shown.reason else ""
        return Block(
            self.slip("presence"),
            lines=(
                f"{self._level_line(shown.level)}. {self._texts.presence_limit(shown.level)}",
                f"{came[:1].upper()}{came[1:]}{why}.",
            ),
        )

    def _level_line(self, level: int) -> str:
        said = self.slip("level", level=level, words=LEVELS[level].text(self._texts.language))
        return f"{said[:1].upper()}{said[1:]}"

    def comparison(self, slip: Slip) -> Block:
        compared = tuple(one for one in slip.registers if one.state is not RegisterState.NOT_ALLOWED)
        titles = tuple(one.title.text(self._texts.language) for one in compared)
        heads = (self.label("field"), self.label("chip"), *titles)
        rows = tuple(
            (
                self._texts.field(row.field),
                row.chip,
                *(self._cell(row.of(one.register)) for one in compared),
            )
            for row in slip.comparison
        )
        notes = tuple(
            f"{self._texts.field(row.field)}: {self._texts.note(row.note)}" for row in slip.comparison if row.note
        )
        rest = 0.82 / (1 + len(compared))
        return Block(
            self.slip("comparison"), grid=Grid(heads, (0.18, *[rest] * (1 + len(compared))), rows), lines=notes
        )

    def section(self, section: SectionView) -> Block:
        say = self._texts.said
        weights = [0.9 + 2 * column.share for column in section.columns]
        return Block(
            say(section.heading),
            grid=Grid(
                tuple(say(column.head) for column in section.columns),
                tuple(weight / sum(weights) for weight in weights),
                tuple(tuple(say(cell) for cell in item.cells) for item in section.items),
            ),
            details=tuple(self._detail(item) for item in section.items),
        )

    def _detail(self, item: ItemView) -> Fact:
        say = self._texts.said
        alerts = "".join(f"! {say(alert.title)}: {say(alert.text)}\n" for alert in item.alerts)
        told = "; ".join(f"{say(head)}: {say(value)}" for head, value in item.details)
        return Fact(item.label, f"{alerts}{told}")

    def trace(self, prepared: PreparedSlip) -> Block:
        slip = prepared.slip
        keys = tuple(f"{one.title.text(self._texts.language)} {one.key_id}" for one in slip.registers if one.key_id)
        facts = [
            Fact(self.label("lookups"), "\n".join(slip.lookups) or self.slip("none")),
            Fact(self.label("ledger"), slip.maker.device.ledger or self.slip("none")),
            Fact(self.label("answer-keys"), "\n".join(keys) or self.slip("none")),
            Fact(self.label("policy"), f"{slip.policy} {slip.policy_digest}".strip()),
        ]
        if slip.matter.consent is not None:
            facts.append(Fact(self.label("consent-digest"), slip.matter.consent.sha256))
        facts.append(Fact(self.label("digest"), prepared.digest))
        return Block(self.slip("trace"), tuple(facts), lines=(self.slip("verify"),))

    def signature(self, prepared: PreparedSlip) -> Block:
        by = prepared.signed_by
        if by is None:
            why = self.slip("unsigned-why", why=self.slip(prepared.unsigned))
            return Block(self.slip("unsigned"), lines=(why,))
        said = self.slip("signed", device=by.device_id, issuer=by.issuer, until=f"{by.until.astimezone():%d/%m/%Y}")
        return Block(self.slip("signature"), lines=(said,))

    def _consent(self, matter: Matter) -> str:
        if matter.consent is not None:
            given = matter.consent
            how = CONSENT_WAYS[given.how].text(self._texts.language)
            return self.slip(
                "consent-given", moment=_moment(given.at), how=how, version=given.version, language=given.language
            )
        return self.slip("by-statute" if matter.basis.value == "statute" else "consent-none")

    def _check(self, check: CheckView) -> str:
        name = self._texts.check_name(check.id)
        if check.status in (CheckStatus.PASSED, CheckStatus.NOT_APPLICABLE) and not check.notes:
            return name
        codes = (*((check.reason,) if check.status is not CheckStatus.PASSED else ()), *check.notes)
        why = ", ".join(self._texts.reason(code, check.id) for code in codes)
        if check.status in (CheckStatus.INCONCLUSIVE, CheckStatus.UNAVAILABLE):
            return f"{name} — {self._texts.status(check.status).lower()}: {why}"
        return f"{name} ({why})"

    def _answer(self, one: SlipRegister) -> str:
        ((_, line),) = self._texts.register_lines((_as_view(one),))
        said = line.removeprefix(f"{one.title.text(self._texts.language)}: ")
        if one.answered_at is not None:
            said = f"{said} · {one.answered_at.astimezone():%H:%M:%S}"
        if one.verified and one.key_id:
            said = f"{said} · {self.slip('answer-signed')}"
        return said

    def _cell(self, value: SourceValue) -> str:
        """Return a cell in words: paper has no tooltips, and signs alone are guessed at."""
        if value.match is Match.SAME:
            return self.slip("same")
        why = self._texts.match_reason(value.reason) if value.reason else ""
        if value.match in (Match.MISSING, Match.NOT_ASKED):
            return why or self._texts.match(value.match)
        said = self._texts.match(value.match)
        if value.match is Match.DIFFERENT:
            said = said.upper()
        detail = why if value.match is Match.RENAMED and why else "; ".join(part for part in (said, why) if part)
        return f"{value.value} ({detail})" if value.value else detail


def _as_view(one: SlipRegister) -> RegisterView:
    return RegisterView(
        one.register,
        one.title,
        one.state,
        one.failure,
        certificate=one.certificate,
        certificate_held=one.certificate_held,
        notes=one.notes,
        alerts=one.alerts,
        confirmed=one.confirmed,
    )


def _moment(moment: datetime | None) -> str:
    """Return a moment as it is read in an office, with its zone: a slip may be read elsewhere."""
    return f"{moment.astimezone():%H:%M:%S %d/%m/%Y (UTC%z)}" if moment is not None else "–"
