"""The chain: from a Document Signer to an installed anchor, by signature and never by name (ICAO 9303-12 §4).

A chain is always of length two: new CSCA keys are trusted when they are installed, not while a citizen waits. The
time that counts is the time at which the document was signed; that a Document Signer has expired since is the normal
life of a document and only noted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from reader.trust.algorithms import SignatureFault, check_signature, weaknesses
from reader.trust.anchors import Anchor, AnchorStore
from reader.trust.certificate import DEVIATION_LIST_SIGNER, MASTER_LIST_SIGNER, Certificate
from reader.verdict import Note, Severity, Verdict

__all__ = ["ChainReason", "DocumentDates", "judge_chain"]

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


def judge_chain(signer: Certificate, store: AnchorStore, dates: DocumentDates) -> Verdict:
    """Find the anchor whose key signed ``signer`` and judge the chain at the time of signing.

    No anchor of the signer's country is Inconclusive; so is an issuer that the signer names by a key identifier which
    none of the country's anchors has. Anchors that are there and do not verify make it Failed.
    """
    candidates = store.candidates(signer)
    evidence = _describe(signer)
    if not candidates:
        return Verdict.inconclusive(ChainReason.NO_ANCHOR, evidence)
    anchor, fault = _find(signer, candidates, dates)
    if anchor is None:
        return _without_anchor(signer, candidates, fault, evidence)
    evidence |= {
        "anchor": anchor.certificate.subject.common_name or anchor.country,
        "anchor-key": anchor.key_fingerprint,
        "signature": f"{signer.algorithm.name} by {anchor.key.name}",
    }
    refusal = _refusal(signer, anchor)
    if refusal is not None:
        return Verdict.failed(refusal, evidence)
    span = _signing_span(dates)
    if span is None:
        return Verdict.inconclusive(ChainReason.SIGNING_TIME_UNKNOWN, evidence)
    source, begin, end = span
    evidence |= {"judged-at": begin.date().isoformat(), "judged-by": source}
    if not (_by(signer.validity.begin, end) and _by(begin, signer.validity.end)):
        return Verdict.failed(ChainReason.NOT_VALID_AT_SIGNING, evidence)
    return Verdict.passed(ChainReason.TRUSTED, evidence, *_notes(signer, anchor, dates, begin, end))


def _by(earlier: datetime | None, later: datetime | None) -> bool:
    """Tell whether ``earlier`` is not after ``later``; an open end never stands in the way."""
    return earlier is None or later is None or earlier <= later


def _describe(signer: Certificate) -> dict[str, str]:
    return {
        "signer": signer.fingerprint,
        "signer-serial": f"{signer.serial:x}"[:_SHOWN_DIGITS],
        "country": signer.country or "none",
    }


def _find(
    signer: Certificate, candidates: tuple[Anchor, ...], dates: DocumentDates
) -> tuple[Anchor | None, SignatureFault | None]:
    """Return the anchor whose key verifies; of several certificates of that key, one that was valid then."""
    faults: dict[str, SignatureFault | None] = {}
    for anchor in candidates:
        key = anchor.key_fingerprint
        if key not in faults:
            faults[key] = check_signature(anchor.key, signer.algorithm, signer.tbs, signer.signature)
    verified = [anchor for anchor in candidates if faults[anchor.key_fingerprint] is None]
    if not verified:
        return None, next(iter(faults.values()))
    begin = signer.validity.begin or dates.moment
    fitting = [anchor for anchor in verified if anchor.certificate.validity.holds(begin)]
    return (fitting or verified)[0], None


def _without_anchor(
    signer: Certificate, candidates: tuple[Anchor, ...], fault: SignatureFault | None, evidence: dict[str, str]
) -> Verdict:
    evidence = evidence | {"anchors-tried": str(len(candidates))}
    if fault is SignatureFault.ALGORITHM_UNSUPPORTED:
        return Verdict.inconclusive(ChainReason.ALGORITHM_UNSUPPORTED, evidence)
    named = signer.extensions.authority_key_id
    if named is not None and all(anchor.certificate.subject_key_id not in (named, None) for anchor in candidates):
        return Verdict.inconclusive(
            ChainReason.ANCHOR_NOT_HELD, evidence | {"issuer-key-id": named.hex()[:_SHOWN_DIGITS]}
        )
    return Verdict.failed(ChainReason.UNTRUSTED, evidence)


def _refusal(signer: Certificate, anchor: Anchor) -> ChainReason | None:
    """Return why these two certificates may not form a chain though the signature is good (ICAO 9303-12 §7.1)."""
    if signer.extensions.is_ca:
        return ChainReason.SIGNER_IS_AUTHORITY
    if signer.extensions.key_usage is not None and "digital_signature" not in signer.extensions.key_usage:
        return ChainReason.SIGNER_WRONG_PURPOSE
    if signer.extensions.extended_key_usage & {MASTER_LIST_SIGNER, DEVIATION_LIST_SIGNER}:
        return ChainReason.SIGNER_WRONG_PURPOSE
    if signer.extensions.unknown_critical:
        return ChainReason.CRITICAL_EXTENSION
    usage = anchor.certificate.extensions.key_usage
    if not anchor.certificate.extensions.is_ca or (usage is not None and "key_cert_sign" not in usage):
        return ChainReason.ANCHOR_NOT_AUTHORITY
    return None


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


def _notes(signer: Certificate, anchor: Anchor, dates: DocumentDates, begin: datetime, end: datetime) -> list[Note]:
    notes = list(weaknesses(anchor.key, signer.algorithm))
    if signer.extensions.key_usage is None:
        notes.append(Note("signer-without-key-usage", Severity.WARNING))
    usage = signer.extensions.private_key_usage
    if usage is not None and not (_by(usage.begin, end) and _by(begin, usage.end)):
        notes.append(Note("outside-private-key-usage", Severity.WARNING))
    if begin > dates.moment:
        notes.append(Note("signed-in-the-future", Severity.WARNING))
    if signer.validity.begin is not None and not anchor.certificate.validity.holds(signer.validity.begin):
        notes.append(Note("signer-outside-anchor-validity", Severity.WARNING))
    if signer.validity.end is not None and signer.validity.end < dates.moment:
        lasting = dates.expires is not None and dates.expires >= dates.moment.date()
        notes.append(Note("signer-expired-since", Severity.WARNING if lasting else Severity.INFO))
    end_of_anchor = anchor.certificate.validity.end
    if end_of_anchor is not None and end_of_anchor < dates.moment:
        notes.append(Note("anchor-expired-since"))
    if (
        signer.extensions.authority_key_id is not None
        and signer.extensions.authority_key_id != anchor.certificate.subject_key_id
    ):
        notes.append(Note("issuer-key-id-differs"))
    if not signer.issuer.matches(anchor.certificate.subject):
        notes.append(Note("issuer-name-differs"))
    return notes
