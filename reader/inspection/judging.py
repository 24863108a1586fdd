"""From what was gathered to the checks: every check of ``CheckId`` is answered, once, in their order."""

from __future__ import annotations

from datetime import date, datetime

from reader.access import AccessProtocol, Mapping, PaceFailureReason, rank_offers
from reader.files import FileId
from reader.genuine import (
    ActiveReason,
    CardSecurityReason,
    ChipReason,
    MappingReason,
    SodReason,
    judge_chip_mapping,
    judge_digests,
    judge_without_credentials,
)
from reader.genuine.passive import NO_CHAIN, DigestReason
from reader.inspection import consistency
from reader.inspection.checks import Check, CheckId
from reader.inspection.deviations import apply_deviations
from reader.inspection.gathered import Gathered
from reader.inspection.master_file import card_access_check
from reader.inspection.reasons import Reason
from reader.inspection.undated import undated_check
from reader.trust import RevocationReason
from reader.verdict import CheckStatus, Note, Severity, Verdict

__all__ = ["judge"]

_PACE_REASONS = {
    PaceFailureReason.REFUSED: Reason.REFUSED,
    PaceFailureReason.TRANSPORT: Reason.TRANSPORT,
    PaceFailureReason.UNSUPPORTED: Reason.UNSUPPORTED,
}


def judge(gathered: Gathered, moment: datetime, key_matches: Check) -> tuple[Check, ...]:
    """Answer every check as of ``moment``; ``key_matches`` is the one that needs what was typed."""
    today = moment.date()
    checks = (
        _pace(gathered),
        _bac(gathered),
        card_access_check(gathered),
        _secure_messaging(gathered),
        Check.of(CheckId.SOD_SIGNATURE, _signature(gathered)),
        Check.of(CheckId.CHAIN, gathered.chain or Verdict.inconclusive(NO_CHAIN)),
        Check.of(CheckId.HASHES, _digests(gathered)),
        Check.of(CheckId.REVOCATION, gathered.revocation or Verdict.inconclusive(RevocationReason.NO_ISSUER)),
        Check.of(CheckId.CARD_SECURITY, _card_security(gathered)),
        Check.of(CheckId.CHIP_AUTHENTICATION, _chip(gathered)),
        Check.of(CheckId.ACTIVE_AUTHENTICATION, _active(gathered)),
        Check.of(CheckId.CHIP_MAPPING, _chip_mapping(gathered)),
        Check.of(CheckId.TERMINAL_AUTHENTICATION, gathered.terminal or judge_without_credentials()),
        consistency.com_sod_check(gathered),
        consistency.structure_check(gathered),
        consistency.mrz_digits_check(gathered),
        key_matches,
        consistency.dg1_dg13_check(gathered, today),
        consistency.issuing_state_check(gathered),
        _expiry(gathered, today),
    )
    return apply_deviations(checks, gathered)


def _expiry(gathered: Gathered, today: date) -> Check:
    check = consistency.expiry_check(gathered, today)
    return check if gathered.clock_trusted else undated_check(check)


def _pace(gathered: Gathered) -> Check:
    id, channel = CheckId.PACE, gathered.channel
    if channel.protocol is AccessProtocol.PACE and channel.pace is not None:
        evidence = {
            "protocol": channel.pace.oid,
            "parameters": str(channel.pace.parameter_id),
            "password": channel.password.kind,
        }
        notes = [Note("parameters-had-to-be-named")] if channel.wanted_reference else []
        return Check.passed(id, Reason.OPENED, evidence, *notes)
    failure = channel.pace_failure
    if failure is None:
        return Check.not_applicable(id, Reason.NOT_OFFERED)
    evidence = {"step": failure.step} | ({"status": f"{failure.sw:04X}"} if failure.sw is not None else {})
    note = Note("fallback-after-pace", Severity.WARNING)
    status = CheckStatus.UNAVAILABLE if failure.reason is PaceFailureReason.UNSUPPORTED else CheckStatus.FAILED
    return Check(id, status, _PACE_REASONS[failure.reason], tuple(evidence.items()), (note,))


def _bac(gathered: Gathered) -> Check:
    if gathered.channel.protocol is not AccessProtocol.BAC:
        return Check.not_applicable(CheckId.BAC, Reason.NOT_NEEDED)
    return Check.passed(CheckId.BAC, Reason.OPENED, {"protocol": "BAC", "cipher": gathered.channel.link.suite.name})


def _secure_messaging(gathered: Gathered) -> Check:
    id, link = CheckId.SECURE_MESSAGING, gathered.channel.link
    evidence = {"cipher": link.suite.name, "verified-answers": str(link.verified_answers)}
    if gathered.lost_with_chip_keys:
        return Check.inconclusive(id, Reason.LOST_WITH_CHIP_KEYS, evidence)
    if gathered.channel_fault:
        reason = Reason.UNPROTECTED if gathered.unprotected else Reason.INTEGRITY
        return Check.failed(id, reason, evidence | {"fault": gathered.channel_fault})
    if link.unprotected_answers:
        # The channel held, so nobody has put anything in; but what those answers refused is only said, not shown.
        return Check.inconclusive(id, Reason.UNPROTECTED, evidence | {"unprotected": str(link.unprotected_answers)})
    notes = [Note("unpadded-answer")] if link.unpadded_answers else []
    return Check.passed(id, Reason.INTACT, evidence, *notes)


