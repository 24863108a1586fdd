"""The page of ``motcua verify`` for evidence of a card's presence: the level, what it leaves open, on what it rests."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from auth.presence import ChallengeClaims
from desk.presence_verifying import PresenceVerification
from desk.terminal import DECISION_SIGNS, DECISION_STYLES
from desk.texts import Texts

__all__ = ["show_presence"]


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
    moment = datetime.fromtimestamp(receipt.verified, UTC).astimezone().strftime("%H:%M %d/%m/%Y %z")
    told = {"audience": receipt.audience, "device": receipt.device, "clerk": receipt.clerk}
    line(f"  {texts.presence_words('for', moment=moment, **told)}")
    if isinstance(verdict.challenge, ChallengeClaims):
        line(f"  {texts.presence_words('purpose', purpose=texts.purpose(verdict.challenge.purpose))}")
    for reason in verdict.reasons:
        line(f"  · {texts.presence_reason(reason.value)}")
