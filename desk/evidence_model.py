"""The form of an evidence file: what may stand in it, how much of it, and nothing else.

Bytes are base64. The models are strict: a wrong type, a surplus key or an unknown word makes the file unreadable.
"""

from __future__ import annotations

import base64
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from reader.errors import DataError

__all__ = [
    "ActiveEntry",
    "ChannelEntry",
    "CheckEntry",
    "ChipMappingEntry",
    "Envelope",
    "Evidence",
    "FileEntry",
    "FindingEntry",
    "MaterialEntry",
    "NoteEntry",
    "PaceFailureEntry",
    "ProgramEntry",
    "RecordEntry",
    "ReportEntry",
    "SignatureEntry",
    "VerdictEntry",
    "from_base64",
    "to_base64",
]

Word = Annotated[str, Field(max_length=200)]
Line = Annotated[str, Field(max_length=2000)]
Count = Annotated[int, Field(ge=0, le=1 << 31)]
# A file of the chip has at most a megabyte.
Base64 = Annotated[str, Field(max_length=1_500_000, pattern=r"^[A-Za-z0-9+/]*={0,2}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class NoteEntry(_Entry):
    """A note on a verdict."""

    code: Word
    severity: Word


class VerdictEntry(_Entry):
    """A verdict; evidence as pairs, in the order in which it was given."""

    status: Word
    reason: Word
    evidence: Annotated[list[tuple[Word, Line]], Field(max_length=64)]
    notes: Annotated[list[NoteEntry], Field(max_length=64)]


class FileEntry(_Entry):
    """A file as read, whole or not."""

    file: Word
    outcome: Word
    data: Base64
    total: Count | None
    status_word: Annotated[int, Field(ge=0, le=0xFFFF)]


class PaceFailureEntry(_Entry):
    """A PACE that was offered and failed."""

    reason: Word
    step: Line
    status_word: Annotated[int, Field(ge=0, le=0xFFFF)] | None


class ChipMappingEntry(_Entry):
    """What Chip Authentication Mapping brought: standardised parameters, the mapping key, and CA_IC in hex."""

    parameter_id: Annotated[int, Field(ge=0, le=255)]
    mapping_key: Base64
    data: Annotated[str, Field(pattern="^[0-9a-f]{1,140}$")]


class ChannelEntry(_Entry):
    """How the chip was opened and how the channel fared; ``pace`` is the PACEInfo that was used."""

    protocol: Word
    password: Word
    suite: Word
    verified_answers: Count
    unpadded_answers: Count
    unprotected_answers: Count
    card_access: FileEntry
    pace: Base64 | None
    pace_failure: PaceFailureEntry | None
    wanted_reference: bool
    chip_mapping: ChipMappingEntry | None


class ActiveEntry(_Entry):
    """The chip's signature over a challenge: a proof for everybody."""

    challenge: Base64
    signature: Base64


class RecordEntry(_Entry):
    """What the inspection saw (``reader.inspection.record.Record``)."""

    moment: Word
    channel: ChannelEntry
    files: Annotated[list[FileEntry], Field(max_length=32)]
    chip: VerdictEntry | None
    terminal: VerdictEntry | None
    active: VerdictEntry | None
    active_proof: ActiveEntry | None
    key_check: VerdictEntry
    portrait_problem: Word
    channel_fault: Line
    unprotected: bool
    lost_with_chip_keys: bool
    # Files that were written before there was this word are of computers that nobody knew to be wrong.
    clock_trusted: bool = True


class CheckEntry(_Entry):
    """A check as the station reported it."""

    id: Word
    status: Word
    result: Word
    reason: Word
    evidence: Annotated[dict[Word, Line], Field(max_length=64)]
    notes: Annotated[list[NoteEntry], Field(max_length=64)]


class FindingEntry(_Entry):
    """A reason why the station's decision was not better."""

    check: Word
    reason: Word
    decision: Word


class MaterialEntry(_Entry):
    """Trust material that the station believed."""

    kind: Word
    fingerprint: Word
    count: Count
    as_of: Word | None
    age_days: int | None


class ProgramEntry(_Entry):
    """The program that wrote the report."""

    name: Word
    version: Word


class ReportEntry(_Entry):
    """The station's report (``desk.inspection_report``)."""

    program: ProgramEntry
    inspected_at: Word | None
    decision: Word
    policy: Word
    policy_digest: Word
    access: Word
    checks: Annotated[list[CheckEntry], Field(max_length=64)]
    findings: Annotated[list[FindingEntry], Field(max_length=256)]
    trust: Annotated[list[MaterialEntry], Field(max_length=64)]
    timings: Annotated[dict[Word, float], Field(max_length=64)]
    apdus: Count
    bytes: Annotated[dict[Word, Count], Field(max_length=2)]


class Evidence(_Entry):
    """What the station vouches for: the record, and the report that it made of it."""

    format: Literal["motcua-evidence"]
    version: Literal[1]
    record: RecordEntry
    report: ReportEntry


class SignatureEntry(_Entry):
    """The station's signature over the evidence: ECDSA P-256/SHA-256, r ‖ s."""

    algorithm: Literal["ES256"]
    device: Word
    key_id: Word
    value: Base64


class Envelope(_Entry):
    """The whole file; ``sha256`` is over everything else in it."""

    evidence: Evidence
    signature: SignatureEntry | None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def to_base64(raw: bytes) -> str:
    """Write bytes."""
    return base64.b64encode(raw).decode()


def from_base64(text: str) -> bytes:
    """Read bytes; raise DataError where it is not base64 as it is written."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise DataError("evidence: no base64") from None
    if to_base64(raw) != text:
        raise DataError("evidence: base64 with other bits at its end")
    return raw
