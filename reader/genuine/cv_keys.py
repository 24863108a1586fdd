"""Public keys of card verifiable certificates: RSA and ECDSA, with domain parameters or without (9303-12 §7.2.2.3).

A CVCA's certificate writes its curve out; those below it leave it out and inherit it. Explicit parameters are believed
only as the name of a standardised curve, as everywhere else in this program.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from reader.crypto import Curve, decode_point, named_curve
from reader.errors import DataError
from reader.iso7816 import TLV, encode
from reader.lds.asn1 import OBJECT_IDENTIFIER, decode_oid, decode_one
from reader.trust import EcPublicKey, PublicKey, RsaPublicKey, Scheme, SignatureAlgorithm

__all__ = ["CvPublicKey", "dotted", "parse_cv_key"]

ID_TA = "0.4.0.127.0.7.2.2.2"
PUBLIC_KEY = 0x7F49
MAX_NUMBER_BYTES = 512
MIN_RSA_BITS, MAX_RSA_BITS = 1024, 4096
MAX_EXPONENT_BITS = 32

# The arcs below id-TA: RSA with PKCS #1 v1.5 and PSS, ECDSA (9303-11 §9.2.9; BSI TR-03110-3 §A.6.4 has the older ones).
_RSA = {
    1: (Scheme.RSA_PKCS1, "sha1"),
    2: (Scheme.RSA_PKCS1, "sha256"),
    3: (Scheme.RSA_PSS, "sha1"),
    4: (Scheme.RSA_PSS, "sha256"),
    5: (Scheme.RSA_PKCS1, "sha512"),
    6: (Scheme.RSA_PSS, "sha512"),
}
_ECDSA = {1: "sha1", 2: "sha224", 3: "sha256", 4: "sha384", 5: "sha512"}
_DIGEST_BYTES = {"sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}


@dataclass(frozen=True, slots=True)
class CvPublicKey:
    """Hold the key of one certificate and the algorithm of the signatures made with it.

    Either ``rsa``, or ``point`` as it stands with ``curve``, which is None where the certificate leaves it out.
    """

    oid: str
    algorithm: SignatureAlgorithm
    rsa: RsaPublicKey | None = None
    point: bytes = b""
    curve: Curve | None = None

    @property
    def key(self) -> PublicKey | None:
        """Return the key to verify with; None where the curve is not known. Raise DataError for a point off it."""
        if self.rsa is not None:
            return self.rsa
        return EcPublicKey(self.curve, decode_point(self.curve, self.point)) if self.curve is not None else None

    def inherit(self, issuer: CvPublicKey) -> CvPublicKey:
        """Return the key with the domain parameters of the one that certified it, where it has none of its own."""
        if self.rsa is not None or self.curve is not None:
            return self
        return replace(self, curve=issuer.curve)


def dotted(tlv: TLV) -> str:
    """Return the object identifier that ``tlv`` holds in dotted form; raise DataError where it holds none."""
    return decode_oid(decode_one(encode(OBJECT_IDENTIFIER, tlv.value), OBJECT_IDENTIFIER))


def parse_cv_key(template: TLV) -> CvPublicKey:
    """Read the object 7F49 (9303-11 §9.4); raise DataError for what it may not be."""
    parts = template.children()
    if not parts or parts[0].tag != 0x06:
        raise DataError("public key without an object identifier", template.start)
    oid = dotted(parts[0])
    numbers = {part.tag: part.value for part in parts[1:]}
    if len(numbers) != len(parts) - 1 or any(not 0 < len(value) <= MAX_NUMBER_BYTES for value in numbers.values()):
        raise DataError("public key with repeated or impossible numbers", template.start)
    algorithm = _algorithm(oid)
    if algorithm.scheme in (Scheme.RSA_PKCS1, Scheme.RSA_PSS):
        return CvPublicKey(oid, algorithm, rsa=_rsa(numbers, template.start))
    if 0x86 not in numbers:
        raise DataError("public key without its point", template.start)
    return CvPublicKey(oid, algorithm, point=numbers[0x86], curve=_curve(numbers, template.start))


def _algorithm(oid: str) -> SignatureAlgorithm:
    arcs = oid.removeprefix(ID_TA + ".").split(".")
    if oid.startswith(ID_TA + ".") and len(arcs) == 2:
        kind, number = (int(arc) for arc in arcs)
        if kind == 1 and number in _RSA:
            scheme, digest = _RSA[number]
            return SignatureAlgorithm(oid, scheme, digest, digest, _DIGEST_BYTES[digest])
        if kind == 2 and number in _ECDSA:
            return SignatureAlgorithm(oid, Scheme.ECDSA_PLAIN, _ECDSA[number])
    raise DataError("public key of an algorithm that Terminal Authentication does not have")


def _rsa(numbers: dict[int, bytes], start: int) -> RsaPublicKey:
    if set(numbers) != {0x81, 0x82}:
        raise DataError("RSA key that is not modulus and exponent", start)
    modulus, exponent = (int.from_bytes(numbers[tag], "big") for tag in (0x81, 0x82))
    fits = MIN_RSA_BITS <= modulus.bit_length() <= MAX_RSA_BITS and exponent.bit_length() <= MAX_EXPONENT_BITS
    if not (fits and modulus % 2 and exponent % 2 and exponent >= 3):
        raise DataError("RSA key with impossible numbers", start)
    return RsaPublicKey(modulus, exponent)


def _curve(numbers: dict[int, bytes], start: int) -> Curve | None:
    """Return the curve that is written out, None where nothing is; half of it is neither (9303-11 §9.4.4)."""
    parameters = set(numbers) - {0x86}
    if not parameters:
        return None
    if parameters | {0x87} != {0x81, 0x82, 0x83, 0x84, 0x85, 0x87}:
        raise DataError("public key with some of its domain parameters", start)
    p, a, b, n = (int.from_bytes(numbers[tag], "big") for tag in (0x81, 0x82, 0x83, 0x85))
    base, size = numbers[0x84], (p.bit_length() + 7) // 8
    if len(base) != 1 + 2 * size or base[0] != 4:
        raise DataError("generator in a form that is not used here", start)
    gx, gy = int.from_bytes(base[1 : 1 + size], "big"), int.from_bytes(base[1 + size :], "big")
    curve = named_curve(p, a, b, gx, gy, n, int.from_bytes(numbers.get(0x87, b"\x01"), "big"))
    if curve is None:
        raise DataError("curve parameters that are no standardised curve's", start)
    return curve
