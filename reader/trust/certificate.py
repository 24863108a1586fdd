"""X.509 certificates of document issuers, read leniently and judged elsewhere (RFC 5280 §4.1, ICAO 9303-12 §7).

Real CSCA and Document Signer certificates break RFC 5280 in a dozen ways, so this file only reads what stands there,
from bounded bytes: a serial of zero, a lower-case country or a surplus byte in an algorithm identifier are no reason to
throw a citizen's card out. What a certificate must be is the chain's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from reader.errors import DataError
from reader.trust.algorithms import SignatureAlgorithm, parse_signature_algorithm
from reader.trust.der import CERTIFICATE, Element, children, expect, read_integer, read_oid, scan
from reader.trust.keys import PublicKey, parse_spki
from reader.trust.names import DistinguishedName
from reader.trust.times import read_generalized, read_time

__all__ = [
    "DEVIATION_LIST_SIGNER",
    "MASTER_LIST_SIGNER",
    "TEST_MARK",
    "TEST_ORGANISATION",
    "Certificate",
    "Extensions",
    "Period",
    "read_authority_key_id",
    "read_extension_values",
]

MASTER_LIST_SIGNER = "2.23.136.1.1.3"
DEVIATION_LIST_SIGNER = "2.23.136.1.1.8"

_SUBJECT_KEY_ID = "2.5.29.14"
_KEY_USAGE = "2.5.29.15"
_PRIVATE_KEY_USAGE = "2.5.29.16"
_BASIC_CONSTRAINTS = "2.5.29.19"
_AUTHORITY_KEY_ID = "2.5.29.35"
_EXTENDED_KEY_USAGE = "2.5.29.37"
# What the project's own test issuer writes into every certificate, under an arc of its own, made of a UUID.
TEST_MARK = "1.2.840.113556.1.8000.2554.23311.31774.27962.19544.40743.10805442.14228278"
TEST_ORGANISATION = "một cửa test"
_NAME_CHANGE = "2.23.136.1.1.6.1"
_DOCUMENT_TYPES = "2.23.136.1.1.6.2"
_READ = {
    _SUBJECT_KEY_ID,
    _KEY_USAGE,
    _PRIVATE_KEY_USAGE,
    _BASIC_CONSTRAINTS,
    _AUTHORITY_KEY_ID,
    _EXTENDED_KEY_USAGE,
    _NAME_CHANGE,
    _DOCUMENT_TYPES,
}
# Known and without bearing on whether the key may sign: alternative names, policies, places of revocation lists.
_HARMLESS = {"2.5.29.17", "2.5.29.18", "2.5.29.31", "2.5.29.32"}
_USAGES = (
    "digital_signature",
    "non_repudiation",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
MAX_EXTENSIONS = 32

_BOOLEAN, _INTEGER, _BIT_STRING, _OCTET_STRING = 0x01, 0x02, 0x03, 0x04
_SEQUENCE, _SET = 0x30, 0x31
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_UNIQUE_IDS = (0x81, 0x82)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Period:
    """Hold a span of time, both ends included; None is an open end."""

    begin: datetime | None
    end: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Tell whether ``moment`` lies in the span."""
        return (self.begin is None or self.begin <= moment) and (self.end is None or moment <= self.end)


