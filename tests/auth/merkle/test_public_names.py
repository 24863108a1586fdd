"""The names that both logs take from the room below them; a change here is a change for them."""

from __future__ import annotations

import auth.merkle

NAMES = {
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
}


def test_the_public_names_are_these() -> None:
    assert set(auth.merkle.__all__) == NAMES
    assert len(auth.merkle.__all__) == len(NAMES)
    assert all(hasattr(auth.merkle, name) for name in NAMES)
