"""The chip's arithmetic of public keys and its randomness, with a count of what was calculated.

A chip spends most of its time here, so the timing model has to know: every protocol calculates through one
``Coprocessor``, and whoever times the card takes the count after each command.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mock_cards.keys import RsaKey
from reader.crypto import Curve, ModpGroup, Point, Rng, multiply

__all__ = ["Coprocessor", "Operation", "Work"]

_KEPT = 1000


class Operation(Enum):
    """Name a calculation that costs a chip more than a few microseconds."""

    EC = "elliptic curve scalar multiplication"
    DH = "modular power with an exponent of the subgroup's size"
    RSA_PRIVATE = "RSA with the private exponent"
    RSA_PUBLIC = "RSA with the public exponent"


@dataclass(frozen=True, slots=True)
class Work:
    """Hold one calculation: its kind, the bits of the field or modulus, and those of the exponent for DH."""

    operation: Operation
    bits: int
    exponent_bits: int = 0


class Coprocessor:
    """Calculate for one chip. ``rng`` is where its nonces and ephemeral keys come from."""

    def __init__(self, rng: Rng) -> None:
        self.rng = rng
        self._done: list[Work] = []

    def multiply(self, curve: Curve, scalar: int, point: Point) -> Point:
        """Return ``scalar`` times ``point``; raise DataError where infinity comes out."""
        self.note(Operation.EC, curve.p.bit_length())
        return multiply(curve, scalar, point)

    def power(self, group: ModpGroup, base: int, exponent: int) -> int:
        """Return ``base`` to ``exponent`` in ``group``."""
        self.note(Operation.DH, group.p.bit_length(), group.q.bit_length())
        return pow(base, exponent, group.p)

    def sign_rsa(self, key: RsaKey, representative: int) -> int:
        """Return the RSA signature of ``representative``."""
        self.note(Operation.RSA_PRIVATE, key.modulus.bit_length())
        return pow(representative, key.private_exponent, key.modulus)

    def note(self, operation: Operation, bits: int, exponent_bits: int = 0) -> None:
        """Count a calculation that was done elsewhere; beyond a thousand untaken ones nobody is counting."""
        if len(self._done) < _KEPT:
            self._done.append(Work(operation, bits, exponent_bits))

    def take(self) -> tuple[Work, ...]:
        """Return what was calculated since the last call, and begin a new count."""
        done, self._done = tuple(self._done), []
        return done
