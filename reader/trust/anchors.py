"""Trust anchors: the CSCA certificates that an administrator installed, and the ones that could not be used.

In come DER certificates, out comes a frozen store that finds candidates for a Document Signer. An anchor is its key:
its name and key identifier only help to find it, since anybody can copy both (ICAO 9303-12 §6.1.1). The store is an
index: a certificate of it is read, and its key built, when somebody needs it for the first time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from reader.errors import DataError
from reader.trust.certificate import Certificate
from reader.trust.defects import Defect, NationalDefects
from reader.trust.keys import PublicKey, UnknownCurve, UnsupportedKey

__all__ = ["Anchor", "AnchorStore", "NotAnAuthority", "Refused", "reason_of"]


class NotAnAuthority(DataError):
    """Say that the certificate itself denies being an authority's."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Say what cannot be used and why; ``subject`` is a file's name or a position in it, ``reason`` a stable string."""

    subject: str
    reason: str


def reason_of(error: DataError) -> str:
    """Return the stable string for what was wrong with a certificate."""
    for kind, reason in _REASONS.items():
        if isinstance(error, kind):
            return reason
    return "malformed"


_REASONS: dict[type[DataError], str] = {
    UnknownCurve: "unknown-curve",
    UnsupportedKey: "unsupported-key",
    NotAnAuthority: "not-an-authority",
}


@dataclass(frozen=True, repr=False)
class Anchor:
    """Hold one installed certificate and what an index needs of it.

    ``country`` is the one it vouches for, in upper case; ``name`` stands for its folded subject; ``key_fingerprint``,
    SHA-256 of its key in hex, is what identifies it; ``is_test`` tells that the project's own test issuer made it, so
    that it is never installed as a State's. Whoever keeps anchors in a file of its own may build them from these values
    without reading the certificate again.
    """

    raw: bytes
    country: str
    subject_key_id: bytes | None
    name: bytes
    key_fingerprint: str
    is_test: bool = False

    @classmethod
    def parse(cls, raw: bytes, defects: NationalDefects | None = None) -> Anchor:
        """Read a certificate as an anchor, its key included.

        Raise NotAnAuthority where it says that it is none, and the table of national defects does not excuse it;
        UnknownCurve, UnsupportedKey or DataError where it cannot be used.
        """
        certificate = Certificate.parse(raw)
        table = NationalDefects.shipped() if defects is None else defects
        if certificate.extensions.is_ca is False and not table.excuses(certificate.fingerprint, Defect.NOT_AUTHORITY):
            raise NotAnAuthority("no certificate of an authority")
        return cls(
            raw=raw,
            country=certificate.subject.country or certificate.issuer.country,
            subject_key_id=certificate.subject_key_id,
            name=certificate.subject.folded,
            key_fingerprint=certificate.public_key().fingerprint,
            is_test=certificate.is_test,
        )

    @cached_property
    def fingerprint(self) -> str:
        """Return SHA-256 over the certificate in hex."""
        return hashlib.sha256(self.raw).hexdigest()

    @cached_property
    def certificate(self) -> Certificate:
        """Return the certificate, read on first use."""
        return Certificate.parse(self.raw)

    @cached_property
    def key(self) -> PublicKey:
        """Return its key, read on first use."""
        return self.certificate.public_key()

    def __repr__(self) -> str:
        """Show country and key."""
        return f"Anchor({self.country}, {self.key_fingerprint[:16]})"


@dataclass(frozen=True, slots=True, repr=False)
class AnchorStore:
    """Hold the anchors; the same certificate is held once, two certificates of one key (a link certificate) both."""

    anchors: tuple[Anchor, ...] = ()
    refused: tuple[Refused, ...] = ()
    _by_country: dict[str, tuple[Anchor, ...]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, certificates: Iterable[bytes], defects: NationalDefects | None = None) -> AnchorStore:
        """Build a store from DER certificates; what cannot be used is in ``refused``, with the reason."""
        return cls.of_named(((f"certificate {n}", raw) for n, raw in enumerate(certificates, start=1)), defects)

    @classmethod
    def of_named(cls, entries: Iterable[tuple[str, bytes]], defects: NationalDefects | None = None) -> AnchorStore:
        """Build a store from certificates with the names by which a refused one is told of."""
        found: list[Anchor] = []
        refused: list[Refused] = []
        for subject, raw in entries:
            try:
                found.append(Anchor.parse(raw, defects))
            except DataError as error:
                refused.append(Refused(subject, reason_of(error)))
        return cls.indexed(found, refused)

    @classmethod
    def indexed(cls, anchors: Iterable[Anchor], refused: Iterable[Refused] = ()) -> AnchorStore:
        """Build a store from anchors that were read before."""
        once = {anchor.raw: anchor for anchor in anchors}
        by_country: dict[str, list[Anchor]] = {}
        for anchor in once.values():
            by_country.setdefault(anchor.country, []).append(anchor)
        return cls(tuple(once.values()), tuple(refused), {code: tuple(found) for code, found in by_country.items()})

    def with_anchors(self, anchors: Iterable[Anchor]) -> AnchorStore:
        """Return a store that holds these too."""
        return AnchorStore.indexed((*self.anchors, *anchors), self.refused)

    @property
    def has_test_anchor(self) -> bool:
        """Tell whether any of them is the test issuer's: a desk that trusts it says TEST."""
        return any(anchor.is_test for anchor in self.anchors)

    def for_country(self, country: str) -> tuple[Anchor, ...]:
        """Return the anchors of a country (two letters, any case)."""
        return self._by_country.get(country.upper(), ())

    def candidates(self, issuer: bytes, key_id: bytes | None, country: str) -> tuple[Anchor, ...]:
        """Return all anchors of a country, the likeliest first: by key identifier, by folded name, the others."""

        def rank(anchor: Anchor) -> int:
            if key_id is not None and anchor.subject_key_id == key_id:
                return 0
            return 1 if issuer and anchor.name == issuer else 2

        return tuple(sorted(self.for_country(country), key=rank))

    def __len__(self) -> int:
        """Return how many anchors there are."""
        return len(self.anchors)

    def __repr__(self) -> str:
        """Show numbers only."""
        return f"AnchorStore({len(self.anchors)} anchors, {len(self.refused)} refused)"
