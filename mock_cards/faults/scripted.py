"""A card that does one wrong thing when it is time for it, and passes everything else."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from mock_cards.card import EmulatedCard
from mock_cards.disturbances import Disturbance
from mock_cards.faults.trigger import Moment, Trigger
from reader.iso7816 import CommandAPDU, ResponseAPDU

__all__ = ["Act", "Scripted"]

_SELECT, _READ_BINARY = 0xA4, (0xB0, 0xB1)

Act = Callable[[CommandAPDU, "Scripted"], ResponseAPDU]
"""Answer a command in place of the card within; what it needs of the card's life it takes from the second argument."""


class Scripted(Disturbance):
    """Let ``act`` answer when ``trigger`` says so; ``clock`` tells seconds.

    Everything is counted anew from power-on and reset. Once another card lies there (``exchange``), it stays.
    """

    def __init__(
        self, card: EmulatedCard, act: Act, trigger: Trigger, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(card)
        self._last: ResponseAPDU | None = None
        self._act = act
        self._trigger = trigger
        self._clock = clock
        self._begin()

    @property
    def card(self) -> EmulatedCard:
        """Return the card within."""
        return self._card

    @property
    def last(self) -> ResponseAPDU | None:
        """Return the answer before this one, as it was given."""
        return self._last

    def exchange(self, card: EmulatedCard) -> None:
        """Put another card in place of the one within, for good."""
        self._card.power_off()
        self._card = card
        card.power_on()

    def power_on(self) -> None:
        """Power the card on and count from the beginning."""
        self._begin()
        super().power_on()

    def reset(self) -> None:
        """Reset the card and count from the beginning."""
        self._begin()
        super().reset()

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Pass ``command`` on, or let the act answer it."""
        self._last = self._act(command, self) if self._is_time_for(command) else self._card.transmit(command)
        return self._last

    def _begin(self) -> None:
        self._count = 0
        self._by_instruction: Counter[int] = Counter()
        self._sfi: int | None = None
        self._of_file = 0
        self._powered_at = self._clock()
        self._done = False
        self._last = None

    def _is_time_for(self, command: CommandAPDU) -> bool:
        if not self._trigger.reached(self._moment_of(command)) or (self._done and not self._trigger.lasting):
            return False
        self._done = True
        return True

    def _moment_of(self, command: CommandAPDU) -> Moment:
        """Count ``command``; its header stands in clear, protected or not (ICAO 9303-11 §9.8.4)."""
        self._count += 1
        self._by_instruction[command.ins] += 1
        if command.ins == _SELECT:
            self._sfi = None
        elif command.ins in _READ_BINARY:
            if command.p1 & 0x80:
                self._sfi, self._of_file = command.p1 & 0x1F, 0
            self._of_file += 1
        seconds = self._clock() - self._powered_at
        return Moment(self._count, command.ins, self._by_instruction[command.ins], self._sfi, self._of_file, seconds)
