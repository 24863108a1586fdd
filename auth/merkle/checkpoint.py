"""A checkpoint: how long the log is and what its root is, signed by the device and countersigned by registers.

The form is that of a signed note: lines that people can read, an empty line, and a line for each signature. A register
countersigns only what continues the last checkpoint it saw of that device; so a log that is wound back, by a restored
disk or by somebody, comes to light at the next one.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from auth.merkle.tree import HASH_BYTES
from auth.wire.endpoint import Signer
from reader.errors import DataError

__all__ = ["LEDGER_ORIGIN", "Checkpoint", "CheckpointInvalid", "SignedCheckpoint", "sign_checkpoint"]

MAX_BYTES = 16_384
MAX_SIGNATURES = 32
MAX_SIZE = 1 << 53
LEDGER_ORIGIN = re.compile(r"motcua-ledger/[A-Za-z0-9_-]{1,64}")
_SIGNATURE_LINE = re.compile(r"— ([A-Za-z0-9_.-]{1,64}) ([A-Za-z0-9+/]{86}==)")
_HALF = 32


class CheckpointInvalid(DataError):
    """Say that a checkpoint is malformed, or that a signature that must hold does not."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Hold what is signed: whose log, its size, its root, and when."""

    origin: str
    size: int
    root: bytes
    at: datetime

    def to_text(self) -> str:
        """Return the signed lines, the last one ended."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\n{self.at.astimezone(UTC).isoformat(timespec='seconds')}\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """Hold a checkpoint with its signatures, ``(key id, r ‖ s)``, the device's first."""

    checkpoint: Checkpoint
    signatures: tuple[tuple[str, bytes], ...]

    def to_text(self) -> str:
        """Return the note."""
        lines = (f"— {key_id} {base64.b64encode(signature).decode()}\n" for key_id, signature in self.signatures)
        return f"{self.checkpoint.to_text()}\n{''.join(lines)}"

    @classmethod
    def parse(cls, text: str, origin: re.Pattern[str] = LEDGER_ORIGIN) -> SignedCheckpoint:
        """Read a note of a log named like ``origin``; raise CheckpointInvalid for what ``to_text`` never writes."""
        if len(text) > MAX_BYTES:
            raise CheckpointInvalid(f"checkpoint of more than {MAX_BYTES} characters")
        body, _, signatures = text.partition("\n\n")
        read = cls(_parse_body(body, origin), _parse_signatures(signatures))
        if read.to_text() != text:
            raise CheckpointInvalid("checkpoint that is not written as one is")
        return read

    def with_signature(self, key_id: str, signature: bytes) -> SignedCheckpoint:
        """Add a countersignature, in place of an older one of the same key."""
        others = tuple(one for one in self.signatures if one[0] != key_id)
        return replace(self, signatures=(*others, (key_id, signature)))

    def verify(self, keys: Mapping[str, ec.EllipticCurvePublicKey], required: Iterable[str]) -> tuple[str, ...]:
        """Verify the signatures of all keys that are known; return their ids.

        Raise CheckpointInvalid where a known key's signature is wrong, or one that is ``required`` is missing. A
        signature of a key that is not known is neither good nor bad.
        """
        message = self.checkpoint.to_text().encode()
        verified = []
        for key_id, signature in self.signatures:
            if key_id not in keys:
                continue
            if not _holds(keys[key_id], signature, message):
                raise CheckpointInvalid("checkpoint with a wrong signature")
            verified.append(key_id)
        if not set(required) <= set(verified):
            raise CheckpointInvalid("checkpoint without a signature that it needs")
        return tuple(verified)


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> SignedCheckpoint:
    """Sign a checkpoint with the key of whoever keeps the log; its time is cut to the seconds that are signed."""
    # What a register sends back is held against this, and no fraction of a second comes back.
    checkpoint = replace(checkpoint, at=checkpoint.at.replace(microsecond=0))
    return SignedCheckpoint(checkpoint, ((signer.key_id, signer.sign(checkpoint.to_text().encode())),))


def _holds(key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes) -> bool:
    r, s = (int.from_bytes(half, "big") for half in (signature[:_HALF], signature[_HALF:]))
    try:
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _parse_body(body: str, origin: re.Pattern[str]) -> Checkpoint:
    lines = body.split("\n")
    if len(lines) != 4 or not origin.fullmatch(lines[0]) or not re.fullmatch(r"0|[1-9]\d{0,15}", lines[1]):
        raise CheckpointInvalid("checkpoint that is not four lines of origin, size, root and time")
    root, at = _decode(lines[2]), _moment(lines[3])
    size = int(lines[1])
    if len(root) != HASH_BYTES or size > MAX_SIZE:
        raise CheckpointInvalid("checkpoint whose root or size is none")
    return Checkpoint(lines[0], size, root, at)


def _parse_signatures(text: str) -> tuple[tuple[str, bytes], ...]:
    lines = text.split("\n")[:-1]
    found = [_SIGNATURE_LINE.fullmatch(line) for line in lines]
    if not 1 <= len(lines) <= MAX_SIGNATURES:
        raise CheckpointInvalid("checkpoint with no signature, or too many")
    signatures = [(line[1], _decode(line[2])) for line in found if line is not None]
    if len(signatures) != len(lines) or len({key_id for key_id, _ in signatures}) != len(signatures):
        raise CheckpointInvalid("checkpoint whose signatures cannot be read")
    return tuple(signatures)


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        # Of which binascii.Error is one, and a character beyond ASCII another.
        raise CheckpointInvalid("checkpoint with something that is no base64") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("no zone")
        # At either end of the calendar another zone's time is in no year that there is.
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CheckpointInvalid("checkpoint without a time") from None
