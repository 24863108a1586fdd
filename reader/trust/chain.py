"""The chain: from a Document Signer to an installed anchor, by signature and never by name (ICAO 9303-12 §4).

A chain is always of length two: new CSCA keys are trusted when they are installed, not while a citizen waits. The
time that counts is the time at which the document was signed; that a Document Signer has expired since is the normal
life of a document and only noted. What an authority's certificate breaks fails the chain, unless the table of known
national defects excuses just that of just this certificate: then it is a warning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from reader.trust.algorithms import SignatureFault, weaknesses
from reader.trust.anchors import Anchor
from reader.trust.certificate import DEVIATION_LIST_SIGNER, MASTER_LIST_SIGNER, Certificate
from reader.trust.defects import Defect, defects_of
from reader.trust.issued import Search, find_issuer
from reader.trust.material import TrustMaterial
from reader.verdict import Note, Severity, Verdict

__all__ = ["Chain", "ChainReason", "DocumentDates", "judge_chain"]

# A serial number and a key identifier have twenty bytes each (RFC 5280 §4.1.2.2, §4.2.1.2); a longer one is cut.
_SHOWN_DIGITS = 40


class ChainReason(StrEnum):
    """Name every way in which ``passive.chain`` can come out."""

    TRUSTED = "anchored"
    UNTRUSTED = "untrusted"
    NOT_VALID_AT_SIGNING = "signer-not-valid-at-signing"
    SIGNER_IS_AUTHORITY = "signer-is-authority"
    SIGNER_WRONG_PURPOSE = "signer-wrong-purpose"
    CRITICAL_EXTENSION = "unknown-critical-extension"
    ANCHOR_NOT_AUTHORITY = "anchor-not-authority"
    DISTRUSTED = "distrusted"
    NO_ANCHOR = "no-trust-anchor"
    ANCHOR_NOT_HELD = "issuer-key-not-held"
    SIGNING_TIME_UNKNOWN = "signing-time-unknown"
    ALGORITHM_UNSUPPORTED = "algorithm-unsupported"


@dataclass(frozen=True, slots=True)
class DocumentDates:
    """Hold the times that bear on a chain.

    ``moment`` is now. ``signed`` is the signing time in EF.SOD, ``issued`` the document's date of issue, ``expires``
    its last day; each may be unknown (None), and a document without expiry has ``expires`` None too.
    """

    moment: datetime
    signed: datetime | None = None
    issued: date | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Hold the verdict and the anchor whose key signed the signer's certificate, where one did.

    The anchor is there though the verdict may not have passed: whether the signer was revoked is a question by itself.
    """

    verdict: Verdict
    anchor: Anchor | None = None


def judge_chain(
    signer: Certificate, trust: TrustMaterial, dates: DocumentDates, document_type: str | None = None
) -> Chain:
    """Find the anchor whose key signed ``signer`` and judge the chain at the time of signing.

    No anchor of the signer's country is Inconclusive; so is an issuer that the signer names by a key identifier which
    none of the country's anchors has. Anchors that are there and do not verify make it Failed. ``document_type`` is the
    document code of the MRZ without its filler, for the signer's list of types (ICAO 9303-12 §7.1.1.6).
    """
    evidence = _describe(signer)
    search = find_issuer(signer, trust.anchors, signer.validity.begin or dates.moment)
    if search.anchor is None:
        return Chain(_without_anchor(signer, search, evidence))
    anchor = search.anchor
    evidence |= {
        "anchor": anchor.certificate.subject.common_name or anchor.country,
        "anchor-key": anchor.key_fingerprint,
        "signature": f"{signer.algorithm.name} by {anchor.key.name}",
    }
    return Chain(_judge(signer, anchor, trust, dates, document_type, evidence), anchor)


def _judge(
    signer: Certificate,
    anchor: Anchor,
    trust: TrustMaterial,
    dates: DocumentDates,
    document_type: str | None,
    evidence: dict[str, str],
) -> Verdict:
    """Judge two certificates of which the one signed the other."""
    named = {signer.fingerprint, anchor.certificate.fingerprint, anchor.key_fingerprint}
    if named & trust.distrusted:
        return Verdict.failed(ChainReason.DISTRUSTED, evidence)
    refusal = _refusal_of_signer(signer)
    if refusal is not None:
        return Verdict.failed(refusal, evidence)
    defects = defects_of(anchor.certificate)
    grave = [defect for defect in defects if not trust.defects.excuses(anchor.certificate.fingerprint, defect)]
    if grave:
        return Verdict.failed(_DEFECT_REASONS[grave[0]], evidence | {"defects": " ".join(grave)})
    span = _signing_span(dates)
    if span is None:
        return Verdict.inconclusive(ChainReason.SIGNING_TIME_UNKNOWN, evidence)
    source, begin, end = span
    evidence |= {"judged-at": begin.date().isoformat(), "judged-by": source}
    if not (_by(signer.validity.begin, end) and _by(begin, signer.validity.end)):
        return Verdict.failed(ChainReason.NOT_VALID_AT_SIGNING, evidence)
    notes = [
        *weaknesses(anchor.key, signer.algorithm),
        *_notes_on_purpose(signer, document_type),
        *_notes(signer, anchor, dates, begin, end),
    ]
    if defects:
        evidence |= {"defects": " ".join(defects)}
        notes.append(Note("known-national-defect", Severity.WARNING))
    return Verdict.passed(ChainReason.TRUSTED, evidence, *notes)


