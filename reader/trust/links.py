"""Link certificates: the old key of an authority vouching for its new one (ICAO 9303-12 §6.1.1, §7.1.1.5).

A link extends the anchors when it is imported, never while a citizen waits: a new key is believed because a key that
is believed already signed for it, of the same State, in a certificate that says it is an authority's. The name may
change; the extension that should say so is only for people. Several links may follow one another.
"""

from __future__ import annotations

from collections.abc import Iterable

from reader.errors import DataError
from reader.trust.anchors import Anchor, AnchorStore, NotAnAuthority, Refused, reason_of
from reader.trust.defects import NationalDefects, defects_of
from reader.trust.issued import find_issuer

__all__ = ["follow_links"]


def follow_links(store: AnchorStore, links: Iterable[bytes], distrusted: frozenset[str] = frozenset()) -> AnchorStore:
    """Return a store that holds the keys which ``links`` vouch for too; the other links are refused with the reason.

    A link is an anchor like any other afterwards: its key is the new one. ``distrusted`` are the fingerprints of
    certificates and keys that vouch for nothing any more.
    """
    waiting: dict[str, Anchor] = {}
    refused = list(store.refused)
    for number, raw in enumerate(links, start=1):
        try:
            waiting[f"link {number}"] = _read(raw)
        except DataError as error:
            refused.append(Refused(f"link {number}", reason_of(error)))
    while True:
        vouched = {subject: link for subject, link in waiting.items() if _is_vouched_for(link, store, distrusted)}
        if not vouched:
            break
        store = store.with_anchors(vouched.values())
        waiting = {subject: link for subject, link in waiting.items() if subject not in vouched}
    refused += [Refused(subject, "signer-not-trusted") for subject in waiting]
    return AnchorStore.indexed(store.anchors, refused)


def _read(raw: bytes) -> Anchor:
    """Read a link; raise NotAnAuthority where it breaks a rule for authorities that no table excuses."""
    link = Anchor.parse(raw)
    table = NationalDefects.shipped()
    if any(not table.excuses(link.fingerprint, defect) for defect in defects_of(link.certificate)):
        raise NotAnAuthority("link that is no authority's certificate")
    return link


def _is_vouched_for(link: Anchor, store: AnchorStore, distrusted: frozenset[str]) -> bool:
    """Tell whether an anchor of the State that issued the link signed it, and for a key of that same State."""
    certificate = link.certificate
    if certificate.subject.country != certificate.issuer.country or certificate.validity.begin is None:
        return False
    anchor = find_issuer(certificate, store, certificate.validity.begin).anchor
    return anchor is not None and not {anchor.fingerprint, anchor.key_fingerprint} & distrusted
