"""Rows L2 to L5 and L7 of the fault catalogue: power cuts, full disks, flipped bytes, older copies."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from auth.device import SoftwareSigner
from auth.ledger import Act, ActKind, Ledger, LedgerReader, LedgerUnusable, verify_ledger

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
LEAVES = 60


@pytest.fixture(scope="module")
def signer() -> SoftwareSigner:
    return SoftwareSigner.generate()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, signer: SoftwareSigner) -> Path:
    """Return a closed log of sixty leaves with two checkpoints."""
    file = tmp_path_factory.mktemp("sound") / "ledger.db"
    ledger = Ledger(file, signer, machine="")
    for number in range(LEAVES):
        ledger.append(Act(ActKind.ASKED, NOON, lookup=f"id-{number}"))
        if number % 30 == 29:
            ledger.checkpoint(NOON)
    ledger.close()
    return file


def keys_of(signer: SoftwareSigner) -> dict[str, ec.EllipticCurvePublicKey]:
    key = load_pem_public_key(signer.public_pem())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return {signer.key_id: key}


def judged(file: Path, signer: SoftwareSigner) -> tuple[bool, list[tuple[int, bytes]], list[str]]:
    """Return whether the audit has nothing to say, and what it had nothing to say about."""
    try:
        reader = LedgerReader(file)
    except LedgerUnusable:
        return False, [], []
    try:
        if not verify_ledger(reader, keys_of(signer), signer.key_id).holds:
            return False, [], []
        return True, list(reader.leaves()), [one.to_text() for one in reader.checkpoints()]
    finally:
        reader.close()


@pytest.mark.parametrize(
    "seed", [pytest.param(0), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 40))]
)
def test_a_flipped_bit_anywhere_is_seen_or_changes_nothing_that_counts(
    sound: Path, tmp_path: Path, signer: SoftwareSigner, seed: int
) -> None:
    """L4, L5: free space and the openings aside, every byte of the file is under a hash or a signature."""
    holds, leaves, checkpoints = judged(sound, signer)
    assert holds
    raw = sound.read_bytes()
    seen = 0
    for place in random.Random(seed).sample(range(len(raw)), 150):
        file = tmp_path / "flipped.db"
        file.write_bytes(raw[:place] + bytes([raw[place] ^ 1 << place % 8]) + raw[place + 1 :])
        holds, *found = judged(file, signer)
        seen += not holds
        assert not holds or found == [leaves, checkpoints], f"byte {place}"
    assert seen > 20, "most pages hold leaves, hashes and checkpoints"


@pytest.mark.parametrize("part", [0, 100, 4096, 5000, 20_000])
def test_a_file_cut_short_is_seen(sound: Path, tmp_path: Path, signer: SoftwareSigner, part: int) -> None:
    """L4: the file ends early."""
    file = tmp_path / "cut.db"
    file.write_bytes(sound.read_bytes()[:part])
    assert not judged(file, signer)[0]


def test_a_power_cut_leaves_what_was_acknowledged_at_any_step(tmp_path: Path, signer: SoftwareSigner) -> None:
    """L2: the two files as they are on the disk after each act, and with the end of the write-ahead log torn off."""
    file = tmp_path / "ledger.db"
    ledger = Ledger(file, signer, machine="")
    for number in range(25):
        ledger.append(Act(ActKind.ASKED, NOON, lookup=f"id-{number}"))
        ledger.checkpoint(NOON)
        after = tmp_path / f"after-{number}"
        after.mkdir()
        shutil.copy(file, after)
        wal = (tmp_path / "ledger.db-wal").read_bytes()
        (after / "ledger.db-wal").write_bytes(wal)
        again = Ledger(after / "ledger.db", signer, machine="")
        assert again.size == number + 1
        assert verify_ledger(again, keys_of(signer), signer.key_id).holds
        again.close()
        torn = tmp_path / f"torn-{number}"
        torn.mkdir()
        shutil.copy(file, torn)
        (torn / "ledger.db-wal").write_bytes(wal[: len(wal) - 1000])
        again = Ledger(torn / "ledger.db", signer, machine="")
        assert again.size == number + 1, "only the checkpoint, the last thing written, is gone"
        again.checkpoint(NOON)
        assert verify_ledger(again, keys_of(signer), signer.key_id).holds
        again.close()
    ledger.close()


_FILLS_UP = textwrap.dedent(
    """
    import resource, signal, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from auth.device import SoftwareSigner
    from auth.ledger import Act, ActKind, Ledger, LedgerUnusable

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    signer = SoftwareSigner.from_encrypted_pem(sys.stdin.buffer.read(), b"x")
    ledger = Ledger(Path(sys.argv[1]), signer, machine="")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    acknowledged = 0
    def act():
        return Act(ActKind.ASKED, datetime.now(UTC), lookup="x" * 200)
    try:
        while True:
            acknowledged = ledger.append(act()) + 1
    except LedgerUnusable as error:
        assert list(ledger.leaves())[-1][0] == acknowledged - 1, "what was acknowledged can be read"
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert ledger.append(act()) == acknowledged, "with room again it goes on"
    ledger.checkpoint(datetime.now(UTC))
    print(acknowledged + 1)
    """
)


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_without_room_nothing_is_acknowledged_and_with_room_it_goes_on(tmp_path: Path, signer: SoftwareSigner) -> None:
    """L3: the disk is full in the middle of the work."""
    file = tmp_path / "ledger.db"
    done = subprocess.run(
        [sys.executable, "-c", _FILLS_UP, str(file)],
        input=signer.to_encrypted_pem(b"x"),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    holds, leaves, _ = judged(file, signer)
    assert holds
    assert len(leaves) == int(done.stdout)


def test_an_older_copy_put_back_holds_in_itself(sound: Path, tmp_path: Path, signer: SoftwareSigner) -> None:
    """L5: what a copy cannot show is that it is older; that takes the register (see test_anchoring)."""
    file = tmp_path / "ledger.db"
    shutil.copy(sound, file)
    ledger = Ledger(file, signer, machine="")
    ledger.append(Act(ActKind.ASKED, NOON))
    ledger.checkpoint(NOON)
    ledger.close()
    shutil.copy(sound, file)
    assert judged(file, signer)[0]
