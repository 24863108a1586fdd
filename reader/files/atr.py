"""What the answer to reset says of the card: its historical bytes and the card capabilities in them.

ISO/IEC 7816-3 §8.2 has the bytes, ISO/IEC 7816-4 §12.1.1 what they mean. Nobody signs them: they decide how a card is
asked, never what is believed of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Capabilities", "ExtendedLength", "capabilities_of"]

LONGEST_ATR = 33
COMPACT_CAPABILITIES = 0x7
CAPABILITY_BYTES = 3
SHORT_IDENTIFIERS = 0x04
COMMAND_CHAINING = 0x80
EXTENDED_FIELDS = 0x40
STATUS_BYTES = 3


class ExtendedLength(Enum):
    """Say what the third byte of the card capabilities says about extended length fields (ISO/IEC 7816-4 §12.1.1.9)."""

    OFFERED = "offered"
    RULED_OUT = "ruled out"
    NOT_TOLD = "not told"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Hold the card capabilities as the card gives them: one to three bytes, or none (ISO/IEC 7816-4 §12.1.1.9)."""

    raw: bytes = b""

    @property
    def short_identifiers(self) -> bool:
        """Tell whether the first byte says that files are found by short identifier."""
        return bool(self.raw) and bool(self.raw[0] & SHORT_IDENTIFIERS)

    @property
    def chaining(self) -> bool:
        """Tell whether the third byte says that the card takes chained commands."""
        return len(self.raw) >= CAPABILITY_BYTES and bool(self.raw[2] & COMMAND_CHAINING)

    @property
    def extended(self) -> ExtendedLength:
        """Return what the third byte says of extended length fields."""
        if len(self.raw) < CAPABILITY_BYTES:
            return ExtendedLength.NOT_TOLD
        return ExtendedLength.OFFERED if self.raw[2] & EXTENDED_FIELDS else ExtendedLength.RULED_OUT


def capabilities_of(atr: bytes) -> Capabilities:
    """Read the card capabilities in the historical bytes; empty where there are none or they make no sense."""
    historical = _historical_bytes(atr)
    if historical[:1] == b"\x80":
        objects = historical[1:]
    elif historical[:1] == b"\x00":
        # Three bytes of status information end this form (ISO/IEC 7816-4 §12.1.1.2).
        objects = historical[1:-STATUS_BYTES]
    else:
        return Capabilities()
    while objects:
        tag, length = objects[0] >> 4, objects[0] & 0x0F
        value, objects = objects[1 : 1 + length], objects[1 + length :]
        if len(value) == length and tag == COMPACT_CAPABILITIES:
            return Capabilities(value)
    return Capabilities()


def _historical_bytes(atr: bytes) -> bytes:
    """Walk TA..TD behind T0 to the historical bytes (ISO/IEC 7816-3 §8.2); empty where the ATR is not one."""
    if not 2 <= len(atr) <= LONGEST_ATR:
        return b""
    indicator, position = atr[1], 2
    while True:
        position += (indicator >> 4 & 0x07).bit_count()
        if not indicator & 0x80:
            break
        if position >= len(atr):
            return b""
        indicator, position = atr[position], position + 1
    return atr[position : position + (atr[1] & 0x0F)]