def _signature(gathered: Gathered) -> Verdict:
    if gathered.security_object is not None:
        return gathered.security_object.signature
    if gathered.refused(FileId.SOD):
        return Verdict.failed(SodReason.SUPPRESSED, {"status": f"{gathered.reads[FileId.SOD].sw:04X}"})
    return Verdict.inconclusive(SodReason.NOT_READ)


def _digests(gathered: Gathered) -> Verdict:
    if gathered.security_object is None:
        return Verdict.inconclusive(DigestReason.REFERENCE_UNPROVEN)
    return judge_digests(gathered.security_object, gathered.whole_data_groups)


def _chip(gathered: Gathered) -> Verdict:
    verdict = gathered.chip
    if verdict is None:
        absent = Verdict.not_applicable(ChipReason.NOT_OFFERED)
        suppressed = Verdict.failed(ChipReason.SUPPRESSED, _refusal(gathered, FileId.DG14))
        not_read, not_finished = (
            Verdict.inconclusive(reason) for reason in (ChipReason.KEY_NOT_READ, ChipReason.NOT_FINISHED)
        )
        return _unproven(gathered, 14, absent, suppressed, not_read, not_finished)
    return _proven_key(gathered, verdict, 14, ChipReason.KEY_NOT_PROVEN)


def _active(gathered: Gathered) -> Verdict:
    verdict = gathered.active
    if verdict is None:
        absent = Verdict.not_applicable(ActiveReason.NOT_OFFERED)
        suppressed = Verdict.failed(ActiveReason.SUPPRESSED, _refusal(gathered, FileId.DG15))
        not_read, not_finished = (
            Verdict.inconclusive(reason) for reason in (ActiveReason.KEY_NOT_READ, ActiveReason.NOT_FINISHED)
        )
        return _unproven(gathered, 15, absent, suppressed, not_read, not_finished)
    return _proven_key(gathered, verdict, 15, ActiveReason.KEY_NOT_PROVEN)


def _card_security(gathered: Gathered) -> Verdict:
    """Judge who signed EF.CardSecurity, which a chip with Chip Authentication Mapping must have (§9.2.11)."""
    found = gathered.card_security
    if found is not None:
        if found.signed.proven:
            return gathered.card_security_chain or Verdict.inconclusive(NO_CHAIN)
        return found.signed.signature
    if gathered.channel.chip_mapping is None:
        return Verdict.not_applicable(CardSecurityReason.NOT_NEEDED)
    if gathered.refused(FileId.CARD_SECURITY):
        return Verdict.failed(CardSecurityReason.SUPPRESSED, _refusal(gathered, FileId.CARD_SECURITY))
    return Verdict.inconclusive(CardSecurityReason.NOT_READ)


def _chip_mapping(gathered: Gathered) -> Verdict:
    """Judge what PACE with Chip Authentication Mapping showed of the chip (CH-13 … CH-15)."""
    mapping, security = gathered.channel.chip_mapping, gathered.card_security
    if mapping is None:
        offered = rank_offers(gathered.channel.offered.pace) if gathered.channel.offered else ()
        shown = any(offer.mapping is Mapping.CHIP_AUTHENTICATION for offer in offered)
        return Verdict.not_applicable(MappingReason.NOT_USED if shown else MappingReason.NOT_OFFERED)
    if security is not None:
        dg14 = gathered.dg14 if consistency.group_is_proven(gathered, 14) else None
        return judge_chip_mapping(mapping, security, gathered.card_security_chain, dg14)
    if gathered.refused(FileId.CARD_SECURITY):
        return Verdict.failed(MappingReason.SUPPRESSED, _refusal(gathered, FileId.CARD_SECURITY))
    return Verdict.inconclusive(MappingReason.KEY_NOT_READ)


def _refusal(gathered: Gathered, file: FileId) -> dict[str, str]:
    read = gathered.reads.get(file)
    return {"file": file.label, "status": f"{read.sw:04X}"} if read else {}


def _unproven(
    gathered: Gathered, number: int, absent: Verdict, suppressed: Verdict, not_read: Verdict, not_finished: Verdict
) -> Verdict:
    """Say why a proof was not made: the document has none, hides it (LC-04), or it could not be read.

    Only a list whose signature verified can say that there is none.
    """
    file = FileId.of_data_group(number)
    if number not in gathered.listed:
        return absent if gathered.list_is_proven else not_read
    if gathered.refused(file):
        return suppressed
    begun = gathered.chip_key is not None if number == 14 else gathered.active_key is not None
    return not_finished if begun or gathered.channel_fault else not_read


def _proven_key(gathered: Gathered, verdict: Verdict, number: int, reason: str) -> Verdict:
    """Let a pass stand only where the key itself is the issuer's: signed, chained, unchanged (CH-12, §6.2.2)."""
    if verdict.status is not CheckStatus.PASSED:
        return verdict
    chained = gathered.chain is not None and gathered.chain.status is CheckStatus.PASSED
    if chained and consistency.group_is_proven(gathered, number):
        return verdict
    return Verdict(CheckStatus.INCONCLUSIVE, reason, verdict.evidence, verdict.notes)
