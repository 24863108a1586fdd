"""A point times a scalar with any base, as PACE's mapped generator needs: fastecdsa against what else is installed.

cryptography has no such operation; its ECDH gives the x-coordinate, and a second call with the next scalar settles y.
The third column is plain Python, so that the gain of native code is seen. Every product is checked against the others.
"""

from __future__ import annotations

import secrets
import statistics
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.figure import Figure
from reader.crypto import (
    Curve,
    Point,
    add,
    curve_by_name,
    generator,
    in_cryptography,
    multiply,
    random_scalar,
    to_cryptography_public_key,
)

CURVES = ("secp256r1", "brainpoolP256r1", "brainpoolP320r1", "brainpoolP384r1", "brainpoolP512r1", "secp521r1")
ROUNDS = 15
GOAL_MS = 3.0
PACE_GOAL_MS = 15.0

Multiply = Callable[[Curve, int, Point], Point]


def figures() -> list[Figure]:
    found = []
    for name in CURVES:
        curve = curve_by_name(name)
        base = multiply(curve, random_scalar(curve, secrets.token_bytes), generator(curve))
        scalars = [random_scalar(curve, secrets.token_bytes) for _ in range(ROUNDS)]
        products = [multiply(curve, scalar, base) for scalar in scalars]
        found.append(_measure("fastecdsa", multiply, curve, base, scalars, products, GOAL_MS))
        if in_cryptography(curve):
            found.append(_measure("cryptography, ECDH twice", _ecdh_twice, curve, base, scalars, products))
        found.append(_measure("plain Python", _plain, curve, base, scalars, products))
        found.append(_pace(curve))
    return found


def _measure(
    who: str,
    function: Multiply,
    curve: Curve,
    base: Point,
    scalars: list[int],
    products: list[Point],
    goal: float = 0.0,
) -> Figure:
    times = []
    for scalar, product in zip(scalars, products, strict=True):
        begin = time.perf_counter()
        result = function(curve, scalar, base)
        times.append(time.perf_counter() - begin)
        assert result == product
    return Figure(f"{curve.name}: {who}", 1000 * statistics.median(times), "ms", goal)


def _pace(curve: Curve) -> Figure:
    """Time the five multiplications and one addition of the terminal's half of PACE-GM."""
    times = []
    theirs = multiply(curve, random_scalar(curve, secrets.token_bytes), generator(curve))
    nonce = int.from_bytes(secrets.token_bytes(16), "big")
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        private = random_scalar(curve, secrets.token_bytes)
        multiply(curve, private, generator(curve))
        mapped = add(curve, multiply(curve, nonce, generator(curve)), multiply(curve, private, theirs))
        private = random_scalar(curve, secrets.token_bytes)
        multiply(curve, private, mapped)
        multiply(curve, private, theirs)
        times.append(time.perf_counter() - begin)
    return Figure(f"{curve.name}: one PACE-GM", 1000 * statistics.median(times), "ms", PACE_GOAL_MS)


def _ecdh_twice(curve: Curve, scalar: int, base: Point) -> Point:
    """Return scalar·base from two x-coordinates: of scalar·base, and of (scalar+1)·base to tell y from -y."""
    public = to_cryptography_public_key(curve, base)
    x, beyond = (
        int.from_bytes(ec.derive_private_key(k, public.curve).exchange(ec.ECDH(), public), "big")
        for k in (scalar, scalar + 1)
    )
    y = _square_root((x**3 + curve.a * x + curve.b) % curve.p, curve.p)
    for candidate in (Point(x, y), Point(x, curve.p - y)):
        slope = (candidate.y - base.y) * pow(candidate.x - base.x, -1, curve.p)
        if (slope * slope - candidate.x - base.x - beyond) % curve.p == 0:
            return candidate
    raise AssertionError("neither root fits")


def _square_root(value: int, p: int) -> int:
    assert p % 4 == 3
    return pow(value, (p + 1) // 4, p)


def _plain(curve: Curve, scalar: int, base: Point) -> Point:
    """Double and add in Jacobian coordinates."""
    p = curve.p
    x, y, z = base.x, base.y, 1
    for bit in bin(scalar)[3:]:
        x, y, z = _double(x, y, z, curve.a, p)
        if bit == "1":
            x, y, z = _add_affine(x, y, z, base, p)
    inverse = pow(z, -1, p)
    return Point(x * inverse**2 % p, y * inverse**3 % p)


def _double(x: int, y: int, z: int, a: int, p: int) -> tuple[int, int, int]:
    yy = y * y % p
    s = 4 * x * yy % p
    m = (3 * x * x + a * pow(z, 4, p)) % p
    doubled = (m * m - 2 * s) % p
    return doubled, (m * (s - doubled) - 8 * yy * yy) % p, 2 * y * z % p


def _add_affine(x: int, y: int, z: int, other: Point, p: int) -> tuple[int, int, int]:
    zz = z * z % p
    h = (other.x * zz - x) % p
    r = (other.y * zz * z - y) % p
    hh = h * h % p
    v = x * hh % p
    total = (r * r - h * hh - 2 * v) % p
    return total, (r * (v - total) - y * h * hh) % p, z * h % p
