"""Acts as JSON lines that can be verified elsewhere: each with the proof that it is in the log, under its checkpoints.

The first line says what follows, then every checkpoint with the proof that the newest continues it, then the acts, each
with its proof of inclusion in the newest. Openings, and the secret behind the clerks' pseudonyms, stay in the ledger.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from auth.errors import LedgerUnusable
from auth.ledger.act import Act
from auth.ledger.audit import AuditFinding, AuditReport, Fault
from auth.ledger.reading import LedgerReader
from auth.merkle import (
    Checkpoint,
    CheckpointInvalid,
    InvalidProof,
    SignedCheckpoint,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from auth.merkle.checkpoint import MAX_SIZE
from reader.errors import DataError

__all__ = ["FORMAT", "MAX_LINE", "export_lines", "verify_export"]

FORMAT = "motcua-ledger-export-1"
MAX_LINE = 65_536


def export_lines(ledger: LedgerReader, begin: int = 0) -> Iterator[str]:
    """Yield the lines of the acts from number ``begin`` on that a checkpoint covers.

    Raise LedgerUnusable where there is no checkpoint yet, or the file is damaged.
    """
    checkpoints = list(ledger.checkpoints())
    if not checkpoints:
        raise LedgerUnusable("no-checkpoint")
    newest = checkpoints[-1].checkpoint
    count = max(newest.size - begin, 0)
    yield _line(format=FORMAT, checkpoints=len(checkpoints), acts=count)
    for signed in checkpoints:
        size = signed.checkpoint.size
        proof = ledger.prove_consistency(size, newest.size) if 0 < size < newest.size else ()
        yield _line(checkpoint=signed.to_text(), consistency=_texts(proof))
    for number, leaf in ledger.leaves(begin):
        if number >= newest.size:
            return
        proof = ledger.prove_inclusion(number, newest.size)
        try:
            text = leaf.decode()
        except UnicodeDecodeError:
            raise LedgerUnusable("damaged") from None
        yield _line(number=number, leaf=text, inclusion=_texts(proof))


def verify_export(
    lines: Iterable[bytes], keys: Mapping[str, ec.EllipticCurvePublicKey], device_key_id: str
) -> AuditReport:
    """Verify what ``export_lines`` wrote; raise DataError for a file that is nothing of the kind.

    A finding is a checkpoint that the device did not sign or that the newest does not continue, an act that is not in
    the newest, and an act or a line that is missing or is none. An export may begin anywhere, and ``first`` says where;
    from there on it has every act up to its newest checkpoint.
    """
    stream = iter(lines)
    head = _parse(next(stream, b""))
    checkpoints, acts = head.get("checkpoints"), head.get("acts")
    counts = all(type(one) is int and 0 <= one <= MAX_SIZE for one in (checkpoints, acts))
    if head.get("format") != FORMAT or not counts:
        raise DataError("no export of a ledger")
    check = _ExportCheck(keys, device_key_id)
    try:
        check.take_checkpoints([_parse(line) for line in islice(stream, checkpoints)])
        for line in stream:
            check.take_act(_parse(line))
    except DataError:
        check.find(Fault.DAMAGED, check.lines)
    if check.acts != acts or check.checkpoints != checkpoints or check.ends_early:
        check.find(Fault.LEAF_MISSING, check.next_number)
    return check.report()


@dataclass(slots=True)
class _ExportCheck:
    """Go along an export."""

    keys: Mapping[str, ec.EllipticCurvePublicKey]
    device: str
    findings: list[AuditFinding] = field(default_factory=list)
    newest: Checkpoint | None = None
    checkpoints: int = 0
    acts: int = 0
    first: int = 0
    next_number: int = -1
    covered: int = 0
    countersigned: int = 0

    @property
    def lines(self) -> int:
        """Return how many lines were good, the first one included."""
        return 1 + self.checkpoints + self.acts

    @property
    def ends_early(self) -> bool:
        """Tell whether acts are lacking at the end: the first line, which says how many there are, nobody signed."""
        return bool(self.acts) and self.newest is not None and self.next_number != self.newest.size

    def find(self, fault: Fault, where: int) -> None:
        self.findings.append(AuditFinding(fault, where))

    def report(self) -> AuditReport:
        return AuditReport(self.acts, self.covered, self.countersigned, tuple(self.findings), self.first)

    def take_checkpoints(self, said: list[dict[str, Any]]) -> None:
        signed = [(SignedCheckpoint.parse(_text(one, "checkpoint")), _hashes(one, "consistency")) for one in said]
        if not signed:
            self.find(Fault.NO_CHECKPOINT, 0)
            return
        self.newest = signed[-1][0].checkpoint
        self.first = self.newest.size
        for one, proof in signed:
            self._judge(one, proof, self.newest)
            self.checkpoints += 1

    def _judge(self, signed: SignedCheckpoint, proof: tuple[bytes, ...], newest: Checkpoint) -> None:
        checkpoint = signed.checkpoint
        if checkpoint.origin != f"motcua-ledger/{self.device}":
            self.find(Fault.ANOTHER_LOG, checkpoint.size)
            return
        try:
            verified = signed.verify(self.keys, (self.device,))
            verify_consistency(checkpoint.size, newest.size, proof, checkpoint.root, newest.root)
        except CheckpointInvalid:
            self.find(Fault.SIGNATURE, checkpoint.size)
        except InvalidProof:
            self.find(Fault.PROOF, checkpoint.size)
        else:
            self.covered = checkpoint.size
            self.countersigned = checkpoint.size if len(verified) > 1 else self.countersigned

    def take_act(self, said: dict[str, Any]) -> None:
        number, leaf = said.get("number"), _text(said, "leaf").encode()
        if type(number) is not int or self.newest is None:
            raise DataError("act without a number")
        Act.from_leaf(leaf)
        if self.next_number == -1:
            self.first = number
        elif self.next_number != number:
            self.find(Fault.LEAF_MISSING, self.next_number)
        try:
            root = self.newest.root
            verify_inclusion(leaf_hash(leaf), number, self.newest.size, _hashes(said, "inclusion"), root)
        except InvalidProof:
            self.find(Fault.PROOF, number)
        self.next_number = number + 1
        self.acts += 1


def _line(**fields: object) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"


def _texts(hashes: Iterable[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in hashes]


def _parse(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        raise DataError(f"line of more than {MAX_LINE} bytes")
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise DataError("line that is no JSON") from None
    if not isinstance(said, dict):
        raise DataError("line that is no object")
    return said


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str):
        raise DataError(f"line without {name}")
    return value


def _hashes(said: Mapping[str, Any], name: str) -> tuple[bytes, ...]:
    value = said.get(name)
    try:
        return tuple(base64.b64decode(one, validate=True) for one in value or ())
    except (binascii.Error, TypeError, ValueError):
        raise DataError(f"line without {name}") from None
