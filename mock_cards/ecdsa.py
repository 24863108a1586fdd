"""ECDSA on every standardised curve, as a chip signs and verifies: the libraries at hand lack three of them.

Plain signatures r‖s only (BSI TR-03111 §5.2.1); which encoding goes out is the protocol's business.
"""

from __future__ import annotations

from mock_cards.coprocessor import Coprocessor
from reader.crypto import Curve, Point, add, generator, random_scalar
from reader.errors import DataError

__all__ = ["sign", "verify"]


def sign(curve: Curve, scalar: int, digest: bytes, coprocessor: Coprocessor) -> tuple[int, int]:
    """Return (r, s) over ``digest``, with a fresh nonce (TR-03111 §4.2.1.1)."""
    while True:
        nonce = random_scalar(curve, coprocessor.rng)
        r = coprocessor.multiply(curve, nonce, generator(curve)).x % curve.n
        s = pow(nonce, -1, curve.n) * (_number(curve, digest) + scalar * r) % curve.n
        if r and s:
            return r, s


def verify(curve: Curve, point: Point, digest: bytes, signature: bytes, coprocessor: Coprocessor) -> bool:
    """Tell whether the plain ``signature`` is right (TR-03111 §4.2.1.2)."""
    size = curve.order_length
    r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
    if len(signature) != 2 * size or not (0 < r < curve.n and 0 < s < curve.n):
        return False
    inverse = pow(s, -1, curve.n)
    try:
        one = coprocessor.multiply(curve, _number(curve, digest) * inverse % curve.n, generator(curve))
        other = coprocessor.multiply(curve, r * inverse % curve.n, point)
        return add(curve, one, other).x % curve.n == r
    except DataError:
        return False


def _number(curve: Curve, digest: bytes) -> int:
    """Return the leftmost bits of ``digest``, as many as the order has."""
    excess = 8 * len(digest) - curve.n.bit_length()
    number = int.from_bytes(digest, "big")
    return number >> excess if excess > 0 else number
