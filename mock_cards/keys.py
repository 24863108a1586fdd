"""Keys for test documents: fresh from the operating system, or the same again for the same seed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import gcd

import gmpy2
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from reader.crypto import Curve, ModpGroup, Point, Rng, generator, multiply, random_exponent, random_scalar, system_rng

__all__ = ["DhKey", "EcKey", "RsaKey", "new_dh_key", "new_ec_key", "new_rsa_key", "seeded_rng"]

RSA_EXPONENT = 65537

_CRYPTOGRAPHY_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "brainpoolP256r1": ec.BrainpoolP256R1,
    "brainpoolP384r1": ec.BrainpoolP384R1,
    "brainpoolP512r1": ec.BrainpoolP512R1,
    "secp192r1": ec.SECP192R1,
    "secp224r1": ec.SECP224R1,
    "secp256r1": ec.SECP256R1,
    "secp384r1": ec.SECP384R1,
    "secp521r1": ec.SECP521R1,
}


def seeded_rng(seed: str) -> Rng:
    """Return a generator that gives the same bytes for the same seed: for tests only, never for a key that matters."""
    counter = 0

    def draw(count: int) -> bytes:
        nonlocal counter
        out = b""
        while len(out) < count:
            out += hashlib.sha256(f"{seed}/{counter}".encode()).digest()
            counter += 1
        return out[:count]

    return draw


@dataclass(frozen=True, slots=True, repr=False)
class EcKey:
    """Hold an elliptic curve key pair."""

    curve: Curve
    scalar: int
    point: Point

    def signing_key(self) -> ec.EllipticCurvePrivateKey:
        """Return the key as cryptography signs with it."""
        return ec.derive_private_key(self.scalar, _CRYPTOGRAPHY_CURVES[self.curve.name]())


@dataclass(frozen=True, slots=True, repr=False)
class DhKey:
    """Hold a Diffie-Hellman key pair in a standardised group."""

    group: ModpGroup
    exponent: int
    value: int


@dataclass(frozen=True, slots=True, repr=False)
class RsaKey:
    """Hold an RSA key pair."""

    modulus: int
    public_exponent: int
    private_exponent: int


def new_ec_key(curve: Curve, rng: Rng) -> EcKey:
    """Make a key pair on ``curve``."""
    scalar = random_scalar(curve, rng)
    return EcKey(curve, scalar, multiply(curve, scalar, generator(curve)))


def new_dh_key(group: ModpGroup, rng: Rng) -> DhKey:
    """Make a key pair in ``group``."""
    exponent = random_exponent(group, rng)
    return DhKey(group, exponent, pow(group.g, exponent, group.p))


def new_rsa_key(bits: int, rng: Rng) -> RsaKey:
    """Make an RSA key pair; from the system's generator cryptography makes it, from a seeded one this file does."""
    if rng is system_rng:
        numbers = rsa.generate_private_key(RSA_EXPONENT, bits).private_numbers()
        return RsaKey(numbers.public_numbers.n, numbers.public_numbers.e, numbers.d)
    p, q = _prime(bits // 2, rng), _prime(bits // 2, rng)
    private = pow(RSA_EXPONENT, -1, (p - 1) * (q - 1) // gcd(p - 1, q - 1))
    return RsaKey(p * q, RSA_EXPONENT, private)


def _prime(bits: int, rng: Rng) -> int:
    # The two top bits are set so that the product of two such primes has exactly twice the bits.
    drawn = int.from_bytes(rng(bits // 8), "big") | 0b11 << (bits - 2)
    prime = int(gmpy2.next_prime(drawn))
    while (prime - 1) % RSA_EXPONENT == 0:
        prime = int(gmpy2.next_prime(prime))
    return prime
