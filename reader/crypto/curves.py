"""Points on the standardised curves: arithmetic with any base, encoding, and keys for cryptography.

The arithmetic is fastecdsa's (figures in ``benchmarks/curves.py``); its foreign types stay in this file. The point at
infinity has no value here: where it would come out ``DataError`` is raised, since no protocol may go on with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from fastecdsa import curve as fast
from fastecdsa.rust import Point as FastPoint

from reader.crypto.domain import (
    CURVES,
    Curve,
    curve_by_name,
    curve_by_oid,
    curve_by_parameter_id,
    named_curve,
)
from reader.crypto.randomness import Rng
from reader.errors import DataError

__all__ = [
    "CURVES",
    "Curve",
    "Point",
    "add",
    "curve_by_name",
    "curve_by_oid",
    "curve_by_parameter_id",
    "decode_point",
    "encode_point",
    "generator",
    "in_cryptography",
    "is_on_curve",
    "multiply",
    "named_curve",
    "random_scalar",
    "to_cryptography_public_key",
    "x_bytes",
]

MAX_DRAWS = 128


@dataclass(frozen=True, slots=True)
class Point:
    """Hold the affine coordinates of a point that is not the point at infinity."""

    x: int
    y: int

    def __repr__(self) -> str:
        """Show nothing: a shared point is a secret."""
        return "Point(…)"


def generator(curve: Curve) -> Point:
    """Return the standard generator of ``curve``."""
    return Point(curve.gx, curve.gy)


def is_on_curve(curve: Curve, point: Point) -> bool:
    """Tell whether both coordinates are reduced and satisfy the curve's equation."""
    x, y = point.x, point.y
    if not (0 <= x < curve.p and 0 <= y < curve.p):
        return False
    return (y * y - (x * x * x + curve.a * x + curve.b)) % curve.p == 0


def multiply(curve: Curve, k: int, point: Point) -> Point:
    """Return ``k`` times ``point``, for any base; raise DataError off the curve or where infinity comes out."""
    return _from_fast(_to_fast(curve, point) * (k % curve.n))


def add(curve: Curve, p: Point, q: Point) -> Point:
    """Return ``p`` + ``q``; raise DataError off the curve or where infinity comes out."""
    return _from_fast(_to_fast(curve, p) + _to_fast(curve, q))


# The library's own curve objects are three times as fast as ones built from the same parameters; that the parameters
# are the same is a test.
_FAST = {
    "secp192r1": fast.P192,
    "brainpoolP192r1": fast.brainpoolP192r1,
    "secp224r1": fast.P224,
    "brainpoolP224r1": fast.brainpoolP224r1,
    "secp256r1": fast.P256,
    "brainpoolP256r1": fast.brainpoolP256r1,
    "brainpoolP320r1": fast.brainpoolP320r1,
    "secp384r1": fast.P384,
    "brainpoolP384r1": fast.brainpoolP384r1,
    "brainpoolP512r1": fast.brainpoolP512r1,
    "secp521r1": fast.P521,
}


def _to_fast(curve: Curve, point: Point) -> FastPoint:
    if not is_on_curve(curve, point):
        raise DataError("point not on the curve")
    return FastPoint(point.x, point.y, _FAST[curve.name])


def _from_fast(point: FastPoint) -> Point:
    normal = point.normalize()
    if normal.z == 0:
        raise DataError("point at infinity")
    return Point(normal.x, normal.y)


def encode_point(curve: Curve, point: Point) -> bytes:
    """Encode as 04 ‖ x ‖ y, both of the field's length (BSI TR-03111 §3.2.1)."""
    size = curve.field_length
    return b"\x04" + point.x.to_bytes(size, "big") + point.y.to_bytes(size, "big")


def decode_point(curve: Curve, raw: bytes) -> Point:
    """Decode an uncompressed point; raise DataError for anything else.

    Refused are compressed and hybrid forms, infinity, a wrong length, coordinates not below p, and points off the curve
    (ICAO 9303-11 §4.4.1: a public key that is not a point of the group ends the protocol).
    """
    size = curve.field_length
    if len(raw) != 1 + 2 * size:
        raise DataError("point of a wrong length", len(raw))
    if raw[0] != 4:
        raise DataError("point not in uncompressed form", 0)
    point = Point(int.from_bytes(raw[1 : 1 + size], "big"), int.from_bytes(raw[1 + size :], "big"))
    if not is_on_curve(curve, point):
        raise DataError("point not on the curve")
    return point


def x_bytes(curve: Curve, point: Point) -> bytes:
    """Return the x-coordinate in the field's full length, leading zeros kept: the shared secret of ECKA."""
    return point.x.to_bytes(curve.field_length, "big")


def random_scalar(curve: Curve, rng: Rng) -> int:
    """Draw a private key, uniform in 1..n-1, by rejection; raise ValueError when ``rng`` gives none in 128 draws."""
    mask = (1 << curve.n.bit_length()) - 1
    for _ in range(MAX_DRAWS):
        scalar = int.from_bytes(rng(curve.order_length), "big") & mask
        if 0 < scalar < curve.n:
            return scalar
    raise ValueError("the random source is stuck")


_CRYPTOGRAPHY: dict[str, type[ec.EllipticCurve]] = {
    "secp192r1": ec.SECP192R1,
    "secp224r1": ec.SECP224R1,
    "secp256r1": ec.SECP256R1,
    "secp384r1": ec.SECP384R1,
    "secp521r1": ec.SECP521R1,
    "brainpoolP256r1": ec.BrainpoolP256R1,
    "brainpoolP384r1": ec.BrainpoolP384R1,
    "brainpoolP512r1": ec.BrainpoolP512R1,
}


def in_cryptography(curve: Curve) -> bool:
    """Tell whether cryptography can sign and verify on ``curve``; it has no brainpool 192, 224 and 320."""
    return curve.name in _CRYPTOGRAPHY


def to_cryptography_public_key(curve: Curve, point: Point) -> ec.EllipticCurvePublicKey:
    """Return ``point`` as a key of cryptography; raise DataError off the curve or for a curve it lacks."""
    if not in_cryptography(curve):
        raise DataError(f"no key object for {curve.name}")
    if not is_on_curve(curve, point):
        raise DataError("point not on the curve")
    return ec.EllipticCurvePublicNumbers(point.x, point.y, _CRYPTOGRAPHY[curve.name]()).public_key()
