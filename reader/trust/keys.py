"""Public keys from a SubjectPublicKeyInfo, with explicit EC parameters believed only as the name of a known curve.

ICAO 9303-12 §7.1.1 wants EC parameters written out in certificates, DG14 and DG15. They are compared with the table of
standardised curves, all seven numbers, and then thrown away: a curve is never built from what a file says
(CVE-2020-0601).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import core, keys

from reader.crypto import (
    Curve,
    Point,
    curve_by_oid,
    curve_by_parameter_id,
    decode_point,
    encode_point,
    named_curve,
)
from reader.errors import DataError
from reader.trust.asn1 import AlgorithmIdentifier, asn1_border
from reader.trust.der import KEY, scan

__all__ = ["EcPublicKey", "PublicKey", "RsaPublicKey", "UnknownCurve", "UnsupportedKey", "parse_spki", "split_spki"]

RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
RSASSA_PSS = "1.2.840.113549.1.1.10"
EC_PUBLIC_KEY = "1.2.840.10045.2.1"
STANDARDISED_PARAMETERS = "0.4.0.127.0.7.1.2"
PRIME_FIELD = "1.2.840.10045.1.1"

MIN_RSA_BITS = 1024
MAX_RSA_BITS = 8192
MAX_RSA_EXPONENT_BITS = 64


class UnknownCurve(DataError):
    """Say that a key names, or spells out, a curve that is none of the standardised ones."""


class UnsupportedKey(DataError):
    """Say that a key is of a kind or a size that we cannot use."""


@dataclass(frozen=True, slots=True)
class EcPublicKey:
    """Hold a point on a standardised curve; ``explicit`` tells that its parameters stood written out in the file."""

    curve: Curve
    point: Point
    explicit: bool = False

    @property
    def name(self) -> str:
        """Return the curve's name, as evidence shows it."""
        return self.curve.name

    @property
    def is_short(self) -> bool:
        """Tell whether the key is shorter than what is issued today: less than 224 bits."""
        return self.curve.n.bit_length() < 224

    @property
    def fingerprint(self) -> str:
        """Return SHA-256 over curve and point in hex: the same for named and explicit parameters."""
        return hashlib.sha256(self.curve.oid.encode() + encode_point(self.curve, self.point)).hexdigest()


@dataclass(frozen=True, slots=True)
class RsaPublicKey:
    """Hold an RSA key; ``pss_only`` tells that its algorithm identifier was id-RSASSA-PSS."""

    modulus: int
    exponent: int
    pss_only: bool = False

    @property
    def name(self) -> str:
        """Return kind and size, as evidence shows it."""
        return f"RSA-{self.modulus.bit_length()}"

    @property
    def is_short(self) -> bool:
        """Tell whether the key is shorter than what is issued today: less than 2048 bits."""
        return self.modulus.bit_length() < 2048

    @property
    def fingerprint(self) -> str:
        """Return SHA-256 over modulus and exponent in hex."""
        return hashlib.sha256(f"rsa:{self.modulus:x}:{self.exponent:x}".encode()).hexdigest()


PublicKey = EcPublicKey | RsaPublicKey


