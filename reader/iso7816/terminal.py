"""Readers and cards as events and a way to connect: what PC/SC and the emulator in this process both offer.

``CardWatch`` tells who comes and goes; ``CardTerminal`` opens a link to the card on a reader. The desk sees only these,
so a demo with an emulated card has card events like those of PC/SC.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from reader.iso7816.link import CardLink

__all__ = ["CardTerminal", "CardWatch", "ReaderSnapshot", "ReaderState", "ServiceState", "SlotState"]


class ServiceState(Enum):
    """Say whether the PC/SC service answers us."""

    RUNNING = "running"
    STOPPED = "stopped"
    REFUSED = "refused"


class SlotState(Enum):
    """Say what lies on a reader."""

    EMPTY = "empty"
    PRESENT = "present"
    MUTE = "mute"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class ReaderState:
    """Describe one reader; ``insertions`` grows with every card put on it, so a quick swap is seen too."""

    name: str
    slot: SlotState
    atr: bytes = b""
    insertions: int = 0
    emulated: bool = False


@dataclass(frozen=True, slots=True)
class ReaderSnapshot:
    """Describe service and readers at one moment, readers in the service's order."""

    service: ServiceState
    readers: tuple[ReaderState, ...] = ()


class CardWatch(Protocol):
    """Watch readers and cards from a thread of its own."""

    def start(self, on_change: Callable[[ReaderSnapshot], None]) -> None:
        """Begin: ``on_change`` is called at once and after each change, from the watch's own thread."""
        ...

    def stop(self) -> None:
        """End the watch; after this returns ``on_change`` is not called any more."""
        ...


class CardTerminal(Protocol):
    """Open links to the card on a reader."""

    def connect(self, reader: str) -> AbstractContextManager[CardLink]:
        """Connect to the card on ``reader``; leaving the context resets the card. Raise PCSCError or CardError."""
        ...
