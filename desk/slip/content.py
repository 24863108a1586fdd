"""What a slip holds: one frozen value, made from a visit as it was shown, and nothing in it that the page did not say.

A slip is what the office files instead of paper: who looked up what, when, for whom, on what ground, what was checked
and what could not be. Of the citizen it keeps what the purpose asked for, and neither portrait nor evidence of checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from auth.purposes import ConsentRecord
from auth.purposes.model import BasisKind
from desk.comparison_view import ComparisonRow
from desk.language import Phrase
from desk.presence_shown import PresenceOfRegister
from desk.section_view import SectionView
from desk.view import CheckView, DecisionView, RegisterState

__all__ = ["Maker", "Matter", "PresenceShown", "Slip", "SlipDevice", "SlipRegister", "Subject"]


@dataclass(frozen=True, slots=True)
class SlipDevice:
    """Hold which enrolled device makes slips, by number and key; ``ledger`` names the log that its acts stand in."""

    device_id: str = ""
    key_id: str = ""
    ledger: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Maker:
    """Hold who made the slip: the clerk, the counter, the device, and the program with its version."""

    clerk: str
    clerk_id: str
    counter: str
    device: SlipDevice
    program: str


@dataclass(frozen=True, slots=True, repr=False)
class Matter:
    """Hold what it was for: the purpose, its legal basis, the dossier, and the consent where the basis is consent.

    ``consent_text`` is the very text that the citizen agreed to, ``keep_days`` how long the purpose has it kept.
    """

    purpose: str
    name: Phrase
    basis: BasisKind
    legal_basis: str
    dossier: str
    keep_days: int
    consent: ConsentRecord | None = None
    consent_text: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """Hold whom it was about: what every register was asked by."""

    personal_number: str
    full_name: str
    date_of_birth: str


@dataclass(frozen=True, slots=True, repr=False)
class SlipRegister:
    """Hold how one register stood; ``failure`` says why there is no answer.

    ``lookup`` is the random id under which the register, and the ledger of this device, know the act; ``key_id`` names
    the key that signed the answer, "" for one that nobody signed. ``verified`` is never true without a signed answer.
    ``receipt`` is the register's own signed word on the card's presence.
    """

    register: str
    title: Phrase
    state: RegisterState
    verified: bool
    failure: str = ""
    lookup: str = ""
    answered_at: datetime | None = None
    key_id: str = ""
    notes: tuple[str, ...] = ()
    alerts: tuple[Phrase, ...] = ()
    confirmed: tuple[tuple[str, bool], ...] = ()
    certificate: str = ""
    certificate_held: bool = False
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class PresenceShown:
    """Hold how much of the card's presence was shown, and to whom; words by the codes of ``desk.words``."""

    state: str
    level: int
    reason: str = ""
    registers: tuple[PresenceOfRegister, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Slip:
    """Hold one slip. ``test`` is what the desk showed: then nothing in it is valid, and every page says so."""

    slip_id: str
    made_at: datetime
    test: bool
    maker: Maker
    matter: Matter
    subject: Subject
    inspected_at: datetime | None
    policy: str
    policy_digest: str
    decision: DecisionView
    checks: tuple[CheckView, ...]
    comparison: tuple[ComparisonRow, ...]
    registers: tuple[SlipRegister, ...]
    sections: tuple[SectionView, ...]
    presence: PresenceShown | None = None

    @property
    def lookups(self) -> tuple[str, ...]:
        """Return the ids of the look-ups, each once."""
        return tuple(dict.fromkeys(one.lookup for one in self.registers if one.lookup))

    @property
    def file_stem(self) -> str:
        """Return a file name without its ending: the time of the page and its number, nothing of the person."""
        return f"phieu-tra-cuu-{self.made_at.astimezone():%Y%m%d-%H%M}-{self.slip_id[:8]}"

    def __repr__(self) -> str:
        """Show the number, nothing of the person."""
        return f"Slip({self.slip_id})"
