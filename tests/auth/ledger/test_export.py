"""Acts taken out of a ledger: they verify elsewhere, and one flipped bit of what is exported is seen."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.device import SoftwareSigner
from auth.device_key import DeviceKey
from auth.errors import LedgerUnusable
from auth.ledger import Act, ActKind, Ledger
from auth.ledger.audit import Fault
from auth.ledger.export import export_lines, verify_export
from reader.errors import DataError

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
DEVICE, REGISTER = SoftwareSigner.generate(), SoftwareSigner.generate()
KEYS = {one.key_id: DeviceKey.from_pem(one.public_pem()).key for one in (DEVICE, REGISTER)}


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Return the export of twelve acts under three checkpoints, the second of them countersigned; one more is open."""
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "ledger.db", DEVICE, machine="")
    for number in range(13):
        ledger.append(Act(ActKind.ASKED, NOON, lookup=f"id-{number}", basis="Luật Đất đai"))
        if number in (2, 6, 11):
            signed = ledger.checkpoint(NOON)
        if number == 6:
            ledger.keep(signed.with_signature(REGISTER.key_id, REGISTER.sign(signed.checkpoint.to_text().encode())))
    found = [line.encode() for line in export_lines(ledger)]
    assert [line.encode() for line in export_lines(ledger, 8)][4:] == found[-4:]
    ledger.close()
    return found


def test_an_export_verifies_without_the_ledger(lines: list[bytes]) -> None:
    report = verify_export(lines, KEYS, DEVICE.key_id)
    assert (report.holds, report.leaves, report.covered, report.countersigned) == (True, 12, 12, 7)


def act_changed(line: bytes) -> bytes:
    return line.replace(b"id-3", b"id-4")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda lines: [*lines[:7], act_changed(lines[7]), *lines[8:]], Fault.PROOF),
        (lambda lines: [*lines[:7], *lines[8:]], Fault.LEAF_MISSING),
        (lambda lines: lines[:-1], Fault.LEAF_MISSING),
        (lambda lines: [lines[0].replace(b'"acts":12', b'"acts":8'), *lines[1:-4]], Fault.LEAF_MISSING),
        (lambda lines: [*lines, lines[-1]], Fault.LEAF_MISSING),
        (lambda lines: [*lines[:5], lines[6], lines[5], *lines[7:]], Fault.LEAF_MISSING),
        (lambda lines: [*lines[:6], b"{}\n", *lines[7:]], Fault.DAMAGED),
        (lambda lines: [*lines[:6], b"x" * 70_000, *lines[7:]], Fault.DAMAGED),
        (lambda lines: [lines[0].replace(b":3", b":0"), *lines[4:]], Fault.NO_CHECKPOINT),
    ],
)
def test_what_was_changed_in_an_export_is_found(
    lines: list[bytes], change: Callable[[list[bytes]], list[bytes]], fault: Fault
) -> None:
    found = verify_export(change(lines), KEYS, DEVICE.key_id).findings
    assert fault in {finding.fault for finding in found}


@pytest.mark.parametrize("left", [12, 8, 1, 0])
def test_where_an_export_begins_is_told_since_nobody_signed_how_many_acts_there_are(
    lines: list[bytes], left: int
) -> None:
    cut = [lines[0].replace(b'"acts":12', f'"acts":{left}'.encode()), *lines[1:4], *lines[len(lines) - left :]]
    report = verify_export(cut, KEYS, DEVICE.key_id)
    assert (report.holds, report.leaves, report.first) == (True, left, 12 - left)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00.000+14:00", "9999-12-31T23:59:59.000-14:00"])
def test_an_act_outside_the_calendar_is_damage(lines: list[bytes], at: str) -> None:
    said = json.loads(lines[7])
    said["leaf"] = json.dumps({**json.loads(said["leaf"]), "at": at})
    report = verify_export([*lines[:7], json.dumps(said).encode(), *lines[8:]], KEYS, DEVICE.key_id)
    assert Fault.DAMAGED in {finding.fault for finding in report.findings}


def test_a_log_that_was_rewritten_between_two_checkpoints_is_found(lines: list[bytes], tmp_path: Path) -> None:
    other = Ledger(tmp_path / "other.db", DEVICE, machine="")
    for number in range(3):
        other.append(Act(ActKind.ASKED, NOON, lookup=f"other-{number}"))
    forged = json.loads(lines[1]) | {"checkpoint": other.checkpoint(NOON).to_text()}
    other.close()
    report = verify_export([lines[0], json.dumps(forged).encode(), *lines[2:]], KEYS, DEVICE.key_id)
    assert [(finding.fault, finding.where) for finding in report.findings] == [(Fault.PROOF, 3)]


def test_another_devices_export_is_not_this_ones(lines: list[bytes]) -> None:
    report = verify_export(lines, KEYS, REGISTER.key_id)
    assert {finding.fault for finding in report.findings} == {Fault.ANOTHER_LOG}


def test_a_flipped_bit_of_an_export_is_seen_or_changes_nothing(lines: list[bytes]) -> None:
    whole = b"".join(lines)
    sound = [json.loads(line) for line in lines]
    for place in random.Random(0).sample(range(len(whole)), 400):
        flipped = whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :]
        try:
            report = verify_export(flipped.splitlines(keepends=True), KEYS, DEVICE.key_id)
        except DataError:
            continue
        if report.holds and report.countersigned == 7:
            said = [json.loads(line) for line in flipped.splitlines()]
            assert [one.get("leaf") for one in said] == [one.get("leaf") for one in sound], f"byte {place}"


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"{}\n",
        b"[]\n",
        b"\xff\n",
        b'{"format":"motcua-ledger-export-1"}\n',
        b'{"format":"motcua-ledger-export-1","checkpoints":-1,"acts":0}',
        b"[" * 9000,
    ],
)
def test_what_is_no_export_is_refused(head: bytes) -> None:
    with pytest.raises(DataError):
        verify_export([head], KEYS, DEVICE.key_id)


@given(st.lists(st.binary(max_size=200), max_size=5), st.integers(0, 3))
def test_nothing_that_follows_a_good_beginning_breaks_the_judge(rest: list[bytes], checkpoints: int) -> None:
    head = json.dumps({"format": "motcua-ledger-export-1", "checkpoints": checkpoints, "acts": 1}).encode()
    assert not verify_export([head, *rest], KEYS, DEVICE.key_id).holds


def test_a_ledger_without_a_checkpoint_has_nothing_to_export(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db", DEVICE, machine="")
    ledger.append(Act(ActKind.ASKED, NOON))
    with pytest.raises(LedgerUnusable, match="no-checkpoint"):
        list(export_lines(ledger))
    ledger.close()
