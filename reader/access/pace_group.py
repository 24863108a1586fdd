"""The group PACE computes in, seen as little as the protocol needs of it.

Elliptic curves here; a multiplicative group with the same six operations would serve Diffie-Hellman.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

from reader.crypto import (
    Curve,
    Point,
    Rng,
    add,
    decode_point,
    encode_point,
    generator,
    multiply,
    random_scalar,
    x_bytes,
)

__all__ = ["EllipticGroup", "Group"]

E = TypeVar("E")


class Group(Protocol[E]):
    """Compute with elements ``E``; DataError wherever an element is not one of the group or is its neutral one."""

    @property
    def generator(self) -> E:
        """Return the standard generator."""
        ...

    @property
    def key_tag(self) -> int:
        """Return the tag of a public key in the authentication token (§9.4.3, §9.4.4)."""
        ...

    def draw(self, rng: Rng) -> int:
        """Draw a private key."""
        ...

    def scale(self, scalar: int, element: E) -> E:
        """Apply a private key, or a nonce, to an element."""
        ...

    def combine(self, one: E, other: E) -> E:
        """Join two elements by the group's operation."""
        ...

    def encode(self, element: E) -> bytes:
        """Encode a public key as it is exchanged (§9.4.5)."""
        ...

    def decode(self, raw: bytes) -> E:
        """Decode and validate a public key."""
        ...

    def secret(self, element: E) -> bytes:
        """Return the shared secret that the key derivation takes (§9.7.1)."""
        ...


@dataclass(frozen=True, slots=True)
class EllipticGroup:
    """Be the group of one standardised curve."""

    curve: Curve

    @property
    def generator(self) -> Point:
        """Return G."""
        return generator(self.curve)

    @property
    def key_tag(self) -> int:
        """Return 86, the public point."""
        return 0x86

    def draw(self, rng: Rng) -> int:
        """Draw from 1..n-1."""
        return random_scalar(self.curve, rng)

    def scale(self, scalar: int, element: Point) -> Point:
        """Multiply a point."""
        return multiply(self.curve, scalar, element)

    def combine(self, one: Point, other: Point) -> Point:
        """Add two points."""
        return add(self.curve, one, other)

    def encode(self, element: Point) -> bytes:
        """Encode uncompressed."""
        return encode_point(self.curve, element)

    def decode(self, raw: bytes) -> Point:
        """Decode an uncompressed point of the curve (AC-14)."""
        return decode_point(self.curve, raw)

    def secret(self, element: Point) -> bytes:
        """Return the x-coordinate in full length, leading zeros kept (AC-17)."""
        return x_bytes(self.curve, element)
