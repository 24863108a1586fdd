"""The chip's arithmetic of public keys and its randomness, with a count of what was calculated.

A chip spends most of its time here, so the timing model has to know: every protocol calculates through one
``Coprocessor``, and whoever times the card takes the count after each command.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import rsa

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


@lru_cache(maxsize=16)
def _factors(key: RsaKey) -> tuple[int, int, int]:
    """Return p, q and the inverse of q modulo p: by the Chinese remainder a signature takes a quarter of the time."""
    p, q = rsa.rsa_recover_prime_factors(key.modulus, key.public_exponent, key.private_exponent)
    return p, q, pow(q, -1, p)


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
        self.note_dh(group)
        return pow(base, exponent, group.p)

    def note_dh(self, group: ModpGroup) -> None:
        """Count one power of the subgroup's size in ``group``."""
        self.note(Operation.DH, group.p.bit_length(), group.q.bit_length())

    def note_power(self, prime: int) -> None:
        """Count one power modulo ``prime`` with an exponent as long as it."""
        self.note(Operation.DH, prime.bit_length(), prime.bit_length())

    def sign_rsa(self, key: RsaKey, representative: int) -> int:
        """Return the RSA signature of ``representative``."""
        self.note(Operation.RSA_PRIVATE, key.modulus.bit_length())
        p, q, inverse = _factors(key)
        by_p = pow(representative, key.private_exponent % (p - 1), p)
        by_q = pow(representative, key.private_exponent % (q - 1), q)
        return by_q + (by_p - by_q) * inverse % p * q

    def note(self, operation: Operation, bits: int, exponent_bits: int = 0) -> None:
        """Count a calculation that was done elsewhere; beyond a thousand untaken ones nobody is counting."""
        if len(self._done) < _KEPT:
            self._done.append(Work(operation, bits, exponent_bits))

    def take(self) -> tuple[Work, ...]:
        """Return what was calculated since the last call, and begin a new count."""
        done, self._done = tuple(self._done), []
        return done
