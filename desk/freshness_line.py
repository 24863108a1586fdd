"""How fresh the trust is, in one line for clerks and operators."""

from __future__ import annotations

from datetime import datetime

from auth.distribution.freshness import TrustFreshness
from desk.language import Language
from desk.words.trust_words import FRESHNESS, TRUST_LINES

__all__ = ["freshness_line"]


def freshness_line(freshness: TrustFreshness, moment: datetime, language: Language) -> str:
    """Return what is to be said of the trust's age at ``moment``, and when more is due."""
    parts = [FRESHNESS[freshness.level(moment)].text(language, days=freshness.days(moment) or 0)]
    if freshness.crls_overdue:
        parts.append(TRUST_LINES["crl-overdue"].text(language, count=freshness.crls_overdue))
    if freshness.next_due is not None:
        due = freshness.next_due.astimezone().strftime("%d/%m/%Y %H:%M")
        parts.append(TRUST_LINES["next-due"].text(language, date=due))
    return " ".join(parts)
