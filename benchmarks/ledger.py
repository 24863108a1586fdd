"""The ledger: appending at its beginning and behind a million acts, verifying a million, proving one of them.

Appending is on the disk before it returns, so its figure is the disk's too; what must hold is that it does not grow.
The million is written in one go, leaf by leaf and hash by hash as ``Ledger.append`` would.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from auth.device import SoftwareSigner
from auth.device_key import DeviceKey
from auth.ledger import Act, ActKind, Ledger, LedgerReader, verify_ledger
from auth.merkle import leaf_hash, node_hash, verify_inclusion
from benchmarks.clock import median_ms
from benchmarks.figure import Figure

LEAVES = 1_000_000
ROUNDS = 200
NOW = datetime(2026, 11, 26, tzinfo=UTC)
VERIFY_GOAL_S = 10.0
PROOF_GOAL_MS = 5.0
GROWTH_GOAL = 1.5


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        signer = SoftwareSigner.generate()
        small, large = Path(folder) / "small.db", Path(folder) / "large.db"
        with closing(Ledger(small, signer, machine="")) as ledger:
            first = median_ms(lambda: ledger.append(_act(0)), ROUNDS)
        with closing(Ledger(large, signer, machine="")):
            pass
        _fill(large)
        with closing(Ledger(large, signer, machine="")) as ledger:
            ledger.checkpoint(NOW)
            later = median_ms(lambda: ledger.append(_act(0)), ROUNDS)
            ledger.checkpoint(NOW)
            root, size = ledger.root(ledger.size), ledger.size
            proofs = iter(range(0, size, size // ROUNDS))
            proof = median_ms(lambda: ledger.prove_inclusion(next(proofs), size), ROUNDS)
            number, leaf = next(ledger.leaves(size // 3))
            verify_inclusion(leaf_hash(leaf), number, size, ledger.prove_inclusion(number, size), root)
        seconds = _verified(large, signer)
        return [
            Figure("append, first acts", first, "ms"),
            Figure("append, behind 1,000,000", later, "ms"),
            Figure("append, later against first", later / first, "times", GROWTH_GOAL),
            Figure("inclusion proof among 1,000,000", proof, "ms", PROOF_GOAL_MS),
            Figure("verification of 1,000,000", seconds, "s", VERIFY_GOAL_S),
            Figure("one act on the disk", large.stat().st_size / size, "bytes"),
        ]


def _verified(file: Path, signer: SoftwareSigner) -> float:
    key = DeviceKey.from_pem(signer.public_pem())
    begin = time.perf_counter()
    with closing(LedgerReader(file)) as reader:
        report = verify_ledger(reader, {key.key_id: key.key}, key.key_id)
    seconds = time.perf_counter() - begin
    assert report.holds
    assert report.leaves == LEAVES + ROUNDS
    return seconds


def _act(number: int) -> Act:
    basis = "Luật Căn cước 26/2023/QH15, Điều 22; Nghị quyết 66.7/2025/NQ-CP"
    texts = {"purpose": "citizen-information", "basis": basis, "register": "population", "about": f"{number:064x}"}
    return Act(ActKind.ASKED, NOW, lookup=f"00000000-0000-4000-8000-{number:012x}", clerk="0" * 32, **texts)


def _fill(file: Path) -> None:
    edge: list[bytes] = []

    def nodes() -> Iterator[tuple[int, int, bytes]]:
        for number in range(LEAVES):
            level, digest = 0, leaf_hash(_act(number).to_leaf())
            yield level, number, digest
            while number >> level & 1:
                digest = node_hash(edge.pop(), digest)
                level += 1
                yield level, number >> level, digest
            edge.append(digest)

    database = sqlite3.connect(file)
    with database:
        leaves = ((number, _act(number).to_leaf()) for number in range(LEAVES))
        database.executemany("INSERT INTO leaf VALUES (?, ?)", leaves)
        database.executemany("INSERT INTO node VALUES (?, ?, ?)", nodes())
    database.close()