class _SubjectPublicKeyInfo(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """Read the two fields raw; the parameters are judged here and nowhere else."""

    _fields = [("algorithm", AlgorithmIdentifier), ("public_key", core.OctetBitString)]  # noqa: RUF012  # asn1crypto's way


def parse_spki(raw: bytes) -> PublicKey:
    """Parse a DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 5480, RFC 3279 §2.3.5).

    A key of the chip may name its curve by the number of its standardised domain parameters (ICAO 9303-11 §9.5.1).

    Raise UnknownCurve for parameters that are no standardised curve's, UnsupportedKey for another kind of key or an
    RSA key of more than 8192 bits, DataError for what is malformed or below 1024 bits; a point off its curve is
    malformed.
    """
    oid, parameters, key = split_spki(raw)
    if oid == EC_PUBLIC_KEY:
        return _ec_key(parameters, key)
    if oid == STANDARDISED_PARAMETERS:
        return _numbered_key(parameters, key)
    if oid in (RSA_ENCRYPTION, RSASSA_PSS):
        return _rsa_key(key, pss_only=oid == RSASSA_PSS)
    raise UnsupportedKey("public key of a kind that is not used here")


def split_spki(raw: bytes) -> tuple[str, bytes, bytes]:
    """Return algorithm, its parameters in DER, and the key's bits; raise DataError where it is malformed."""
    scan(raw, KEY)
    with asn1_border("malformed public key"):
        info = _SubjectPublicKeyInfo.load(raw, strict=True)
        oid: str = info["algorithm"]["algorithm"].dotted
        parameters: bytes = info["algorithm"]["parameters"].dump()
        key: bytes = bytes(info["public_key"])
    return oid, parameters, key


def _rsa_key(raw: bytes, *, pss_only: bool) -> RsaPublicKey:
    scan(raw, KEY)
    with asn1_border("malformed RSA key"):
        parsed = keys.RSAPublicKey.load(raw, strict=True)
        modulus: int = parsed["modulus"].native
        exponent: int = parsed["public_exponent"].native
    if modulus.bit_length() > MAX_RSA_BITS:
        raise UnsupportedKey(f"RSA key of more than {MAX_RSA_BITS} bits")
    if modulus.bit_length() < MIN_RSA_BITS:
        raise DataError(f"RSA key of less than {MIN_RSA_BITS} bits")
    if modulus % 2 == 0 or exponent % 2 == 0 or exponent < 3 or exponent.bit_length() > MAX_RSA_EXPONENT_BITS:
        raise DataError("RSA key with impossible numbers")
    return RsaPublicKey(modulus, exponent, pss_only)


def _ec_key(parameters: bytes, raw: bytes) -> EcPublicKey:
    if parameters[:1] == b"\x06":
        with asn1_border("malformed curve name"):
            oid: str = core.ObjectIdentifier.load(parameters, strict=True).dotted
        try:
            curve = curve_by_oid(oid)
        except DataError:
            raise UnknownCurve("curve with an unknown object identifier") from None
        return EcPublicKey(curve, decode_point(curve, raw))
    if parameters[:1] == b"\x30":
        curve = _map_explicit(parameters)
        return EcPublicKey(curve, decode_point(curve, raw), explicit=True)
    raise UnknownCurve("EC key that does not say its curve")


def _numbered_key(parameters: bytes, raw: bytes) -> EcPublicKey:
    with asn1_border("malformed number of domain parameters"):
        number: int = core.Integer.load(parameters, strict=True).native
    try:
        curve = curve_by_parameter_id(number)
    except DataError:
        raise UnsupportedKey("domain parameters that are no curve's") from None
    return EcPublicKey(curve, decode_point(curve, raw))


class _Curve(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    _fields = [("a", core.OctetString), ("b", core.OctetString), ("seed", core.BitString, {"optional": True})]  # noqa: RUF012  # asn1crypto's way


class _FieldId(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    _fields = [("type", core.ObjectIdentifier), ("parameters", core.Any)]  # noqa: RUF012  # asn1crypto's way


class _EcParameters(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    _fields = [  # noqa: RUF012  # asn1crypto's way of naming fields
        ("version", core.Integer),
        ("field", _FieldId),
        ("curve", _Curve),
        ("base", core.OctetString),
        ("order", core.Integer),
        ("cofactor", core.Integer, {"optional": True}),
        ("hash", core.Any, {"optional": True}),
    ]


@lru_cache(maxsize=64)  # the same curve is written out in hundreds of certificates
def _map_explicit(raw: bytes) -> Curve:
    """Return the standardised curve whose p, a, b, G, n, h are exactly those written out (RFC 3279 §2.3.5).

    An absent cofactor counts as 1, the cofactor of every curve in the table; the seed is without meaning here.
    """
    with asn1_border("malformed curve parameters"):
        parsed = _EcParameters.load(raw, strict=True)
        if parsed["field"]["type"].dotted != PRIME_FIELD:
            raise UnknownCurve("curve over a field that is not prime")
        p: int = parsed["field"]["parameters"].parse(core.Integer).native
        a = int.from_bytes(bytes(parsed["curve"]["a"]), "big")
        b = int.from_bytes(bytes(parsed["curve"]["b"]), "big")
        base = bytes(parsed["base"])
        n: int = parsed["order"].native
        h = 1 if isinstance(parsed["cofactor"], core.Void) else int(parsed["cofactor"].native)
    if p < 3 or p % 2 == 0 or p.bit_length() > 1024:
        raise UnknownCurve("curve over an impossible field")
    gx, gy = _generator(base, p, a, b)
    curve = named_curve(p, a, b, gx, gy, n, h)
    if curve is None:
        raise UnknownCurve("curve parameters that are no standardised curve's")
    return curve


def _generator(base: bytes, p: int, a: int, b: int) -> tuple[int, int]:
    size = (p.bit_length() + 7) // 8
    if len(base) == 1 + 2 * size and base[0] == 4:
        return int.from_bytes(base[1 : 1 + size], "big"), int.from_bytes(base[1 + size :], "big")
    if len(base) == 1 + size and base[0] in (2, 3):
        return _decompress(int.from_bytes(base[1:], "big"), base[0] & 1, p, a, b)
    raise UnknownCurve("generator in a form that is not used here")


def _decompress(x: int, odd: int, p: int, a: int, b: int) -> tuple[int, int]:
    """Return (x, y) with the y of the wanted parity, for a p that is 3 modulo 4 (SEC 1 §2.3.4)."""
    if p % 4 != 3:
        raise UnknownCurve("compressed generator over a field where it is not used")
    square = (x * x * x + a * x + b) % p
    y = pow(square, (p + 1) // 4, p)
    if y * y % p != square:
        raise UnknownCurve("generator off its curve")
    return x, y if y % 2 == odd else p - y
