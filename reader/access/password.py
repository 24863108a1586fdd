"""The secrets that open a chip: CAN, key fields of the MRZ, PIN and PUK (ICAO 9303-11 §4.3.1, BSI TR-03110-2 §3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from reader.errors import DataError

__all__ = ["Can", "MrzKey", "Password", "Pin", "Puk"]


@dataclass(frozen=True, slots=True, repr=False)
class Can:
    """Hold a card access number; on the Vietnamese card the last six of the twelve digits."""

    kind: ClassVar[str] = "can"
    counts_tries: ClassVar[bool] = False

    digits: str

    def __post_init__(self) -> None:
        """Refuse what no card prints as its CAN."""
        if not (_all_digits(self.digits) and 6 <= len(self.digits) <= 12):
            raise DataError("a CAN is six digits or more")

    @classmethod
    def from_personal_number(cls, number: str) -> Can:
        """Take the CAN of a Vietnamese card from its twelve-digit personal number."""
        if not (_all_digits(number) and len(number) == 12):
            raise DataError("a personal number is twelve digits")
        return cls(number[-6:])

    def __repr__(self) -> str:
        """Show nothing: a CAN is a secret."""
        return "Can(******)"


@dataclass(frozen=True, slots=True, repr=False)
class MrzKey:
    """Hold the MRZ fields that open a chip: document number as in the MRZ without filler, birth and expiry YYMMDD."""

    kind: ClassVar[str] = "mrz"
    counts_tries: ClassVar[bool] = False

    document_number: str
    date_of_birth: str
    date_of_expiry: str

    def __repr__(self) -> str:
        """Show nothing: these fields are a secret."""
        return "MrzKey(******)"


@dataclass(frozen=True, slots=True, repr=False)
class Pin:
    """Hold the holder's own number. A wrong one costs a try, and after the last the chip blocks it."""

    kind: ClassVar[str] = "pin"
    counts_tries: ClassVar[bool] = True

    digits: str

    def __post_init__(self) -> None:
        """Refuse what no keypad gives."""
        if not (_all_digits(self.digits) and 4 <= len(self.digits) <= 16):
            raise DataError("a PIN is four digits or more")

    def __repr__(self) -> str:
        """Show nothing: a PIN is a secret."""
        return "Pin(******)"


@dataclass(frozen=True, slots=True, repr=False)
class Puk:
    """Hold the number that unblocks a PIN. Its uses are counted as well."""

    kind: ClassVar[str] = "puk"
    counts_tries: ClassVar[bool] = True

    digits: str

    def __post_init__(self) -> None:
        """Refuse what no letter to a holder holds."""
        if not (_all_digits(self.digits) and 6 <= len(self.digits) <= 16):
            raise DataError("a PUK is six digits or more")

    def __repr__(self) -> str:
        """Show nothing: a PUK is a secret."""
        return "Puk(******)"


Password = Can | MrzKey | Pin | Puk


def _all_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
