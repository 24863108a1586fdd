"""X.509 certificates of document issuers, read leniently and judged elsewhere (RFC 5280 §4.1, ICAO 9303-12 §7).

Real CSCA and Document Signer certificates break RFC 5280 in a dozen ways, so this file only reads what stands there,
from bounded bytes: a serial of zero, a lower-case country or a surplus byte in an algorithm identifier are no reason to
throw a citizen's card out. What a certificate must be is the chain's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from asn1crypto import core, x509

from reader.errors import DataError
from reader.trust.algorithms import SignatureAlgorithm, parse_signature_algorithm
from reader.trust.asn1 import asn1_border
from reader.trust.der import CERTIFICATE, scan
from reader.trust.keys import PublicKey, parse_spki
from reader.trust.names import DistinguishedName

__all__ = [
    "DEVIATION_LIST_SIGNER",
    "MASTER_LIST_SIGNER",
    "TEST_MARK",
    "TEST_ORGANISATION",
    "Certificate",
    "Extensions",
    "Period",
    "as_utc",
]

MASTER_LIST_SIGNER = "2.23.136.1.1.3"
DEVIATION_LIST_SIGNER = "2.23.136.1.1.8"

_SUBJECT_KEY_ID = "2.5.29.14"
_KEY_USAGE = "2.5.29.15"
_PRIVATE_KEY_USAGE = "2.5.29.16"
_BASIC_CONSTRAINTS = "2.5.29.19"
_AUTHORITY_KEY_ID = "2.5.29.35"
_EXTENDED_KEY_USAGE = "2.5.29.37"
# What the project's own test issuer writes into every certificate, under an arc of its own (ITU-T X.667).
TEST_MARK = "2.25.121040149498745439386435851019909405494"
TEST_ORGANISATION = "một cửa test"
_READ = {
    _SUBJECT_KEY_ID,
    _KEY_USAGE,
    _PRIVATE_KEY_USAGE,
    _BASIC_CONSTRAINTS,
    _AUTHORITY_KEY_ID,
    _EXTENDED_KEY_USAGE,
}
# Known and without bearing on whether the key may sign: alternative names, policies, CRL places, and ICAO's list of
# document types and mark of a changed name (ICAO 9303-12 §7.1.1).
_HARMLESS = {"2.5.29.17", "2.5.29.18", "2.5.29.31", "2.5.29.32", "2.23.136.1.1.6.1", "2.23.136.1.1.6.2"}
MAX_EXTENSIONS = 32

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

    ``is_ca`` is what BasicConstraints says; ``unknown_critical`` are the OIDs of critical extensions we cannot judge;
    ``test_mark`` is the mark of the test issuer, whatever it says.
    """

    subject_key_id: bytes | None = None
    authority_key_id: bytes | None = None
    is_ca: bool | None = None
    key_usage: frozenset[str] | None = None
    extended_key_usage: frozenset[str] = frozenset()
    private_key_usage: Period | None = None
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
        with asn1_border("malformed certificate"):
            outer = x509.Certificate.load(raw, strict=True)
            tbs = outer["tbs_certificate"]
            return cls(
                raw=raw,
                tbs=tbs.dump(),
                algorithm=parse_signature_algorithm(_Outer.load(raw)["algorithm"].dump()),
                signature=bytes(outer["signature_value"]),
                serial=tbs["serial_number"].native,
                issuer=DistinguishedName.parse(tbs["issuer"].dump()),
                subject=DistinguishedName.parse(tbs["subject"].dump()),
                validity=Period(_time(tbs["validity"]["not_before"]), _time(tbs["validity"]["not_after"])),
                spki=tbs["subject_public_key_info"].dump(),
                extensions=_read_extensions(_extensions(tbs["extensions"])),
            )

    def public_key(self) -> PublicKey:
        """Return the subject's key; raise UnknownCurve, UnsupportedKey or DataError where it cannot be used."""
        return parse_spki(self.spki)

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


class _Outer(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """Read the outer three fields raw, so that the algorithm identifier keeps its surplus bytes."""

    _fields = [("tbs", core.Any), ("algorithm", core.Any), ("signature", core.Any)]  # noqa: RUF012  # asn1crypto's way


def _extensions(parsed: core.Asn1Value) -> dict[str, tuple[bool, bytes]]:
    """Return (critical, value) by OID; an extension that stands there twice is malformed (RFC 5280 §4.2)."""
    found: dict[str, tuple[bool, bytes]] = {}
    if isinstance(parsed, core.Void):
        return found
    for extension in parsed:
        oid = extension["extn_id"].dotted
        if oid in found or len(found) >= MAX_EXTENSIONS:
            raise DataError("certificate with repeated or too many extensions")
        found[oid] = (bool(extension["critical"].native), bytes(extension["extn_value"]))
    return found


def _read_extensions(extensions: dict[str, tuple[bool, bytes]]) -> Extensions:
    """Read the extensions that bear on trust; each value is scanned, since the outer scan did not look inside."""
    values = {oid: value for oid, (_, value) in extensions.items() if oid in _READ}
    for value in values.values():
        scan(value, CERTIFICATE)
    unknown = (oid for oid, (critical, _) in extensions.items() if critical and oid not in _READ | _HARMLESS)
    usages = x509.ExtKeyUsageSyntax.load(values.get(_EXTENDED_KEY_USAGE, b"\x30\x00"))
    return Extensions(
        subject_key_id=_read(values, _SUBJECT_KEY_ID, lambda raw: bytes(core.OctetString.load(raw))),
        authority_key_id=_read(values, _AUTHORITY_KEY_ID, _authority_key_id),
        is_ca=_read(values, _BASIC_CONSTRAINTS, lambda raw: bool(x509.BasicConstraints.load(raw)["ca"].native)),
        key_usage=_read(values, _KEY_USAGE, lambda raw: frozenset(x509.KeyUsage.load(raw).native)),
        extended_key_usage=frozenset(usage.dotted for usage in usages),
        private_key_usage=_read(values, _PRIVATE_KEY_USAGE, _private_key_usage),
        unknown_critical=tuple(unknown),
        test_mark=TEST_MARK in extensions,
    )


def _read(values: dict[str, bytes], oid: str, reading: Callable[[bytes], Value | None]) -> Value | None:
    return reading(values[oid]) if oid in values else None


def _authority_key_id(raw: bytes) -> bytes | None:
    key_id = x509.AuthorityKeyIdentifier.load(raw)["key_identifier"]
    return None if isinstance(key_id, core.Void) else bytes(key_id)


def _private_key_usage(raw: bytes) -> Period:
    period = x509.PrivateKeyUsagePeriod.load(raw)
    return Period(as_utc(period["not_before"].native), as_utc(period["not_after"].native))


def _time(parsed: core.Asn1Value) -> datetime:
    moment = as_utc(parsed.chosen.native)
    if moment is None:
        raise DataError("certificate without a date")
    return moment


def as_utc(moment: object) -> datetime | None:
    """Return a time in UTC; a time without a zone is taken for UTC, which X.509 demands anyway."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        raise DataError("date beyond the calendar")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
