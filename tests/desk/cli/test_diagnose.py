"""``motcua diagnose``: each finding with its reason and its next step."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import desk.diagnosis
from desk.diagnosis import Finding, diagnose, words_of
from desk.settings import Settings
from desk.texts import Texts
from mock_cards.sandbox import open_card_sandbox
from reader.pcsc import Finding as PcscFinding
from reader.pcsc import Probe

Run = Callable[..., Any]  # what it returns is a class of conftest.py, which cannot be imported from here


def test_diagnose_gives_reason_and_next_step_for_each_finding(run: Run) -> None:
    ended = run("diagnose", "--json", "--lang", "en")
    assert ended.code == 3
    findings = json.loads(ended.out)["findings"]
    assert findings[0]["code"] == "pcsc-no-service"
    assert all(finding["reason"] and finding["next_step"] for finding in findings if not finding["ok"])
    plain = run("diagnose", "--lang", "vi")
    assert "pcscd" in plain.out


@pytest.mark.parametrize(
    "code",
    [
        "pcsc-no-service",
        "pcsc-access-denied",
        "pcsc-no-reader",
        "pcsc-no-card",
        "pcsc-mute-card",
        "pcsc-card-held",
        "pcsc-service-running",
        "pcsc-reader-found",
        "pcsc-reader-passed-over",
        "pcsc-card-answers",
    ],
)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_finding_of_pcsc_has_words_of_its_own(code: str, language: str) -> None:
    texts = Texts(language)
    found = words_of(Finding("pcsc", code, ok=False), texts)
    assert found != words_of(Finding("pcsc", "internal", ok=False), texts)


def test_trust_and_registers_are_part_of_the_diagnosis(tmp_path: Path) -> None:
    def probe() -> tuple[PcscFinding, ...]:
        return (PcscFinding(Probe.SERVICE, "pcsc-service-running", ok=True),)

    (tmp_path / "broken.der").write_bytes(b"no certificate")
    found = diagnose(Settings(trust_directory=tmp_path), probe)
    assert [(finding.code, finding.about) for finding in found] == [
        ("pcsc-service-running", ""),
        ("trust-unreadable", "broken.der"),
        ("no-trust", ""),
        ("register-not-set-up", "population"),
        ("register-not-set-up", "land"),
        ("register-not-set-up", "housing"),
    ]
    gone = diagnose(Settings(trust_directory=tmp_path / "gone"), probe)
    assert gone[1].code == "trust-unreadable"


def test_issuer_certificates_that_are_there_are_counted(tmp_path: Path) -> None:
    with open_card_sandbox() as cards:
        for number, anchor in enumerate(cards.anchors):
            (tmp_path / f"{number}.der").write_bytes(anchor)
        count = len(cards.anchors)
    found = desk.diagnosis.diagnose(Settings(trust_directory=tmp_path), tuple)
    assert ("trust-anchors", str(count)) in [(finding.code, finding.about) for finding in found]
