"""What can stand between a chip and a reader: small decorators of an emulated card."""

from __future__ import annotations

import time

from mock_cards.card import EmulatedCard
from mock_cards.chip import Chip
from reader.errors import MuteCard
from reader.iso7816 import CommandAPDU, ResponseAPDU

__all__ = ["Disturbance", "FlippedMac", "Mute", "Slow"]

_READ_BINARY = (0xB0, 0xB1)


class Disturbance:
    """Pass everything on to the card within; the others change one thing of it."""

    def __init__(self, card: EmulatedCard) -> None:
        self._card = card

    @property
    def atr(self) -> bytes:
        """Return the card's answer to reset."""
        return self._card.atr

    def power_on(self) -> None:
        """Power the card on."""
        self._card.power_on()

    def power_off(self) -> None:
        """Power the card off."""
        self._card.power_off()

    def reset(self) -> None:
        """Reset the card."""
        self._card.reset()

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Pass ``command`` on."""
        return self._card.transmit(command)

    def chip(self) -> Chip | None:
        """Return the chip at the bottom, where there is one."""
        inner = self._card
        if isinstance(inner, Disturbance):
            return inner.chip()
        return inner if isinstance(inner, Chip) else None


class FlippedMac(Disturbance):
    """Change the last bit of the checksum of every protected answer to READ BINARY from one file."""

    def __init__(self, card: EmulatedCard, *, fid: int) -> None:
        super().__init__(card)
        self._fid = fid

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Pass ``command`` on; the checksum stands last in a protected answer (ICAO 9303-11 §9.8.4)."""
        response = self._card.transmit(command)
        chip = self.chip()
        reads = chip is not None and command.ins in _READ_BINARY and chip.in_session and chip.current_fid == self._fid
        if not reads or not response.data:
            return response
        return ResponseAPDU(response.data[:-1] + bytes((response.data[-1] ^ 1,)), response.sw)


class Mute(Disturbance):
    """Answer neither a reset nor a command."""

    @property
    def atr(self) -> bytes:
        """Return nothing."""
        return b""

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Raise MuteCard."""
        raise MuteCard("the emulated card is mute")


class Slow(Disturbance):
    """Take as long for an answer as a chip and its radio link would."""

    def __init__(self, card: EmulatedCard, *, per_command: float, per_byte: float) -> None:
        super().__init__(card)
        self._per_command = per_command
        self._per_byte = per_byte

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Pass ``command`` on and wait; both times are seconds."""
        response = self._card.transmit(command)
        size = len(command.to_bytes()) + len(response.data) + 2
        time.sleep(self._per_command + size * self._per_byte)
        return response
