"""A record as the entries of an evidence file, and back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from desk.evidence_model import (
    ActiveEntry,
    ChannelEntry,
    ChipMappingEntry,
    FileEntry,
    NoteEntry,
    PaceFailureEntry,
    RecordEntry,
    VerdictEntry,
    from_base64,
    to_base64,
)
from reader.access import AccessProtocol, ChipMapping, PaceFailure, PaceFailureReason, offered_infos
from reader.crypto import CipherSuite, curve_by_parameter_id
from reader.errors import DataError
from reader.files import FileId, FileRead, ReadOutcome
from reader.genuine import ActiveProof
from reader.inspection.channel_facts import RecordedChannel, RecordedLink, RecordedPassword
from reader.inspection.checks import Check, CheckId
from reader.inspection.record import Record
from reader.verdict import CheckStatus, Note, Severity, Verdict

__all__ = ["entry_of", "record_from"]

_FILES = {file.label: file for file in FileId}
E = TypeVar("E", bound=StrEnum)
# Chip cards of this kind are read since 2004; centuries are counted from the moment, so it must not be just anything.
_FIRST_YEAR, _LAST_YEAR = 2000, 2200


def entry_of(record: Record) -> RecordEntry:
    """Return the entries of a record."""
    proof = record.active_proof
    check = record.key_check
    return RecordEntry(
        moment=record.moment.isoformat(),
        channel=_channel_entry(record.channel),
        files=[_file_entry(read) for read in record.reads],
        chip=_verdict_entry(record.chip) if record.chip else None,
        terminal=_verdict_entry(record.terminal) if record.terminal else None,
        active=_verdict_entry(record.active) if record.active else None,
        active_proof=ActiveEntry(challenge=to_base64(proof.challenge), signature=to_base64(proof.signature))
        if proof
        else None,
        key_check=_verdict_entry(Verdict(check.status, check.reason, check.evidence, check.notes)),
        portrait_problem=record.portrait_problem,
        channel_fault=record.channel_fault,
        unprotected=record.unprotected,
        lost_with_chip_keys=record.lost_with_chip_keys,
        clock_trusted=record.clock_trusted,
    )


def record_from(entry: RecordEntry) -> Record:
    """Build the record again; raise DataError for a word, a moment or bytes that no record holds."""
    try:
        moment = datetime.fromisoformat(entry.moment)
    except ValueError:
        raise DataError("evidence: no moment") from None
    if moment.tzinfo is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise DataError("evidence: a moment without a time zone, or when nobody read cards")
    reads = tuple(_file(read) for read in entry.files)
    if len({read.file for read in reads}) != len(reads):
        raise DataError("evidence: a file stands there twice")
    proof = entry.active_proof
    return Record(
        moment=moment,
        channel=_channel(entry.channel),
        reads=reads,
        chip=_verdict(entry.chip) if entry.chip else None,
        terminal=_verdict(entry.terminal) if entry.terminal else None,
        active=_verdict(entry.active) if entry.active else None,
        active_proof=ActiveProof(from_base64(proof.challenge), from_base64(proof.signature)) if proof else None,
        key_check=Check.of(CheckId.KEY_MATCHES_CHIP, _verdict(entry.key_check)),
        portrait_problem=entry.portrait_problem,
        channel_fault=entry.channel_fault,
        unprotected=entry.unprotected,
        lost_with_chip_keys=entry.lost_with_chip_keys,
        clock_trusted=entry.clock_trusted,
    )


def _file_entry(read: FileRead) -> FileEntry:
    return FileEntry(
        file=read.file.label,
        outcome=read.outcome.value,
        data=to_base64(read.data),
        total=read.total,
        status_word=read.sw,
    )


def _file(entry: FileEntry) -> FileRead:
    if entry.file not in _FILES:
        raise DataError("evidence: a file that there is not")
    outcome = _word(ReadOutcome, entry.outcome)
    return FileRead(_FILES[entry.file], outcome, from_base64(entry.data), entry.total, entry.status_word)


def _verdict_entry(verdict: Verdict) -> VerdictEntry:
    return VerdictEntry(
        status=verdict.status.value,
        reason=str(verdict.reason),
        evidence=[(str(name), str(value)) for name, value in verdict.evidence],
        notes=[NoteEntry(code=note.code, severity=note.severity.value) for note in verdict.notes],
    )


def _verdict(entry: VerdictEntry) -> Verdict:
    notes = tuple(Note(note.code, _word(Severity, note.severity)) for note in entry.notes)
    try:
        return Verdict(_word(CheckStatus, entry.status), entry.reason, tuple(entry.evidence), notes)
    except ValueError:
        raise DataError("evidence: a pass that shows nothing for it") from None


def _channel_entry(channel: RecordedChannel) -> ChannelEntry:
    failure = channel.pace_failure
    return ChannelEntry(
        protocol=channel.protocol.value,
        password=channel.password.kind,
        suite=channel.link.suite.name,
        verified_answers=channel.link.verified_answers,
        unpadded_answers=channel.link.unpadded_answers,
        unprotected_answers=channel.link.unprotected_answers,
        card_access=_file_entry(channel.card_access),
        pace=to_base64(channel.pace.raw) if channel.pace else None,
        pace_failure=PaceFailureEntry(reason=failure.reason.value, step=failure.step, status_word=failure.sw)
        if failure
        else None,
        wanted_reference=channel.wanted_reference,
        chip_mapping=_mapping_entry(channel.chip_mapping) if channel.chip_mapping else None,
    )


def _mapping_entry(mapping: ChipMapping) -> ChipMappingEntry:
    return ChipMappingEntry(
        parameter_id=mapping.parameter_id, mapping_key=to_base64(mapping.mapping_key), data=f"{mapping.data:x}"
    )


def _mapping(entry: ChipMappingEntry) -> ChipMapping:
    curve = curve_by_parameter_id(entry.parameter_id)
    return ChipMapping(curve, entry.parameter_id, from_base64(entry.mapping_key), int(entry.data, 16))


def _channel(entry: ChannelEntry) -> RecordedChannel:
    if entry.suite not in CipherSuite.__members__:
        raise DataError("evidence: a cipher that there is not")
    card_access = _file(entry.card_access)
    offered = offered_infos(card_access)
    failure = entry.pace_failure
    used = from_base64(entry.pace) if entry.pace is not None else None
    pace = next((info for info in offered.pace if info.raw == used), None) if offered else None
    if used is not None and pace is None:
        raise DataError("evidence: a PACE that the chip did not offer")
    return RecordedChannel(
        link=RecordedLink(
            CipherSuite[entry.suite], entry.verified_answers, entry.unpadded_answers, entry.unprotected_answers
        ),
        protocol=_word(AccessProtocol, entry.protocol),
        password=RecordedPassword(entry.password),
        card_access=card_access,
        offered=offered,
        pace=pace,
        pace_failure=PaceFailure(_word(PaceFailureReason, failure.reason), failure.step, failure.status_word)
        if failure
        else None,
        wanted_reference=entry.wanted_reference,
        chip_mapping=_mapping(entry.chip_mapping) if entry.chip_mapping else None,
    )


def _word(kind: type[E], word: str) -> E:
    try:
        return kind(word)
    except ValueError:
        raise DataError("evidence: a word that there is not") from None
