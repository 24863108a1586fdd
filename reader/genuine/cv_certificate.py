"""Card verifiable certificates: what a chip reads to decide whether a terminal may see fingerprints (9303-12 §7.2).

Three kinds make a chain: a CVCA's (its own or a link to its next key), a document verifier's, an inspection system's.
The bytes that are signed are the body as it stands; nothing is encoded anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from reader.errors import DataError
from reader.genuine.cv_keys import CvPublicKey, dotted, parse_cv_key
from reader.iso7816 import TLV, parse
from reader.trust import check_signature

__all__ = [
    "MAX_CERTIFICATE_BYTES",
    "CvCertificate",
    "CvRole",
    "is_reference",
    "parse_cv_certificate",
    "verify_cv_certificate",
]

MAX_CERTIFICATE_BYTES = 4096
MIN_REFERENCE, MAX_REFERENCE = 8, 16
ID_INSPECTION_SYSTEM = "0.4.0.127.0.7.3.1.2.1"

_CERTIFICATE, _BODY, _SIGNATURE = 0x7F21, 0x7F4E, 0x5F37
_PROFILE, _ISSUER, _PUBLIC_KEY, _HOLDER = 0x5F29, 0x42, 0x7F49, 0x5F20
_AUTHORIZATION, _EFFECTIVE, _EXPIRATION, _EXTENSIONS = 0x7F4C, 0x5F25, 0x5F24, 0x65
_BODY_TAGS = (_PROFILE, _ISSUER, _PUBLIC_KEY, _HOLDER, _AUTHORIZATION, _EFFECTIVE, _EXPIRATION)


class CvRole(Enum):
    """Name what a certificate's holder is: the two highest bits of the authorization (9303-12 §7.2.2.4)."""

    INSPECTION_SYSTEM = 0
    FOREIGN_VERIFIER = 1
    DOMESTIC_VERIFIER = 2
    AUTHORITY = 3


@dataclass(frozen=True, slots=True, repr=False)
class CvCertificate:
    """Hold one certificate: ``body`` and ``signature`` as objects with their tags, ready to be sent to a chip.

    ``issuer`` is the certification authority reference, ``holder`` the certificate holder reference, both as they
    stand. ``rights`` are the six lower bits of the authorization: 1 for DG3, 2 for DG4 (9303-11 appendix K.1).
    """

    body: bytes
    signature: bytes
    issuer: bytes
    holder: bytes
    public_key: CvPublicKey
    role: CvRole
    rights: int
    effective: date
    expiration: date

    @property
    def is_self_signed(self) -> bool:
        """Tell whether this is an authority's first certificate, which vouches for itself."""
        return self.issuer == self.holder

    @property
    def name(self) -> str:
        """Return the holder reference as text, for evidence."""
        return self.holder.decode("latin-1")

    def holds_on(self, day: date) -> bool:
        """Tell whether ``day`` lies between effective and expiration date, both included."""
        return self.effective <= day <= self.expiration

    def inherit(self, issuer: CvCertificate) -> CvCertificate:
        """Return the certificate with its key's domain parameters taken from the one that certified it."""
        return replace(self, public_key=self.public_key.inherit(issuer.public_key))

    def __repr__(self) -> str:
        """Show who certified whom."""
        return f"CvCertificate({self.issuer.decode('latin-1')} → {self.name})"


def parse_cv_certificate(raw: bytes) -> CvCertificate:
    """Parse one certificate of at most 4096 bytes; raise DataError for anything else.

    Refused are other terminal types than inspection systems, and objects missing, repeated or out of order.
    """
    if len(raw) > MAX_CERTIFICATE_BYTES:
        raise DataError(f"certificate of more than {MAX_CERTIFICATE_BYTES} bytes")
    outer = parse(raw)
    if outer.tag != _CERTIFICATE or outer.end != len(raw):
        raise DataError("not a card verifiable certificate", 0)
    parts = outer.children()
    if [part.tag for part in parts] != [_BODY, _SIGNATURE]:
        raise DataError("certificate that is not body and signature", outer.start)
    body, signature = parts
    fields = body.children()
    tags = tuple(field.tag for field in fields)
    if tags not in (_BODY_TAGS, (*_BODY_TAGS, _EXTENSIONS)):
        raise DataError("certificate body with missing, surplus or misplaced objects", body.start)
    profile, issuer, key, holder, authorization, effective, expiration = fields[:7]
    if profile.value != b"\x00":
        raise DataError("certificate of an unknown profile", profile.start)
    role, rights = _authorization(authorization)
    return CvCertificate(
        body=outer.value[body.start : body.end],
        signature=outer.value[signature.start : signature.end],
        issuer=_reference(issuer),
        holder=_reference(holder),
        public_key=parse_cv_key(key),
        role=role,
        rights=rights,
        effective=_date(effective),
        expiration=_date(expiration),
    )


def verify_cv_certificate(certificate: CvCertificate, issuer: CvCertificate) -> bool:
    """Tell whether ``issuer``'s key signed ``certificate``, by the algorithm of that key (9303-12 §7.2.2.3).

    Raise DataError where the issuer's curve is not known.
    """
    key = issuer.public_key.key
    if key is None:
        raise DataError("certificate whose issuer's curve is not known")
    value = parse(certificate.signature).value
    return check_signature(key, issuer.public_key.algorithm, certificate.body, value) is None


def _reference(tlv: TLV) -> bytes:
    """Read country, mnemonic and sequence number: 8 to 16 characters (9303-12 §7.2.2.2)."""
    if not is_reference(tlv.value):
        raise DataError("reference of other than 8 to 16 characters", tlv.start)
    return tlv.value


def is_reference(value: bytes) -> bool:
    """Tell whether these are 8 to 16 printable characters of ISO 8859-1, as every reference is."""
    printable = all(0x20 <= byte < 0x7F or byte >= 0xA0 for byte in value)
    return MIN_REFERENCE <= len(value) <= MAX_REFERENCE and printable


def _authorization(template: TLV) -> tuple[CvRole, int]:
    parts = template.children()
    if [part.tag for part in parts] != [0x06, 0x53] or len(parts[1].value) != 1:
        raise DataError("authorization template malformed", template.start)
    if dotted(parts[0]) != ID_INSPECTION_SYSTEM:
        raise DataError("certificate of another kind of terminal", template.start)
    bits = parts[1].value[0]
    return CvRole(bits >> 6), bits & 0x3F


def _date(tlv: TLV) -> date:
    """Read six digits, one a byte: YYMMDD of this century (9303-12 §7.2.2.5)."""
    digits = tlv.value
    if len(digits) != 6 or any(digit > 9 for digit in digits):
        raise DataError("date that is not six digits", tlv.start)
    year, month, day = (10 * digits[place] + digits[place + 1] for place in (0, 2, 4))
    try:
        return date(2000 + year, month, day)
    except ValueError:
        raise DataError("date that no calendar has", tlv.start) from None
