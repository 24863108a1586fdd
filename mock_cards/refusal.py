"""A refusal: the status word a chip answers with, and the clause that has it so."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NakedRefusal", "Refusal", "Refused"]


class Refused(Exception):
    """End the present command with a status word; caught where the answer is made, never outside the chip."""

    def __init__(self, sw: int, clause: str, why: str) -> None:
        super().__init__(why)
        self.sw = int(sw)
        self.clause = clause
        self.why = why


class NakedRefusal(Refused):
    """Refuse outside secure messaging and go on with the session as if the command had not come: some chips do."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Record that a command was refused: its header, the status word, the clause, the reason; never its data."""

    header: bytes
    sw: int
    clause: str
    why: str

    def __str__(self) -> str:
        """Say it in one line, for the emulator's log."""
        return f"{self.header.hex().upper()} -> {self.sw:04X}  {self.clause}: {self.why}"
