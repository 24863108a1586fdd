"""The group PACE computes in, seen as little as the protocol needs of it.

A curve, or the subgroup of prime order of a MODP group: the run of the protocol is the same over both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

from reader.access.integrated_mapping import map_to_curve, map_to_subgroup
from reader.crypto import (
    Curve,
    ModpGroup,
    Point,
    Rng,
    add,
    decode_point,
    decode_public_value,
    encode_point,
    generator,
    multiply,
    random_exponent,
    random_scalar,
    x_bytes,
)
from reader.errors import DataError

__all__ = ["EllipticGroup", "Group", "MultiplicativeGroup"]

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

    @property
    def prime(self) -> int:
        """Return the prime of the underlying field."""
        ...

    def draw(self, rng: Rng) -> int:
        """Draw a private key."""
        ...

    def from_field(self, number: int) -> E:
        """Map an element of the field into the group, for integrated mapping (§4.4.3.3.2)."""
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

    @property
    def prime(self) -> int:
        """Return p."""
        return self.curve.p

    def draw(self, rng: Rng) -> int:
        """Draw from 1..n-1."""
        return random_scalar(self.curve, rng)

    def from_field(self, number: int) -> Point:
        """Encode a field element as a point."""
        return map_to_curve(self.curve, number)

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


@dataclass(frozen=True, slots=True)
class MultiplicativeGroup:
    """Be the subgroup of prime order of one standardised MODP group."""

    group: ModpGroup

    @property
    def generator(self) -> int:
        """Return g."""
        return self.group.g

    @property
    def key_tag(self) -> int:
        """Return 84, the public value."""
        return 0x84

    @property
    def prime(self) -> int:
        """Return p."""
        return self.group.p

    def draw(self, rng: Rng) -> int:
        """Draw from 1..q-1."""
        return random_exponent(self.group, rng)

    def from_field(self, number: int) -> int:
        """Raise a field element to the cofactor."""
        return map_to_subgroup(self.group, number)

    def scale(self, scalar: int, element: int) -> int:
        """Raise to a power."""
        return self._not_neutral(pow(element, scalar % self.group.q, self.group.p))

    def combine(self, one: int, other: int) -> int:
        """Multiply modulo p."""
        return self._not_neutral(one * other % self.group.p)

    def encode(self, element: int) -> bytes:
        """Encode without leading zeros (AC-18)."""
        return element.to_bytes((element.bit_length() + 7) // 8, "big")

    def decode(self, raw: bytes) -> int:
        """Decode an element of the subgroup (AC-14)."""
        return decode_public_value(self.group, raw)

    def secret(self, element: int) -> bytes:
        """Return the shared element in the prime's full length, as PKCS #3 §8.3 has it."""
        return element.to_bytes(self.group.field_length, "big")

    @staticmethod
    def _not_neutral(element: int) -> int:
        if element == 1:
            raise DataError("neutral element")
        return element
