"""The audit: everything about a log that can be checked without whoever keeps it being believed."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric import ec

from auth.ledger.checkpoint import CheckpointInvalid, SignedCheckpoint
from auth.ledger.merkle import EMPTY_ROOT, leaf_hash, node_hash

__all__ = ["AuditFinding", "AuditReport", "Fault", "verify_ledger"]


class Fault(StrEnum):
    """Name what can be wrong with a log."""

    LEAF_MISSING = "leaf-missing"
    ROOT_DIFFERS = "root-differs"
    SHORTER_THAN_CHECKPOINT = "shorter-than-checkpoint"
    SIGNATURE = "signature-wrong-or-missing"
    ANOTHER_LOG = "checkpoint-of-another-log"
    NO_CHECKPOINT = "no-checkpoint"


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """Say what is wrong, and at which leaf or with which size of checkpoint."""

    fault: Fault
    where: int


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Hold what the audit found: the number of leaves, how many of them a signed checkpoint covers, and the faults.

    ``countersigned`` is the size of the largest checkpoint that somebody else signed too.
    """

    leaves: int
    covered: int
    countersigned: int
    findings: tuple[AuditFinding, ...]

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.findings


class _Frontier:
    """Compute roots while leaves go by: the complete subtrees at the right edge are all that is kept."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []

    def append(self, digest: bytes) -> None:
        """Take one more leaf's hash."""
        size = self.size
        while size & 1:
            digest = node_hash(self._edge.pop(), digest)
            size >>= 1
        self._edge.append(digest)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over what has gone by."""
        if not self._edge:
            return EMPTY_ROOT
        digest = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            digest = node_hash(left, digest)
        return digest


def verify_ledger(
    leaves: Iterable[tuple[int, bytes]],
    checkpoints: Iterable[SignedCheckpoint],
    keys: Mapping[str, ec.EllipticCurvePublicKey],
    device_key_id: str,
) -> AuditReport:
    """Recompute the whole log from its leaves and hold every checkpoint against it; ``keys`` by id.

    A finding is every checkpoint whose root the leaves do not give, that the device did not sign, that is of another
    log or longer than this one, and a leaf that is missing in the middle. What the clocks said is not judged: acts are
    ordered by their numbers.
    """
    audit = _Audit(checkpoints, keys, device_key_id)
    for number, leaf in leaves:
        if not audit.take(number, leaf):
            break
    return audit.report()


class _Audit:
    """Go along the log with the checkpoints that lie ahead."""

    def __init__(
        self,
        checkpoints: Iterable[SignedCheckpoint],
        keys: Mapping[str, ec.EllipticCurvePublicKey],
        device_key_id: str,
    ) -> None:
        self._keys = keys
        self._device = device_key_id
        self._ahead = sorted(checkpoints, key=lambda one: one.checkpoint.size, reverse=True)
        self._findings = [] if self._ahead else [AuditFinding(Fault.NO_CHECKPOINT, 0)]
        self._frontier = _Frontier()
        self._covered = self._countersigned = 0

    def take(self, number: int, leaf: bytes) -> bool:
        """Take the next leaf; tell whether it was the next one."""
        self._settle()
        if number != self._frontier.size:
            self._findings.append(AuditFinding(Fault.LEAF_MISSING, self._frontier.size))
            return False
        self._frontier.append(leaf_hash(leaf))
        return True

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