@dataclass(frozen=True, slots=True)
class Extensions:
    """Hold the extensions that bear on trust; None stands for one that is not there.

    ``is_ca`` and ``path_length`` are what BasicConstraints says; ``document_types`` are the document codes of the MRZ
    that the key may sign for; ``unknown_critical`` are the OIDs of critical extensions we cannot judge; ``test_mark``
    is the mark of the test issuer, whatever it says.
    """

    subject_key_id: bytes | None = None
    authority_key_id: bytes | None = None
    is_ca: bool | None = None
    path_length: int | None = None
    key_usage: frozenset[str] | None = None
    extended_key_usage: frozenset[str] = frozenset()
    private_key_usage: Period | None = None
    document_types: frozenset[str] | None = None
    name_change: bool = False
    unknown_critical: tuple[str, ...] = ()
    test_mark: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Certificate:
    """Hold what one certificate says.

    ``raw`` and ``tbs`` are the bytes as they came; ``spki`` is read by ``public_key``, since a key that cannot be used
    must not hide who the certificate is for.
    """

    raw: bytes
    tbs: bytes
    algorithm: SignatureAlgorithm
    inner_algorithm: bytes
    outer_algorithm: bytes
    signature: bytes
    serial: int
    issuer: DistinguishedName
    subject: DistinguishedName
    validity: Period
    spki: bytes
    extensions: Extensions

    @classmethod
    def parse(cls, raw: bytes) -> Certificate:
        """Read a DER certificate of at most 16 KiB; raise DataError where it cannot be read."""
        scan(raw, CERTIFICATE)
        tbs, algorithm, signature = _exactly(3, children(expect(raw, _SEQUENCE).value))
        fields = list(children(expect(tbs.raw, _SEQUENCE).value))
        if fields and fields[0].tag == _VERSION:
            fields.pop(0)
        serial, inner, issuer, validity, subject, spki = _exactly(6, fields[:6])
        begin, end = _exactly(2, children(expect(validity.raw, _SEQUENCE).value))
        return cls(
            raw=raw,
            tbs=tbs.raw,
            algorithm=parse_signature_algorithm(algorithm.raw),
            inner_algorithm=inner.raw,
            outer_algorithm=algorithm.raw,
            signature=_bits(signature),
            serial=read_integer(serial),
            issuer=DistinguishedName.parse(issuer.raw),
            subject=DistinguishedName.parse(subject.raw),
            validity=Period(read_time(begin), read_time(end)),
            spki=spki.raw,
            extensions=_read_extensions(_extensions(fields[6:])),
        )

    def public_key(self) -> PublicKey:
        """Return the subject's key; raise UnknownCurve, UnsupportedKey or DataError where it cannot be used."""
        return parse_spki(self.spki)

    @property
    def algorithms_agree(self) -> bool:
        """Tell whether the signed algorithm is the one beside the signature; surplus bytes do not count (PA-28)."""
        same = self.inner_algorithm == self.outer_algorithm
        return same or parse_signature_algorithm(self.inner_algorithm) == self.algorithm

    @property
    def authority_key_id(self) -> bytes | None:
        """Return the identifier of the key that signed the certificate, where it is told."""
        return self.extensions.authority_key_id

    @property
    def subject_key_id(self) -> bytes | None:
        """Return the identifier of the certificate's own key."""
        return self.extensions.subject_key_id

    @property
    def is_test(self) -> bool:
        """Tell whether the project's test issuer made it, by either of its marks: extension or organisation.

        A real certificate has neither. Whoever takes both out of a test certificate has made one of their own.
        """
        organisations = {self.issuer.organisation, self.subject.organisation}
        return self.extensions.test_mark or TEST_ORGANISATION in organisations

    @property
    def country(self) -> str:
        """Return the issuing country in upper case: the issuer's, else the subject's, else an empty string."""
        return self.issuer.country or self.subject.country

    @property
    def fingerprint(self) -> str:
        """Return SHA-256 over the whole certificate in hex."""
        return hashlib.sha256(self.raw).hexdigest()

    def __repr__(self) -> str:
        """Show the fingerprint's beginning only."""
        return f"Certificate({self.fingerprint[:16]})"


def _exactly(count: int, elements: Iterable[Element]) -> list[Element]:
    found = list(elements)
    if len(found) != count:
        raise DataError("malformed certificate")
    return found


def _bits(element: Element) -> bytes:
    """Return the bytes of a BIT STRING that fills them."""
    if element.tag != _BIT_STRING or element.value[:1] != b"\x00":
        raise DataError("malformed bit string")
    return element.value[1:]


def _extensions(fields: list[Element]) -> dict[str, tuple[bool, bytes]]:
    """Return the extensions behind the six fields that every certificate has; the unique ids are passed over."""
    others = [field for field in fields if field.tag not in _UNIQUE_IDS]
    if not others:
        return {}
    (wrapped,) = _exactly(1, others)
    if wrapped.tag != _EXTENSIONS:
        raise DataError("malformed certificate")
    return read_extension_values(wrapped.value)


