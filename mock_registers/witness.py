"""What a register remembers of each device's ledger, and its countersignature on what continues that."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from pydantic import BaseModel

from auth.ledger.witness import countersign
from auth.merkle import CheckpointInvalid, InvalidProof, SignedCheckpoint
from auth.wire.endpoint import Signer
from auth.wire.profile import CONTENT_TYPE
from mock_registers.answers import PlainAnswer
from mock_registers.gate import EnrolledDevice, Refusal
from mock_registers.messages import CheckpointRequest
from mock_registers.storage import Storage

__all__ = ["CheckpointReply", "LedgerWitness"]


class CheckpointReply(BaseModel):
    """A checkpoint as the note it is; empty where none was seen."""

    checkpoint: str


@dataclass(frozen=True, slots=True)
class LedgerWitness:
    """Countersign for one register; what was seen outlives a restart where the storage does."""

    register: str
    key: Signer
    storage: Storage

    def last(self, device: EnrolledDevice) -> PlainAnswer:
        """Return the last checkpoint seen of the device, empty where there is none."""
        return _answer(self.storage.last_checkpoint(self.register, device.key_id))

    def countersign(self, device: EnrolledDevice, request: CheckpointRequest) -> PlainAnswer:
        """Return the checkpoint countersigned and remember it; raise Refusal where it does not continue the last."""
        note = self.storage.last_checkpoint(self.register, device.key_id)
        try:
            offered = SignedCheckpoint.parse(request.checkpoint)
            proof = tuple(base64.b64decode(one, validate=True) for one in request.proof)
        except (CheckpointInvalid, ValueError):
            raise Refusal(400, "malformed-checkpoint") from None
        try:
            last = SignedCheckpoint.parse(note) if note else None
            signed = countersign(offered, last, proof, (device.key_id, device.public_key), self.key)
        except CheckpointInvalid:
            raise Refusal(400, "malformed-checkpoint") from None
        except InvalidProof:
            raise Refusal(409, "checkpoint-does-not-continue") from None
        if not self.storage.replace_checkpoint(self.register, device.key_id, note, signed.to_text()):
            # Another checkpoint of this device was countersigned in between: ours continues one that is past.
            raise Refusal(409, "checkpoint-does-not-continue")
        return _answer(signed.to_text())


def _answer(note: str) -> PlainAnswer:
    return PlainAnswer(200, CONTENT_TYPE, CheckpointReply(checkpoint=note).model_dump_json().encode())
