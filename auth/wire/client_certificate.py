"""The certificate by which this office is known to a server that asks for one (TLS client authentication).

X-Road's security servers and the gateway in use today know client systems so. The key lies in an encrypted file, and in
no other form; its passphrase comes from where the device's own does. All of it is judged before a server is called: a
certificate that has expired is told in words here, and not by an alert from there.
"""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from reader.bounded_file import read_bounded_file
from reader.errors import DataError

# For annotations only: settings that name a certificate do not wait for them.
if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["WARN_DAYS", "BadClientCertificate", "ClientCertificate", "ShownCertificate"]

WARN_DAYS = 14
MAX_CHAIN = 8
_MAX_FILE = 128 * 1024
_MAX_KEY = 16 * 1024
_MIN_RSA_BITS = 2048
_CERTIFICATE_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----")
_ENCRYPTED_KEY = re.compile(
    rb"\s*-----BEGIN ENCRYPTED PRIVATE KEY-----[A-Za-z0-9+/=\s]*-----END ENCRYPTED PRIVATE KEY-----\s*"
)


class BadClientCertificate(Exception):
    """Say that the certificate or its key cannot be used; ``why`` is a stable string without a secret in it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """Hold the dates of a certificate as it was read; ``digest`` is another one whenever a file is."""

    begins: datetime
    ends: datetime
    digest: bytes

    def days_left(self, now: datetime) -> int:
        """Return for how many whole days it is still valid; negative once it has expired."""
        return (self.ends - now) // timedelta(days=1)


@dataclass(frozen=True, slots=True, repr=False)
class ClientCertificate:
    """Name the files: the certificate with what leads to its authority (PEM), and its key (PKCS#8 PEM, encrypted).

    ``passphrase`` is called when the key is loaded; it raises its own MotCuaError where there is none to be had.
    """

    certificate_file: Path
    key_file: Path
    passphrase: Callable[[], bytes] = field(compare=False)

    def read(self) -> ShownCertificate:
        """Read the certificate, not the key; raise BadClientCertificate for a file that is none."""
        raw = self._certificates()
        leaf = _chain(raw)[0]
        digest = hashlib.sha256(raw + _read(self.key_file, _MAX_KEY)).digest()
        return ShownCertificate(leaf.not_valid_before_utc, leaf.not_valid_after_utc, digest)

    def load_into(self, context: ssl.SSLContext) -> None:
        """Have ``context`` show the certificate to a server that asks.

        Raise BadClientCertificate where the key is not encrypted, cannot be opened, is weak or not the certificate's,
        and where the certificate is not made for clients.
        """
        leaf = _chain(self._certificates())[0]
        passphrase = self._expect_key(leaf)
        try:
            # OpenSSL reads the same two files itself, so that an open key comes to lie nowhere.
            context.load_cert_chain(self.certificate_file, self.key_file, passphrase)
        except (ssl.SSLError, OSError):
            raise BadClientCertificate("client-key-unusable") from None

    def _certificates(self) -> bytes:
        return _read(self.certificate_file, _MAX_FILE)

    def _expect_key(self, leaf: Certificate) -> bytes:
        """Return the passphrase that opens the key of ``leaf``."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        pem = _read(self.key_file, _MAX_KEY)
        if not _ENCRYPTED_KEY.fullmatch(pem):
            # Also the older form with "Proc-Type: 4,ENCRYPTED", which one round of MD5 protects.
            raise BadClientCertificate("client-key-not-encrypted")
        passphrase = self.passphrase()
        try:
            key = load_pem_private_key(pem, passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise BadClientCertificate("client-key-locked") from None
        if key.public_key() != leaf.public_key():
            raise BadClientCertificate("client-key-of-another")
        return passphrase


def _read(file: Path, limit: int) -> bytes:
    try:
        return read_bounded_file(file, limit)
    except DataError:
        raise BadClientCertificate("client-certificate-not-read") from None


def _chain(raw: bytes) -> tuple[Certificate, ...]:
    """Return the certificates of a file, that of the client first; each was scanned before it is parsed."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import (
        DuplicateExtension,
        InvalidVersion,
        UnsupportedGeneralNameType,
        load_der_x509_certificate,
    )

    from reader.trust.der import CERTIFICATE, scan

    try:
        blocks = _CERTIFICATE_BLOCK.findall(raw.decode("ascii"))
        if not 0 < len(blocks) <= MAX_CHAIN:
            raise DataError("no certificate, or too many")
        ders = [ssl.PEM_cert_to_DER_cert(block) for block in blocks]
        for der in ders:
            scan(der, CERTIFICATE)
        chain = tuple(map(load_der_x509_certificate, ders))
        _expect_for_clients(chain[0])
    except (DataError, ValueError):
        raise BadClientCertificate("client-certificate-malformed") from None
    except (UnsupportedAlgorithm, DuplicateExtension, InvalidVersion, UnsupportedGeneralNameType):
        # The library's own, which are no ValueError: a certificate that it reads, and can make nothing of.
        raise BadClientCertificate("client-certificate-malformed") from None
    return chain


def _expect_for_clients(leaf: Certificate) -> None:
    """Raise BadClientCertificate for a certificate that is made for something else, or has a key that proves little."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.x509 import ExtendedKeyUsage, ExtensionNotFound
    from cryptography.x509.oid import ExtendedKeyUsageOID

    fitting = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    try:
        uses = set(leaf.extensions.get_extension_for_class(ExtendedKeyUsage).value)
    except ExtensionNotFound:
        # It names no use, so it is made for any (RFC 5280 §4.2.1.12).
        uses = fitting
    if not uses & fitting:
        raise BadClientCertificate("client-certificate-wrong-purpose")
    key = leaf.public_key()
    strong = isinstance(key, ec.EllipticCurvePublicKey) or (
        isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MIN_RSA_BITS
    )
    if not strong:
        raise BadClientCertificate("client-key-weak")
