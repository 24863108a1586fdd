"""What master lists and deviation lists have in common: signed by a signer of that kind, under an anchor held here.

ICAO 9303-12 §9 and §10 prescribe the same wrapping for both: SignedData, the signer's certificate in it with its own
extended key usage, a signing time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reader.errors import DataError
from reader.trust.anchors import Anchor, AnchorStore
from reader.trust.certificate import Certificate
from reader.trust.cms import SignerVerdict, verify_signed_data
from reader.trust.der import SIGNED_LIST
from reader.trust.issued import find_issuer

__all__ = ["ListRefused", "SignedList", "open_signed_list"]


class ListRefused(DataError):
    """Say that a list cannot be believed; ``reason`` is a stable string."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class SignedList:
    """Hold the content of a list that may be believed, who signed it, under which anchor, and when."""

    content: bytes
    signer: Certificate
    anchor: Anchor
    signed_at: datetime
    digest_name: str


def open_signed_list(raw: bytes, content_type: str, purpose: str, roots: AnchorStore) -> SignedList:
    """Verify a list down to an anchor in ``roots``; ``purpose`` is the extended key usage that its signer must have.

    Raise ListRefused with the reason why it cannot be believed, DataError where it is malformed.
    """
    found = verify_signed_data(raw, content_type, limits=SIGNED_LIST)
    if found.fault is not None:
        raise ListRefused(found.fault)
    opened = [
        _judge_signer(found.content, signer, signer.certificate, purpose, roots)
        for signer in found.signers
        if signer.certificate is not None
    ]
    return opened[0]


def _judge_signer(
    content: bytes, verdict: SignerVerdict, signer: Certificate, purpose: str, roots: AnchorStore
) -> SignedList:
    """Hold a signer that verified, each of whom has a certificate, against what a list's signer must be."""
    if purpose not in signer.extensions.extended_key_usage:
        raise ListRefused("signer-wrong-purpose")
    if verdict.signing_time is None:
        raise ListRefused("signing-time-unknown")
    if not signer.validity.holds(verdict.signing_time):
        raise ListRefused("signer-not-valid-at-signing")
    search = find_issuer(signer, roots, verdict.signing_time)
    if search.anchor is None:
        raise ListRefused("signer-not-trusted" if search.tried else "no-trust-anchor")
    return SignedList(content, signer, search.anchor, verdict.signing_time, verdict.digest)
