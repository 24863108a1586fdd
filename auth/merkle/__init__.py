"""The Merkle tree and the signed checkpoints that two logs stand on: a desk's ledger and a presence verifier's.

In come hashes and the key of whoever keeps a log, out go roots, proofs, and notes that say how long a log is and what
stands over it, verified by whoever has the key. It keeps nothing and opens nothing: where the hashes lie is the log's
business. This room calls ``auth.wire.endpoint``, for who signs, and ``reader.errors``; it knows neither log.
"""

from auth.merkle.checkpoint import (
    LEDGER_ORIGIN,
    Checkpoint,
    CheckpointInvalid,
    SignedCheckpoint,
    sign_checkpoint,
)
from auth.merkle.tree import (
    EMPTY_ROOT,
    HASH_BYTES,
    InvalidProof,
    NodeAt,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    new_nodes,
    node_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "LEDGER_ORIGIN",
    "Checkpoint",
    "CheckpointInvalid",
    "InvalidProof",
    "NodeAt",
    "SignedCheckpoint",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "new_nodes",
    "node_hash",
    "sign_checkpoint",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
]
