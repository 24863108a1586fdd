"""The emulated card as whatever holds it sees it: power, reset, and one answer for every command.

A PC/SC attachment, the sandbox of this process and a test all hold a card by this Protocol; the chip implements it,
and faults are decorators of it.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from reader.errors import DataError
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU

__all__ = ["EmulatedCard", "answer"]


@runtime_checkable
class EmulatedCard(Protocol):
    """Be a card in a field or a slot: a CardLink that can be powered.

    ``atr`` is what the reader reports; empty for a mute card. ``transmit`` answers every command with a status word and
    never raises for what the command holds; it raises CardRemoved where a fault takes the card away and MuteCard where
    the card does not speak.
    """

    @property
    def atr(self) -> bytes:
        """Return the answer to reset; empty where the card is mute."""
        ...

    def power_on(self) -> None:
        """Enter the power-on state: nothing selected, no session."""
        ...

    def power_off(self) -> None:
        """Forget every session."""
        ...

    def reset(self) -> None:
        """Do a warm reset: the power-on state again."""
        ...

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Answer ``command``."""
        ...


def answer(card: EmulatedCard, raw: bytes) -> bytes:
    """Answer a command as bytes; one whose lengths do not add up is answered 6700 and never reaches the card.

    Raises what ``transmit`` raises: CardRemoved, MuteCard.
    """
    try:
        command = CommandAPDU.from_bytes(raw)
    except DataError:
        return int(SW.WRONG_LENGTH).to_bytes(2, "big")
    return card.transmit(command).to_bytes()
