"""The ledger: one leaf per act of the desk in a Merkle log that cannot be rewritten unseen (RFC 6962, RFC 9162).

In come acts without personal data, out go signed checkpoints, proofs that an act is in the log and that a later log
continues an earlier one. What an act was about is there as a commitment only: its opening lies beside the log and can
be destroyed when the law says so, and the log still verifies. ``keeper`` keeps it while a desk is open, ``witness`` is
what a register runs. This room calls ``auth.merkle``, whose tree and checkpoints it keeps, and ``auth.wire``, and
nothing of ``auth.registers``.
"""

from auth.errors import LedgerUnusable
from auth.ledger.act import Act, ActKind, Opening, commit
from auth.ledger.audit import AuditFinding, AuditReport, verify_ledger
from auth.ledger.reading import LedgerReader
from auth.ledger.store import Ledger

__all__ = [
    "Act",
    "ActKind",
    "AuditFinding",
    "AuditReport",
    "Ledger",
    "LedgerReader",
    "LedgerUnusable",
    "Opening",
    "commit",
    "verify_ledger",
]
