"""The desk's page in a terminal: identity, decision, checks, comparison, holdings, as the window orders and words them.

Tables are at most 100 columns wide. Where the output is no terminal, the same text comes without frames and colours;
colour only ever repeats what a sign and a word say.
"""

from __future__ import annotations

from dataclasses import replace
from typing import IO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from desk.language import Phrase
from desk.section_view import SectionView
from desk.texts import MATCH_SIGNS, STATUS_SIGNS, Texts
from desk.view import (
    CheckView,
    ComparisonRow,
    DeskState,
    DeskView,
    FailureView,
    Match,
    ProgressView,
    RegisterState,
    SourceValue,
)
from reader.inspection.checks import CheckStatus
from reader.inspection.report import Decision

__all__ = ["DECISION_SIGNS", "DECISION_STYLES", "STATUS_STYLES", "TEST_MARK", "WIDTH", "TerminalPage", "console_for"]

WIDTH = 100
TEST_MARK = Phrase(
    "THỬ NGHIỆM — thẻ mô phỏng hoặc chứng thư thử nghiệm, không có giá trị",
    "TEST — emulated card or test certificates; nothing here is valid",
)
DECISION_SIGNS = {Decision.PROCEED: "✔", Decision.ATTENTION: "!", Decision.STOP: "✘"}
DECISION_STYLES = {Decision.PROCEED: "bold green", Decision.ATTENTION: "bold yellow", Decision.STOP: "bold red"}
STATUS_STYLES = {CheckStatus.PASSED: "green", CheckStatus.FAILED: "bold red", CheckStatus.INCONCLUSIVE: "yellow"}
_MATCH_STYLES = {Match.DIFFERENT: "bold yellow", Match.RENAMED: "cyan", Match.SAME_WRITTEN_OTHERWISE: "cyan"}


