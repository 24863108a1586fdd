"""A refusal: the status word a chip answers with, and the clause that has it so."""

from __future__ import annotations

from dataclasses import dataclass

from reader.iso7816 import SW

__all__ = ["Refusal", "Refused"]


class Refused(Exception):
    """End the present command with a status word; caught where the answer is made, never outside the chip."""

    def __init__(self, sw: SW, clause: str, why: str) -> None:
        super().__init__(why)
        self.sw = sw
        self.clause = clause
        self.why = why


@dataclass(frozen=True, slots=True)
class Refusal:
    """Record that a command was refused: its header, the status word, the clause, the reason; never its data."""

    header: bytes
    sw: int
    clause: str
    why: str
