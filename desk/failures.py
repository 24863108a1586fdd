"""The failure catalogue: each code of ``reader.errors``, ``auth.errors`` and the desk → title, cause, next step.

Written for a clerk with a citizen in front of them: short, active, one thing to do next. Codes are stable, words not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from desk.language import Language
from desk.words.failure_entry import TRIES_LEFT, UNKNOWN, FailureWords
from desk.words.failures_of_cards import CARD_FAILURES, READER_FAILURES
from desk.words.failures_of_clerks import CLERK_FAILURES
from desk.words.failures_of_desk import DESK_FAILURES, REGISTER_FAILURES
from desk.words.failures_of_device import DEVICE_FAILURES
from desk.words.failures_of_slips import SLIP_FAILURES
from desk.words.failures_of_tls import TLS_FAILURES
from desk.words.failures_of_trust import TRUST_FAILURES
from desk.words.failures_of_waiting import WAITING_FAILURES

__all__ = ["FailureText", "failure_codes", "failure_text"]

FAILURES: Mapping[str, FailureWords] = {
    **READER_FAILURES,
    **CARD_FAILURES,
    **REGISTER_FAILURES,
    **TLS_FAILURES,
    **DESK_FAILURES,
    **SLIP_FAILURES,
    **TRUST_FAILURES,
    **CLERK_FAILURES,
    **DEVICE_FAILURES,
    **WAITING_FAILURES,
}


@dataclass(frozen=True, slots=True)
class FailureText:
    """Say in words what happened, why, and what to do now."""

    title: str
    cause: str
    next_step: str


def failure_codes() -> tuple[str, ...]:
    """Return every code that the catalogue explains."""
    return tuple(FAILURES)


def failure_text(code: str, language: Language, *, tries_left: int | None = None) -> FailureText:
    """Return the words for ``code``; a code that the catalogue lacks is explained as an internal fault."""
    entry = FAILURES.get(code, UNKNOWN)
    cause = entry.cause.text(language)
    if tries_left is not None:
        cause = f"{cause} {TRIES_LEFT.text(language, tries=tries_left)}"
    return FailureText(entry.title.text(language), cause, entry.next_step.text(language))
