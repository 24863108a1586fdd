"""Card-verifiable certificates as a chip reads them: taken apart, bounded, and verified (ICAO 9303-12 §7.2.2).

The body holds 5F29 42 7F49 5F20 7F4C 5F25 5F24 and maybe 65, in this order. Domain parameters stand in a CVCA's
certificate; the others inherit them (§7.2.2.3).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mock_cards import ecdsa
from mock_cards.coprocessor import Coprocessor, Operation
from mock_cards.der import oid_value
from reader.crypto import Curve, Point, decode_point, named_curve
from reader.errors import DataError
from reader.iso7816 import TLV, parse_all

__all__ = ["CvCertificate", "CvPublicKey", "EcKeyData", "Role", "RsaKeyData", "TrustPoint", "parse_cv_certificate"]

_ID_TA = "0.4.0.127.0.7.2.2.2"
_INSPECTION_SYSTEM = oid_value("0.4.0.127.0.7.3.1.2.1")
_LONGEST_REFERENCE = 16
_MODULUS_BITS = range(1024, 4097)
_EXPONENT_BITS = 32
_BODY = (0x5F29, 0x42, 0x7F49, 0x5F20, 0x7F4C, 0x5F25, 0x5F24)
_EXTENSIONS = 0x65

_RSA = {
    oid_value(f"{_ID_TA}.1.2"): ("sha256", False),
    oid_value(f"{_ID_TA}.1.4"): ("sha256", True),
    oid_value(f"{_ID_TA}.1.5"): ("sha512", False),
    oid_value(f"{_ID_TA}.1.6"): ("sha512", True),
}
_ECDSA = {
    oid_value(f"{_ID_TA}.2.2"): "sha224",
    oid_value(f"{_ID_TA}.2.3"): "sha256",
    oid_value(f"{_ID_TA}.2.4"): "sha384",
    oid_value(f"{_ID_TA}.2.5"): "sha512",
}
_HASHES: dict[str, hashes.HashAlgorithm] = {"sha256": hashes.SHA256(), "sha512": hashes.SHA512()}


class Role(IntEnum):
    """Name the role of a certificate's holder: the two high bits of its authorization (ICAO 9303-12 §7.2.2.4)."""

    TERMINAL = 0
    FOREIGN_VERIFIER = 1
    DOMESTIC_VERIFIER = 2
    CVCA = 3


@dataclass(frozen=True, slots=True)
class EcKeyData:
    """Hold an EC public key of a certificate."""

    curve: Curve
    point: Point
    hash_name: str


@dataclass(frozen=True, slots=True)
class RsaKeyData:
    """Hold an RSA public key of a certificate; PKCS#1 v1.5 where not ``pss`` (TR-03110-3 A.7.3.1)."""

    modulus: int
    exponent: int
    hash_name: str
    pss: bool


@dataclass(frozen=True, slots=True)
class CvPublicKey:
    """Hold a key with its algorithm."""

    data: EcKeyData | RsaKeyData

    def verifies(self, message: bytes, signature: bytes, coprocessor: Coprocessor) -> bool:
        """Tell whether ``signature`` over ``message`` is right (ICAO 9303-11 §7.1.4.1.1, §7.1.4.2.1)."""
        key = self.data
        if isinstance(key, EcKeyData):
            digest = hashlib.new(key.hash_name, message).digest()
            return ecdsa.verify(key.curve, key.point, digest, signature, coprocessor)
        coprocessor.note(Operation.RSA_PUBLIC, key.modulus.bit_length())
        algorithm = _HASHES[key.hash_name]
        scheme = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size) if key.pss else padding.PKCS1v15()
        try:
            rsa.RSAPublicNumbers(key.exponent, key.modulus).public_key().verify(signature, message, scheme, algorithm)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class TrustPoint:
    """Hold a key that was imported, with the metadata of its certificate (ICAO 9303-11 §7.1.4.3.7)."""

    reference: bytes
    key: CvPublicKey
    role: Role
    rights: int
    effective: date
    expires: date


@dataclass(frozen=True, slots=True)
class CvCertificate:
    """Hold a certificate read; ``signed`` are the bytes of the body as they came."""

    issuer: bytes
    holder: bytes
    key_objects: tuple[TLV, ...]
    role: Role
    rights: int
    effective: date
    expires: date
    signed: bytes
    signature: bytes

    def public_key(self, inherited: CvPublicKey | None) -> CvPublicKey:
        """Return the holder's key, its domain parameters those of ``inherited`` where it brings none.

        Raise DataError for an algorithm or parameters that the standard does not have, or a point off the curve.
        """
        algorithm, *values = self.key_objects
        if algorithm.tag != 0x06:
            raise DataError("a public key begins with its algorithm")
        if algorithm.value in _RSA:
            return CvPublicKey(_rsa_key(values, *_RSA[algorithm.value]))
        if algorithm.value in _ECDSA:
            return CvPublicKey(_ec_key(values, _ECDSA[algorithm.value], inherited))
        raise DataError("no algorithm of Terminal Authentication")

    def trust_point(self, inherited: CvPublicKey | None = None) -> TrustPoint:
        """Return the key with its metadata."""
        key = self.public_key(inherited)
        return TrustPoint(self.holder, key, self.role, self.rights, self.effective, self.expires)


