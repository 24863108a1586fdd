"""Our reader and the emulated chips: what they refuse it, what they tell of time, whom they let read DG3 and DG4."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mock_cards.chip import Chip
from mock_cards.serve import write_terminals
from mock_cards.timing import TimedCard, VirtualClock, timing_by_name
from reader.genuine import TerminalCredentials
from reader.inspection import CheckId, CheckStatus, Decision, inspect

Bench = Any  # lives in conftest.py, which cannot be imported from here


def test_a_conforming_chip_refuses_our_reader_nothing(bench: Bench) -> None:
    # A refusal would name a clause that our reader broke.
    for name in ("icao-extended", "icao-cam", "icao-dh", "icao-eac", "vietnam-2021"):
        card = bench.factory.build("nguyen-van-mau", chip=name)
        assert isinstance(card.card, Chip)
        card.card.power_on()
        inspect(card.card, bench.request(card))
        assert [str(refusal) for refusal in card.card.refusals] == [], name


def test_a_read_on_a_virtual_clock_tells_its_seconds_and_waits_none(bench: Bench) -> None:
    card = bench.factory.build("nguyen-van-mau", chip="icao-extended")
    clock = VirtualClock()
    timed = TimedCard(card.card, timing_by_name("contactless-424"), clock)
    timed.power_on()
    inspection = inspect(timed, bench.request(card), clock=clock.now)
    assert inspection.decision is Decision.PROCEED
    assert clock.now() == pytest.approx(timed.total.seconds)
    assert timed.total.link > timed.total.crypto > 0
    assert max(milliseconds for _, milliseconds in inspection.timings) <= clock.now() * 1000 + 1


def test_a_terminal_with_the_credentials_handed_out_reads_fingers_and_irises(bench: Bench, tmp_path: Path) -> None:
    write_terminals(tmp_path, bench.factory)
    card = bench.factory.build("nguyen-van-mau", chip="icao-eac")
    card.card.power_on()
    today = datetime.now(UTC)
    request = bench.request(card, terminal=TerminalCredentials.load(tmp_path), moment=today)
    inspection = inspect(card.card, request)
    checks = {check.id: check for check in inspection.checks}
    assert checks[CheckId.TERMINAL_AUTHENTICATION].status is CheckStatus.PASSED
    assert dict(checks[CheckId.TERMINAL_AUTHENTICATION].evidence)["rights"] == "DG3 DG4"
    assert checks[CheckId.HASHES].status is CheckStatus.PASSED
    assert [str(refusal) for refusal in card.card.refusals] == []