def console_for(stream: IO[str]) -> Console:
    """Return a console on ``stream`` that is at most 100 columns wide and takes no markup out of data."""
    console = Console(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    return console


class TerminalPage:
    """Print a ``DeskView`` on a console."""

    def __init__(self, console: Console, texts: Texts) -> None:
        self._console = console
        self._texts = texts

    def show(self, view: DeskView) -> None:
        """Print the whole page."""
        if view.test:
            self._line(TEST_MARK.text(self._texts.language))
        if view.wrong_clock is not None:
            self._line(f"! {self._texts.wrong_clock(view.wrong_clock)}", "bold yellow")
        if view.trust is not None and view.trust.expired:
            self._line(f"! {self._texts.trust_expired(view.trust)}", "bold yellow")
        self._heading(view)
        self._identity(view)
        self._decision(view)
        self._presence(view)
        self._checks(view)
        self._comparison(view)
        for section in view.sections:
            self._section(section)
        if view.trust is not None:
            self._line("")
            # That the list has ended stands at the head of the page.
            aged = replace(view.trust, expired="")
            self._line(self._texts.trust(aged), "" if aged.level == "current" else "yellow")

    def show_failure(self, failure: FailureView) -> None:
        """Print title, cause and next step of a failure."""
        words = self._texts.failure(failure)
        self._line(f"✘ {words.title}", "bold red")
        self._line(f"  {words.cause}")
        self._line(f"  → {words.next_step}")

    def say(self, words: str) -> None:
        """Print one line."""
        self._line(f"… {words}")

    def show_card_lost(self, progress: ProgressView | None) -> None:
        """Ask for the card back, and tell how much of it was read already."""
        self._line(f"! {self._texts.state(DeskState.CARD_LOST)}", "bold yellow")
        self._line(f"  {self._texts.card_lost(progress)}")
        self._line(f"  → {self._texts.card_back()}")

    def show_for_citizen(self, view: DeskView) -> None:
        """Print what the citizen may know of the purpose, or must agree to; the very text, line by line."""
        purpose = view.purpose_in_use
        if purpose is None:
            return
        self._line("")
        self._line(self._texts.consent("heading" if purpose.needs_consent else "for-information"), "bold")
        for line in self._texts.for_citizen(purpose).split("\n"):
            self._line(f"  {line}")

    def _heading(self, view: DeskView) -> None:
        parts = [part for part in (view.counter, view.clerk) if part]
        # The page stands under the purpose that it was looked up for.
        purpose = view.asked_for.id if view.asked_for is not None else view.purpose
        if purpose:
            parts.append(self._texts.purpose(purpose, view.purposes))
        if view.dossier:
            parts.append(self._say(f"Hồ sơ {view.dossier}", f"Dossier {view.dossier}"))
        self._line(" · ".join(["Một Cửa", *parts]), "bold")
        if view.other_purpose_chosen:
            self._line(f"! {self._texts.other_purpose(view)}", "bold yellow")
        if view.device is not None:
            self._line(f"! {self._texts.device(view.device)}", "bold yellow")

    def _identity(self, view: DeskView) -> None:
        identity = view.identity
        if identity is None:
            return
        self._line("")
        self._line(identity.full_name.upper(), "bold")
        self._line(identity.grouped_number)
        self._line(" · ".join(part for part in (identity.date_of_birth, identity.sex, identity.nationality) if part))
        until = identity.expiry or self._say("Không thời hạn", "without expiry")
        self._line(f"{self._say('Có giá trị đến', 'Valid until')}: {until}")
        if identity.residence:
            self._line(f"{self._say('Nơi cư trú', 'Residence')}: {identity.residence}")
        if view.portrait is not None:
            size = f"{view.portrait.width} × {view.portrait.height}"
            unproven = "" if view.portrait.proven else f" — {self._say('chưa xác minh', 'not verified')}"
            self._line(f"{self._say('Ảnh trong chip', 'Portrait in the chip')}: {size}{unproven}")

    def _decision(self, view: DeskView) -> None:
        decision = view.decision
        if decision is None:
            return
        self._line("")
        sign, word = DECISION_SIGNS[decision.decision], self._texts.decision(decision.decision)
        self._line(
            f"{sign} {word} — {self._texts.decision_line(decision.decision)}", DECISION_STYLES[decision.decision]
        )
        for check, reason in decision.reasons:
            self._line(f"  · {self._texts.finding(check, reason)}")

    def _presence(self, view: DeskView) -> None:
        for said in self._texts.presence(view.presence, view.registers):
            self._line(f"  {said}" if said.startswith("·") else said)

    def _checks(self, view: DeskView) -> None:
        if not view.checks:
            return
        table = self._table(self._say("Kiểm tra", "Checks"))
        table.add_column("", width=1)
        table.add_column(self._say("Kiểm tra", "Check"), ratio=4)
        table.add_column(self._say("Kết quả", "Result"), width=16)
        table.add_column(self._say("Lý do", "Reason"), ratio=5)
        for check in view.checks:
            style = STATUS_STYLES.get(check.status, "")
            reasons = [self._texts.reason(check.reason, check.id)]
            reasons += [self._texts.reason(note, check.id) for note in check.notes]
            table.add_row(
                Text(STATUS_SIGNS[check.status], style),
                Text(self._texts.check_name(check.id)),
                Text(self._texts.status(check.status), style),
                Text("; ".join(reasons)),
            )
        self._print(table)
        for check in view.checks:
            if self._needs_a_step(view, check):
                step = self._texts.next_step(check.id, check.status, _reasons_of(view, check))
                self._line(f"{STATUS_SIGNS[check.status]} {self._texts.check_name(check.id)} → {step}")

    def _needs_a_step(self, view: DeskView, check: CheckView) -> bool:
        """Tell whether the decision rests on this check: at a stop on what failed, else on all that was in its way."""
        if view.decision is None or check.id not in {subject for subject, _ in view.decision.reasons}:
            return False
        return view.decision.decision is not Decision.STOP or check.status is CheckStatus.FAILED

    def _comparison(self, view: DeskView) -> None:
        if not view.comparison:
            return
        asked = (register for register in view.registers if register.state is not RegisterState.IDLE)
        for register, line in self._texts.register_lines(asked):
            self._line(line)
            if register.state is RegisterState.NOT_CONFIRMED:
                self._line(f"  → {self._texts.failure_of(register.failure).next_step}")
        table = self._table(self._say("So sánh", "Comparison"))
        table.add_column("", ratio=2)
        table.add_column("Chip", ratio=4)
        for register in view.compared:
            table.add_column(self._texts.said(register.title), ratio=4)
        for row in view.comparison:
            cells = (self._cell(row.of(register.register)) for register in view.compared)
            table.add_row(self._texts.field(row.field), Text(row.chip), *cells)
        self._print(table)
        self._notes(view.comparison)
        self._line("= {}   ≈ {} / {}   ≠ {}   ∅ {}   · {}".format(*(self._texts.match(match) for match in Match)))

    def _notes(self, rows: tuple[ComparisonRow, ...]) -> None:
        for row in rows:
            if row.note:
                self._line(f"! {self._texts.field(row.field)}: {self._texts.note(row.note)}")

    def _cell(self, value: SourceValue) -> Text:
        words = MATCH_SIGNS[value.match]
        if value.match is not Match.SAME and value.value:
            words = f"{words} {value.value}"
        if value.reason and value.match not in (Match.SAME, Match.MISSING):
            words = f"{words} ({self._texts.match_reason(value.reason)})"
        return Text(words, _MATCH_STYLES.get(value.match, ""))

    def _section(self, section: SectionView) -> None:
        """Print what a register holds as a table, and under it what the table has no room for."""
        if not section.items:
            return
        say = self._texts.said
        table = self._table(say(section.heading))
        for column in section.columns:
            head = say(column.head)
            table.add_column(head, ratio=round(column.share * 10) or None, min_width=len(head))
        for item in section.items:
            table.add_row(*(Text(say(cell)) for cell in item.cells))
        self._print(table)
        for item in section.items:
            for alert in item.alerts:
                self._line(f"! {item.label}: {say(alert.title)} — {say(alert.text)}", "bold yellow")
            told = [f"{say(head)}: {say(value)}" for head, value in item.details]
            self._line(f"{item.label} — {' · '.join(told)}")

    def _table(self, title: str) -> Table:
        self._line("")
        self._line(title, "bold")
        framed = self._console.is_terminal
        return Table(box=box.SIMPLE_HEAD if framed else None, expand=True, pad_edge=False, show_edge=False)

    def _print(self, table: Table) -> None:
        if self._console.is_terminal:
            self._console.print(table)
            return
        with self._console.capture() as captured:
            self._console.print(table)
        for line in captured.get().splitlines():
            self._console.file.write(line.rstrip() + "\n")

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style))

    def _say(self, vietnamese: str, english: str) -> str:
        return vietnamese if self._texts.language == "vi" else english


def _reasons_of(view: DeskView, check: CheckView) -> tuple[str, ...]:
    """Return what the decision says of one check."""
    return tuple(reason for subject, reason in view.decision.reasons if subject == check.id) if view.decision else ()
