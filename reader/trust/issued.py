"""Who issued this: the anchor whose key made a signature, found by key identifier and name, believed by signature only.

Certificates and revocation lists are searched alike (ICAO 9303-12 §6.1.2). Of several certificates of the same key the
one is taken that was valid at the time in question and breaks the fewest rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reader.trust.algorithms import SignatureAlgorithm, SignatureFault, check_signature
from reader.trust.anchors import Anchor, AnchorStore
from reader.trust.defects import defects_of
from reader.trust.names import DistinguishedName

__all__ = ["Issued", "Search", "find_issuer"]


class Issued(Protocol):
    """What an authority signs: a certificate or a revocation list."""

    @property
    def issuer(self) -> DistinguishedName:
        """Return the name of whoever signed."""

    @property
    def authority_key_id(self) -> bytes | None:
        """Return the identifier of the key that signed, where it is told."""

    @property
    def country(self) -> str:
        """Return the issuing country in upper case."""

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """Return the algorithm that stands beside the signature."""

    @property
    def algorithms_agree(self) -> bool:
        """Tell whether the signed algorithm is the one beside the signature (RFC 5280 §4.1.1.2, §5.1.1.2)."""

    @property
    def tbs(self) -> bytes:
        """Return what was signed."""

    @property
    def signature(self) -> bytes:
        """Return the signature."""


@dataclass(frozen=True, slots=True)
class Search:
    """Tell how the search came out: the anchor, or how the likeliest candidate's key failed, and all candidates."""

    anchor: Anchor | None
    fault: SignatureFault | None
    tried: tuple[Anchor, ...]


def find_issuer(signed: Issued, store: AnchorStore, moment: datetime) -> Search:
    """Find the anchor of the same country whose key made the signature; every key is tried once."""
    candidates = store.candidates(signed.issuer.folded, signed.authority_key_id, signed.country)
    faults: dict[str, SignatureFault] = {}
    for anchor in candidates:
        if anchor.key_fingerprint in faults:
            continue
        fault = _check(signed, anchor)
        if fault is None:
            same = [other for other in candidates if other.key_fingerprint == anchor.key_fingerprint]
            return Search(min(same, key=lambda one: _unfitness(one, moment)), None, candidates)
        faults[anchor.key_fingerprint] = fault
    return Search(None, next(iter(faults.values()), None), candidates)


def _unfitness(anchor: Anchor, moment: datetime) -> tuple[bool, int]:
    """Return how ill a certificate of the right key fits: not valid then, or with defects."""
    return not anchor.certificate.validity.holds(moment), len(defects_of(anchor.certificate))


def _check(signed: Issued, anchor: Anchor) -> SignatureFault | None:
    if not signed.algorithms_agree:
        return SignatureFault.INVALID
    return check_signature(anchor.key, signed.algorithm, signed.tbs, signed.signature)
