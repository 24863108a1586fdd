"""The register's side of countersigning: a checkpoint is countersigned only where it continues the last one seen.

A register operator can take this alone: it needs the device's public key and the last checkpoint remembered for it.
Two logs of one device, a shorter log, an older copy put back: each shows here, since none of them continues what the
register remembers (RFC 9162 §2.1.4.2).
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import ec

from auth.merkle import InvalidProof, SignedCheckpoint, verify_consistency
from auth.wire.endpoint import Signer

__all__ = ["countersign"]


def countersign(
    offered: SignedCheckpoint,
    last: SignedCheckpoint | None,
    proof: Sequence[bytes],
    device: tuple[str, ec.EllipticCurvePublicKey],
    signer: Signer,
) -> SignedCheckpoint:
    """Return ``offered`` with this register's signature; ``last`` is what it remembers, ``device`` a key and its id.

    Raise CheckpointInvalid where the device did not sign it, InvalidProof where it is of another device's log or does
    not continue ``last``.
    """
    key_id, key = device
    offered.verify({key_id: key}, (key_id,))
    checkpoint = offered.checkpoint
    if checkpoint.origin != f"motcua-ledger/{key_id}":
        raise InvalidProof("the checkpoint is of another log")
    if last is not None:
        known = last.checkpoint
        verify_consistency(known.size, checkpoint.size, proof, known.root, checkpoint.root)
    return offered.with_signature(signer.key_id, signer.sign(checkpoint.to_text().encode()))
