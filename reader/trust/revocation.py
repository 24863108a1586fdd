"""Whether a certificate was revoked: the lists held, each believed because an installed authority signed it (PA-26).

A State has one CSCA, and its list names every revoked certificate whatever key had signed it (ICAO 9303-12 §3.1,
§7.1.4). So a list answers for a certificate where the same key signed both, or where the list's issuer bears, or says
that it bore, the name of the certificate's issuer, and any key of that State signed the list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reader.errors import DataError
from reader.trust.anchors import Anchor, AnchorStore, Refused
from reader.trust.certificate import Certificate
from reader.trust.crl import CrlRefused, RevocationList
from reader.trust.issued import find_issuer
from reader.verdict import Note, Severity, Verdict

__all__ = ["HeldList", "RevocationLists", "RevocationReason", "judge_revocation"]


class RevocationReason(StrEnum):
    """Name every way in which ``passive.revocation`` can come out."""

    GOOD = "not-revoked"
    REVOKED = "signer-revoked"
    ANCHOR_REVOKED = "issuer-revoked"
    NO_LIST = "no-revocation-list"
    EXPIRED = "revocation-list-expired"
    NOT_YET_VALID = "revocation-list-not-yet-valid"
    NO_ISSUER = "issuer-not-established"


@dataclass(frozen=True, slots=True)
class HeldList:
    """Hold a list whose signature verified, and the fingerprint of the anchor's key that made it."""

    content: RevocationList
    signer_key: str

    def answers_for(self, certificate: Certificate, issuer: Anchor) -> bool:
        """Tell whether the list would name this certificate if it were revoked."""
        if self.content.country != issuer.country:
            return False
        if self.signer_key == issuer.key_fingerprint:
            return True
        return _bears_name(self.content, certificate)


@dataclass(frozen=True, slots=True, repr=False)
class RevocationLists:
    """Hold the lists that may be believed, and the ones that may not with the reason."""

    lists: tuple[HeldList, ...] = ()
    refused: tuple[Refused, ...] = ()

    @classmethod
    def of(cls, raws: Iterable[bytes], anchors: AnchorStore) -> RevocationLists:
        """Read DER lists and keep those that an anchor of their country signed."""
        held: list[HeldList] = []
        refused: list[Refused] = []
        for number, raw in enumerate(raws, start=1):
            try:
                held.append(cls.verify(RevocationList.parse(raw), anchors))
            except CrlRefused as error:
                refused.append(Refused(f"revocation list {number}", error.reason))
            except DataError:
                refused.append(Refused(f"revocation list {number}", "malformed"))
        return cls(tuple(held), tuple(refused))

    @staticmethod
    def verify(content: RevocationList, anchors: AnchorStore) -> HeldList:
        """Find the anchor that signed the list; raise CrlRefused where there is none or it may not sign lists."""
        search = find_issuer(content, anchors, content.this_update)
        if search.anchor is None:
            raise CrlRefused("signer-not-trusted" if search.tried else "no-trust-anchor")
        usage = search.anchor.certificate.extensions.key_usage
        if usage is not None and "crl_sign" not in usage:
            raise CrlRefused("signer-may-not-sign-lists")
        return HeldList(content, search.anchor.key_fingerprint)

    def __len__(self) -> int:
        """Return how many lists there are."""
        return len(self.lists)

    def __repr__(self) -> str:
        """Show numbers only."""
        return f"RevocationLists({len(self.lists)} lists, {len(self.refused)} refused)"


def judge_revocation(signer: Certificate, issuer: Anchor | None, lists: RevocationLists, moment: datetime) -> Verdict:
    """Look the signer, and the authority that issued it, up in every list that answers for them.

    A list that has expired still tells who was revoked; that somebody was not needs one that is current. Without such
    a list the answer is Inconclusive, never Passed (ICAO 9303-12 §6.1.2).
    """
    evidence = {"signer-serial": f"{signer.serial:x}"[:40]}
    if issuer is None:
        return Verdict.inconclusive(RevocationReason.NO_ISSUER, evidence)
    telling = [held.content for held in lists.lists if held.answers_for(signer, issuer)]
    for content in telling:
        when = content.revoked.revoked_on(signer.serial)
        if when is not None:
            return _revoked(RevocationReason.REVOKED, evidence, content, when)
        when = content.revoked.revoked_on(issuer.certificate.serial)
        if when is not None and _bears_name(content, issuer.certificate):
            return _revoked(RevocationReason.ANCHOR_REVOKED, evidence, content, when)
    if not telling:
        return Verdict.inconclusive(RevocationReason.NO_LIST, evidence)
    newest = max(telling, key=lambda content: (content.this_update, content.number or 0))
    evidence |= _describe(newest)
    if newest.this_update > moment:
        return Verdict.inconclusive(RevocationReason.NOT_YET_VALID, evidence)
    if newest.next_update < moment:
        return Verdict.inconclusive(RevocationReason.EXPIRED, evidence)
    notes = [Note("sha1-signature", Severity.WARNING)] if newest.algorithm.hash_name == "sha1" else []
    return Verdict.passed(RevocationReason.GOOD, evidence, *notes)


def _bears_name(content: RevocationList, certificate: Certificate) -> bool:
    """Tell whether the list's issuer bears, or bore, the name of the certificate's issuer."""
    return any(name.matches(certificate.issuer) for name in (content.issuer, *content.other_names))


def _revoked(reason: RevocationReason, evidence: dict[str, str], content: RevocationList, when: datetime) -> Verdict:
    return Verdict.failed(reason, evidence | _describe(content) | {"revoked-on": when.date().isoformat()})


def _describe(content: RevocationList) -> dict[str, str]:
    return {
        "list-number": "none" if content.number is None else str(content.number)[:40],
        "list-entries": str(len(content.revoked)),
        "list-issued": content.this_update.date().isoformat(),
        "list-expires": content.next_update.date().isoformat(),
    }
