"""The TLS of the sandbox: its authority, the list of what that has revoked, and what may be wrong with them."""

from __future__ import annotations

import os
import secrets
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_crl

from auth.wire.client_certificate import ClientCertificate
from auth.wire.revocation import HeldLists
from mock_registers.authority import TestAuthority
from mock_registers.named_fault import NamedFault

__all__ = ["TLS_FAULT", "SandboxTls", "TlsFault", "tls_settings"]

TLS_FAULT = "tls:"
_LIST, _CERTIFICATE, _KEY, _PASSPHRASE = "authority.crl", "client.pem", "client.key", "client.pass"
_DAY = timedelta(days=1)


class TlsFault(NamedFault):
    """Name a fault; ``about`` says what it does."""

    REVOKED = "certificate-revoked", "serves a certificate that its authority has revoked"
    LIST_EXPIRED = "crl-expired", "gives a revocation list that expired yesterday"
    LIST_OF_ANOTHER = "crl-of-another", "gives the revocation list of another authority"
    SERVER_EXPIRED = "certificate-expired", "serves a certificate that expired yesterday"
    CLIENT_EXPIRED = "client-certificate-expired", "gives the desk a client certificate that expired yesterday"
    CLIENT_EXPIRES = "client-certificate-expires", "gives the desk a client certificate that is good for five days more"


class SandboxTls:
    """Hold the authority and all that it has issued for one sandbox."""

    def __init__(
        self,
        fault: TlsFault | None = None,
        client_folder: Path | None = None,
        authority: TestAuthority | None = None,
    ) -> None:
        """Want a certificate of every client where there is a ``client_folder``, into which one is written for a desk.

        Raise OSError where it cannot be written.
        """
        self._fault = fault
        self._authority = authority or TestAuthority()
        self._folder = client_folder
        self.client_certificate = self._written(client_folder) if client_folder is not None else None

    @property
    def anchor(self) -> bytes:
        """Return the authority's certificate, DER."""
        return self._authority.anchor

    def server_context(self) -> ssl.SSLContext:
        """Return the server's side, with a new certificate."""
        expired = self._fault is TlsFault.SERVER_EXPIRED
        now = datetime.now(UTC)
        context = self._authority.server_context(
            not_before=now - 2 * _DAY if expired else None, not_after=now - _DAY if expired else None
        )
        if self._folder is not None:
            context.load_verify_locations(cadata=self._authority.anchor)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def lists(self) -> HeldLists:
        """Return what tells a desk which of the certificates issued so far are revoked."""
        if self._fault is TlsFault.LIST_OF_ANOTHER:
            return HeldLists((TestAuthority("Mot Cua TEST other authority").revocation_list(),))
        if self._fault is TlsFault.LIST_EXPIRED:
            now = datetime.now(UTC)
            return HeldLists((self._authority.revocation_list(this_update=now - 8 * _DAY, next_update=now - _DAY),))
        revoked: Iterable[int] = self._authority.serials if self._fault is TlsFault.REVOKED else ()
        return HeldLists((self._authority.revocation_list(revoked),))

    def _written(self, folder: Path) -> ClientCertificate:
        now = datetime.now(UTC)
        ends = {TlsFault.CLIENT_EXPIRED: now - _DAY, TlsFault.CLIENT_EXPIRES: now + 5 * _DAY}
        not_after = ends.get(self._fault) if self._fault is not None else None
        passphrase = secrets.token_hex(16).encode()
        pems = self._authority.client_pems(passphrase, not_before=now - 3 * _DAY, not_after=not_after)
        _private_file(folder / _CERTIFICATE, pems.certificate)
        _private_file(folder / _KEY, pems.key)
        _private_file(folder / _PASSPHRASE, passphrase + b"\n")
        return ClientCertificate(folder / _CERTIFICATE, folder / _KEY, lambda: passphrase)


def tls_settings(lists: Iterable[bytes], certificate: ClientCertificate | None, folder: Path) -> dict[str, object]:
    """Write the lists into ``folder``; return what a desk's settings say of them and of the client certificate."""
    file = folder / _LIST
    # PEM, since of two lists in DER in one file nobody would find where the second begins.
    _private_file(file, b"".join(load_der_x509_crl(one).public_bytes(Encoding.PEM) for one in lists))
    told: dict[str, object] = {"tls_crls": [str(file.absolute())]}
    if certificate is not None:
        told["client_certificate"] = {
            "certificate_file": str(certificate.certificate_file.absolute()),
            "key_file": str(certificate.key_file.absolute()),
            "passphrase_file": str((folder / _PASSPHRASE).absolute()),
        }
    return told


def _private_file(file: Path, content: bytes) -> None:
    """Write a file that its owner alone reads; raise OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as stream:
        stream.write(content)