def read_extension_values(raw: bytes) -> dict[str, tuple[bool, bytes]]:
    """Return (critical, value) by OID; an extension that stands there twice is malformed (RFC 5280 §4.2)."""
    found: dict[str, tuple[bool, bytes]] = {}
    for extension in children(expect(raw, _SEQUENCE).value):
        parts = list(children(expect(extension.raw, _SEQUENCE).value))
        critical = len(parts) == 3 and parts[1].tag == _BOOLEAN and parts[1].value != b"\x00"
        if len(parts) == 3 and parts[1].tag == _BOOLEAN:
            del parts[1]
        oid_part, value = _exactly(2, parts)
        oid = read_oid(oid_part)
        if oid in found or len(found) >= MAX_EXTENSIONS:
            raise DataError("repeated or too many extensions")
        found[oid] = (critical, expect(value.raw, _OCTET_STRING).value)
    return found


def _read_extensions(extensions: dict[str, tuple[bool, bytes]]) -> Extensions:
    """Read the extensions that bear on trust; each value is scanned, since the outer scan did not look inside."""
    values = {oid: value for oid, (_, value) in extensions.items() if oid in _READ}
    for value in values.values():
        scan(value, CERTIFICATE)
    unknown = (oid for oid, (critical, _) in extensions.items() if critical and oid not in _READ | _HARMLESS)
    is_ca, path_length = _read(values, _BASIC_CONSTRAINTS, _basic_constraints) or (None, None)
    return Extensions(
        subject_key_id=_read(values, _SUBJECT_KEY_ID, lambda raw: expect(raw, _OCTET_STRING).value),
        authority_key_id=_read(values, _AUTHORITY_KEY_ID, read_authority_key_id),
        is_ca=is_ca,
        path_length=path_length,
        key_usage=_read(values, _KEY_USAGE, _key_usage),
        extended_key_usage=_read(values, _EXTENDED_KEY_USAGE, _extended_key_usage) or frozenset(),
        private_key_usage=_read(values, _PRIVATE_KEY_USAGE, _private_key_usage),
        document_types=_read(values, _DOCUMENT_TYPES, _document_types),
        name_change=_NAME_CHANGE in values,
        unknown_critical=tuple(unknown),
        test_mark=TEST_MARK in extensions,
    )


def _read(values: dict[str, bytes], oid: str, reading: Callable[[bytes], Value | None]) -> Value | None:
    return reading(values[oid]) if oid in values else None


def read_authority_key_id(raw: bytes) -> bytes | None:
    """Return the key identifier of an AuthorityKeyIdentifier, or None where it names the key otherwise."""
    return next((field.value for field in children(expect(raw, _SEQUENCE).value) if field.tag == 0x80), None)


def _basic_constraints(raw: bytes) -> tuple[bool, int | None]:
    fields = list(children(expect(raw, _SEQUENCE).value))
    is_ca = bool(fields) and fields[0].tag == _BOOLEAN and fields[0].value != b"\x00"
    length = next((read_integer(field) for field in fields if field.tag == _INTEGER), None)
    return is_ca, length


def _key_usage(raw: bytes) -> frozenset[str]:
    bits = expect(raw, _BIT_STRING).value[1:]
    return frozenset(name for n, name in enumerate(_USAGES) if n // 8 < len(bits) and bits[n // 8] & 0x80 >> n % 8)


def _extended_key_usage(raw: bytes) -> frozenset[str]:
    return frozenset(read_oid(usage) for usage in children(expect(raw, _SEQUENCE).value))


def _private_key_usage(raw: bytes) -> Period:
    moments = {field.tag: read_generalized(field.value) for field in children(expect(raw, _SEQUENCE).value)}
    return Period(moments.get(0x80), moments.get(0x81))


def _document_types(raw: bytes) -> frozenset[str]:
    """Return the document codes of a DocumentTypeList, without their fillers (ICAO 9303-12 §7.1.1.6)."""
    _, types = _exactly(2, children(expect(raw, _SEQUENCE).value))
    codes = (code.value.decode("ascii", "replace") for code in children(expect(types.raw, _SET).value))
    return frozenset(code.rstrip("<") for code in codes)
