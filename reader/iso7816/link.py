"""The link: the one thing every protocol needs of a card, and small decorators of it.

PC/SC, the emulator in this process and a recorded trace are peers behind ``CardLink``. A decorator is a link around a
link: counting and cancelling here, secure messaging in ``reader.access``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from reader.errors import Cancelled
from reader.iso7816.apdu import CommandAPDU, ResponseAPDU

__all__ = [
    "AtrLink",
    "CancellableLink",
    "CardLink",
    "CountingLink",
    "LimitedLink",
    "LinkCounters",
    "LinkDecorator",
    "ResettableLink",
    "Witness",
    "WitnessedLink",
    "atr_of",
    "longest_apdu_of",
    "reset_of",
    "witness_of",
]


class CardLink(Protocol):
    """Carry one command to a card and its answer back."""

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Send ``command`` and return the answer; raise CardError or PCSCError where there is none."""
        ...


@runtime_checkable
class AtrLink(Protocol):
    """Be a link that knows the card's answer to reset."""

    @property
    def atr(self) -> bytes:
        """Return the answer to reset (ISO/IEC 7816-3 §8); for a contactless card the one PC/SC makes up for it."""
        ...


@runtime_checkable
class LimitedLink(Protocol):
    """Be a link that knows what its reader can carry."""

    @property
    def longest_apdu(self) -> int | None:
        """Return the longest APDU in bytes, either way; None where the reader does not tell."""
        ...


Witness = Callable[[CommandAPDU, ResponseAPDU | None], None]
"""Be told the plain form of a protected command and of its verified answer, None where there was none."""


@runtime_checkable
class WitnessedLink(Protocol):
    """Be a link below secure messaging that wants to know what goes through it in plain, as a trace does."""

    @property
    def witness(self) -> Witness | None:
        """Return who is to be told, None where nobody is."""
        ...


@runtime_checkable
class ResettableLink(Protocol):
    """Be a link whose card can be reset while it is connected: the same card, no session, the master file selected."""

    @property
    def reset(self) -> Callable[[], None] | None:
        """Return what resets the card, None where it cannot be; it raises what ``transmit`` does."""
        ...


def reset_of(link: CardLink) -> Callable[[], None] | None:
    """Return what resets the card behind ``link`` without letting go of it, None where nothing can."""
    return link.reset if isinstance(link, ResettableLink) else None


def witness_of(link: CardLink) -> Witness | None:
    """Return who behind ``link`` is to be told the plain forms of protected commands."""
    return link.witness if isinstance(link, WitnessedLink) else None


def atr_of(link: CardLink) -> bytes:
    """Return the answer to reset of the card behind ``link``; empty where the link does not know it."""
    return link.atr if isinstance(link, AtrLink) else b""


def longest_apdu_of(link: CardLink) -> int | None:
    """Return the longest APDU that the reader behind ``link`` carries; None where that is not known."""
    return link.longest_apdu if isinstance(link, LimitedLink) else None


class LinkDecorator:
    """Stand around a link and hand on what it knows beside its answers; the base of this program's decorators."""

    def __init__(self, link: CardLink) -> None:
        self._link = link

    @property
    def atr(self) -> bytes:
        """Return the answer to reset as the link below tells it."""
        return atr_of(self._link)

    @property
    def longest_apdu(self) -> int | None:
        """Return the reader's limit as the link below tells it."""
        return longest_apdu_of(self._link)

    @property
    def witness(self) -> Witness | None:
        """Return who is below to be told plain forms."""
        return witness_of(self._link)

    @property
    def reset(self) -> Callable[[], None] | None:
        """Return what resets the card below."""
        return reset_of(self._link)


class CancellableLink(LinkDecorator):
    """Raise Cancelled instead of sending once ``cancel`` is set: work ends within one APDU."""

    def __init__(self, link: CardLink, cancel: threading.Event) -> None:
        super().__init__(link)
        self._cancel = cancel

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Send ``command`` unless cancelled."""
        if self._cancel.is_set():
            raise Cancelled("cancelled between two APDUs")
        return self._link.transmit(command)


@dataclass(slots=True)
class LinkCounters:
    """Count what went over a link: APDUs, bytes out, bytes in (status words included)."""

    apdus: int = 0
    sent: int = 0
    received: int = 0
    by_instruction: dict[int, int] = field(default_factory=dict)


class CountingLink(LinkDecorator):
    """Count APDUs and bytes as they go by; ``counters`` may be read at any time."""

    def __init__(self, link: CardLink) -> None:
        super().__init__(link)
        self.counters = LinkCounters()

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Send ``command`` and add it, and its answer, to the counters."""
        counters = self.counters
        counters.apdus += 1
        counters.sent += len(command.to_bytes())
        counters.by_instruction[command.ins] = counters.by_instruction.get(command.ins, 0) + 1
        response = self._link.transmit(command)
        counters.received += len(response.data) + 2
        return response
