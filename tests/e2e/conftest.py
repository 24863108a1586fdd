"""An emulated card and an inspection of it, all in this process; and the commands as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from desk.cli import main
from mock_cards.build import BuiltCard, CardFactory
from mock_cards.personas import REFERENCE_DAY
from reader.access import Can, MrzKey, Password
from reader.inspection import Inspection, InspectionRequest, Policy, inspect
from reader.lds import mrz_key, parse_mrz
from reader.trust import TrustMaterial


@dataclass
class Bench:
    """Build cards under one test CSCA and inspect them."""

    factory: CardFactory
    trust: TrustMaterial
    policy: Policy

    def passwords(self, card: BuiltCard) -> tuple[Password, ...]:
        fields = mrz_key(parse_mrz("".join(card.mrz.split())))
        return (
            Can.from_personal_number(card.personal_number),
            MrzKey(fields.document_number, fields.date_of_birth, fields.date_of_expiry),
        )

    def build(self, persona: str, forgeries: tuple[str, ...] = (), faults: tuple[str, ...] = ()) -> BuiltCard:
        card = self.factory.build(persona, forgeries, faults)
        card.card.power_on()
        return card

    def request(self, card: BuiltCard, **changes: Any) -> InspectionRequest:
        settings: dict[str, Any] = {
            "passwords": self.passwords(card),
            "trust": self.trust,
            "policy": self.policy,
            "moment": datetime.combine(REFERENCE_DAY, time(9), UTC),
            "personal_number": card.personal_number,
            "decode_portrait": False,
        }
        return InspectionRequest(**{**settings, **changes})

    def inspect(
        self, persona: str, forgeries: tuple[str, ...] = (), faults: tuple[str, ...] = (), **changes: Any
    ) -> Inspection:
        card = self.build(persona, forgeries, faults)
        return inspect(card.card, self.request(card, **changes))


@pytest.fixture(scope="session")
def bench() -> Bench:
    """Return a bench of this test run: its keys are fresh."""
    factory = CardFactory()
    lists = (factory.revocation_list(datetime.combine(REFERENCE_DAY, time(), UTC)),)
    return Bench(factory, TrustMaterial.of(factory.anchors, lists), Policy.shipped())


@dataclass
class Ran:
    """Hold what a command did: exit code, both streams, and the JSON it wrote."""

    code: int
    out: str
    err: str
    report: dict[str, Any]


def _run(folder: Path, *arguments: str, input: str | None = None, **environment: str) -> Ran:
    file = folder / "report.json"
    command = [str(Path(sys.executable).parent / "motcua"), *arguments]
    if arguments[0] in ("demo", "read"):
        command += ["--json", str(file)]
    done = subprocess.run(
        command,
        input=input,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env={**os.environ, "LANG": "C.UTF-8", **environment},
    )
    report = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return Ran(done.returncode, done.stdout, done.stderr, report)


@pytest.fixture
def run_motcua(tmp_path: Path) -> Callable[..., Ran]:
    """Return a function that runs ``motcua`` with arguments and reads the JSON it was asked for."""
    return partial(_run, tmp_path)


@pytest.fixture
def motcua_here(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, log_as_it_was: None
) -> Callable[..., Ran]:
    """Return a function that runs ``motcua`` in this process, for what a process of its own would show no better."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    capsys.readouterr()

    def run(*arguments: str, json_too: bool = True) -> Ran:
        file = tmp_path / "report.json"
        file.unlink(missing_ok=True)
        written = ("--json", str(file)) if json_too and arguments[0] in ("demo", "read") else ()
        with pytest.raises(SystemExit) as end:
            main((*arguments, *written))
        said = capsys.readouterr()
        report = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return Ran(int(end.value.code or 0), said.out, said.err, report)

    return run


@dataclass
class WholeDemo:
    """Hold what a demo did that was asked for all it can leave: its slip, and the evidence of the card's presence."""

    ran: Ran
    slip: Path
    evidence: Path


@pytest.fixture(scope="session")
def whole_demo(tmp_path_factory: pytest.TempPathFactory) -> WholeDemo:
    """Conduct one demo of a genuine card, and log all there is to log; whoever changes a file of it takes a copy."""
    folder = tmp_path_factory.mktemp("demo")
    slip, evidence = folder / "slip.pdf", folder / "evidence"
    wanted = ("--slip", str(slip), "--presence-evidence", str(evidence), "--dossier", "HS-7", "--log-level", "debug")
    ran = _run(folder, "demo", "--terminal", "--persona", "nguyen-van-mau", "--lang", "en", *wanted)
    return WholeDemo(ran, slip, evidence)
