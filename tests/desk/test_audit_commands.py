"""``motcua audit`` in this process: what it says, writes and exits with."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auth.device import SoftwareSigner
from auth.ledger import Act, ActKind, Ledger
from desk.cli import main

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run ``motcua audit …`` beside a ledger of five acts, with its device's public key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    signer = SoftwareSigner.generate()
    Path("device.pem").write_bytes(signer.public_pem())
    ledger = Ledger(Path("ledger.db"), signer, machine="")
    for number in range(5):
        ledger.append(Act(ActKind.ASKED, NOON, lookup=f"id-{number}"))
    ledger.checkpoint(NOON)
    ledger.close()

    def call(*words: str) -> int:
        with pytest.raises(SystemExit) as end:
            main(["audit", *words])
        return int(end.value.code or 0)

    return call


LEDGER = ("--ledger", "ledger.db", "--device-key", "device.pem")


def test_a_whole_ledger_exits_0_and_says_how_far_it_is_signed(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify", *LEDGER) == 0
    out = capsys.readouterr().out
    assert "whole" in out
    assert "5 acts" in out
    assert "countersignatures were not verified" in out
    assert run("verify", *LEDGER, "--lang", "vi") == 0
    assert "nguyên vẹn" in capsys.readouterr().out


def test_a_changed_act_exits_20_also_in_json(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    database = sqlite3.connect("ledger.db")
    with database:
        (body,) = database.execute("SELECT body FROM leaf WHERE number = 2").fetchone()
        database.execute("UPDATE leaf SET body = ? WHERE number = 2", (body.replace(b"id-2", b"id-9"),))
    database.close()
    assert run("verify", *LEDGER, "--json") == 20
    said = json.loads(capsys.readouterr().out)
    assert not said["holds"]
    assert {"fault": "root-differs", "where": 5} in said["findings"]
    assert run("verify", *LEDGER) == 20
    assert "altered" in capsys.readouterr().out


def test_an_export_verifies_and_only_its_owner_can_read_it(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "--ledger", "ledger.db", "--out", "acts.jsonl") == 0
    assert stat.S_IMODE(Path("acts.jsonl").stat().st_mode) == 0o600
    assert run("verify", "acts.jsonl", "--device-key", "device.pem") == 0
    text = Path("acts.jsonl").read_text()
    Path("acts.jsonl").write_text(text.replace("id-3", "id-8"))
    assert run("verify", "acts.jsonl", "--device-key", "device.pem") == 20
    assert "not proven" in capsys.readouterr().out


def test_of_an_export_the_end_cannot_be_cut_off_and_where_it_begins_is_said(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", "--ledger", "ledger.db", "--from", "2", "--out", "later.jsonl") == 0
    capsys.readouterr()
    assert run("verify", "later.jsonl", "--device-key", "device.pem", "--json") == 0
    told = capsys.readouterr()
    assert (json.loads(told.out)["acts"], json.loads(told.out)["first"]) == (3, 2)
    assert "before number 2 are not in the file" in told.err
    head, *rest = Path("later.jsonl").read_text().splitlines(keepends=True)
    Path("later.jsonl").write_text("".join([head.replace('"acts":3', '"acts":2'), *rest[:-1]]))
    assert run("verify", "later.jsonl", "--device-key", "device.pem") == 20
    assert "act 4 is missing" in capsys.readouterr().out


def test_a_damaged_file_exits_20_and_what_is_none_4(run: Run) -> None:
    raw = Path("ledger.db").read_bytes()
    Path("ledger.db").write_bytes(raw[:5000])
    assert run("verify", *LEDGER) == 20
    Path("ledger.db").write_bytes(b"something else")
    assert run("verify", *LEDGER) == 4
    Path("ledger.db").write_bytes(b"SQLite format 3\x00")
    assert run("export", "--ledger", "ledger.db", "--out", "acts.jsonl") == 4


@pytest.mark.parametrize(
    "words",
    [
        ("verify",),
        ("verify", "--ledger", "ledger.db"),
        ("verify", "--ledger", "missing.db", "--device-key", "device.pem"),
        ("verify", "--ledger", "ledger.db", "--device-key", "ledger.db"),
        ("verify", "ledger.db", "--ledger", "ledger.db", "--device-key", "device.pem"),
        ("export", "--ledger", "ledger.db"),
        ("export", "--ledger", "ledger.db", "--out", "missing/acts.jsonl"),
    ],
)
def test_usage_exits_2(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words) == 2


def test_help_teaches(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("--help",), ("verify", "--help"), ("export", "--help")):
        assert run(*words) == 0
    said = capsys.readouterr().out
    for word in ("motcua audit verify", "countersign", "--register-key", "--out", "Exit codes"):
        assert word in said
