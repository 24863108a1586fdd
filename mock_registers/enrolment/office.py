"""The office's authority: certifies the signing keys of devices, so that whoever holds a slip can tell whose it is.

Its name says TEST. It lies in the database with its key, which a real one would never do: a sandbox that is served
again from the same database must know the slips of before.
"""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key
from cryptography.x509.oid import NameOID
from sqlalchemy import insert, select

from auth.device.certificate import certificate_to_text
from auth.device_key import DeviceKey
from mock_registers.authority import TEST_ORGANISATION
from mock_registers.certificates import begun_certificate, key_usage
from mock_registers.database import Database
from mock_registers.enrolment.devices import Device
from mock_registers.enrolment_tables import DeviceCertificateRow, OfficeAuthorityRow

__all__ = ["LIFETIME", "OfficeAuthority", "certificate_of", "office_authority"]

LIFETIME = timedelta(days=120)
"""Longer than a key is used: a desk that is a month late with its rotation still signs."""

_OWN_LIFETIME = timedelta(days=3650)
_SKEW = timedelta(minutes=5)
_ONLY = "office"
# The longest commonName and organizationalUnitName there may be (RFC 5280, appendix A.1).
_LONGEST_NAME = 64


class OfficeAuthority:
    """Issue certificates for devices under a root of its own."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate

    @classmethod
    def generate(cls) -> OfficeAuthority:
        """Make a new one."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        name = _name((NameOID.COMMON_NAME, "Mot Cua TEST office"))
        builder = begun_certificate(name, name, key.public_key(), now - _SKEW, now + _OWN_LIFETIME)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(key_usage(certificates=True), critical=True)
        identified = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return cls(key, builder.add_extension(identified, critical=False).sign(key, SHA256()))

    @property
    def anchor(self) -> bytes:
        """Return the certificate by which its own are verified, DER."""
        return self._certificate.public_bytes(Encoding.DER)

    def certify(
        self,
        device_id: str,
        office: str,
        counter: str,
        key: DeviceKey,
        *,
        now: datetime,
        lifetime: timedelta = LIFETIME,
    ) -> bytes:
        """Return a certificate for a device's signing key, DER: for signatures on documents and for nothing else."""
        subject = _name(
            (NameOID.ORGANIZATIONAL_UNIT_NAME, office[:_LONGEST_NAME]),
            (NameOID.COMMON_NAME, counter[:_LONGEST_NAME]),
            (NameOID.SERIAL_NUMBER, device_id),
        )
        builder = begun_certificate(subject, self._certificate.subject, key.key, now - _SKEW, now + lifetime)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage(certificates=False, commits=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.key), critical=False)
            .add_extension(issuer, critical=False)
            .sign(self._key, SHA256())
            .public_bytes(Encoding.DER)
        )

    def to_texts(self) -> tuple[str, str]:
        """Return key and certificate as the database keeps them."""
        private = self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return base64.b64encode(private).decode("ascii"), certificate_to_text(self.anchor)

    @classmethod
    def from_texts(cls, key: str, certificate: str) -> OfficeAuthority:
        """Return the one that the database keeps."""
        private = load_der_private_key(base64.b64decode(key), None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise TypeError("the office's key is on P-256")
        return cls(private, x509.load_der_x509_certificate(base64.b64decode(certificate)))


def office_authority(database: Database) -> OfficeAuthority:
    """Return the authority of this database, made at the first time; two sandboxes on one database agree on it."""
    row = OfficeAuthorityRow
    with database.alone() as connection:
        kept = connection.execute(select(row.key, row.certificate).where(row.name == _ONLY)).one_or_none()
        if kept is not None:
            return OfficeAuthority.from_texts(*kept)
        made = OfficeAuthority.generate()
        key, certificate = made.to_texts()
        connection.execute(insert(row).values(name=_ONLY, key=key, certificate=certificate))
        return made


def certificate_of(database: Database, authority: OfficeAuthority, device: Device, key: DeviceKey) -> str:
    """Return the certificate of a device's key, base64 of DER: the one that it has, or a new one where that grows old.

    Asked for again, it is the same: an answer may be lost on the way.
    """
    now = datetime.now(UTC)
    with database.writing() as session:
        of_key = select(DeviceCertificateRow).where(DeviceCertificateRow.key_id == key.key_id)
        newest = session.scalars(of_key.order_by(DeviceCertificateRow.until.desc()).limit(1)).one_or_none()
        if newest is not None and newest.until > (now + LIFETIME / 2).timestamp():
            return newest.certificate
        der = authority.certify(device.device_id, device.office, device.counter, key, now=now)
        text = certificate_to_text(der)
        session.add(
            DeviceCertificateRow(
                serial=f"{x509.load_der_x509_certificate(der).serial_number:x}",
                device_id=device.device_id,
                key_id=key.key_id,
                certificate=text,
                issued_at=int(time.time()),
                until=int((now + LIFETIME).timestamp()),
            )
        )
        return text


def _name(*named: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    whole = ((NameOID.ORGANIZATION_NAME, TEST_ORGANISATION), *named)
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in whole if text])
