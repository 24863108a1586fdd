"""The ledger on disk: what is acknowledged is there, what is changed is seen, and nothing in it names anybody."""

from __future__ import annotations

import base64
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from auth.device import SoftwareSigner
from auth.ledger import Act, ActKind, Ledger, LedgerUnusable, commit, verify_ledger
from auth.ledger.act import clerk_pseudonym
from auth.ledger.audit import Fault
from auth.merkle import CheckpointInvalid, SignedCheckpoint, leaf_hash, verify_consistency, verify_inclusion
from reader.errors import DataError

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def act(number: int = 0, **changes: object) -> Act:
    fields = {"kind": ActKind.ASKED, "at": NOON + timedelta(seconds=number), "lookup": f"id-{number}"}
    return Act(**fields | changes)  # type: ignore[arg-type]  # what a test changes is of the field's type


@pytest.fixture
def signer() -> SoftwareSigner:
    return SoftwareSigner.generate()


def public_key(signer: SoftwareSigner) -> ec.EllipticCurvePublicKey:
    key = load_pem_public_key(signer.public_pem())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


@pytest.fixture
def ledger(tmp_path: Path, signer: SoftwareSigner) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.db", signer, machine="")
    yield opened
    opened.close()


def audit(ledger: Ledger, signer: SoftwareSigner, *others: SoftwareSigner):
    keys = {one.key_id: public_key(one) for one in (signer, *others)}
    return verify_ledger(ledger, keys, signer.key_id)


def reopened(ledger: Ledger, tmp_path: Path, signer: SoftwareSigner) -> Ledger:
    ledger.close()
    return Ledger(tmp_path / "ledger.db", signer, machine="")


def test_acts_are_there_again_after_a_restart_and_proven(
    ledger: Ledger, tmp_path: Path, signer: SoftwareSigner
) -> None:
    for number in range(11):
        assert ledger.append(act(number)) == number
    signed = ledger.checkpoint(NOON)
    again = reopened(ledger, tmp_path, signer)
    assert again.size == 11
    for number, leaf in again.leaves():
        assert Act.from_leaf(leaf) == act(number)
        verify_inclusion(leaf_hash(leaf), number, 11, again.prove_inclusion(number, 11), signed.checkpoint.root)
    again.append(act(11))
    later = again.checkpoint(NOON).checkpoint
    verify_consistency(11, 12, again.prove_consistency(11, 12), signed.checkpoint.root, later.root)
    assert audit(again, signer).holds
    again.close()


def test_a_commitment_opens_to_its_content_and_to_no_other_until_it_is_forgotten(ledger: Ledger) -> None:
    question = "số định danh 099090000001".encode()
    commitment, opening = commit(question)
    number = ledger.append(act(about=commitment), opening)
    found = ledger.opening(number)
    assert found is not None
    assert found.opens(commitment, question)
    assert not found.opens(commitment, question + b" ")
    assert commit(question)[0] != commitment, "the same content is another commitment each time"
    assert ledger.forget(number + 1) == 1
    assert ledger.opening(number) is None


def test_nothing_in_the_file_names_a_citizen_or_a_clerk(ledger: Ledger, tmp_path: Path) -> None:
    commitment, opening = commit(b"099090000001 NGUYEN VAN MAU")
    ledger.append(act(about=commitment, clerk=clerk_pseudonym(b"secret", "canbo.mau")), opening)
    ledger.checkpoint(NOON)
    ledger.close()
    raw = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for secret in (b"099090000001", b"NGUYEN", b"canbo"):
        assert secret not in raw
        assert secret.hex().encode() not in raw


def test_forgotten_openings_are_gone_from_the_disk_too(ledger: Ledger, tmp_path: Path) -> None:
    _, opening = commit(b"content")
    ledger.append(act(), opening)
    ledger.forget(1)
    ledger.close()
    assert all(opening.salt not in file.read_bytes() for file in tmp_path.iterdir())


@pytest.mark.parametrize(
    "changes", [{"at": NOON.replace(tzinfo=None)}, {"detail": "x" * 201}, {"lookup": "two\nlines"}]
)
def test_an_act_is_small_and_dated(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="act"):
        act(**changes)


@pytest.mark.parametrize("leaf", [b"", b"{}", b"[]", b'{"kind":"asked"}', b"\xff", b"[" * 3000, b"x" * 3000])
def test_what_is_no_act_is_refused(leaf: bytes) -> None:
    with pytest.raises(DataError):
        Act.from_leaf(leaf)
    with pytest.raises(DataError):
        Act.from_leaf(act().to_leaf() + b" ")


