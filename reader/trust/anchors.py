"""Trust anchors: the CSCA certificates that an administrator installed, and the ones that could not be used.

In come DER certificates, out comes a frozen store that finds candidates for a Document Signer. An anchor is its key:
its name and key identifier only help to find it, since anybody can copy both (ICAO 9303-12 §5).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reader.errors import DataError
from reader.trust.certificate import Certificate
from reader.trust.der import CERTIFICATE
from reader.trust.keys import PublicKey, UnknownCurve, UnsupportedKey

__all__ = ["Anchor", "AnchorStore", "RefusedAnchor"]

SUFFIXES = (".der", ".cer", ".crt", ".pem")
MAX_FILES = 4_096
MAX_FILE_BYTES = 4 * CERTIFICATE.size
_BEGIN = b"-----BEGIN CERTIFICATE-----"
_END = b"-----END CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Hold one installed certificate with its key read."""

    certificate: Certificate
    key: PublicKey

    @property
    def country(self) -> str:
        """Return the country it vouches for, in upper case."""
        return self.certificate.subject.country or self.certificate.issuer.country

    @property
    def is_test(self) -> bool:
        """Tell whether the project's own test issuer made it: it is never installed as a State's."""
        return self.certificate.is_test

    @property
    def key_fingerprint(self) -> str:
        """Return what identifies the anchor: SHA-256 of its key, in hex."""
        return self.key.fingerprint


@dataclass(frozen=True, slots=True)
class RefusedAnchor:
    """Say which certificate cannot be an anchor and why; ``source`` is a position or a file name."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True, repr=False)
class AnchorStore:
    """Hold the anchors; the same certificate is held once, two certificates of one key (a link certificate) both."""

    anchors: tuple[Anchor, ...] = ()
    refused: tuple[RefusedAnchor, ...] = ()
    _by_country: dict[str, tuple[Anchor, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, certificates: Iterable[bytes]) -> AnchorStore:
        """Build a store from DER certificates; what cannot be used is in ``refused``, with the reason."""
        return cls._build((f"certificate {number}", raw) for number, raw in enumerate(certificates, start=1))

    @classmethod
    def load_directory(cls, path: Path) -> AnchorStore:
        """Build a store from the .der, .cer, .crt and .pem files of a directory; raise DataError where it is none."""
        try:
            files = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in SUFFIXES and entry.is_file())
        except OSError:
            raise DataError("the directory of trust anchors cannot be read") from None
        if len(files) > MAX_FILES:
            raise DataError(f"more than {MAX_FILES} files of trust anchors")
        return cls._build(entry for file in files for entry in _read_file(file))

    @classmethod
    def _build(cls, entries: Iterable[tuple[str, bytes]]) -> AnchorStore:
        found: dict[str, Anchor] = {}
        refused: list[RefusedAnchor] = []
        for source, raw in entries:
            try:
                anchor = _usable(raw)
            except UnknownCurve:
                refused.append(RefusedAnchor(source, "unknown-curve"))
            except UnsupportedKey:
                refused.append(RefusedAnchor(source, "unsupported-key"))
            except _NotAnAuthority:
                refused.append(RefusedAnchor(source, "not-an-authority"))
            except DataError:
                refused.append(RefusedAnchor(source, "malformed"))
            else:
                found.setdefault(anchor.certificate.fingerprint, anchor)
        by_country: dict[str, tuple[Anchor, ...]] = {}
        for anchor in found.values():
            by_country[anchor.country] = (*by_country.get(anchor.country, ()), anchor)
        return cls(tuple(found.values()), tuple(refused), by_country)

    @property
    def has_test_anchor(self) -> bool:
        """Tell whether any of them is the test issuer's: a desk that trusts it says TEST."""
        return any(anchor.is_test for anchor in self.anchors)

    def for_country(self, country: str) -> tuple[Anchor, ...]:
        """Return the anchors of a country (two letters, any case)."""
        return self._by_country.get(country.upper(), ())

    def candidates(self, signer: Certificate) -> tuple[Anchor, ...]:
        """Return all anchors of the signer's country, the likeliest first: by key identifier, by name, the others."""

        def rank(anchor: Anchor) -> int:
            named = signer.extensions.authority_key_id
            if named is not None and anchor.certificate.subject_key_id == named:
                return 0
            return 1 if anchor.certificate.subject.matches(signer.issuer) else 2

        return tuple(sorted(self.for_country(signer.country), key=rank))

    def __len__(self) -> int:
        """Return how many anchors there are."""
        return len(self.anchors)

    def __repr__(self) -> str:
        """Show numbers only."""
        return f"AnchorStore({len(self.anchors)} anchors, {len(self.refused)} refused)"


class _NotAnAuthority(DataError):
    """Say that the certificate itself denies being an authority's."""


def _usable(raw: bytes) -> Anchor:
    """Read a certificate as an anchor; raise where its key cannot be used or where it says that it is no CA."""
    certificate = Certificate.parse(raw)
    if certificate.extensions.is_ca is False:
        raise _NotAnAuthority("no certificate of an authority")
    return Anchor(certificate, certificate.public_key())


def _read_file(file: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the certificates of one file, DER or any number of PEM blocks."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_FILE_BYTES + 1)
    except OSError:
        raw = b""
    if len(raw) > MAX_FILE_BYTES or _BEGIN not in raw:
        yield file.name, raw  # too large or unreadable: the parser refuses it with a reason
        return
    for block in raw.split(_BEGIN)[1:]:
        try:
            yield file.name, base64.b64decode(block.split(_END)[0])
        except binascii.Error:
            yield file.name, b""
