"""What clients over the sealed wire do alike: word a request once, carry the proof made for it, send those bytes."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

from auth.purposes import PurposeRegistry, shipped_registry
from auth.registers.lookups import Wish, allowed_lookup, word_lookup
from auth.registers.ports import Lookup
from auth.wire.client import SignedAnswer, WireClient

__all__ = ["CarriesProof", "Worded", "WordedClient"]


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
        """Return the same client, which sends these bytes for its next look-up, with the proof beside them."""
        ...


class WordedClient:
    """Be the base of a client over the sealed wire (``CarriesProof``)."""

    def __init__(self, wire: WireClient, device_id: str, purposes: PurposeRegistry | None = None) -> None:
        self._wire = wire
        self._device_id = device_id
        self._purposes = purposes or shipped_registry()
        self._worded: Worded | None = None

    def word(self, lookup: Lookup) -> bytes:
        """Return the request that ``lookup`` is sent as; raise RegisterRefused where it may not be asked."""
        wish = Wish.BY_CERTIFICATE if lookup.certificate else Wish.DATA
        return self._word(allowed_lookup(self._wire.register, wish, lookup, self._purposes))

    def carrying(self, worded: Worded) -> Self:
        """Return the same client over the same wire, which sends what was worded."""
        carrier = copy.copy(self)
        carrier._worded = worded
        return carrier

    def _word(self, lookup: Lookup) -> bytes:
        return word_lookup(self._wire.register, self._device_id, lookup)

    def _ask(self, path: str, lookup: Lookup) -> SignedAnswer:
        if self._worded is None:
            return self._wire.ask(path, self._word(lookup), lookup.purpose)
        return self._wire.ask(path, self._worded.request, lookup.purpose, presence=self._worded.presence)