# --- what is changed is seen ------------------------------------------------------------------------------------------


def spoil(tmp_path: Path, *statements: str) -> None:
    database = sqlite3.connect(tmp_path / "ledger.db")
    with database:
        for statement in statements:
            database.execute(statement)
    database.close()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE leaf SET body = replace(CAST(body AS TEXT), 'id-3', 'id-8') WHERE number = 3", Fault.ROOT_DIFFERS),
        ("DELETE FROM leaf WHERE number = 3", Fault.LEAF_MISSING),
        ("DELETE FROM leaf WHERE number = 9", Fault.SHORTER_THAN_CHECKPOINT),
        (
            "UPDATE leaf SET number = CASE number WHEN 2 THEN -1 ELSE number END",
            Fault.LEAF_MISSING,
        ),
        ("DELETE FROM checkpoint", Fault.NO_CHECKPOINT),
    ],
)
def test_a_leaf_changed_removed_or_cut_off_is_found(
    ledger: Ledger, tmp_path: Path, signer: SoftwareSigner, statement: str, fault: Fault
) -> None:
    """L5: a leaf edited, deleted, moved, the tail cut off."""
    for number in range(10):
        ledger.append(act(number))
    ledger.checkpoint(NOON)
    assert audit(ledger, signer).holds
    # STRICT tables want a blob back where text was edited.
    statement = statement.replace("replace(", "CAST(replace(").replace("'id-8')", "'id-8') AS BLOB)")
    spoil(tmp_path, statement)
    report = audit(ledger, signer)
    assert fault in {finding.fault for finding in report.findings}


def test_a_log_wound_back_to_an_older_copy_does_not_open_beside_its_checkpoint(
    ledger: Ledger, tmp_path: Path, signer: SoftwareSigner
) -> None:
    for number in range(5):
        ledger.append(act(number))
    ledger.checkpoint(NOON)
    ledger.close()
    spoil(tmp_path, "DELETE FROM leaf WHERE number > 2", "DELETE FROM node WHERE number > 2 AND level = 0")
    with pytest.raises(LedgerUnusable, match="does-not-match-checkpoint"):
        Ledger(tmp_path / "ledger.db", signer, machine="")


def test_another_devices_log_is_not_taken_for_ones_own(ledger: Ledger, tmp_path: Path, signer: SoftwareSigner) -> None:
    other = SoftwareSigner.generate()
    elsewhere = Ledger(tmp_path / "other.db", other, machine="")
    elsewhere.append(act())
    ledger.append(act())
    with pytest.raises(LedgerUnusable, match="another-log"):
        ledger.keep(elsewhere.checkpoint(NOON))
    report = verify_ledger(elsewhere, {other.key_id: public_key(other)}, signer.key_id)
    assert [finding.fault for finding in report.findings] == [Fault.ANOTHER_LOG]
    elsewhere.close()
    with pytest.raises(LedgerUnusable, match="another-device"):
        Ledger(tmp_path / "other.db", signer, machine="")


def test_countersignatures_count_only_where_they_verify(ledger: Ledger, signer: SoftwareSigner) -> None:
    register = SoftwareSigner.generate()
    ledger.append(act())
    signed = ledger.checkpoint(NOON)
    keys = {register.key_id: public_key(register)}
    assert ledger.waiting_since(keys) == NOON
    ledger.keep(signed.with_signature(register.key_id, register.sign(signed.checkpoint.to_text().encode())))
    assert ledger.waiting_since(keys) is None
    assert ledger.checkpoint(NOON + timedelta(hours=1)).signatures[1:], "not made anew without the countersignature"
    report = audit(ledger, signer, register)
    assert (report.holds, report.covered, report.countersigned) == (True, 1, 1)
    ledger.keep(signed.with_signature(register.key_id, signer.sign(b"something else")))
    assert [finding.fault for finding in audit(ledger, signer, register).findings] == [Fault.SIGNATURE]


def test_a_checkpoint_is_text_that_reads_back_and_one_flipped_character_breaks_it(
    ledger: Ledger, signer: SoftwareSigner
) -> None:
    ledger.append(act())
    text = ledger.checkpoint(NOON).to_text()
    keys = {signer.key_id: public_key(signer)}
    assert SignedCheckpoint.parse(text).verify(keys, (signer.key_id,)) == (signer.key_id,)
    for place in range(len(text)):
        changed = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
        with pytest.raises(CheckpointInvalid):
            SignedCheckpoint.parse(changed).verify(keys, (signer.key_id,))


