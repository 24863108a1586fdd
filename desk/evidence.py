"""The evidence file: an inspection that somebody else can judge again, on a machine without reader and network.

One JSON file in its one canonical form: files as read, the chip's signature, what only the inspector can say, the
report; SHA-256 over all of it, and the signature of the station where it has a key. It holds the citizen's data and
portrait: whoever writes it lets nobody else read it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from pydantic import ValidationError

from auth.device_key import DeviceKey
from auth.wire.endpoint import DeviceCredential
from desk.evidence_model import Envelope, Evidence, ReportEntry, SignatureEntry, from_base64, to_base64
from desk.evidence_record import entry_of, record_from
from desk.inspection_report import Json, canonical, inspection_report
from reader.errors import DataError, MotCuaError
from reader.inspection.record import Record
from reader.inspection.report import Inspection

__all__ = ["MAX_EVIDENCE_BYTES", "EvidenceDamaged", "EvidenceFile", "read_evidence", "write_evidence"]

MAX_EVIDENCE_BYTES = 12 << 20
# What a device signs begins with what it is, so that no signature for one purpose serves another.
_PURPOSE = b"motcua-evidence-1\n"


class EvidenceDamaged(MotCuaError):
    """Say that a file is no evidence file, or not as it was written."""

    code = "evidence-damaged"


@dataclass(frozen=True, slots=True, repr=False)
class EvidenceFile:
    """Hold an evidence file that is as it was written; whether it may be believed is another question."""

    record: Record
    report: ReportEntry
    content: Json
    signature: SignatureEntry | None

    def signed_by(self, key: DeviceKey) -> bool:
        """Tell whether the station that holds ``key`` signed this file."""
        entry = self.signature
        return (
            entry is not None
            and entry.key_id == key.key_id
            and key.verifies(_signed(self.content, entry.device, entry.key_id), from_base64(entry.value))
        )

    def __repr__(self) -> str:
        """Show whether it is signed, nothing of the person."""
        return f"EvidenceFile({'signed' if self.signature else 'not signed'})"


def write_evidence(inspection: Inspection, device: DeviceCredential | None = None) -> bytes:
    """Return the evidence file of an inspection, signed where there is a device key.

    Raise ValueError for an inspection without a record.
    """
    if inspection.record is None:
        raise ValueError("an inspection without a record proves nothing")
    report = ReportEntry.model_validate(
        inspection_report(inspection) | {"decision": inspection.decision.value}, strict=True
    )
    evidence = Evidence(format="motcua-evidence", version=1, record=entry_of(inspection.record), report=report)
    content = evidence.model_dump(mode="json")
    signature = _sign(content, device) if device is not None else None
    whole: Json = {"evidence": content, "signature": signature.model_dump(mode="json") if signature else None}
    return canonical(whole | {"sha256": _digest(whole)})


def read_evidence(raw: bytes) -> EvidenceFile:
    """Read an evidence file; raise EvidenceDamaged where one bit of it is not as it was written."""
    if len(raw) > MAX_EVIDENCE_BYTES:
        raise EvidenceDamaged("larger than an evidence file can be")
    try:
        said = json.loads(raw.decode())
        envelope = Envelope.model_validate_json(raw)
        # Whatever JSON lets one write in two ways is written in one: any other byte is a change.
        if canonical(said) != raw:
            raise EvidenceDamaged("not in its canonical form")
        if _digest({"evidence": said["evidence"], "signature": said["signature"]}) != envelope.sha256:
            raise EvidenceDamaged("not as it was written")
        if envelope.signature is not None:
            from_base64(envelope.signature.value)
        record = record_from(envelope.evidence.record)
    except (ValidationError, DataError, ValueError, RecursionError):
        raise EvidenceDamaged("no evidence file") from None
    return EvidenceFile(record, envelope.evidence.report, said["evidence"], envelope.signature)


def _sign(content: Json, device: DeviceCredential) -> SignatureEntry:
    key_id = device.signer.key_id
    return SignatureEntry(
        algorithm="ES256",
        device=device.device_id,
        key_id=key_id,
        value=to_base64(device.signer.sign(_signed(content, device.device_id, key_id))),
    )


def _signed(content: Json, device_id: str, key_id: str) -> bytes:
    """Return what a station signs: the evidence, and that it is this station which vouches for it."""
    return _PURPOSE + canonical({"device": device_id, "evidence": content, "key_id": key_id})


def _digest(whole: Json) -> str:
    return hashlib.sha256(canonical(whole)).hexdigest()
