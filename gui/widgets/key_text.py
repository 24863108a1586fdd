"""What may be typed or scanned to open a chip, judged by its shape while it comes in.

The desk understands the content; here only as much is told apart as a clerk needs to be stopped at a typing slip, and
as a scanner needs that ends every line of an MRZ with Enter.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from reader.lds.land_qr import is_land_qr

__all__ = ["LONGEST", "KeyShape", "KeyText", "grouped"]

# Longer than any QR code of a Vietnamese card and than three MRZ lines; what goes on beyond it is no key.
LONGEST = 600
_MRZ_LINE = 30
_MRZ_LINES = 3


class KeyShape(Enum):
    """Name what a text looks like."""

    EMPTY = "empty"
    DIGITS = "digits"
    QR = "qr"
    LAND_QR = "land-qr"
    MRZ = "mrz"
    NONSENSE = "nonsense"


@dataclass(frozen=True, slots=True, repr=False)
class KeyText:
    """Hold a text and tell its shape; ``repr`` shows nothing: it opens a chip."""

    raw: str

    @property
    def shape(self) -> KeyShape:
        """Return what this looks like so far."""
        if not self.raw.strip():
            return KeyShape.EMPTY
        if len(self.raw) > LONGEST:
            return KeyShape.NONSENSE
        if "|" in self.raw:
            if is_land_qr(self.raw):
                return KeyShape.LAND_QR
            return KeyShape.QR if _is_number(self.raw.split("|")[0], 12) else KeyShape.NONSENSE
        if self.digits:
            return KeyShape.DIGITS
        lines = self.mrz_lines
        return KeyShape.MRZ if lines and all(_could_be_mrz(line) for line in lines) else KeyShape.NONSENSE

    @property
    def digits(self) -> str:
        """Return the digits where there is nothing else but digits and what people write between them."""
        bare = self.raw.translate(str.maketrans("", "", " .-\t\n\r"))
        return bare if bare.isascii() and bare.isdigit() else ""

    @property
    def mrz_lines(self) -> tuple[str, ...]:
        """Return the lines that are not empty, in capitals."""
        return tuple(line for part in self.raw.splitlines() if (line := part.strip().upper()))

    @property
    def complete(self) -> bool:
        """Tell whether this can be handed to the desk."""
        shape = self.shape
        if shape is KeyShape.DIGITS:
            return len(self.digits) in (6, 12)
        if shape is KeyShape.MRZ:
            lines = self.mrz_lines
            return len(lines) == _MRZ_LINES and all(len(line) == _MRZ_LINE for line in lines)
        return shape in (KeyShape.QR, KeyShape.LAND_QR)

    @property
    def wants_more_lines(self) -> bool:
        """Tell whether Enter ends a line of an MRZ rather than the whole text."""
        lines = self.mrz_lines
        return self.shape is KeyShape.MRZ and len(lines) < _MRZ_LINES and len(lines[-1]) == _MRZ_LINE

    @property
    def clean(self) -> str:
        """Return what the desk is handed."""
        shape = self.shape
        if shape is KeyShape.DIGITS:
            return self.digits
        return "\n".join(self.mrz_lines) if shape is KeyShape.MRZ else self.raw.strip()

    def __repr__(self) -> str:
        """Show the shape only."""
        return f"KeyText({self.shape.value})"


def grouped(digits: str) -> str:
    """Return digits in groups of three."""
    return " ".join(digits[i : i + 3] for i in range(0, len(digits), 3))


def _is_number(text: str, length: int) -> bool:
    return text.isascii() and text.strip().isdigit() and len(text.strip()) == length


def _could_be_mrz(line: str) -> bool:
    return len(line) <= _MRZ_LINE and line.isascii() and all(c.isalnum() or c == "<" for c in line)
