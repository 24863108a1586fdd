"""What came of asking one register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from auth.registers.ports import AnswerNote, Confirmation, Lookup
from auth.wire.errand import Stage
from desk.register_kind import RegisterKind
from desk.tap import RegisterPresence
from desk.view import RegisterState

__all__ = ["Asked", "LookupOutcome", "YesWanted"]

T = TypeVar("T")
_ANSWERS = (RegisterState.ANSWERED, RegisterState.NOT_FOUND, RegisterState.CONFIRMED, RegisterState.NOT_CONFIRMED)


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold under which act a register was asked, for what, and in whose name: all of it may be another's by now."""

    lookup_id: str
    purpose: str
    legal_basis: str
    dossier: str
    clerk: str = ""

    @classmethod
    def by(cls, lookup: Lookup) -> Asked:
        """Return the act of ``lookup``, nothing of the person."""
        return cls(lookup.lookup_id, lookup.purpose, lookup.legal_basis, lookup.dossier, lookup.clerk)


@dataclass(frozen=True, slots=True, repr=False)
class YesWanted:
    """Hold questions that ``register`` has yet to answer with yes or no."""

    register: str
    lookup: Lookup

    def __repr__(self) -> str:
        """Show to whom."""
        return f"YesWanted({self.register})"


@dataclass(frozen=True, slots=True, repr=False)
class LookupOutcome(Generic[T]):
    """Hold how a register stands in this visit; ``failure`` is a code of the failure catalogue.

    ``notes`` is what must be said of the answer wherever it is shown. ``receipt`` is the register's word on the proof
    of the card's presence that came with the question, ``receipt_log`` the proof that it was logged, still unread, and
    ``presence`` what both say once they were found to be about that.
    ``confirmation`` is the yes or no that came before data, or in their place. ``lookup`` is the question itself
    where it was not answered, so that it can wait; ``asked`` is there for whoever was asked at all. ``yes_wanted`` are
    the questions that were to be answered with yes before, where they were not answered: they wait in front of it.
    ``stage`` is how far it is while it is being asked, None where there is nothing to say of that.
    """

    kind: RegisterKind[T]
    state: RegisterState = RegisterState.IDLE
    record: T | None = None
    failure: str = ""
    answered_at: datetime | None = None
    key_id: str = ""
    notes: tuple[AnswerNote, ...] = ()
    receipt: str = ""
    receipt_log: str = ""
    presence: RegisterPresence | None = None
    confirmation: Confirmation | None = None
    lookup: Lookup | None = None
    asked: Asked | None = None
    yes_wanted: YesWanted | None = None
    stage: Stage | None = None

    @property
    def register(self) -> str:
        """Return the register's name."""
        return self.kind.name

    @property
    def answered(self) -> bool:
        """Tell whether an answer came, be it a no, or that the register knows nobody like this."""
        return self.state in _ANSWERS

    @property
    def verified(self) -> bool:
        """Tell whether an answer came that the register itself signed."""
        return self.answered and AnswerNote.UNSIGNED not in self.notes

    def __repr__(self) -> str:
        """Show how it stands, nothing of the person."""
        return f"LookupOutcome({self.register}, {self.state})"
