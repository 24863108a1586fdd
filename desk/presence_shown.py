"""What a shell shows of the card's presence: a level, what it rests on, and what each register made of the proof."""

from __future__ import annotations

from dataclasses import dataclass

from reader.inspection.report import Decision

__all__ = ["PresenceOfRegister", "PresenceView"]


@dataclass(frozen=True, slots=True)
class PresenceOfRegister:
    """Show how much of the card's presence one register was shown; ``accepted`` is None where it gave no receipt."""

    register: str
    level: int
    accepted: bool | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PresenceView:
    """Show how much was shown of the card's presence, 0 to 4; ``state`` and ``reason`` are codes of its words.

    ``least`` is what the policy asks for, ``enough`` whether that was reached and ``below`` what less amounts to. While
    ``asking``, the level is what this desk can say by itself.
    """

    state: str
    level: int
    asking: bool = False
    reason: str = ""
    mode: str = ""
    registers: tuple[PresenceOfRegister, ...] = ()
    least: int = 0
    enough: bool = True
    below: Decision = Decision.PROCEED
