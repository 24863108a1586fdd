"""The audit: everything about a log that can be checked without whoever keeps it being believed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric import ec

from auth.errors import LedgerUnusable
from auth.ledger.reading import LedgerReader
from auth.merkle import EMPTY_ROOT, HASH_BYTES, CheckpointInvalid, SignedCheckpoint, leaf_hash, node_hash

__all__ = ["AuditFinding", "AuditReport", "Fault", "verify_ledger"]


class Fault(StrEnum):
    """Name what can be wrong with a log."""

    LEAF_MISSING = "leaf-missing"
    ROOT_DIFFERS = "root-differs"
    SHORTER_THAN_CHECKPOINT = "shorter-than-checkpoint"
    SIGNATURE = "signature-wrong-or-missing"
    ANOTHER_LOG = "checkpoint-of-another-log"
    NO_CHECKPOINT = "no-checkpoint"
    HASHES_DIFFER = "hashes-differ"
    DAMAGED = "file-damaged"
    PROOF = "proof-wrong"


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """Say what is wrong, and at which leaf or with which size of checkpoint."""

    fault: Fault
    where: int


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Hold what the audit found: the number of leaves, how many of them a signed checkpoint covers, and the faults.

    ``countersigned`` is the size of the largest checkpoint that somebody else signed too. ``first`` is the number of
    the first leaf that was there to be judged: of an export, those before it may have been left out.
    """

    leaves: int
    covered: int
    countersigned: int
    findings: tuple[AuditFinding, ...]
    first: int = 0

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.findings


class _Frontier:
    """Compute roots while leaves go by: the complete subtrees at the right edge are all that is kept."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []
        self._levels: list[hashlib._Hash] = []

    def append(self, digest: bytes) -> None:
        """Take one more leaf's hash."""
        size, level = self.size, 0
        self._note(level, digest)
        while size & 1:
            digest = node_hash(self._edge.pop(), digest)
            size, level = size >> 1, level + 1
            self._note(level, digest)
        self._edge.append(digest)
        self.size += 1

    def _note(self, level: int, digest: bytes) -> None:
        """Take a complete subtree's hash into what all of its level come to."""
        if level == len(self._levels):
            self._levels.append(hashlib.sha256())
        self._levels[level].update(digest)

    def has_nodes(self, nodes: Iterable[tuple[int, bytes]]) -> bool:
        """Tell whether ``nodes``, level by level, are the complete subtrees of what has gone by, all of them."""
        stored: list[hashlib._Hash] = []
        for level, digest in nodes:
            if not len(stored) - 1 <= level <= len(stored) or len(digest) != HASH_BYTES:
                return False
            if level == len(stored):
                stored.append(hashlib.sha256())
            stored[level].update(digest)
        return [one.digest() for one in stored] == [one.digest() for one in self._levels]

    def root(self) -> bytes:
        """Return the root over what has gone by."""
        if not self._edge:
            return EMPTY_ROOT
        digest = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            digest = node_hash(left, digest)
        return digest


def verify_ledger(
    ledger: LedgerReader, keys: Mapping[str, ec.EllipticCurvePublicKey], device_key_id: str
) -> AuditReport:
    """Recompute the whole log from its leaves and hold every checkpoint against it; ``keys`` by id.

    A finding is every checkpoint whose root the leaves do not give, that the device did not sign, that is of another
    log or longer than this one; a leaf that is missing in the middle; kept hashes that the leaves do not give, since
    later proofs would be wrong; a file that is damaged. What the clocks said is not judged: acts are ordered by their
    numbers.
    """
    audit = _Audit(keys, device_key_id)
    try:
        ledger.check_pages()
        audit.expect(ledger.checkpoints())
        for number, leaf in ledger.leaves():
            if not audit.take(number, leaf):
                return audit.report()
        audit.compare(ledger.nodes())
    except LedgerUnusable:
        audit.break_off()
    return audit.report()


class _Audit:
    """Go along the log with the checkpoints that lie ahead."""

    def __init__(self, keys: Mapping[str, ec.EllipticCurvePublicKey], device_key_id: str) -> None:
        self._keys = keys
        self._device = device_key_id
        self._ahead: list[SignedCheckpoint] = []
        self._findings: list[AuditFinding] = []
        self._frontier = _Frontier()
        self._covered = self._countersigned = 0

    def expect(self, checkpoints: Iterable[SignedCheckpoint]) -> None:
        """Take the checkpoints that lie ahead."""
        self._ahead = sorted(checkpoints, key=lambda one: one.checkpoint.size, reverse=True)
        if not self._ahead:
            self._findings.append(AuditFinding(Fault.NO_CHECKPOINT, 0))

    def take(self, number: int, leaf: bytes) -> bool:
        """Take the next leaf; tell whether it was the next one."""
        self._settle()
        if number != self._frontier.size:
            self._findings.append(AuditFinding(Fault.LEAF_MISSING, self._frontier.size))
            return False
        self._frontier.append(leaf_hash(leaf))
        return True

    def compare(self, nodes: Iterable[tuple[int, bytes]]) -> None:
        """Hold the hashes that are kept against those of the leaves."""
        self._settle()
        if not self._frontier.has_nodes(nodes):
            self._findings.append(AuditFinding(Fault.HASHES_DIFFER, self._frontier.size))

    def break_off(self) -> None:
        """Say that the file could not be read any further."""
        self._findings.append(AuditFinding(Fault.DAMAGED, self._frontier.size))

    def report(self) -> AuditReport:
        """Return what was found, once the last leaf was taken."""
        self._settle()
        longer = [AuditFinding(Fault.SHORTER_THAN_CHECKPOINT, one.checkpoint.size) for one in reversed(self._ahead)]
        return AuditReport(self._frontier.size, self._covered, self._countersigned, (*self._findings, *longer))

    def _settle(self) -> None:
        """Judge the checkpoints of the present size."""
        while self._ahead and self._ahead[-1].checkpoint.size == self._frontier.size:
            self._judge(self._ahead.pop())

    def _judge(self, signed: SignedCheckpoint) -> None:
        checkpoint = signed.checkpoint
        fault = None
        verified: tuple[str, ...] = ()
        if checkpoint.origin != f"motcua-ledger/{self._device}":
            fault = Fault.ANOTHER_LOG
        elif not hmac.compare_digest(checkpoint.root, self._frontier.root()):
            fault = Fault.ROOT_DIFFERS
        else:
            try:
                verified = signed.verify(self._keys, (self._device,))
            except CheckpointInvalid:
                fault = Fault.SIGNATURE
        if fault is not None:
            self._findings.append(AuditFinding(fault, checkpoint.size))
            return
        self._covered = checkpoint.size
        if len(verified) > 1:
            self._countersigned = checkpoint.size
