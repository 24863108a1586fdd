"""Card verifiable certificates, by which a chip knows terminals (BSI TR-03110-3 annex C; ICAO 9303-11 §7.2 on EAC).

Drawn up as a ``CvTemplate`` that a defect may alter, then signed. A CVCA's certificate carries the domain parameters of
its curve; those below inherit them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from mock_cards import der
from mock_cards.issuing.signatures import Key, SignatureScheme, ecdsa, plain_signature, pss, rsa_pkcs1, sign
from mock_cards.keys import EcKey
from reader.crypto import Curve, Point, encode_point
from reader.iso7816 import encode

__all__ = [
    "INSPECTION_SYSTEM",
    "CvAlgorithm",
    "CvHolder",
    "CvTemplate",
    "Rights",
    "Role",
    "cv_public_key",
]

INSPECTION_SYSTEM = "0.4.0.127.0.7.3.1.2.1"
_TERMINAL_AUTHENTICATION = "0.4.0.127.0.7.2.2.2"
_RSA_ARCS = {
    ("rsa-pkcs1", "sha1"): "1.1",
    ("rsa-pkcs1", "sha256"): "1.2",
    ("rsa-pss", "sha1"): "1.3",
    ("rsa-pss", "sha256"): "1.4",
    ("rsa-pkcs1", "sha512"): "1.5",
    ("rsa-pss", "sha512"): "1.6",
}
_ECDSA_ARCS = {"sha1": "2.1", "sha224": "2.2", "sha256": "2.3", "sha384": "2.4", "sha512": "2.5"}


class Role:
    """Number the roles: the two upper bits of an authorisation (TR-03110-3 §C.4)."""

    CVCA = 0xC0
    DV_DOMESTIC = 0x80
    DV_FOREIGN = 0x40
    TERMINAL = 0x00


class Rights:
    """Number the rights of an inspection system (TR-03110-3 §C.4.1.1)."""

    FINGERPRINTS = 0x01
    IRIS = 0x02
    ALL = 0x03


@dataclass(frozen=True, slots=True)
class CvAlgorithm:
    """Say how a key of the terminals' PKI signs: scheme and hash."""

    scheme: SignatureScheme

    @classmethod
    def of(cls, scheme: str, hash_name: str) -> CvAlgorithm:
        """Return the algorithm "ecdsa", "rsa-pkcs1" or "rsa-pss" with a hash; raise ValueError where there is none."""
        if scheme == "ecdsa" and hash_name in _ECDSA_ARCS:
            return cls(ecdsa(hash_name))
        if (scheme, hash_name) in _RSA_ARCS:
            return cls(pss(hash_name) if scheme == "rsa-pss" else rsa_pkcs1(hash_name))
        raise ValueError(f"Terminal Authentication has no {scheme} with {hash_name}")

    @property
    def oid(self) -> str:
        """Return the object identifier (TR-03110-3 §A.6.4)."""
        name, hash_name = self.scheme.name, self.scheme.hash_name
        arc = _ECDSA_ARCS[hash_name] if name == "ecdsa" else _RSA_ARCS[name, hash_name]
        return f"{_TERMINAL_AUTHENTICATION}.{arc}"

    def sign(self, key: Key, message: bytes) -> bytes:
        """Sign; ECDSA plain, r ‖ s of the order's length each (TR-03111 §5.2.1)."""
        signature = sign(key, self.scheme, message)
        return plain_signature(key, signature) if isinstance(key, EcKey) else signature


@dataclass(frozen=True, slots=True, repr=False)
class CvHolder:
    """Hold who a certificate was made for: the certificate, its key, how it signs and its reference."""

    certificate: bytes
    key: Key
    algorithm: CvAlgorithm
    reference: str


@dataclass(frozen=True, slots=True, repr=False)
class CvTemplate:
    """Hold what a certificate will say.

    ``authority`` and ``holder`` are references: country, mnemonic, five characters of sequence number (§C.1.1).
    ``authorisation`` is one byte of role and rights; ``profile`` the certificate profile identifier.
    """

    authority: str
    public_key: bytes
    holder: str
    authorisation: int
    effective: date
    expiry: date
    profile: int = 0
    terminal_type: str = INSPECTION_SYSTEM
    reversed_dates: bool = False

    def to_be_signed(self) -> bytes:
        """Encode the certificate body, 7F4E."""
        template = encode(
            0x7F4C, der.object_identifier(self.terminal_type) + encode(0x53, bytes((self.authorisation,)))
        )
        dates = [encode(0x5F25, _six_digits(self.effective)), encode(0x5F24, _six_digits(self.expiry))]
        return encode(
            0x7F4E,
            encode(0x5F29, bytes((self.profile,)))
            + encode(0x42, self.authority.encode("ascii"))
            + self.public_key
            + encode(0x5F20, self.holder.encode("ascii"))
            + template
            + b"".join(reversed(dates) if self.reversed_dates else dates),
        )

    def issue(self, key: Key, algorithm: CvAlgorithm) -> bytes:
        """Sign with the authority's key and return the certificate, 7F21."""
        body = self.to_be_signed()
        return encode(0x7F21, body + encode(0x5F37, algorithm.sign(key, body)))

    def with_role(self, role: int) -> CvTemplate:
        """Give another role; the rights stay."""
        return replace(self, authorisation=role | self.authorisation & 0x3F)


def cv_public_key(key: Key, algorithm: CvAlgorithm, *, with_parameters: bool) -> bytes:
    """Encode a public key, 7F49 (TR-03110-3 §D.3); the flag bears on elliptic curves only."""
    oid = der.object_identifier(algorithm.oid)
    if not isinstance(key, EcKey):
        return encode(0x7F49, oid + encode(0x81, _number(key.modulus)) + encode(0x82, _number(key.public_exponent)))
    before, after = _parameters(key.curve) if with_parameters else (b"", b"")
    return encode(0x7F49, oid + before + encode(0x86, encode_point(key.curve, key.point)) + after)


def _parameters(curve: Curve) -> tuple[bytes, bytes]:
    """Encode the domain parameters that stand before and behind the public point (§D.3.3)."""
    size = curve.field_length
    before = (
        encode(0x81, _number(curve.p))
        + encode(0x82, curve.a.to_bytes(size, "big"))
        + encode(0x83, curve.b.to_bytes(size, "big"))
        + encode(0x84, encode_point(curve, Point(curve.gx, curve.gy)))
        + encode(0x85, _number(curve.n))
    )
    return before, encode(0x87, _number(curve.h))


def _number(value: int) -> bytes:
    """Encode an unsigned integer in as few bytes as it takes (§D.2.1.1)."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _six_digits(day: date) -> bytes:
    """Encode a date as six digits, a byte each (§D.2.1.3)."""
    return bytes(int(digit) for digit in day.strftime("%y%m%d"))
