"""What a purpose is: what may be asked for it, of whom, on what basis, and how fresh the clerk's log-in must be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["BasisKind", "Purpose", "RegisterUse", "StepUp", "Way", "Wording"]


class BasisKind(StrEnum):
    """Tell what allows the look-ups: the citizen's own consent, or a statute whatever the citizen wishes."""

    CONSENT = "consent"
    STATUTE = "statute"


class Way(StrEnum):
    """Name by what the land register may be searched: a certificate in the citizen's hand, or all that they hold."""

    CERTIFICATE = "certificate"
    HOLDER = "holder"


@dataclass(frozen=True, slots=True)
class RegisterUse:
    """Hold what one register may be asked for one purpose.

    ``questions`` are answered with yes or no and come before any data; ``fields`` are the data, none for a purpose that
    a yes is enough for. ``ways`` is empty for a register that is searched in one way only.

    ``name`` and ``field_words`` are what a citizen calls a register that ``auth.purposes.vocabulary`` does not know and
    its fields, each in Vietnamese and in English: whoever adds a register brings the words with the purpose.
    """

    register: str
    fields: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    name: tuple[str, str] | None = None
    field_words: tuple[tuple[str, tuple[str, str]], ...] = ()


@dataclass(frozen=True, slots=True)
class StepUp:
    """Ask for a log-in at most ``max_age_s`` old, of the authentication context ``acr`` (OpenID Connect Core §2)."""

    max_age_s: int
    acr: str


@dataclass(frozen=True, slots=True)
class Wording:
    """Hold what only people can word of a purpose in one language: what for, and what a refusal means."""

    what_for: str
    refusal: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """Hold one purpose: its stable ``id``, its names, its legal basis, and which registers it may ask for what.

    ``step_up`` is what a sensitive purpose wants of the clerk's log-in, None for the others. ``keep_days`` is how long
    an office keeps what it files of the look-up, a hint for its own rules. ``wording_version`` names the wording that
    the citizen reads; ``auth.purposes.consent`` tells its exact text.
    """

    id: str
    name_vi: str
    name_en: str
    legal_basis: str
    basis: BasisKind
    uses: tuple[RegisterUse, ...]
    keep_days: int
    wording_version: str
    wording_vi: Wording
    wording_en: Wording
    step_up: StepUp | None = None

    @property
    def registers(self) -> tuple[str, ...]:
        """Return which registers may be asked."""
        return tuple(use.register for use in self.uses)

    @property
    def needs_consent(self) -> bool:
        """Tell whether nobody may be asked before the citizen has agreed."""
        return self.basis is BasisKind.CONSENT

    def use(self, register: str) -> RegisterUse | None:
        """Return what ``register`` may be asked, None where it may not be asked at all."""
        return next((use for use in self.uses if use.register == register), None)
