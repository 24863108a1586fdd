"""Integrated mapping: from two nonces to a field element, and from there into the group (ICAO 9303-11 §4.4.3.3.2).

Neither side learns a discrete logarithm of the result, and no key is exchanged for it.
"""

from __future__ import annotations

from reader.crypto import CipherSuite, Curve, ModpGroup, Point, encrypt_cbc, is_on_curve
from reader.errors import DataError

__all__ = ["chip_nonce_length", "map_to_curve", "map_to_subgroup", "pseudo_random", "suits_integrated_mapping"]

# The constants of figure 2: for a nonce s of 128 bits, and of 256.
_C0 = {
    16: bytes.fromhex("a668892a7c41e3ca739f40b057d85904"),
    32: bytes.fromhex("d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676"),
}
_C1 = {
    16: bytes.fromhex("a4e136ac725f738b01c1f60217c188ad"),
    32: bytes.fromhex("54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517"),
}
_EXTRA_BITS = 64


def chip_nonce_length(suite: CipherSuite) -> int:
    """Return the bytes of the chip's nonce s: the key length, rounded up to whole 16-byte units."""
    return -(-suite.key_length // 16) * 16


def pseudo_random(suite: CipherSuite, s: bytes, t: bytes, prime: int) -> int:
    """Return R_p(s, t), an element of GF(``prime``) (figure 2).

    ``s`` is ``chip_nonce_length`` bytes, ``t`` one key of the suite; ValueError otherwise. Keys longer than the suite
    wants are cut, which happens with AES-192 only.
    """
    length = chip_nonce_length(suite)
    if len(s) != length or len(t) != suite.key_length:
        raise ValueError("the nonces of integrated mapping have the cipher's lengths")
    rounds = -(-(prime.bit_length() + _EXTRA_BITS) // (8 * length))
    iv, key, blocks = bytes(suite.block_size), encrypt_cbc(suite, t, bytes(suite.block_size), s), b""
    for _ in range(rounds):
        key = key[: suite.key_length]
        blocks += encrypt_cbc(suite, key, iv, _C1[length])
        key = encrypt_cbc(suite, key, iv, _C0[length])
    return int.from_bytes(blocks, "big") % prime


def suits_integrated_mapping(curve: Curve) -> bool:
    """Tell whether the point encoding works on ``curve``: not on secp224r1, whose prime is 1 modulo 4 (§9.5.1)."""
    return curve.p % 4 == 3


def map_to_curve(curve: Curve, number: int) -> Point:
    """Return f_G(``number``), a point of the group (appendix B.2; every cofactor here is 1).

    Raise DataError for the few numbers the encoding is not defined for: 0, 1 and p - 1.
    """
    p, a, b = curve.p, curve.a, curve.b
    if not suits_integrated_mapping(curve):
        raise ValueError("integrated mapping is not defined on this curve")
    alpha = -number * number % p
    divisor = a * (alpha + alpha * alpha) % p
    if not divisor:
        raise DataError("no point for this nonce")
    x2 = -b * (1 + alpha + alpha * alpha) * pow(divisor, -1, p) % p
    h2 = (pow(x2, 3, p) + a * x2 + b) % p
    root = pow(h2, p - 1 - (p + 1) // 4, p)
    if root * root * h2 % p == 1:
        point = Point(x2, root * h2 % p)
    else:
        point = Point(alpha * x2 % p, root * pow(number, 3, p) * h2 % p)
    if not is_on_curve(curve, point):
        raise DataError("no point for this nonce")
    return point


def map_to_subgroup(group: ModpGroup, number: int) -> int:
    """Return f_g(``number``): ``number`` to the cofactor's power; raise DataError where that generates nothing."""
    value = pow(number, group.cofactor, group.p)
    if value in (0, 1):
        raise DataError("no generator for this nonce")
    return value
