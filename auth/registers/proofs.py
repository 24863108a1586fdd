"""What a desk needs of a client in order to have the card prove itself for a request before the request is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

from auth.registers.ports import Lookup

__all__ = ["CarriesProof", "CarriesProofOfQuestions", "Worded"]


@dataclass(frozen=True, slots=True, repr=False)
class Worded:
    """Hold a request as it was serialised, once, and the proof of the card's presence that was made for those bytes."""

    request: bytes
    presence: bytes

    def __repr__(self) -> str:
        """Show how much."""
        return f"Worded({len(self.request)} + {len(self.presence)} bytes)"


@runtime_checkable
class CarriesProof(Protocol):
    """Be a client whose requests can be committed to before they are sent."""

    def word(self, lookup: Lookup) -> bytes:
        """Return the request that ``lookup`` is sent as; raise RegisterRefused where it may not be asked."""
        ...

    def carrying(self, worded: Worded) -> Self:
        """Return the same client, which sends these bytes for its next request, with the proof beside them."""
        ...


@runtime_checkable
class CarriesProofOfQuestions(CarriesProof, Protocol):
    """Be a client whose requests for a yes or no can be committed to as well."""

    def word_questions(self, lookup: Lookup) -> bytes:
        """Return the request for a yes or no that ``lookup`` is sent as; raise RegisterRefused where there is none."""
        ...
