"""Passive Authentication in its three parts: the signature of EF.SOD, the chain, the digests (ICAO 9303-11 §5.1).

The parts are told apart, since they fail for different reasons. The digest check looks at the bytes as they were read,
and its reference is worth nothing unless the signature over it verified.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from reader.errors import DataError
from reader.lds import LdsSecurityObject, cms_of_sod, parse_lds_security_object
from reader.trust import (
    Certificate,
    DocumentDates,
    RevocationReason,
    SignedContent,
    SignerFault,
    TrustMaterial,
    hash_by_oid,
    judge_chain,
    judge_revocation,
    verify_signed_data,
)
from reader.verdict import CheckStatus, Note, Severity, Verdict

__all__ = [
    "DigestReason",
    "SecurityObject",
    "SignerJudgement",
    "SodReason",
    "digests_match",
    "judge_digests",
    "judge_security_object",
    "signature_verdict",
]

LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
NEEDS_TERMINAL_RIGHTS = frozenset({3, 4})


class SodReason(StrEnum):
    """Name the ways in which ``passive.sod-signature`` comes out, beyond the faults of a signer."""

    VERIFIED = "signature-verified"
    MALFORMED = "malformed-sod"
    SUPPRESSED = "suppressed"
    NOT_READ = "sod-not-read"


class DigestReason(StrEnum):
    """Name the ways in which ``passive.data-group-hashes`` comes out."""

    MATCH = "hashes-match"
    MISMATCH = "hash-mismatch"
    ALGORITHM_REFUSED = "algorithm-refused"
    ALGORITHM_UNSUPPORTED = "algorithm-unsupported"
    REFERENCE_UNPROVEN = "reference-unproven"
    NOT_ALL_READ = "groups-not-read"


NO_CHAIN = "signer-unknown"

# What we lack rather than what the document lacks: without these the signature was not judged at all.
_OUR_GAPS = frozenset({SignerFault.CERTIFICATE_MISSING, SignerFault.ALGORITHM_UNSUPPORTED})


@dataclass(frozen=True, slots=True)
class SignerJudgement:
    """Hold the verdicts on the signer's certificate: ``passive.chain`` and ``passive.revocation``."""

    chain: Verdict
    revocation: Verdict

    @property
    def together(self) -> Verdict:
        """Return the chain's verdict, unless the certificate was revoked: then that."""
        return self.revocation if self.revocation.status is CheckStatus.FAILED else self.chain


@dataclass(frozen=True, slots=True)
class SecurityObject:
    """Hold what EF.SOD gave: the verdict on its signature and, as far as readable, its list, signer and time.

    The list may be used to know what to read even when the signature did not verify; ``proven`` tells whether it may
    be believed.
    """

    signature: Verdict
    listed: LdsSecurityObject | None = None
    signer: Certificate | None = None
    signed_at: datetime | None = None

    @property
    def proven(self) -> bool:
        """Tell whether the signature over the list verified."""
        return self.signature.status is CheckStatus.PASSED

    @property
    def is_test(self) -> bool:
        """Tell whether the signer says that it is the project's own test issuer's; no proof of anything is needed."""
        return self.signer is not None and self.signer.is_test

    @property
    def data_groups(self) -> tuple[int, ...]:
        """Return the numbers of the listed data groups, ascending."""
        return self.listed.data_groups if self.listed else ()

    def judge_signer(
        self,
        trust: TrustMaterial,
        moment: datetime,
        issued: date | None = None,
        expires: date | None = None,
        document_type: str | None = None,
    ) -> SignerJudgement:
        """Judge where the signer's certificate comes from, and whether it was revoked.

        Without a signer nothing can be said. With a broken signature the certificate beside it signed nothing, so that
        neither question can come out well; that a foreign or a revoked certificate lies there still counts against it.
        """
        if self.signer is None:
            return SignerJudgement(Verdict.inconclusive(NO_CHAIN), Verdict.inconclusive(RevocationReason.NO_ISSUER))
        dates = DocumentDates(moment, self.signed_at, issued, expires)
        chain = judge_chain(self.signer, trust, dates, document_type)
        revocation = judge_revocation(self.signer, chain.anchor, trust.revocation, moment)
        return SignerJudgement(self._leaning(chain.verdict), self._leaning(revocation))

    def _leaning(self, verdict: Verdict) -> Verdict:
        """Let a pass about the signer stand only where the signer signed."""
        if verdict.status is not CheckStatus.PASSED or self.proven:
            return verdict
        return Verdict(CheckStatus.INCONCLUSIVE, DigestReason.REFERENCE_UNPROVEN, verdict.evidence, verdict.notes)


