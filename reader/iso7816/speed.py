"""How fast a card is: what a command costs and what a byte costs, fitted from the times of its commands.

PC/SC does not tell the bit rate of a contactless card, but commands of different sizes do: T = a + b·n.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

__all__ = ["CardSpeed", "fit_speed"]

BITS_PER_BYTE = 9
"""A byte of ISO/IEC 14443-3 type A on the air: eight bits and their parity."""

BIT_RATES = (106, 212, 424, 848)
MOST_SAMPLES = 256
FEWEST_SAMPLES = 4
SMALLEST_SPREAD = 32
SLOPE_SPREAD = 16


@dataclass(frozen=True, slots=True)
class CardSpeed:
    """Hold the cost of a command and of a byte, in seconds, and how many commands were looked at."""

    per_command: float
    per_byte: float
    samples: int

    @property
    def kilobits(self) -> float:
        """Return the bit rate that the cost of a byte amounts to, in kbit/s; 0 where a byte costs nothing."""
        return BITS_PER_BYTE / self.per_byte / 1000 if self.per_byte > 0 else 0.0

    @property
    def nominal(self) -> int | None:
        """Return the nearest bit rate of ISO/IEC 14443, None where it is not within a third of one."""
        found = min(BIT_RATES, key=lambda rate: abs(rate - self.kilobits))
        return found if abs(found - self.kilobits) <= found / 3 else None

    def describe(self) -> str:
        """Return one line for a log or a report."""
        rate = f"{self.kilobits:.0f} kbit/s" + (f" (nominal {self.nominal})" if self.nominal else "")
        return f"{1000 * self.per_command:.1f} ms a command, {rate}, from {self.samples} commands"


def fit_speed(samples: Iterable[tuple[int, float]]) -> CardSpeed | None:
    """Fit T = a + b·n to pairs of bytes on the way, both directions together, and seconds.

    The slope is the median of those between commands that differ by 16 bytes or more, so that some slow answers do not
    bend the line; the cost of a command is the median of what is left. At most 256 samples are looked at. Return None
    where there are fewer than four, where their sizes spread over less than 32 bytes, or where no line comes of them.
    """
    points = [(size, seconds) for size, seconds in samples if size > 0 and seconds >= 0]
    points = points[:: -(-len(points) // MOST_SAMPLES) or 1]
    sizes = [size for size, _ in points]
    if len(points) < FEWEST_SAMPLES or max(sizes) - min(sizes) < SMALLEST_SPREAD:
        return None
    slopes = [
        (later - earlier) / (more - less)
        for (less, earlier), (more, later) in combinations(points, 2)
        if abs(more - less) >= SLOPE_SPREAD
    ]
    per_byte = statistics.median(slopes)
    per_command = statistics.median(seconds - per_byte * size for size, seconds in points)
    if per_byte < 0:
        return None
    return CardSpeed(max(0.0, per_command), per_byte, len(points))
