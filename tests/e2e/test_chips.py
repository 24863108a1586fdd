"""Our reader opens every chip profile there is, reads its files whole, and judges it as it should."""

from __future__ import annotations

from typing import Any

import pytest

from mock_cards.chip import Chip, all_profiles
from mock_cards.chip.profiles import profile_by_name
from mock_cards.protocols import Mapping
from mock_cards.timing import TimedCard, VirtualClock, timing_by_name
from reader.access import open_channel
from reader.inspection import CheckId, CheckStatus, Decision, inspect

Bench = Any  # lives in conftest.py, which cannot be imported from here

# What a chip does wrong is seen: the checks that fail, and the decision.
WRONG = {
    "quirk-aa-refused": ({CheckId.ACTIVE_AUTHENTICATION}, Decision.STOP),
    "quirk-ca-refused": ({CheckId.CHIP_AUTHENTICATION}, Decision.STOP),
    # An answer outside secure messaging proves nothing, whoever gave it.
    "quirk-naked-6700": (set(), Decision.ATTENTION),
}
# Chip Authentication by Diffie-Hellman: a reader that cannot do it says so.
BY_DIFFIE_HELLMAN = {"icao-dh", "icao-dh-im", "quirk-ca-x942"}


@pytest.mark.parametrize("profile", all_profiles(), ids=lambda profile: profile.name)
def test_the_reader_opens_reads_and_judges_every_chip(bench: Bench, profile: Any) -> None:
    card = bench.factory.build("nguyen-van-mau", chip=profile.name)
    card.card.power_on()
    inspection = inspect(card.card, bench.request(card))
    failed, decision = WRONG.get(profile.name, (set(), Decision.PROCEED))
    status = {check.id: check.status for check in inspection.checks}
    if profile.name in BY_DIFFIE_HELLMAN and status[CheckId.CHIP_AUTHENTICATION] is CheckStatus.UNAVAILABLE:
        decision, status[CheckId.CHIP_AUTHENTICATION] = Decision.ATTENTION, CheckStatus.PASSED
    assert {check for check, one in status.items() if one is CheckStatus.FAILED} == failed
    assert inspection.decision is decision
    assert status[CheckId.HASHES] is CheckStatus.PASSED
    assert status[CheckId.SOD_SIGNATURE] is CheckStatus.PASSED
    expected = CheckStatus.PASSED if profile.pace else CheckStatus.NOT_APPLICABLE
    assert status[CheckId.PACE] is expected
    for check, offered in (
        (CheckId.CHIP_AUTHENTICATION, profile.chip_keys),
        (CheckId.ACTIVE_AUTHENTICATION, profile.active_key),
    ):
        if check not in failed:
            assert status[check] is (CheckStatus.PASSED if offered else CheckStatus.NOT_APPLICABLE)


def test_the_reader_proves_the_chip_while_it_opens_it_where_the_chip_offers_that(bench: Bench) -> None:
    assert any(option.mapping is Mapping.CHIP_AUTHENTICATION for option in profile_by_name("icao-cam").pace)
    card = bench.factory.build("nguyen-van-mau", chip="icao-cam")
    card.card.power_on()
    channel = open_channel(card.card, bench.passwords(card))
    assert channel.chip_mapping is not None


def test_a_conforming_chip_refuses_our_reader_nothing_but_what_it_tries_on_purpose(bench: Bench) -> None:
    """A refusal names a clause that the terminal broke, or a file that is not there."""
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
