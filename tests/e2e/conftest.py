"""An emulated card and an inspection of it, all in this process; and the commands as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture
def run_motcua(tmp_path: Path) -> Callable[..., Ran]:
    """Return a function that runs ``motcua`` with arguments and reads the JSON it was asked for."""

    def run(*arguments: str, input: str | None = None, **environment: str) -> Ran:
        file = tmp_path / "report.json"
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

    return run
