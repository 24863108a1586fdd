"""The secrets that open a chip: CAN and the key fields of the MRZ (ICAO 9303-11 §4.3.1, §4.4.3.1)."""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError

__all__ = ["Can", "MrzKey", "Password"]


@dataclass(frozen=True, slots=True, repr=False)
class Can:
    """Hold a card access number; on the Vietnamese card the last six of the twelve digits."""

    digits: str

    def __post_init__(self) -> None:
        """Refuse what no card prints as its CAN."""
        if not (self.digits.isascii() and self.digits.isdigit() and 6 <= len(self.digits) <= 12):
            raise DataError("a CAN is six digits or more")

    @classmethod
    def from_personal_number(cls, number: str) -> Can:
        """Take the CAN of a Vietnamese card from its twelve-digit personal number."""
        if not (number.isascii() and number.isdigit() and len(number) == 12):
            raise DataError("a personal number is twelve digits")
        return cls(number[-6:])

    def __repr__(self) -> str:
        """Show nothing: a CAN is a secret."""
        return "Can(******)"


@dataclass(frozen=True, slots=True, repr=False)
class MrzKey:
    """Hold the MRZ fields that open a chip: document number as in the MRZ without filler, birth and expiry YYMMDD."""

    document_number: str
    date_of_birth: str
    date_of_expiry: str

    def __repr__(self) -> str:
        """Show nothing: these fields are a secret."""
        return "MrzKey(******)"


Password = Can | MrzKey
