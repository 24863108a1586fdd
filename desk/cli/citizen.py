"""Asking the citizen in a terminal: the text of the purpose, and one letter for what they say to it."""

from __future__ import annotations

import sys

from auth.purposes import ConsentHow
from desk.cli.progress import VisitProgress
from desk.cli.session import Session
from desk.view import DeskView

__all__ = ["CONSENTS", "CitizenAsked"]

_ASK, _REFUSE = "ask", "refuse"
_WAYS = {"read": ConsentHow.READ_BY_CITIZEN, "aloud": ConsentHow.READ_ALOUD}
CONSENTS = (_ASK, *_WAYS, _REFUSE)
"""What ``--consent`` may be: ask here, or what was said is known already."""


class CitizenAsked:
    """Show the text and take what the citizen says (``desk.conduct.AskCitizen``, after the progress that is shown)."""

    def __init__(self, session: Session, consent: str) -> None:
        """Take ``consent``, one of ``CONSENTS``."""
        self._session = session
        self._consent = consent

    def __call__(self, progress: VisitProgress, view: DeskView) -> tuple[str, ConsentHow] | None:
        """Return the language and the way in which the citizen agreed, None where they do not."""
        with progress.paused():
            self._session.messages.show_for_citizen(view)
            how = _WAYS.get(self._consent) or (self._asked() if self._consent == _ASK else None)
        return (self._session.texts.language.value, how) if how is not None else None

    def _asked(self) -> ConsentHow | None:
        """Return what was typed; anything but one of the two letters is a no, and so is nobody to type one."""
        if not sys.stdin.isatty():
            return None
        texts = self._session.texts
        sys.stderr.write(f"{texts.consent('ask')}: ")
        sys.stderr.flush()
        said = sys.stdin.readline().strip().casefold()
        letters = {
            texts.consent("yes-read"): ConsentHow.READ_BY_CITIZEN,
            texts.consent("yes-aloud"): ConsentHow.READ_ALOUD,
        }
        return letters.get(said)
