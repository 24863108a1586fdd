"""The certificate of a device's signing key, as the enrolment service issues it: whose key signs, told to anybody.

The registers know the key by its thumbprint; whoever is handed a signed slip knows neither, and has only the authority
of the office to go by (RFC 5280; the device's number is the subject's serialNumber, X.520 §6.2.9).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from auth.device_key import DeviceKey
from reader.errors import DataError

__all__ = ["MAX_CERTIFICATE", "MAX_ISSUERS", "RENEW_BEFORE", "DeviceCertificate", "certificate_to_text"]

MAX_CERTIFICATE = 8_192
MAX_ISSUERS = 4
RENEW_BEFORE = timedelta(days=30)
"""A certificate that runs out sooner than this is asked for anew."""

# What the library says of a certificate that it cannot read; these have no parent of their own. A TypeError is for a
# name with a BIT STRING in it.
_UNREADABLE = (
    ValueError,
    TypeError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)


@dataclass(frozen=True, slots=True, repr=False)
class DeviceCertificate:
    """Hold the certificate of one signing key, DER, with those of the authorities above it, the nearest first."""

    der: bytes
    issuers: tuple[bytes, ...]
    key_id: str
    device_id: str
    issuer: str
    not_before: datetime
    not_after: datetime

    @classmethod
    def parse(cls, der: bytes, issuers: Iterable[bytes] = ()) -> DeviceCertificate:
        """Read a device's certificate; raise DataError for one that is none, or that its issuer has not signed."""
        above = tuple(issuers)
        if len(above) > MAX_ISSUERS:
            raise DataError("device certificate: too many authorities")
        certificate, *chain = (_load(raw) for raw in (der, *above))
        for subject, issuer in zip((certificate, *chain), chain, strict=False):
            try:
                subject.verify_directly_issued_by(issuer)
            except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
                raise DataError("device certificate: not by its issuer") from None
        return cls(
            der=der,
            issuers=above,
            key_id=_key_of(certificate).key_id,
            device_id=_serial_number(certificate),
            issuer=_name(certificate.issuer),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
        )

    @classmethod
    def from_texts(cls, certificate: str, issuers: Iterable[str]) -> DeviceCertificate:
        """Read one from base64, as the wire and the record have it; raise DataError."""
        return cls.parse(_from_text(certificate), [_from_text(issuer) for issuer in issuers])

    def wants_renewal(self, now: datetime) -> bool:
        """Tell whether it runs out soon, or has."""
        return now > self.not_after - RENEW_BEFORE

    def require(self, device_id: str, key_id: str, now: datetime) -> None:
        """Raise DataError unless this is the certificate of the device and key, valid ``now``, good for signing."""
        if (self.device_id, self.key_id) != (device_id, key_id):
            raise DataError("device certificate: of another device or key")
        # An hour for clocks that differ: who issued it a moment ago may be ahead of us.
        if not self.not_before - timedelta(hours=1) <= now < self.not_after:
            raise DataError("device certificate: not valid now")
        if not self.signs_documents:
            raise DataError("device certificate: not for signing documents")

    @property
    def signs_documents(self) -> bool:
        """Tell whether the key is for signatures that bind (digitalSignature and nonRepudiation, RFC 5280 §4.2.1.3)."""
        try:
            usage = _load(self.der).extensions.get_extension_for_class(x509.KeyUsage).value
        except x509.ExtensionNotFound:
            return False
        return usage.digital_signature and usage.content_commitment

    def __repr__(self) -> str:
        """Show whose it is."""
        return f"DeviceCertificate({self.device_id})"


def certificate_to_text(der: bytes) -> str:
    """Write a certificate as base64."""
    return base64.b64encode(der).decode("ascii")


def _from_text(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise DataError("device certificate: no base64") from None


def _load(raw: bytes) -> x509.Certificate:
    if len(raw) > MAX_CERTIFICATE:
        raise DataError("device certificate: too large")
    try:
        loaded = x509.load_der_x509_certificate(raw)
        # Read at once, so that what is malformed or of a kind that nobody here knows is found here and nowhere else.
        _ = (loaded.extensions, loaded.subject, loaded.issuer, loaded.public_key())
    except _UNREADABLE:
        raise DataError("device certificate: no certificate") from None
    return loaded


def _key_of(certificate: x509.Certificate) -> DeviceKey:
    return DeviceKey.from_der(certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _serial_number(certificate: x509.Certificate) -> str:
    named = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    if len(named) != 1:
        raise DataError("device certificate: names no device")
    return str(named[0].value)


def _name(name: x509.Name) -> str:
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        named = name.get_attributes_for_oid(oid)
        if named:
            return str(named[0].value)
    return name.rfc4514_string()
