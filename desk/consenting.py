"""The citizen's consent at the desk: what a clerk records of it, and whether it is wanted before anybody is asked."""

from __future__ import annotations

from datetime import UTC, datetime

from auth.purposes import BasisKind, ConsentHow, ConsentRecord, Purpose, answers, citizen_text, text_digest
from desk.lookups import LookupPlan

__all__ = ["consent_now", "consent_wanted"]


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
