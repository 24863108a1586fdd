"""The link: the one thing every protocol needs of a card, and small decorators of it.

PC/SC, the emulator in this process and a recorded trace are peers behind ``CardLink``. A decorator is a link around a
link: counting and cancelling here, secure messaging in ``reader.access``.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Protocol

from reader.errors import Cancelled
from reader.iso7816.apdu import CommandAPDU, ResponseAPDU

__all__ = ["CancellableLink", "CardLink", "CountingLink", "LinkCounters"]


class CardLink(Protocol):
    """Carry one command to a card and its answer back."""

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Send ``command`` and return the answer; raise CardError or PCSCError where there is none."""
        ...


class CancellableLink:
    """Raise Cancelled instead of sending once ``cancel`` is set: work ends within one APDU."""

    def __init__(self, link: CardLink, cancel: threading.Event) -> None:
        self._link = link
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


class CountingLink:
    """Count APDUs and bytes as they go by; ``counters`` may be read at any time."""

    def __init__(self, link: CardLink) -> None:
        self._link = link
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
