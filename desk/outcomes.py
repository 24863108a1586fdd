"""What came of asking one register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from auth.registers.ports import AnswerNote, Confirmation
from desk.register_kind import RegisterKind
from desk.view import RegisterState

__all__ = ["LookupOutcome"]

T = TypeVar("T")
_ANSWERS = (RegisterState.ANSWERED, RegisterState.NOT_FOUND, RegisterState.CONFIRMED, RegisterState.NOT_CONFIRMED)


@dataclass(frozen=True, slots=True, repr=False)
class LookupOutcome(Generic[T]):
    """Hold how a register stands in this visit; ``failure`` is a code of the failure catalogue.

    ``notes`` is what must be said of the answer wherever it is shown. ``confirmation`` is the yes or no that came
    before data, or in their place.
    """

    kind: RegisterKind[T]
    state: RegisterState = RegisterState.IDLE
    record: T | None = None
    failure: str = ""
    answered_at: datetime | None = None
    key_id: str = ""
    notes: tuple[AnswerNote, ...] = ()
    confirmation: Confirmation | None = None

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