def judge_security_object(raw: bytes, signers: Iterable[Certificate] = ()) -> SecurityObject:
    """Judge the signature of EF.SOD as read; nothing is raised: a malformed file is a Failed verdict.

    ``signers`` are certificates from elsewhere, for a file that does not carry its signer's (PA-13).
    """
    try:
        content = verify_signed_data(cms_of_sod(raw), LDS_SECURITY_OBJECT, signers)
        listed = parse_lds_security_object(content.content)
    except DataError as error:
        return SecurityObject(Verdict.failed(SodReason.MALFORMED, {"where": str(error)}))
    signer = content.signers[0] if content.signers else None
    return SecurityObject(
        signature=signature_verdict(content),
        listed=listed,
        signer=signer.certificate if signer else None,
        signed_at=signer.signing_time if signer else None,
    )


def signature_verdict(content: SignedContent) -> Verdict:
    """Put into a verdict what the signers of a file are worth: what we lack is Inconclusive, the rest is the file's."""
    evidence = {}
    for signer in content.signers:
        if signer.certificate is not None:
            evidence = {"algorithm": signer.algorithm, "signer": signer.certificate.fingerprint}
    if content.unreadable_certificates:
        evidence["unreadable-certificates"] = str(content.unreadable_certificates)
    fault = content.fault
    if fault in _OUR_GAPS:
        return Verdict.inconclusive(fault, evidence)
    if fault is not None:
        return Verdict.failed(fault, evidence)
    notes = dict.fromkeys(note for signer in content.signers for note in signer.notes)
    return Verdict.passed(SodReason.VERIFIED, evidence, *notes)


def digests_match(listed: LdsSecurityObject, number: int, data: bytes) -> bool:
    """Tell whether data group ``number``, as read, has the listed digest; MD5 and unknown algorithms never match."""
    expected = listed.digest_of(number)
    name = hash_by_oid(listed.digest_oid)
    if expected is None or name is None or name == "md5":
        return False
    return hmac.compare_digest(hashlib.new(name, data).digest(), expected)


def judge_digests(security: SecurityObject, read: Mapping[int, bytes]) -> Verdict:
    """Compare every listed data group with its digest (ICAO 9303-10 §4.6.2.3); ``read`` are whole files as read.

    DG3 and DG4 need terminal rights; where they were not read they are named as not checked (LC-05). A listed group
    that was not read whole leaves the check Inconclusive; one that differs makes it Failed, whatever else was read.
    Groups that are read but not listed are not judged here: ``lds.com-sod-consistency`` fails for them.
    """
    listed = security.listed
    if listed is None or not security.proven:
        return Verdict.inconclusive(DigestReason.REFERENCE_UNPROVEN)
    name = hash_by_oid(listed.digest_oid)
    if name is None:
        return Verdict.inconclusive(DigestReason.ALGORITHM_UNSUPPORTED, {"algorithm": listed.digest_oid})
    if name == "md5":
        return Verdict.failed(DigestReason.ALGORITHM_REFUSED, {"algorithm": name})
    closed = [number for number in listed.data_groups if number in NEEDS_TERMINAL_RIGHTS and number not in read]
    wanted = [number for number in listed.data_groups if number not in closed]
    matching = [number for number in wanted if number in read and digests_match(listed, number, read[number])]
    differing = [number for number in wanted if number in read and number not in matching]
    missing = [number for number in wanted if number not in read]
    evidence = {"algorithm": name, "matching": _names(matching)}
    if closed:
        evidence["not-checked"] = _names(closed)
    if differing:
        return Verdict.failed(DigestReason.MISMATCH, evidence | {"differing": _names(differing)})
    if missing or not matching:
        return Verdict.inconclusive(DigestReason.NOT_ALL_READ, evidence | {"not-read": _names(missing)})
    notes = [Note("sha1-digest", Severity.WARNING)] if name == "sha1" else []
    return Verdict.passed(DigestReason.MATCH, evidence, *notes)


def _names(numbers: list[int]) -> str:
    return " ".join(f"DG{number}" for number in numbers) or "none"
