"""The page of ``motcua verify``: whom the file is about, the decision, and on what each check rests."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from desk.evidence import EvidenceFile
from desk.present import identity_view
from desk.terminal import DECISION_SIGNS, DECISION_STYLES, STATUS_STYLES, TEST_MARK
from desk.texts import STATUS_SIGNS, Texts
from desk.verifying import Verification
from desk.words import evidence_words
from reader.inspection.checks import CheckStatus
from reader.inspection.report import Decision

__all__ = ["show_verification"]


def show_verification(console: Console, texts: Texts, evidence: EvidenceFile, verified: Verification) -> None:
    """Print what came of an evidence file."""
    language = texts.language

    def line(text: str, style: str = "") -> None:
        console.print(Text(text, style))

    if verified.test:
        line(TEST_MARK.text(language))
    if verified.identity is not None:
        identity = identity_view(verified.identity)
        line(identity.full_name.upper(), "bold")
        line(f"{identity.grouped_number} · {identity.date_of_birth}")
    moment = evidence.record.moment.strftime("%H:%M %d/%m/%Y %z")
    then = texts.decision(Decision(evidence.report.decision))
    line(evidence_words.REMARKS["read-on"].text(language, moment=moment, decision=then))
    line(evidence_words.STATIONS[verified.station].text(language))
    line("")
    decision = verified.decision
    words = f"{texts.decision(decision)} — {texts.decision_line(decision)}"
    line(f"{DECISION_SIGNS[decision]} {words}", DECISION_STYLES[decision])
    for subject, reason in verified.reasons:
        line(f"  · {texts.finding(subject, reason)}")
    line(evidence_words.REMARKS["judged-by"].text(language, policy=verified.policy.name))
    console.print(_table(texts, verified))


def _table(texts: Texts, verified: Verification) -> Table:
    table = Table(box=None, expand=True, pad_edge=False, show_edge=False, show_header=False)
    for ratio in (None, 4, 2, 5):
        table.add_column(ratio=ratio, width=None if ratio else 1)
    for one in verified.checks:
        check = one.check
        basis = evidence_words.BASES[one.basis].text(texts.language)
        if one.reported != check.status:
            said = texts.status(CheckStatus(one.reported)) if one.reported in set(CheckStatus) else "∅"
            basis = f"{basis}; {evidence_words.REMARKS['reported'].text(texts.language, status=said)}"
        table.add_row(
            Text(STATUS_SIGNS[check.status], STATUS_STYLES.get(check.status, "")),
            Text(texts.check_name(check.id)),
            Text(texts.status(check.status), STATUS_STYLES.get(check.status, "")),
            Text(basis),
        )
    return table
