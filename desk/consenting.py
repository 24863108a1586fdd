"""The citizen's consent at the desk: what a clerk records of it, and whether it is wanted before anybody is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from auth.purposes import BasisKind, ConsentHow, ConsentRecord, Purpose, answers, citizen_text, text_digest
from desk.event_box import EventBox
from desk.held import Held
from desk.lookups import LookupPlan
from desk.news import News
from desk.visit import Event

__all__ = ["Consenting", "consent_now", "consent_wanted"]


def consent_now(purpose: Purpose, language: str, how: str) -> ConsentRecord:
    """Return the record that the citizen has just agreed to the text of ``purpose``; ``how`` is a ``ConsentHow``.

    Raise ValueError for a language that no text is written in and for another way than those.
    """
    digest = text_digest(citizen_text(purpose, language))
    now = datetime.now(UTC)
    return ConsentRecord(BasisKind.CONSENT, purpose.wording_version, digest, language, ConsentHow(how), now)


def consent_wanted(planned: LookupPlan, purpose: Purpose, given: ConsentRecord | None) -> bool:
    """Tell whether the citizen must be asked first: somebody is to be asked, and the text was not agreed to."""
    return bool(planned.questions) and purpose.needs_consent and not answers(given, purpose)


class Consenting:
    """Set the purpose of a desk, and take what the citizen says to it."""

    def __init__(self, held: Held, box: EventBox) -> None:
        self._held = held
        self._box = box

    def choose(self, purpose: str) -> None:
        """Set the purpose of the look-ups from now on; raise KeyError for an unknown one."""
        known = self._held.around.purposes.purpose(purpose).id
        self._box.run(lambda: self._take_purpose(known))

    def give(self, purpose: str, language: str, how: str) -> None:
        """Record that the citizen agreed; raise KeyError for an unknown purpose, ValueError as ``consent_now``."""
        known = self._held.around.purposes.purpose(purpose)
        record = consent_now(known, language, how)
        self._box.run(lambda: self._take_consent(known, record))

    def refuse(self) -> None:
        """Record that the citizen did not agree."""
        self._box.post(Event.CONSENT_REFUSED)

    def _take_purpose(self, purpose: str) -> None:
        self._held.around = replace(self._held.around, purpose=purpose)
        self._box.first(Event.PURPOSE_CHANGED)

    def _take_consent(self, purpose: Purpose, record: ConsentRecord) -> None:
        """Go on with what was agreed to, unless another purpose was chosen while the citizen was reading."""
        if purpose.id == self._held.around.purpose:
            self._box.first(Event.CONSENT_GIVEN, News(consent=record))
