"""Genuine cards proceed; each forgery fails exactly the checks it names; what we lack is never called forged."""

from __future__ import annotations

from typing import Any

import pytest

from mock_cards.faults import FAULTS
from mock_cards.forgeries import FORGERIES
from mock_cards.personas import load_sample
from reader.errors import AccessFailed, MotCuaError
from reader.inspection import CheckId, CheckStatus, Decision, Inspection, inspect
from reader.trust import TrustMaterial

PERSONAS = [persona.name for persona in load_sample()]
# A card of 2021 with short lengths and ECDSA, one of 2024 with extended ones and RSA.
BOTH_GENERATIONS = ("nguyen-van-mau", "tran-minh-thu")
# Those that still give a report, but for the one that takes half a minute.
REPORTED_FAULTS = [fault for fault in FAULTS if fault.decision and fault.name != "relayed"]
Bench = Any  # lives in conftest.py, which cannot be imported from here


def failed(inspection: Inspection) -> set[str]:
    return {check.id.value for check in inspection.checks if check.status is CheckStatus.FAILED}


def test_there_are_five_personas_and_a_hundred_forgeries_at_least() -> None:
    assert len(PERSONAS) >= 5
    assert len(FORGERIES) >= 100


def test_forgeries_and_faults_name_checks_that_exist() -> None:
    known = {str(check) for check in CheckId}
    assert [one.name for one in (*FORGERIES, *FAULTS) if not one.fails <= known] == []


@pytest.mark.parametrize("persona", PERSONAS)
def test_a_genuine_card_proceeds(bench: Bench, persona: str) -> None:
    inspection = bench.inspect(persona)
    assert failed(inspection) == set()
    assert inspection.decision is Decision.PROCEED
    assert {check.id for check in inspection.checks} == set(CheckId)
    assert len(inspection.checks) == len(CheckId)


@pytest.mark.parametrize("persona", BOTH_GENERATIONS)
@pytest.mark.parametrize("forgery", [one for one in FORGERIES if one.decision], ids=lambda forgery: forgery.name)
def test_a_forgery_fails_exactly_the_checks_it_names(bench: Bench, persona: str, forgery: Any) -> None:
    # Decoding takes a process of its own, so only what is about the portrait has it decoded.
    inspection = bench.inspect(persona, (forgery.name,), decode_portrait=forgery.name.startswith("portrait-"))
    assert failed(inspection) == set(forgery.fails)
    assert inspection.decision.value == forgery.decision


@pytest.mark.parametrize("forgery", [one for one in FORGERIES if not one.decision], ids=lambda forgery: forgery.name)
def test_a_forgery_without_a_decision_opens_nothing(bench: Bench, forgery: Any) -> None:
    with pytest.raises(AccessFailed):
        bench.inspect("nguyen-van-mau", (forgery.name,))


@pytest.mark.soak
@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("forgery", [one for one in FORGERIES if one.decision], ids=lambda forgery: forgery.name)
def test_a_forgery_of_anybodys_card_fails_exactly_the_checks_it_names(bench: Bench, persona: str, forgery: Any) -> None:
    test_a_forgery_fails_exactly_the_checks_it_names(bench, persona, forgery)


@pytest.mark.parametrize(
    ("forgeries", "faults"),
    [
        (("dg2-changed", "clone-without-aa-key"), ()),
        (("csca-self-made", "aa-replayed", "com-claims-group"), ()),
        (("sod-signature-broken", "ca-refused-6985"), ("slow-chip",)),
        (("dg13-religion-changed",), ("bare-6f00",)),
    ],
)
def test_forgeries_and_faults_combine(bench: Bench, forgeries: tuple[str, ...], faults: tuple[str, ...]) -> None:
    """What one hides stays hidden: a broken signature leaves no digest to fail by (PA-02)."""
    named = {check for one in FORGERIES if one.name in forgeries for check in one.fails}
    inspection = bench.inspect("nguyen-van-mau", forgeries, faults)
    assert failed(inspection) == named
    assert inspection.decision is Decision.STOP


@pytest.mark.parametrize("persona", BOTH_GENERATIONS)
@pytest.mark.parametrize("fault", REPORTED_FAULTS, ids=lambda fault: fault.name)
def test_a_fault_fails_exactly_the_checks_it_names(bench: Bench, persona: str, fault: Any) -> None:
    inspection = bench.inspect(persona, faults=(fault.name,))
    assert failed(inspection) == set(fault.fails)
    assert inspection.decision.value == fault.decision


@pytest.mark.soak
def test_a_relay_is_slow_and_nothing_else(bench: Bench) -> None:
    """C12: three tenths of a second for each command add up to half a minute."""
    assert bench.inspect("tran-minh-thu", faults=("relayed",)).decision is Decision.PROCEED


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if not fault.decision], ids=lambda fault: fault.name)
def test_a_fault_without_a_decision_ends_in_an_error_with_a_code(bench: Bench, fault: Any) -> None:
    with pytest.raises(MotCuaError) as error:
        bench.inspect("nguyen-van-mau", faults=(fault.name,))
    assert error.value.code


@pytest.mark.parametrize("persona", PERSONAS)
def test_without_an_anchor_nothing_is_called_genuine_and_nothing_forged(bench: Bench, persona: str) -> None:
    inspection = bench.inspect(persona, trust=TrustMaterial.of(()))
    assert failed(inspection) == set()
    assert inspection.check(CheckId.CHAIN).status is CheckStatus.INCONCLUSIVE
    assert inspection.check(CheckId.SOD_SIGNATURE).status is CheckStatus.PASSED
    # The chip's key is only as good as the signature under which it stands (ICAO 9303-11 §6.2.2).
    assert inspection.check(CheckId.CHIP_AUTHENTICATION).status is CheckStatus.INCONCLUSIVE
    assert inspection.check(CheckId.ACTIVE_AUTHENTICATION).status is CheckStatus.INCONCLUSIVE
    assert inspection.decision is Decision.ATTENTION


def test_the_same_card_gives_the_same_report_under_other_nonces(bench: Bench) -> None:
    """WH-03: byte-equal once times are left out."""
    card = bench.build("nguyen-van-mau")
    first = inspect(card.card, bench.request(card))
    card.card.reset()
    second = inspect(card.card, bench.request(card))
    assert (first.checks, first.findings, first.identity, first.files) == (
        second.checks,
        second.findings,
        second.identity,
        second.files,
    )
