"""A certification authority for the sandbox's TLS, made at start or kept (``kept_keys``); its names say TEST.

It issues certificates for servers and for client systems, and says in lists which of them it has taken back.
"""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mock_registers.certificates import begun_certificate, key_usage

__all__ = ["LOOPBACK", "LOOPBACK_6", "TEST_ORGANISATION", "ClientPems", "TestAuthority"]

LOOPBACK = "127.0.0.1"
LOOPBACK_6 = "::1"
TEST_ORGANISATION = "Một Cửa TEST"
"""The organisation by which a desk knows a test issuer (``reader.trust``), and calls all that comes of it a test."""

_LIFETIME = timedelta(days=30)
_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, repr=False)
class ClientPems:
    """Hold a client system's certificate and its encrypted key, both PEM, as an office gets them."""

    certificate: bytes
    key: bytes


class TestAuthority:
    """Issue certificates under a root of its own; ``serials`` are those it has issued, the last one at the end."""

    # pytest would otherwise take the name for a class of tests.
    __test__ = False

    def __init__(
        self,
        name: str = "Mot Cua TEST authority",
        *,
        lifetime: timedelta = _LIFETIME,
        now: datetime | None = None,
        kept: tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None = None,
    ) -> None:
        """Make a new one that is valid from ``now`` on, or take one that was ``kept``."""
        self._key, self._root = kept or _new_root(name, now or datetime.now(UTC), lifetime)
        self._name = self._root.subject
        self.serials: list[int] = []

    @classmethod
    def from_pems(cls, key: str, certificate: str) -> TestAuthority:
        """Return the one that was kept; raise ValueError where the two are none, or not of one authority."""
        private = load_pem_private_key(key.encode(), None)
        root = x509.load_pem_x509_certificate(certificate.encode())
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != root.public_key():
            raise ValueError("a key and a certificate that do not go together")
        return cls(kept=(private, root))

    def to_pems(self) -> tuple[str, str]:
        """Return the key, in the clear, and the root certificate, to be kept."""
        private = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return private.decode("ascii"), self._root.public_bytes(Encoding.PEM).decode("ascii")

    @property
    def ends(self) -> datetime:
        """Return when the root certificate is over."""
        return self._root.not_valid_after_utc

    @property
    def anchor(self) -> bytes:
        """Return the root certificate, DER."""
        return self._root.public_bytes(Encoding.DER)

    def server_context(
        self,
        hosts: Sequence[str] = (LOOPBACK, LOOPBACK_6, "localhost"),
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> ssl.SSLContext:
        """Return a server's TLS context (1.2 and up) with a new certificate for ``hosts``."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._issue(key.public_key(), hosts, not_before, not_after)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # Desks open a new connection for every look-up and resume none, so tickets would be made for nobody.
        context.num_tickets = 0
        # The ssl module takes certificates from files only; these live for this one call.
        with tempfile.TemporaryDirectory(prefix="mock-registers-") as folder:
            chain = Path(folder) / "server.pem"
            chain.touch(mode=0o600)
            private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            chain.write_bytes(private + certificate.public_bytes(Encoding.PEM))
            context.load_cert_chain(chain)
        return context

    def client_pems(
        self,
        passphrase: bytes,
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
    ) -> ClientPems:
        """Return a new certificate for a client system, and its key under ``passphrase``."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._issue(key.public_key(), ("client.invalid",), not_before, not_after, usage)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
        return ClientPems(certificate.public_bytes(Encoding.PEM), private)

    def revocation_list(
        self,
        revoked: Iterable[int] = (),
        *,
        this_update: datetime | None = None,
        next_update: datetime | None = None,
    ) -> bytes:
        """Return the list (DER) that names the certificates with the serial numbers ``revoked``."""
        now = datetime.now(UTC)
        begin = this_update or now - _SKEW
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._name)
            .last_update(begin)
            .next_update(next_update or now + _LIFETIME)
            .add_extension(issuer, critical=False)
            .add_extension(x509.CRLNumber(int(begin.timestamp())), critical=False)
        )
        for serial in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(begin).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self._key, SHA256()).public_bytes(Encoding.DER)

    def _issue(
        self,
        key: ec.EllipticCurvePublicKey,
        hosts: Sequence[str],
        not_before: datetime | None,
        not_after: datetime | None,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mot Cua TEST registers")])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = begun_certificate(subject, self._name, key, not_before or now - _SKEW, not_after or now + _LIFETIME)
        certificate = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage(certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(issuer, critical=False)
            .sign(self._key, SHA256())
        )
        self.serials.append(certificate.serial_number)
        return certificate


def _new_root(name: str, now: datetime, lifetime: timedelta) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, TEST_ORGANISATION)
    named = x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, name)])
    root = (
        begun_certificate(named, named, key.public_key(), now - _SKEW, now + lifetime)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    return key, root


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
