"""For what the registers were asked, as it was at that moment: what the page says of them stands under this."""

from __future__ import annotations

from dataclasses import dataclass

from auth.purposes import ConsentRecord, Purpose, answers

__all__ = ["AskedFor"]


@dataclass(frozen=True, slots=True, repr=False)
class AskedFor:
    """Hold the purpose by which it was told whom to ask, also where that was nobody, and what the citizen agreed to.

    The purpose that the clerk has chosen since is another matter: it is for what is asked next.
    """

    purpose: Purpose
    consent: ConsentRecord | None = None

    @classmethod
    def by(cls, purpose: Purpose, given: ConsentRecord | None) -> AskedFor:
        """Return ``purpose`` with the consent to its very text; what was agreed to for another one is none to it."""
        agreed = given if purpose.needs_consent and answers(given, purpose) else None
        return cls(purpose, agreed)

    def __repr__(self) -> str:
        """Show the purpose, nothing of the person."""
        return f"AskedFor({self.purpose.id})"