def note(root: str = base64.b64encode(bytes(32)).decode(), at: str = "2026-11-26T12:00:00+00:00") -> str:
    return f"motcua-ledger/x\n1\n{root}\n{at}\n\n— x {base64.b64encode(bytes(64)).decode()}\n"


def test_the_note_that_the_next_ones_spoil_is_read() -> None:
    assert SignedCheckpoint.parse(note()).checkpoint.size == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "a\nb\nc\nd\n\n— x y\n",
        "x" * 20_000,
        "motcua-ledger/x\n0\n\n\n\n",
        note(root="é"),
        note(at="0001-01-01T00:00:00+14:00"),
        note(at="9999-12-31T23:59:59-14:00"),
        note(at="2026-11-26T12:00:00"),
    ],
    ids=["empty", "lines", "letters", "long", "bare", "root", "before all time", "after all time", "no zone"],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(CheckpointInvalid):
        SignedCheckpoint.parse(text)


# --- the disk, other processes, kill -9 ------------------------------------------------------------------------------


def test_a_file_that_is_no_ledger_is_refused_and_left_as_it_is(tmp_path: Path, signer: SoftwareSigner) -> None:
    file = tmp_path / "ledger.db"
    file.write_bytes(b"something else entirely" * 100)
    with pytest.raises(LedgerUnusable, match="no-ledger"):
        Ledger(file, signer, machine="")
    assert file.read_bytes().startswith(b"something else")


def test_a_later_programs_ledger_is_refused(ledger: Ledger, tmp_path: Path, signer: SoftwareSigner) -> None:
    ledger.close()
    spoil(tmp_path, "PRAGMA user_version = 2")
    with pytest.raises(LedgerUnusable, match="other-version"):
        Ledger(tmp_path / "ledger.db", signer, machine="")


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, signer: SoftwareSigner) -> None:
    with pytest.raises(LedgerUnusable, match="file-not-accessible"):
        Ledger(tmp_path / "missing" / "ledger.db", signer, machine="")


def test_only_the_owner_may_read_the_file(ledger: Ledger, tmp_path: Path) -> None:
    assert (tmp_path / "ledger.db").stat().st_mode & 0o077 == 0


def test_two_instances_take_turns(ledger: Ledger, tmp_path: Path, signer: SoftwareSigner) -> None:
    """L7: two desks on one file."""
    other = Ledger(tmp_path / "ledger.db", signer, machine="")
    numbers = [one.append(act(number)) for number, one in enumerate((ledger, other) * 5)]
    assert numbers == list(range(10))
    ledger.checkpoint(NOON)
    assert audit(other, signer).holds
    other.close()


_WRITER = textwrap.dedent(
    """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from auth.device import SoftwareSigner
    from auth.ledger import Act, ActKind, Ledger

    signer = SoftwareSigner.from_encrypted_pem(sys.stdin.buffer.read(), b"x")
    ledger = Ledger(Path(sys.argv[1]), signer, machine="")
    number = 0
    while True:
        number = ledger.append(Act(ActKind.ASKED, datetime.now(UTC), lookup=f"id-{number}"))
        if number % 7 == 0:
            ledger.checkpoint(datetime.now(UTC))
        print(number, flush=True)
    """
)


@pytest.mark.parametrize("acknowledged", [1, 2, 8, 31])
def test_killed_at_any_moment_nothing_acknowledged_is_lost(
    tmp_path: Path, signer: SoftwareSigner, acknowledged: int
) -> None:
    """L1: kill -9 in the middle of appending."""
    file = tmp_path / "ledger.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ
    )
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write(signer.to_encrypted_pem(b"x"))
    writer.stdin.close()
    last = [int(writer.stdout.readline()) for _ in range(acknowledged)][-1]
    os.kill(writer.pid, signal.SIGKILL)
    last = max([last, *map(int, writer.stdout.read().split()[:-1])])
    writer.stdout.close()
    writer.wait()
    ledger = Ledger(file, signer, machine="")
    assert ledger.size > last
    ledger.checkpoint(NOON)
    assert audit(ledger, signer).holds
    ledger.close()


@pytest.mark.soak
@pytest.mark.parametrize("acknowledged", range(1, 200))
def test_killed_at_two_hundred_points_nothing_acknowledged_is_lost(
    tmp_path: Path, signer: SoftwareSigner, acknowledged: int
) -> None:
    """L1, the long run of the test above."""
    test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path, signer, acknowledged)
