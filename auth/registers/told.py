"""What an answer told, once it was judged: the value that crosses floors, and the message as it may be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from auth.registers.ports import Answer, AnswerNote
from auth.wire.client import SignedAnswer

__all__ = ["Judged", "Told"]

T = TypeVar("T")


class Judged(Protocol):
    """Be an answer to a look-up that waited, judged and cut down to what was asked for."""

    @property
    def notes(self) -> Sequence[AnswerNote]:
        """Return what must be said of it."""
        ...

    def kept(self) -> bytes:
        """Return the message as it may be kept: JSON, with what was asked for and nothing else."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Told(Generic[T]):
    """Hold what was told (``Judged``); ``message`` is the register's, without anything that nobody asked for.

    ``record`` is None where the register knows nobody like this; the receipt and its log are as in ``Answer``.
    """

    record: T | None
    message: BaseModel
    notes: tuple[AnswerNote, ...] = ()
    receipt: str = ""
    receipt_log: str = ""

    def answer(self, register: str, signed: SignedAnswer) -> Answer[T]:
        """Return it as the answer of ``register``, signed as ``signed`` is."""
        beside = (self.notes, self.receipt, self.receipt_log)
        return Answer(register, self.record, signed.key_id, signed.created, *beside)

    def kept(self) -> bytes:
        """Return the message as it may be kept; what was not told does not stand in it, not even as empty."""
        return self.message.model_dump_json(exclude_unset=True).encode()

    def __repr__(self) -> str:
        """Show whether there is anything."""
        return f"Told({'found' if self.record is not None else 'none'})"
