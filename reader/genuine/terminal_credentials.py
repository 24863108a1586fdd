"""A terminal's credentials: the certificates that a State has issued to it, and its private key, in one directory.

Files ending in ``.cvcert``, ``.cvc`` or ``.cv`` are certificates: the authority's own and its links, the document
verifier's, the inspection system's. Beside an inspection system's ``NAME.cvcert`` lies its private key in PKCS #8,
``NAME.p8`` (or ``.pk8``, ``.pkcs8``, ``.pem``). The key is encrypted, or nobody but its owner may read it; otherwise it
is refused. Other files are left alone, the keys of authorities among them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reader.bounded_file import read_bounded_file
from reader.errors import DataError
from reader.genuine.cv_certificate import (
    MAX_CERTIFICATE_BYTES,
    CvCertificate,
    CvRole,
    parse_cv_certificate,
    verify_cv_certificate,
)
from reader.genuine.terminal_key import TerminalKey, load_terminal_key

__all__ = ["TerminalCredentials"]

CERTIFICATE_SUFFIXES = frozenset({".cvcert", ".cvc", ".cv"})
KEY_SUFFIXES = frozenset({".pk8", ".p8", ".pkcs8", ".pem"})
MAX_CERTIFICATES = 64
MAX_KEY_BYTES = 16 * 1024
MAX_LINKS = 8


@dataclass(frozen=True, slots=True, repr=False)
class TerminalCredentials:
    """Hold certificates that fit together, and the private keys of the inspection systems among them."""

    certificates: tuple[CvCertificate, ...]
    keys: tuple[TerminalKey, ...]

    @classmethod
    def load(cls, directory: Path, passphrase: bytes | None = None) -> TerminalCredentials:
        """Read a directory; ``passphrase`` opens encrypted keys.

        Raise DataError, naming the file and never what is in it, for a directory that cannot be read, a certificate
        that is malformed or not signed by the issuer it names, a key file that others may read, a wrong passphrase, a
        key that is not that of the certificate beside it, and where there is no key at all; PassphraseNeeded for an
        encrypted key without one.
        """
        try:
            files = sorted(path for path in directory.iterdir() if path.is_file())
        except OSError:
            raise DataError("directory of credentials that cannot be read") from None
        paths = [path for path in files if path.suffix in CERTIFICATE_SUFFIXES]
        if len(paths) > MAX_CERTIFICATES:
            raise DataError(f"directory of credentials with more than {MAX_CERTIFICATES} certificates")
        certificates = {path.stem: _load_certificate(path) for path in paths}
        keys = [
            _load_key(path, certificates[path.stem], passphrase)
            for path in files
            if path.suffix in KEY_SUFFIXES and _is_system(certificates.get(path.stem))
        ]
        return cls.of(certificates.values(), keys)

    @classmethod
    def of(cls, certificates: Iterable[CvCertificate], keys: Iterable[TerminalKey]) -> TerminalCredentials:
        """Put certificates and keys together; raise DataError as ``load`` does."""
        whole, own = tuple(_inherited(list(certificates))), tuple(keys)
        _refuse_unsigned(whole)
        if not any(_is_system(one) and key.fits(one.public_key) for one in whole for key in own):
            raise DataError("no private key of an inspection system among the credentials")
        return cls(whole, own)

    def key_of(self, system: CvCertificate) -> TerminalKey:
        """Return the private key of an inspection system's certificate; raise DataError where it is not here."""
        keys = self._keys_of(system)
        if not keys:
            raise DataError(f"no private key of {system.name}")
        return keys[0]

    def _keys_of(self, system: CvCertificate) -> list[TerminalKey]:
        return [key for key in self.keys if _is_system(system) and key.fits(system.public_key)]

    def chain_to(self, references: Sequence[bytes], day: date) -> tuple[CvCertificate, ...]:
        """Return the certificates to send to a chip that knows the keys named ``references``, in their order.

        Links, then the document verifier's, then the inspection system's. The first reference from which there is a
        chain that holds on ``day`` decides, and of its chains the shortest. Empty where there is none; a chip takes
        expired links (9303-11 §7.1.4.3.3), and nothing else that has expired.
        """
        for reference in references:
            found = min(self._chains(reference, day, ()), key=len, default=())
            if found:
                return found
        return ()

    def _chains(
        self, reference: bytes, day: date, links: tuple[CvCertificate, ...]
    ) -> Iterator[tuple[CvCertificate, ...]]:
        certified = [one for one in self.certificates if one.issuer == reference and not one.is_self_signed]
        for verifier in certified:
            if verifier.role in (CvRole.DOMESTIC_VERIFIER, CvRole.FOREIGN_VERIFIER) and verifier.holds_on(day):
                for system in self.certificates:
                    if system.issuer == verifier.holder and system.holds_on(day) and self._keys_of(system):
                        yield (*links, verifier, system)
        if len(links) < MAX_LINKS:
            for link in certified:
                if link.role is CvRole.AUTHORITY and link not in links:
                    yield from self._chains(link.holder, day, (*links, link))

    def __repr__(self) -> str:
        """Show how many certificates."""
        return f"TerminalCredentials({len(self.certificates)} certificates)"


def _load_certificate(path: Path) -> CvCertificate:
    try:
        return parse_cv_certificate(read_bounded_file(path, MAX_CERTIFICATE_BYTES))
    except DataError as error:
        raise DataError(f"{path.name}: {error}") from None


def _load_key(path: Path, system: CvCertificate, passphrase: bytes | None) -> TerminalKey:
    try:
        key, encrypted = load_terminal_key(read_bounded_file(path, MAX_KEY_BYTES), passphrase)
        if not encrypted and _others_may_read(path):
            raise DataError("private key that others may read: encrypt it, or take their rights away")
        if not key.fits(system.public_key):
            raise DataError(f"private key that is not the one of {system.name}")
    except DataError as error:
        raise type(error)(f"{path.name}: {error}") from None
    return key


def _others_may_read(path: Path) -> bool:
    """Tell whether anybody but the owner has rights; where there are no such bits, only encryption counts."""
    if os.name != "posix":
        return True
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _inherited(certificates: list[CvCertificate]) -> list[CvCertificate]:
    """Give every key the domain parameters of its issuer's, from the authority downwards (9303-11 §7.1.4)."""
    for _ in range(len(certificates)):
        by_holder = {one.holder: one for one in certificates}
        certificates = [one.inherit(by_holder[one.issuer]) if one.issuer in by_holder else one for one in certificates]
    return certificates


def _refuse_unsigned(certificates: Sequence[CvCertificate]) -> None:
    """Verify each signature whose issuer's key is here; of others only the chip can tell."""
    for certificate in certificates:
        issuers = [
            one
            for one in certificates
            if one.holder == certificate.issuer and one.role is not CvRole.INSPECTION_SYSTEM and one.public_key.key
        ]
        if issuers and not any(verify_cv_certificate(certificate, issuer) for issuer in issuers):
            raise DataError(f"certificate of {certificate.name} that its issuer has not signed")


def _is_system(certificate: CvCertificate | None) -> bool:
    return certificate is not None and certificate.role is CvRole.INSPECTION_SYSTEM
