"""DER by hand: the few types that certificates, security objects and data groups are made of (X.690).

Written out rather than taken from a library because the real issuer's files want what libraries will not write:
elliptic curve keys with explicit parameters, and a DG13 of its own making.
"""

from __future__ import annotations

from datetime import UTC, datetime

from reader.crypto import Curve, Point, encode_point
from reader.iso7816 import encode

__all__ = [
    "NULL",
    "TRUE",
    "bit_string",
    "explicit",
    "generalized_time",
    "implicit",
    "integer",
    "named_bits",
    "object_identifier",
    "octet_string",
    "oid_value",
    "point_key",
    "printable",
    "rsa_key",
    "sequence",
    "set_of",
    "set_unsorted",
    "time",
    "utf8",
]

NULL = b"\x05\x00"
TRUE = b"\x01\x01\xff"

_EC_PUBLIC_KEY = "1.2.840.10045.2.1"
_RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
_PRIME_FIELD = "1.2.840.10045.1.1"
_LAST_UTC_YEAR = 2049


def sequence(*parts: bytes) -> bytes:
    """Encode a SEQUENCE."""
    return encode(0x30, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    """Encode a SET OF, its members in the order DER wants."""
    return encode(0x31, b"".join(sorted(parts)))


def set_unsorted(*parts: bytes) -> bytes:
    """Encode a SET with its members as given: not DER, but what is seen in the field."""
    return encode(0x31, b"".join(parts))


def integer(value: int) -> bytes:
    """Encode an INTEGER; a negative one is what no certificate may have and some do."""
    return encode(0x02, value.to_bytes((value + (value < 0)).bit_length() // 8 + 1, "big", signed=True))


def octet_string(value: bytes) -> bytes:
    """Encode an OCTET STRING."""
    return encode(0x04, value)


def bit_string(value: bytes) -> bytes:
    """Encode a BIT STRING of whole bytes."""
    return encode(0x03, b"\x00" + value)


def named_bits(*bits: int) -> bytes:
    """Encode a BIT STRING of named bits, trailing zeros left out as DER asks."""
    last = max(bits)
    value = sum(1 << (last - bit) for bit in bits)
    unused = -(last + 1) % 8
    return encode(0x03, bytes((unused,)) + (value << unused).to_bytes((last + 8) // 8, "big"))


def oid_value(dotted: str) -> bytes:
    """Encode an object identifier without its tag and length, as data objects 80 carry it."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return b"".join(_base128(arc) for arc in (first * 40 + second, *rest))


def _base128(arc: int) -> bytes:
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(arc & 0x7F | 0x80)
    return bytes(reversed(groups))


def object_identifier(dotted: str) -> bytes:
    """Encode an OBJECT IDENTIFIER."""
    return encode(0x06, oid_value(dotted))


def utf8(text: str) -> bytes:
    """Encode a UTF8String."""
    return encode(0x0C, text.encode())


def printable(text: str) -> bytes:
    """Encode a PrintableString."""
    return encode(0x13, text.encode("ascii"))


def explicit(number: int, content: bytes) -> bytes:
    """Encode an explicit context tag."""
    return encode(0xA0 | number, content)


def implicit(number: int, value: bytes) -> bytes:
    """Encode a primitive implicit context tag over ``value``."""
    return encode(0x80 | number, value)


def time(moment: datetime) -> bytes:
    """Encode a Time: UTCTime through 2049, GeneralizedTime from 2050 on (ICAO 9303-12 §7.1.1, RFC 5280 §4.1.2.5)."""
    if moment.year > _LAST_UTC_YEAR:
        return encode(0x18, generalized_time(moment))
    return encode(0x17, moment.astimezone(UTC).strftime("%y%m%d%H%M%SZ").encode())


def generalized_time(moment: datetime) -> bytes:
    """Return the value of a GeneralizedTime, without tag and length."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode()


def point_key(curve: Curve, point: Point, *, explicit_parameters: bool) -> bytes:
    """Encode a SubjectPublicKeyInfo of an elliptic curve key, by curve name or with the parameters spelt out.

    ICAO 9303-12 §4.1.6.3 and 9303-11 §9.2 want them spelt out, with the cofactor; RFC 5480 wants the name.
    """
    parameters = _explicit_parameters(curve) if explicit_parameters else object_identifier(curve.oid)
    algorithm = sequence(object_identifier(_EC_PUBLIC_KEY), parameters)
    return sequence(algorithm, bit_string(encode_point(curve, point)))


def rsa_key(modulus: int, exponent: int) -> bytes:
    """Encode a SubjectPublicKeyInfo of an RSA key (RFC 3279 §2.3.1)."""
    algorithm = sequence(object_identifier(_RSA_ENCRYPTION), NULL)
    return sequence(algorithm, bit_string(sequence(integer(modulus), integer(exponent))))


def _explicit_parameters(curve: Curve) -> bytes:
    size = curve.field_length
    base = encode_point(curve, Point(curve.gx, curve.gy))
    return sequence(
        integer(1),
        sequence(object_identifier(_PRIME_FIELD), integer(curve.p)),
        sequence(octet_string(curve.a.to_bytes(size, "big")), octet_string(curve.b.to_bytes(size, "big"))),
        octet_string(base),
        integer(curve.n),
        integer(curve.h),
    )
