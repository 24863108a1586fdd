"""The citizen's portrait as pixels that are safe to show."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Portrait"]


@dataclass(frozen=True, slots=True, repr=False)
class Portrait:
    """Hold a decoded, re-encoded portrait: ``png`` bytes of ``width`` × ``height`` pixels.

    The image file of the chip never reaches a window: it is decoded in a limited child process and encoded anew.
    ``source`` is "jpeg" or "jpeg2000", what the chip held.
    """

    png: bytes
    width: int
    height: int
    source: str

    def __repr__(self) -> str:
        """Show the size only."""
        return f"Portrait({self.width}x{self.height}, {self.source})"