def parse_cv_certificate(data: bytes) -> CvCertificate:
    """Read 7F4E and 5F37, as PSO:Verify Certificate brings them, or both inside 7F21; raise DataError otherwise."""
    objects = tuple(parse_all(data))
    if len(objects) == 1 and objects[0].tag == 0x7F21:
        data = objects[0].value
        objects = tuple(parse_all(data))
    if [one.tag for one in objects] != [0x7F4E, 0x5F37]:
        raise DataError("a certificate is a body and a signature")
    body = {one.tag: one for one in objects[0].children()}
    tags = tuple(one.tag for one in objects[0].children())
    if tags not in (_BODY, (*_BODY, _EXTENSIONS)):
        raise DataError("the body holds other objects or another order")
    if body[0x5F29].value != b"\x00":
        raise DataError("the certificate profile is version 1")
    role, rights = _authorization(body[0x7F4C])
    return CvCertificate(
        _reference(body[0x42]),
        _reference(body[0x5F20]),
        body[0x7F49].children(),
        role,
        rights,
        _date(body[0x5F25]),
        _date(body[0x5F24]),
        data[objects[0].start : objects[0].end],
        objects[1].value,
    )


def _authorization(template: TLV) -> tuple[Role, int]:
    """Read 7F4C: the terminal type is an inspection system, the byte holds role and rights (table K-1)."""
    if template.child(0x06).value != _INSPECTION_SYSTEM:
        raise DataError("not an inspection system")
    value = template.child(0x53).value
    if len(value) != 1:
        raise DataError("the authorization of an inspection system is one byte")
    return Role(value[0] >> 6), value[0] & 0x3F


def _reference(tlv: TLV) -> bytes:
    if not 0 < len(tlv.value) <= _LONGEST_REFERENCE:
        raise DataError("a reference is at most sixteen characters")
    return tlv.value


def _date(tlv: TLV) -> date:
    """Read YYMMDD, one digit a byte (ICAO 9303-12 §7.2.3.1)."""
    digits = tlv.value
    if len(digits) != 6 or any(digit > 9 for digit in digits):
        raise DataError("a date is six digits")
    year, month, day = (10 * digits[i] + digits[i + 1] for i in (0, 2, 4))
    try:
        return date(2000 + year, month, day)
    except ValueError:
        raise DataError("no such date") from None


def _rsa_key(values: list[TLV], hash_name: str, pss: bool) -> RsaKeyData:
    if [one.tag for one in values] != [0x81, 0x82]:
        raise DataError("an RSA key is modulus and exponent")
    modulus, exponent = (int.from_bytes(one.value, "big") for one in values)
    if modulus.bit_length() not in _MODULUS_BITS or modulus % 2 == 0:
        raise DataError("modulus of a wrong size")
    if exponent.bit_length() > _EXPONENT_BITS or exponent < 3 or exponent % 2 == 0:
        raise DataError("exponent of a wrong size")
    return RsaKeyData(modulus, exponent, hash_name, pss)


def _ec_key(values: list[TLV], hash_name: str, inherited: CvPublicKey | None) -> EcKeyData:
    tags = [one.tag for one in values]
    by_tag = {one.tag: one.value for one in values}
    if tags == [0x86]:
        if inherited is None or not isinstance(inherited.data, EcKeyData):
            raise DataError("no domain parameters to inherit")
        curve = inherited.data.curve
    elif tags in ([0x81, 0x82, 0x83, 0x84, 0x85, 0x86], [0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87]):
        curve = _curve(by_tag)
    else:
        raise DataError("domain parameters are all there or all absent")
    return EcKeyData(curve, decode_point(curve, by_tag[0x86]), hash_name)


def _curve(by_tag: dict[int, bytes]) -> Curve:
    """Return the standardised curve with exactly these parameters (ICAO 9303-11 §9.4.4)."""
    p, a, b, n = (int.from_bytes(by_tag[tag], "big") for tag in (0x81, 0x82, 0x83, 0x85))
    base = by_tag[0x84]
    size = (p.bit_length() + 7) // 8
    if len(base) != 1 + 2 * size or base[0] != 4:
        raise DataError("base point malformed")
    x, y = int.from_bytes(base[1 : 1 + size], "big"), int.from_bytes(base[1 + size :], "big")
    curve = named_curve(p, a, b, x, y, n, int.from_bytes(by_tag.get(0x87, b"\x01"), "big"))
    if curve is None:
        raise DataError("domain parameters that are not standardised")
    return curve