def _by(earlier: datetime | None, later: datetime | None) -> bool:
    """Tell whether ``earlier`` is not after ``later``; an open end never stands in the way."""
    return earlier is None or later is None or earlier <= later


def _describe(signer: Certificate) -> dict[str, str]:
    return {
        "signer": signer.fingerprint,
        "signer-serial": f"{signer.serial:x}"[:_SHOWN_DIGITS],
        "country": signer.country or "none",
    }


def _without_anchor(signer: Certificate, search: Search, evidence: dict[str, str]) -> Verdict:
    if not search.tried:
        return Verdict.inconclusive(ChainReason.NO_ANCHOR, evidence)
    evidence = evidence | {"anchors-tried": str(len(search.tried))}
    if search.fault is SignatureFault.ALGORITHM_UNSUPPORTED:
        return Verdict.inconclusive(ChainReason.ALGORITHM_UNSUPPORTED, evidence)
    named = signer.authority_key_id
    if named is not None and all(anchor.subject_key_id not in (named, None) for anchor in search.tried):
        return Verdict.inconclusive(
            ChainReason.ANCHOR_NOT_HELD, evidence | {"issuer-key-id": named.hex()[:_SHOWN_DIGITS]}
        )
    return Verdict.failed(ChainReason.UNTRUSTED, evidence)


def _refusal_of_signer(signer: Certificate) -> ChainReason | None:
    """Return why this certificate may not sign documents though an anchor signed it (ICAO 9303-12 §7.1)."""
    said = signer.extensions
    if said.is_ca:
        return ChainReason.SIGNER_IS_AUTHORITY
    if said.key_usage is not None and "digital_signature" not in said.key_usage:
        return ChainReason.SIGNER_WRONG_PURPOSE
    if said.extended_key_usage & {MASTER_LIST_SIGNER, DEVIATION_LIST_SIGNER}:
        return ChainReason.SIGNER_WRONG_PURPOSE
    return ChainReason.CRITICAL_EXTENSION if said.unknown_critical else None


_DEFECT_REASONS = {
    Defect.NOT_AUTHORITY: ChainReason.ANCHOR_NOT_AUTHORITY,
    Defect.NO_CERT_SIGN: ChainReason.ANCHOR_NOT_AUTHORITY,
    Defect.PATH_LENGTH: ChainReason.ANCHOR_NOT_AUTHORITY,
    Defect.CRITICAL_EXTENSION: ChainReason.CRITICAL_EXTENSION,
}


def _signing_span(dates: DocumentDates) -> tuple[str, datetime, datetime] | None:
    """Return by what the signing is dated, and its earliest and latest moment: a date of issue is a whole day."""
    if dates.signed is not None:
        return "signing-time", dates.signed, dates.signed
    if dates.issued is None:
        return None
    return (
        "date-of-issue",
        datetime.combine(dates.issued, time.min, UTC),
        datetime.combine(dates.issued, time.max, UTC),
    )


def _notes_on_purpose(signer: Certificate, document_type: str | None) -> list[Note]:
    """Note where the signer is not said to sign documents of this kind (ICAO 9303-12 §7.1.1.6)."""
    said, notes = signer.extensions, []
    if said.key_usage is None:
        notes.append(Note("signer-without-key-usage", Severity.WARNING))
    if said.extended_key_usage:
        notes.append(Note("signer-with-extended-key-usage", Severity.WARNING))
    if said.document_types is not None and document_type is not None and document_type not in said.document_types:
        notes.append(Note("document-type-not-listed", Severity.WARNING))
    return notes


def _notes(signer: Certificate, anchor: Anchor, dates: DocumentDates, begin: datetime, end: datetime) -> list[Note]:
    notes = []
    usage = signer.extensions.private_key_usage
    if usage is not None and not (_by(usage.begin, end) and _by(begin, usage.end)):
        notes.append(Note("outside-private-key-usage", Severity.WARNING))
    if begin > dates.moment:
        notes.append(Note("signed-in-the-future", Severity.WARNING))
    if signer.validity.begin is not None and not anchor.certificate.validity.holds(signer.validity.begin):
        notes.append(Note("signer-outside-anchor-validity", Severity.WARNING))
    issuing = anchor.certificate.extensions.private_key_usage
    if issuing is not None and signer.validity.begin is not None and not issuing.holds(signer.validity.begin):
        notes.append(Note("issued-outside-private-key-usage", Severity.WARNING))
    if signer.validity.end is not None and signer.validity.end < dates.moment:
        lasting = dates.expires is not None and dates.expires >= dates.moment.date()
        notes.append(Note("signer-expired-since", Severity.WARNING if lasting else Severity.INFO))
    end_of_anchor = anchor.certificate.validity.end
    if end_of_anchor is not None and end_of_anchor < dates.moment:
        notes.append(Note("anchor-expired-since"))
    if signer.authority_key_id is not None and signer.authority_key_id != anchor.subject_key_id:
        notes.append(Note("issuer-key-id-differs"))
    if not signer.issuer.matches(anchor.certificate.subject):
        notes.append(Note("issuer-name-differs"))
    return notes
