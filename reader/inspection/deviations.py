"""What the issuing State itself says is wrong with a document, and what that does to the checks (ICAO 9303-3 §7).

A deviation list turns no check into a pass: what failed has failed. Where the State whose signer the document names has
published just this defect of just these documents, the check becomes Inconclusive with a warning, so that a person
looks and no machine refuses a citizen for a printer's mistake. A published weakness does the same to a pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from reader.files import FileId
from reader.genuine import ActiveReason, DigestReason
from reader.inspection.checks import Check, CheckId, CheckStatus
from reader.inspection.gathered import Gathered
from reader.inspection.reasons import Reason
from reader.trust import ChainReason, DeviatingDocument, Deviation, DeviationKind, SignerFault, TrustMaterial
from reader.verdict import Note, Severity

__all__ = ["apply_deviations", "deviations_of"]

_SOD_NUMBER, _COM_NUMBER = 20, 21
# The fields of the MRZ by their numbers in a deviation list (ICAO 9303-12 §10.2) and by their names in our evidence.
_MRZ_FIELDS = {
    "1": "document-code",
    "3": "name",
    "4": "document-number",
    "6": "date-of-birth",
    "7": "sex",
    "8": "date-of-expiry",
    "9": "optional-data",
}
_GENERIC_FIELD = "0"


def deviations_of(gathered: Gathered, trust: TrustMaterial) -> tuple[Deviation, ...]:
    """Return what the lists say of this document; nothing is known of one whose signer is not."""
    signer = gathered.security_object.signer if gathered.security_object else None
    if signer is None:
        return ()
    number = gathered.mrz.document_number if gathered.mrz is not None else None
    document = DeviatingDocument(signer, gathered.document_code, number, gathered.issued)
    return trust.deviations.of_document(document)


def apply_deviations(checks: tuple[Check, ...], gathered: Gathered) -> tuple[Check, ...]:
    """Return the checks with those made Inconclusive that a published deviation explains."""
    return tuple(_explained(check, gathered) for check in checks) if gathered.deviations else checks


def _explained(check: Check, gathered: Gathered) -> Check:
    for rule in _RULES:
        if rule.check is check.id and rule.status is check.status and check.reason in rule.reasons:
            parameters = {found.parameter for found in gathered.deviations if found.kind == rule.kind}
            if parameters and rule.covers(check, gathered, parameters):
                evidence = (*check.evidence, ("deviation", rule.kind.value), ("without-it", str(check.reason)))
                note = Note("known-deviation", Severity.WARNING)
                return replace(
                    check,
                    status=CheckStatus.INCONCLUSIVE,
                    reason=Reason.KNOWN_DEVIATION,
                    evidence=evidence,
                    notes=(*check.notes, note),
                )
    return check


Covers = Callable[[Check, Gathered, set[str]], bool]


def _whole(check: Check, gathered: Gathered, parameters: set[str]) -> bool:
    """Tell that the deviation is about the check as a whole."""
    return True


def _groups(check: Check, gathered: Gathered, parameters: set[str]) -> bool:
    """Tell whether every group that differs is named."""
    differing = dict(check.evidence)["differing"].split()
    return all(name in {f"DG{number}" for number in parameters} for name in differing)


def _files(check: Check, gathered: Gathered, parameters: set[str]) -> bool:
    """Tell whether every malformed file is named."""
    named = {_label(int(number)) for number in parameters if number.isdecimal()}
    return set(dict(check.evidence)) <= named


def _label(number: int) -> str:
    if number == _SOD_NUMBER:
        return FileId.SOD.label
    return FileId.COM.label if number == _COM_NUMBER else f"EF.DG{number}"


def _claimed_only(check: Check, gathered: Gathered, parameters: set[str]) -> bool:
    """Tell whether what is not signed stands in EF.COM only: a group that is really there, unsigned, is no slip."""
    return set(gathered.whole_data_groups) <= set(gathered.listed)


def _fields(evidence: str) -> Covers:
    """Return what tells whether every field in this piece of evidence is named."""

    def covers(check: Check, gathered: Gathered, parameters: set[str]) -> bool:
        named = {_MRZ_FIELDS.get(parameter, "") for parameter in parameters}
        found = {"date-of-expiry" if name == "expiry" else name for name in dict(check.evidence)[evidence].split()}
        return _GENERIC_FIELD in parameters or found <= named | {"composite"}

    return covers


@dataclass(frozen=True, slots=True)
class _Rule:
    """Say which outcome of which check a kind of deviation explains, if it covers what the check found."""

    kind: DeviationKind
    check: CheckId
    reasons: frozenset[str]
    covers: Covers = _whole
    status: CheckStatus = CheckStatus.FAILED


_RULES = (
    _Rule(
        DeviationKind.SOD_SIGNATURE_WRONG,
        CheckId.SOD_SIGNATURE,
        frozenset({SignerFault.SIGNATURE_INVALID, SignerFault.CONTENT_CHANGED, SignerFault.ATTRIBUTES}),
    ),
    _Rule(DeviationKind.DS_SIGNATURE, CheckId.CHAIN, frozenset({ChainReason.UNTRUSTED})),
    _Rule(
        DeviationKind.DS_ENCODING,
        CheckId.CHAIN,
        frozenset({ChainReason.SIGNER_IS_AUTHORITY, ChainReason.SIGNER_WRONG_PURPOSE, ChainReason.CRITICAL_EXTENSION}),
    ),
    _Rule(
        DeviationKind.CSCA_ENCODING,
        CheckId.CHAIN,
        frozenset({ChainReason.ANCHOR_NOT_AUTHORITY, ChainReason.CRITICAL_EXTENSION}),
    ),
    _Rule(DeviationKind.GROUP_HASH_WRONG, CheckId.HASHES, frozenset({DigestReason.MISMATCH}), _groups),
    _Rule(DeviationKind.GROUP_MALFORMED, CheckId.STRUCTURE, frozenset({Reason.MALFORMED_FILE}), _files),
    _Rule(
        DeviationKind.COM_INCONSISTENT,
        CheckId.COM_SOD,
        frozenset({Reason.UNSIGNED_CONTENT, Reason.VERSION_MISMATCH}),
        _claimed_only,
    ),
    _Rule(
        DeviationKind.MRZ_WRONG_CHECK_DIGIT,
        CheckId.MRZ_CHECK_DIGITS,
        frozenset({Reason.CHECK_DIGIT_WRONG}),
        _fields("wrong"),
    ),
    _Rule(DeviationKind.MRZ_WRONG_DATA, CheckId.DG1_DG13, frozenset({Reason.GROUPS_DIFFER}), _fields("differing")),
    _Rule(
        DeviationKind.AA_KEY_COMPROMISED,
        CheckId.ACTIVE_AUTHENTICATION,
        frozenset({ActiveReason.VERIFIED}),
        status=CheckStatus.PASSED,
    ),
)
