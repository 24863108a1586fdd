"""Judging an inspection again from its record: no card, no reader, the same judges.

What the files allow is computed anew: structure, signature, chain, digests, the agreement of the parts, and the chip's
signature over the challenge. What was the inspector's word stays that.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from reader.errors import DataError
from reader.files import FileId
from reader.genuine import (
    ActiveKey,
    ChipKey,
    SecurityObject,
    SignerJudgement,
    SodReason,
    choose_active_key,
    choose_chip_key,
    judge_active_proof,
    judge_card_security,
    judge_security_object,
)
from reader.inspection.card_reading import READ_BY_NAME, USUAL_GROUPS
from reader.inspection.checks import Check
from reader.inspection.deviations import deviations_of
from reader.inspection.gathered import Gathered
from reader.inspection.judging import judge
from reader.inspection.record import Record
from reader.inspection.undated import undated_signer
from reader.lds import (
    identity_of,
    parse_com,
    parse_dg1,
    parse_dg2,
    parse_dg13,
    parse_dg14,
    parse_dg15,
    parse_other_group,
)
from reader.trust import TrustMaterial

__all__ = ["gather_again", "judge_again", "judge_gathered"]


def judge_again(record: Record, trust: TrustMaterial, moment: datetime | None = None) -> tuple[Check, ...]:
    """Answer every check from ``record`` under ``trust``, as of the inspection unless another ``moment`` is given."""
    at = moment or record.moment
    return judge(gather_again(record, trust, at), at, record.key_check)


def judge_gathered(gathered: Gathered, record: Record) -> tuple[Check, ...]:
    """Answer every check from what ``gather_again`` made of ``record``, as of the inspection."""
    return judge(gathered, record.moment, record.key_check)


def gather_again(record: Record, trust: TrustMaterial, moment: datetime) -> Gathered:
    """Return what an inspection would have gathered had it read the recorded files, in the order of a reading."""
    gathered = Gathered(
        record.channel,
        channel_fault=record.channel_fault,
        unprotected=record.unprotected,
        lost_with_chip_keys=record.lost_with_chip_keys,
        portrait_problem=record.portrait_problem,
        terminal=record.terminal,
        # At another moment than the inspector's it is somebody else's clock.
        clock_trusted=record.clock_trusted or moment != record.moment,
    )
    for read in record.reads:
        gathered.add(read)
    sod = gathered.whole(FileId.SOD)
    if sod is not None:
        gathered.security_object = judge_security_object(sod, trust.signers)
    _parse(gathered, moment)
    _prove(gathered, record)
    if gathered.security_object is not None:
        if gathered.security_object.signature.reason == SodReason.MALFORMED:
            gathered.malformed[FileId.SOD.label] = SodReason.MALFORMED
        else:
            gathered.parsed.append(FileId.SOD.label)
        judged = _judge_signer(gathered, gathered.security_object, trust, moment)
        gathered.chain, gathered.revocation = judged.chain, judged.revocation
    master = gathered.whole(FileId.CARD_SECURITY)
    if master is not None:
        gathered.take_card_security(judge_card_security(master))
    if gathered.card_security is not None:
        judged = _judge_signer(gathered, gathered.card_security.signed, trust, moment)
        gathered.card_security_chain = judged.together
    gathered.deviations = deviations_of(gathered, trust)
    found = gathered.parse(FileId.DG2, parse_dg2, gathered.whole(FileId.DG2))
    gathered.portraits = len(found.faces) if found is not None else 0
    return gathered


def _judge_signer(
    gathered: Gathered, signed: SecurityObject, trust: TrustMaterial, moment: datetime
) -> SignerJudgement:
    """Judge a signer at the dates that the card tells."""
    found = signed.judge_signer(trust, moment, gathered.issued, gathered.expires, gathered.document_code)
    return found if gathered.clock_trusted else undated_signer(found)


def _parse(gathered: Gathered, moment: datetime) -> None:
    """Parse what the reading parsed: DG1, and the groups that EF.SOD lists, or the usual ones where it is missing."""
    groups = gathered.listed or USUAL_GROUPS
    gathered.mrz = gathered.parse(FileId.DG1, parse_dg1, gathered.whole(FileId.DG1))
    if 13 in groups and gathered.may_be_vietnamese:
        gathered.dg13 = gathered.parse(FileId.DG13, parse_dg13, gathered.whole(FileId.DG13))
    try:
        gathered.identity = identity_of(gathered.mrz, gathered.dg13, today=moment.date())
    except DataError:
        gathered.identity = None
    if 14 in groups:
        gathered.dg14 = gathered.parse(FileId.DG14, parse_dg14, gathered.whole(FileId.DG14))
    if 15 in groups:
        gathered.dg15 = gathered.parse(FileId.DG15, parse_dg15, gathered.whole(FileId.DG15))
    gathered.com = gathered.parse(FileId.COM, parse_com, gathered.whole(FileId.COM))
    for file in gathered.reads:
        number = file.data_group
        if number is not None and number not in READ_BY_NAME and file.label not in gathered.malformed:
            gathered.parse(file, partial(parse_other_group, data_group=number), gathered.whole(file))


def _prove(gathered: Gathered, record: Record) -> None:
    """Choose the chip's keys anew; judge its signature anew, and take the inspector's word for its key agreement."""
    if gathered.dg14 is not None:
        chip = choose_chip_key(gathered.dg14)
        if isinstance(chip, ChipKey):
            gathered.chip_key, gathered.chip = chip, record.chip
        else:
            gathered.chip = chip
    if gathered.dg15 is not None:
        active = choose_active_key(gathered.dg15.spki, gathered.dg14)
        if isinstance(active, ActiveKey):
            gathered.active_key, gathered.active_proof = active, record.active_proof
            proof = record.active_proof
            gathered.active = judge_active_proof(active, proof) if proof is not None else record.active
        else:
            gathered.active = active
