"""When a fault happens: at a command counted from power-on, at an instruction, in a file, or after a time."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["HOW_TO_SAY_WHEN", "Moment", "Trigger", "parse_trigger"]

HOW_TO_SAY_WHEN = (
    "N: the Nth command since power-on · ins=XX#N: the Nth with that instruction · sfi=XX#N: the Nth READ BINARY of "
    "the file with that short identifier · time=S: the first command S seconds after power-on; "
    "without #N the first; with + behind it from then on"
)

_FORM = re.compile(
    r"(?:(?P<number>\d{1,6})"
    r"|(?:ins=(?P<ins>[0-9A-Fa-f]{2})|sfi=(?P<sfi>[01][0-9A-Fa-f]))(?:#(?P<nth>\d{1,6}))?"
    r"|time=(?P<time>\d{1,4}(?:\.\d{1,3})?))"
    r"(?P<on>\+)?"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """Say where in a card's life a command comes, all counted from power-on and the numbers from 1.

    ``of_instruction`` counts the commands with instruction ``ins``; ``of_file`` the READ BINARY commands since the file
    ``sfi`` was named by its short identifier, None where none was.
    """

    number: int
    ins: int
    of_instruction: int
    sfi: int | None
    of_file: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Trigger:
    """Say when a fault happens; ``lasting`` means from then on, otherwise once per power-on.

    ``number`` counts all commands, or those with instruction ``ins``, or those of the file ``sfi``; where ``seconds``
    are given they alone count.
    """

    number: int = 1
    ins: int | None = None
    sfi: int | None = None
    seconds: float | None = None
    lasting: bool = False

    def reached(self, moment: Moment) -> bool:
        """Tell whether ``moment`` is the one, or one behind it."""
        if self.seconds is not None:
            return moment.seconds >= self.seconds
        if self.sfi is not None:
            return moment.sfi == self.sfi and moment.of_file >= self.number
        if self.ins is not None:
            return moment.ins == self.ins and moment.of_instruction >= self.number
        return moment.number >= self.number


def parse_trigger(text: str) -> Trigger:
    """Read ``N``, ``ins=XX#N``, ``sfi=XX#N`` or ``time=S``, ``+`` behind it or not; raise ValueError otherwise."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"when is none of: {HOW_TO_SAY_WHEN}")
    lasting = found["on"] is not None
    if found["time"] is not None:
        return Trigger(seconds=float(found["time"]), lasting=lasting)
    number = int(found["number"] or found["nth"] or 1)
    if not number:
        raise ValueError("commands are counted from 1")
    ins, sfi = (int(found[name], 16) if found[name] else None for name in ("ins", "sfi"))
    return Trigger(number, ins, sfi, lasting=lasting)
