"""The page of ``motcua verify`` for evidence of a card's presence: the level, what it leaves open, on what it rests."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from auth.presence import ChallengeClaims, LogStanding
from desk.presence_verifying import PresenceVerification
from desk.terminal import DECISION_SIGNS, DECISION_STYLES
from desk.texts import Texts

__all__ = ["logged_lines", "show_presence"]


def show_presence(console: Console, texts: Texts, verified: PresenceVerification) -> None:
    """Print what came of a bundle."""

    def line(text: str, style: str = "") -> None:
        console.print(Text(text, style))

    line(texts.presence_words("evidence"), "bold")
    sign, style = DECISION_SIGNS[verified.decision], DECISION_STYLES[verified.decision]
    verdict = verified.verdict
    if verdict is None:
        line(f"{sign} {texts.presence_words('refused', reason=texts.presence_reason(verified.refused))}", style)
        return
    line(f"{sign} {texts.presence_line(int(verdict.level))}", style)
    line(f"  {texts.presence_limit(int(verdict.level))}")
    line(f"  {texts.presence_basis(verdict.basis.value)}")
    receipt = verdict.receipt
    moment = _said(datetime.fromtimestamp(receipt.verified, UTC))
    told = {"audience": receipt.audience, "device": receipt.device, "clerk": receipt.clerk}
    line(f"  {texts.presence_words('for', moment=moment, **told)}")
    if isinstance(verdict.challenge, ChallengeClaims):
        line(f"  {texts.presence_words('purpose', purpose=texts.purpose(verdict.challenge.purpose))}")
    if verdict.log is not None:
        for text in logged_lines(texts, receipt.leaf, verdict.log):
            line(f"  {text}")
    for reason in verdict.reasons:
        line(f"  · {texts.presence_reason(reason.value)}")


def logged_lines(texts: Texts, leaf: int | None, log: LogStanding) -> tuple[str, ...]:
    """Return where challenge and receipt stand in the verifier's log, and what that has grown to."""
    known, later = log.checkpoint, log.later
    lines = [texts.presence_words("logged", leaf=leaf, size=known.size, moment=_said(known.at))]
    if later is not None:
        lines.append(texts.presence_words("grown", later=later.size, moment=_said(later.at)))
    return tuple(lines)


def _said(moment: datetime) -> str:
    return moment.astimezone().strftime("%H:%M %d/%m/%Y %z")
