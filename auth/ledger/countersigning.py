"""The desk's side of countersigning: what a register saw last, and its signature on what has come since."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auth.errors import AnswerNotTrusted, LedgerUnusable
from auth.ledger.store import Ledger
from auth.merkle import CheckpointInvalid, SignedCheckpoint
from auth.merkle.checkpoint import MAX_BYTES
from auth.wire.client import WireClient
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from auth.wire.profile import COUNTERSIGN_PATH, LAST_CHECKPOINT_PATH, LEDGER_PURPOSE

__all__ = ["RegisterWitness", "Witness", "anchor"]

ROLLED_BACK = "rolled-back"


class Witness(Protocol):
    """Remember the last checkpoint of this device, and countersign what continues it: a register."""

    @property
    def keys(self) -> Mapping[str, ec.EllipticCurvePublicKey]:
        """Return the keys it signs with, by id."""
        ...

    def last_seen(self) -> SignedCheckpoint | None:
        """Return the last checkpoint it signed for this device, None where it knows none; raise RegisterError."""
        ...

    def countersign(self, signed: SignedCheckpoint, proof: tuple[bytes, ...]) -> SignedCheckpoint:
        """Return the checkpoint with one more signature, a good one; raise RegisterError where there is none."""
        ...

    def close(self) -> None:
        """Break off what is under way."""
        ...


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    checkpoint: Annotated[str, Field(max_length=MAX_BYTES)]


class _Offer(BaseModel):
    model_config = ConfigDict(frozen=True)

    device: str
    checkpoint: str = ""
    proof: tuple[str, ...] = ()


class RegisterWitness:
    """Speak to one register about checkpoints (``Witness``)."""

    def __init__(self, endpoint: RegisterEndpoint, device: DeviceCredential, *, deadline_s: float = 5.0) -> None:
        """Take ``deadline_s`` as the total of one request; raise RegisterUnreachable for keys that are none."""
        self._wire = WireClient(endpoint, device, deadline_s=deadline_s)
        self._device = device
        loaded = {key.key_id: load_der_public_key(key.spki) for key in endpoint.answer_keys}
        self._keys = {id: key for id, key in loaded.items() if isinstance(key, ec.EllipticCurvePublicKey)}

    @property
    def keys(self) -> Mapping[str, ec.EllipticCurvePublicKey]:
        """Return the register's answer keys: with them it countersigns."""
        return self._keys

    def last_seen(self) -> SignedCheckpoint | None:
        """Return the last checkpoint that the register signed for this device, None where it knows none."""
        note = self._ask(LAST_CHECKPOINT_PATH, _Offer(device=self._device.device_id))
        return self._read(note) if note else None

    def countersign(self, signed: SignedCheckpoint, proof: tuple[bytes, ...]) -> SignedCheckpoint:
        """Return the checkpoint with the register's signature; raise RegisterRefused where it continues nothing."""
        hashes = tuple(base64.b64encode(one).decode() for one in proof)
        offer = _Offer(device=self._device.device_id, checkpoint=signed.to_text(), proof=hashes)
        answered = self._read(self._ask(COUNTERSIGN_PATH, offer))
        if answered.checkpoint != signed.checkpoint:
            raise AnswerNotTrusted(self._wire.register, "another-checkpoint")
        for key_id, signature in answered.signatures:
            if key_id in self._keys:
                signed = signed.with_signature(key_id, signature)
        return signed

    def close(self) -> None:
        """Break off what is under way and end the client's thread."""
        self._wire.close()

    def _ask(self, path: str, offer: _Offer) -> str:
        answer = self._wire.ask_unsealed(path, offer.model_dump_json().encode(), LEDGER_PURPOSE)
        try:
            return _Answer.model_validate_json(answer.body).checkpoint
        except (ValidationError, ValueError):
            raise AnswerNotTrusted(self._wire.register, "answer-malformed") from None

    def _read(self, note: str) -> SignedCheckpoint:
        """Return a note that one of the register's keys signed."""
        try:
            signed = SignedCheckpoint.parse(note)
            if signed.verify(self._keys, ()):
                return signed
        except CheckpointInvalid:
            raise AnswerNotTrusted(self._wire.register, "checkpoint-malformed") from None
        raise AnswerNotTrusted(self._wire.register, "checkpoint-not-signed")


def anchor(ledger: Ledger, witness: Witness, now: datetime) -> None:
    """Have ``witness`` countersign the log as it is now, where it continues what the witness saw last.

    Raise LedgerUnusable("rolled-back") where this log is shorter than what the witness has seen, or another: then
    acts were lost here, or an older copy was put back. Raise RegisterError where the witness gives no answer.
    """
    # Asked before the checkpoint is made: another desk on this file may add to both meanwhile.
    seen = witness.last_seen()
    signed = ledger.checkpoint(now)
    size, old = signed.checkpoint.size, seen.checkpoint.size if seen is not None else 0
    if seen is not None and not _continues(ledger, seen):
        raise LedgerUnusable(ROLLED_BACK)
    if size == 0 or any(key_id in witness.keys for key_id, _ in signed.signatures):
        return
    ledger.keep(witness.countersign(signed, ledger.prove_consistency(old, size) if old else ()))


def _continues(ledger: Ledger, seen: SignedCheckpoint) -> bool:
    checkpoint = seen.checkpoint
    same = checkpoint.origin == ledger.origin and checkpoint.size <= ledger.size
    return same and ledger.root(checkpoint.size) == checkpoint.root
