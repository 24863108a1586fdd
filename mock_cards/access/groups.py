"""The groups that keys are agreed in: elliptic curves and prime fields behind the same few operations.

What differs between ECDH and DH is here, and nothing else of a protocol: how an element is encoded (ICAO 9303-11
§9.4.1, §9.4.5), what the shared secret is (§9.6), how it is compressed for Terminal Authentication (§7.1.4), and where
integrated mapping leads (§4.4.3.3.2).
"""

from __future__ import annotations

import hashlib
from typing import Protocol, TypeVar

from mock_cards.coprocessor import Coprocessor
from reader.crypto import (
    Curve,
    ModpGroup,
    Point,
    add,
    decode_point,
    decode_public_value,
    encode_point,
    generator,
    random_exponent,
    random_scalar,
    x_bytes,
)
from reader.errors import DataError

__all__ = ["EcGroup", "Element", "Group", "PrimeGroup"]

Element = TypeVar("Element", Point, int)


class Group(Protocol[Element]):
    """Calculate in one group for one chip."""

    @property
    def generator(self) -> Element:
        """Return the standard generator."""
        ...

    @property
    def prime(self) -> int:
        """Return the characteristic of the field."""
        ...

    @property
    def order(self) -> int:
        """Return the order of the generator."""
        ...

    @property
    def value_tag(self) -> int:
        """Return the tag of the public value in a public key data object (§9.4.3, §9.4.4)."""
        ...

    def draw(self) -> int:
        """Draw a private key."""
        ...

    def raised(self, scalar: int, element: Element) -> Element:
        """Return ``element`` taken ``scalar`` times; raise DataError where the neutral element comes out."""
        ...

    def combined(self, one: Element, other: Element) -> Element:
        """Return both together; raise DataError where the neutral element comes out."""
        ...

    def decode(self, raw: bytes) -> Element:
        """Decode and validate a public value; raise DataError for anything that is none."""
        ...

    def encode(self, element: Element) -> bytes:
        """Encode a public value."""
        ...

    def secret(self, element: Element) -> bytes:
        """Return the bytes of a shared secret."""
        ...

    def compress(self, element: Element) -> bytes:
        """Return Comp() of a public value."""
        ...

    def mapped(self, number: int) -> Element:
        """Return the element that integrated mapping assigns to a field element; raise DataError where none."""
        ...


class EcGroup:
    """Calculate on one curve; every standardised curve has the cofactor 1."""

    value_tag = 0x86

    def __init__(self, curve: Curve, coprocessor: Coprocessor) -> None:
        self._curve = curve
        self._coprocessor = coprocessor
        self.generator = generator(curve)
        self.prime = curve.p
        self.order = curve.n

    def draw(self) -> int:
        """Draw a private key, 1..n-1."""
        return random_scalar(self._curve, self._coprocessor.rng)

    def raised(self, scalar: int, element: Point) -> Point:
        """Return ``scalar`` times ``element``."""
        return self._coprocessor.multiply(self._curve, scalar, element)

    def combined(self, one: Point, other: Point) -> Point:
        """Return the sum."""
        return add(self._curve, one, other)

    def decode(self, raw: bytes) -> Point:
        """Decode an uncompressed point of the curve."""
        return decode_point(self._curve, raw)

    def encode(self, element: Point) -> bytes:
        """Encode uncompressed."""
        return encode_point(self._curve, element)

    def secret(self, element: Point) -> bytes:
        """Return the x-coordinate in the field's full length."""
        return x_bytes(self._curve, element)

    def compress(self, element: Point) -> bytes:
        """Return the x-coordinate (§7.1.4.2.3)."""
        return x_bytes(self._curve, element)

    def mapped(self, number: int) -> Point:
        """Return f_G(``number``) by the affine implementation of appendix B.2, step by step."""
        p, a, b = self._curve.p, self._curve.a, self._curve.b
        if p % 4 != 3 or not 0 < number < p:
            raise DataError("integrated mapping is not defined here")
        self._coprocessor.note_power(p)
        alpha = -pow(number, 2, p) % p
        if (alpha + alpha * alpha) % p == 0:
            raise DataError("integrated mapping is not defined for this number")
        x2 = -b * pow(a, -1, p) * (1 + pow(alpha + alpha * alpha, -1, p)) % p
        x3 = alpha * x2 % p
        h2 = (pow(x2, 3, p) + a * x2 + b) % p
        u = pow(number, 3, p) * h2 % p
        root = pow(h2, p - 1 - (p + 1) // 4, p)
        if root * root * h2 % p == 1:
            return Point(x2, root * h2 % p)
        return Point(x3, root * u % p)


class PrimeGroup:
    """Calculate in the subgroup of prime order of one MODP group."""

    value_tag = 0x84

    def __init__(self, group: ModpGroup, coprocessor: Coprocessor) -> None:
        self._group = group
        self._coprocessor = coprocessor
        self.generator = group.g
        self.prime = group.p
        self.order = group.q

    def draw(self) -> int:
        """Draw a private key, 1..q-1."""
        return random_exponent(self._group, self._coprocessor.rng)

    def raised(self, scalar: int, element: int) -> int:
        """Return ``element`` to ``scalar``."""
        return _not_one(self._coprocessor.power(self._group, element, scalar))

    def combined(self, one: int, other: int) -> int:
        """Return the product."""
        return _not_one(one * other % self._group.p)

    def decode(self, raw: bytes) -> int:
        """Decode an unsigned integer of the subgroup; validating takes a power too (RFC 2631 §2.1.5)."""
        value = decode_public_value(self._group, raw)
        self._coprocessor.note_dh(self._group)
        return value

    def encode(self, element: int) -> bytes:
        """Encode without leading zeros (§9.4.1)."""
        return element.to_bytes((element.bit_length() + 7) // 8, "big")

    def secret(self, element: int) -> bytes:
        """Return the number in the prime's full length (PKCS#3 §7.2)."""
        return element.to_bytes(self._group.field_length, "big")

    def compress(self, element: int) -> bytes:
        """Return the SHA-1 of the public value (§7.1.4.1.3)."""
        return hashlib.sha1(self.encode(element), usedforsecurity=False).digest()

    def mapped(self, number: int) -> int:
        """Return f_g(``number``): to the power of the cofactor."""
        self._coprocessor.note_power(self._group.p)
        return _not_one(pow(number, self._group.cofactor, self._group.p))


def _not_one(value: int) -> int:
    if value in (0, 1):
        raise DataError("neutral element")
    return value
