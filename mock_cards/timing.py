"""How long an emulated card takes: as fast as it can, or like a chip in a reader's field."""

from __future__ import annotations

from dataclasses import dataclass

from mock_cards.card import EmulatedCard
from mock_cards.disturbances import Slow

__all__ = ["TIMINGS", "Timing", "timing_by_name", "with_timing"]


@dataclass(frozen=True, slots=True)
class Timing:
    """Name a timing: seconds for every command, and seconds for every byte either way."""

    name: str
    about: str
    per_command: float
    per_byte: float


TIMINGS: tuple[Timing, ...] = (
    Timing("none", "answers at once", 0.0, 0.0),
    # 106 and 424 kbit/s, ten bit times a byte with its framing; the chip's own time and the reader's round trip on top.
    Timing("contactless-106", "ISO/IEC 14443 at 106 kbit/s", 0.008, 9.4e-5),
    Timing("contactless-424", "ISO/IEC 14443 at 424 kbit/s", 0.006, 2.4e-5),
)


def timing_by_name(name: str) -> Timing:
    """Return the timing ``name``; raise KeyError where there is none."""
    for timing in TIMINGS:
        if timing.name == name:
            return timing
    raise KeyError(name)


def with_timing(card: EmulatedCard, name: str) -> EmulatedCard:
    """Return ``card`` answering as slowly as ``name`` says."""
    timing = timing_by_name(name)
    if not timing.per_command and not timing.per_byte:
        return card
    return Slow(card, per_command=timing.per_command, per_byte=timing.per_byte)
