"""The diagnosis: each trouble by its code, none hiding another."""

from __future__ import annotations

import dataclasses
import os
import socket
from pathlib import Path

import pytest

from reader.pcsc import Finding, FindingCode, Probe, Result, diagnose, list_readers
from reader.pcsc.fake import FakeScard
from reader.pcsc.scard import Flags

FIRST = "ACS ACR1252 1S CL Reader PICC 0"
SECOND = "Identiv uTrust 3700 F"


@pytest.fixture(autouse=True)
def _no_socket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(tmp_path / "pcscd.comm"))


def test_no_service_is_the_only_finding(scard: FakeScard) -> None:
    scard.die()
    assert diagnose(scard) == (Finding(Probe.SERVICE, "pcsc-no-service", ok=False, result=Result.NO_SERVICE),)


def test_a_service_that_refuses_us_is_access_denied(scard: FakeScard) -> None:
    scard.codes["establish"] = Result.SECURITY_VIOLATION
    assert diagnose(scard)[0].code == "pcsc-access-denied"


def test_a_socket_that_is_closed_to_us_is_access_denied(
    scard: FakeScard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "pcscd.comm"))
        monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
        scard.die()
        assert diagnose(scard)[0].code == "pcsc-access-denied"


def test_a_running_service_without_readers_says_so(scard: FakeScard) -> None:
    assert [finding.code for finding in diagnose(scard)] == ["pcsc-service-running", "pcsc-no-reader"]


def test_virtual_readers_alone_are_no_reader(scard: FakeScard) -> None:
    scard.plug("Windows Hello for Business 1")
    codes = [finding.code for finding in diagnose(scard)]
    assert codes == ["pcsc-service-running", "pcsc-reader-passed-over", "pcsc-no-reader"]


def test_one_reader_in_trouble_does_not_hide_the_other(scard: FakeScard) -> None:
    scard.plug(FIRST)
    scard.plug(SECOND)
    scard.insert(FIRST, b"", Flags.MUTE)
    scard.insert(SECOND)
    cards = [finding for finding in diagnose(scard) if finding.probe is Probe.CARD]
    assert [(finding.reader, finding.code) for finding in cards] == [
        (FIRST, "pcsc-mute-card"),
        (SECOND, FindingCode.CARD_ANSWERS),
    ]


def test_an_empty_reader_is_no_card(scard: FakeScard) -> None:
    scard.plug(FIRST)
    assert diagnose(scard)[-1] == Finding(Probe.CARD, "pcsc-no-card", ok=False, reader=FIRST)


def test_a_card_that_may_not_be_used_is_access_denied_to_the_card(scard: FakeScard) -> None:
    scard.plug(FIRST)
    scard.insert(FIRST)
    scard.codes["connect"] = Result.SECURITY_VIOLATION
    finding = diagnose(scard)[-1]
    assert (finding.probe, finding.code) == (Probe.CARD, "pcsc-access-denied")


def test_a_card_of_another_program_is_held(scard: FakeScard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader.pcsc.troubles.CONNECT_PATIENCE", 0.0)
    scard.plug(FIRST)
    scard.insert(FIRST, flags=Flags.EXCLUSIVE)
    scard.codes["connect"] = Result.SHARING_VIOLATION
    finding = diagnose(scard)[-1]
    assert (finding.code, finding.result) == ("pcsc-card-held", Result.SHARING_VIOLATION)


def test_a_reader_that_the_service_cannot_speak_to_is_gone(scard: FakeScard) -> None:
    scard.plug(FIRST)
    scard.flag(FIRST, Flags.UNAVAILABLE)
    assert diagnose(scard)[-1].code == "pcsc-reader-gone"


@pytest.mark.parametrize("call", ["list_readers", "status_change", "connect", "begin_transaction"])
@pytest.mark.parametrize("code", [int(result) for result in Result if result] + [0x1F])
def test_no_code_of_any_call_makes_it_raise(
    scard: FakeScard, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    monkeypatch.setattr("reader.pcsc.troubles.CONNECT_PATIENCE", 0.0)
    scard.plug(FIRST)
    scard.insert(FIRST)
    scard.codes[call] = code
    findings = diagnose(scard)
    assert findings[0].ok
    assert (call == "status_change" and code == Result.TIMEOUT) or not findings[-1].ok


def test_findings_are_frozen(scard: FakeScard) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        diagnose(scard)[0].ok = False  # type: ignore[misc]  # that it cannot be set is what is tested


def test_the_list_of_readers_tells_what_lies_on_them(scard: FakeScard) -> None:
    scard.plug("Windows Hello for Business 1")
    scard.plug(FIRST)
    scard.plug("Virtual PCD 00 00")
    scard.insert(FIRST, b"\x3b\x01")
    first, second = list_readers(scard)
    assert (first.name, first.atr, first.insertions, first.emulated) == (FIRST, b"\x3b\x01", 1, False)
    assert (second.slot.value, second.emulated) == ("empty", True)
