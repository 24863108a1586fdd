"""The policy decides and nothing else does: each check's flip shows, a gap is refused, no failure is let through."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.inspection import Check, CheckId, CheckStatus, Decision, Inspection, Note, Policy, Severity
from reader.inspection.policies import __path__ as policies_path
from reader.inspection.policy import MISSING_CHECK, NO_CHIP_PROOF

OPERATIONAL = (Path(policies_path[0]) / "operational.toml").read_text(encoding="utf-8")
WEIGHT = {Decision.PROCEED: 0, Decision.ATTENTION: 1, Decision.STOP: 2}
PROOFS = {CheckId.CHIP_AUTHENTICATION, CheckId.ACTIVE_AUTHENTICATION}


def passes() -> list[Check]:
    return [Check.passed(id, "good", {"by": "test"}) for id in CheckId]


def turned(checks: list[Check], id: CheckId, status: CheckStatus) -> list[Check]:
    return [replace(check, status=status, reason="turned") if check.id is id else check for check in checks]


def test_a_genuine_card_proceeds_though_revocation_and_terminal_rights_are_lacking(
    inspect_card: Callable[..., Inspection],
) -> None:
    inspection = inspect_card()
    assert inspection.check(CheckId.REVOCATION).status is CheckStatus.INCONCLUSIVE
    assert inspection.check(CheckId.TERMINAL_AUTHENTICATION).status is CheckStatus.UNAVAILABLE
    assert (inspection.decision, inspection.findings) == (Decision.PROCEED, ())
    assert inspection.policy == "operational"


@pytest.mark.parametrize("id", list(CheckId))
@pytest.mark.parametrize("status", list(CheckStatus))
def test_each_check_turned_to_each_status_decides_as_the_table_says(
    policy: Policy, id: CheckId, status: CheckStatus
) -> None:
    """PA-29, F17: nothing is computed and then not consumed by the verdict."""
    decision, findings = policy.decide(turned(passes(), id, status))
    assert decision is policy.table[id, status]
    assert [(finding.check, finding.reason) for finding in findings] == (
        [] if decision is Decision.PROCEED else [(id, "turned")]
    )


@pytest.mark.parametrize("id", list(CheckId))
def test_a_failed_check_is_never_let_through(
    policy: Policy, inspect_card: Callable[..., Inspection], id: CheckId
) -> None:
    real = list(inspect_card().checks)
    decision, _ = policy.decide(turned(real, id, CheckStatus.FAILED))
    assert decision is not Decision.PROCEED
    assert policy.table[id, CheckStatus.FAILED] is not Decision.PROCEED


@pytest.mark.parametrize("id", [id for id in CheckId if id.startswith(("passive.", "genuine."))])
def test_a_failed_proof_of_authenticity_stops(policy: Policy, id: CheckId) -> None:
    assert policy.decide(turned(passes(), id, CheckStatus.FAILED))[0] is Decision.STOP


@pytest.mark.parametrize("id", list(CheckId))
def test_a_missing_check_stops(policy: Policy, id: CheckId) -> None:
    decision, findings = policy.decide([check for check in passes() if check.id is not id])
    assert decision is Decision.STOP
    assert (id, MISSING_CHECK) in [(finding.check, finding.reason) for finding in findings]


def test_no_checks_at_all_stop(policy: Policy) -> None:
    assert policy.decide([])[0] is Decision.STOP


def test_of_a_check_that_stands_there_twice_the_worse_counts(policy: Policy) -> None:
    checks = [*passes(), Check.failed(CheckId.CHAIN, "untrusted")]
    assert policy.decide(checks)[0] is Decision.STOP


@pytest.mark.parametrize("id", list(CheckId))
def test_a_warning_makes_attention_and_a_remark_does_not(policy: Policy, id: CheckId) -> None:
    noted = [replace(check, notes=(Note("remark"),)) if check.id is id else check for check in passes()]
    assert policy.decide(noted) == (Decision.PROCEED, ())
    warned = [
        replace(check, notes=(Note("trouble", Severity.WARNING),)) if check.id is id else check for check in passes()
    ]
    decision, findings = policy.decide(warned)
    assert decision is Decision.ATTENTION
    assert [(finding.check, finding.reason) for finding in findings] == [(id, "trouble")]


def test_one_proof_against_copying_is_enough_and_none_is_not(policy: Policy) -> None:
    for id in PROOFS:
        assert policy.decide(turned(passes(), id, CheckStatus.NOT_APPLICABLE))[0] is Decision.PROCEED
    neither = passes()
    for id in PROOFS:
        neither = turned(neither, id, CheckStatus.NOT_APPLICABLE)
    decision, findings = policy.decide(neither)
    assert decision is Decision.ATTENTION
    assert [finding.reason for finding in findings] == [NO_CHIP_PROOF]


@given(statuses=st.lists(st.sampled_from(list(CheckStatus)), min_size=len(CheckId), max_size=len(CheckId)))
def test_the_weightiest_entry_wins(statuses: list[CheckStatus]) -> None:
    policy = Policy.shipped()
    checks = passes()
    for id, status in zip(CheckId, statuses, strict=True):
        checks = turned(checks, id, status)
    decision, findings = policy.decide(checks)
    wanted = max((policy.table[check.id, check.status] for check in checks), key=WEIGHT.__getitem__)
    assert WEIGHT[decision] >= WEIGHT[wanted]
    assert (decision is Decision.PROCEED) == (not findings)
    if CheckStatus.FAILED in statuses:
        assert decision is not Decision.PROCEED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"passive.chain" = {', '"passive.chains" = {'),
        ('"document.expiry" =', 'surplus = 1\n"document.expiry" ='),
        ('name = "operational"', ""),
        ('name = "operational"', 'name = "operational"\nlenient = true'),
        ('warning = "attention"', 'warning = "ignore"'),
        ('warning = "attention"', 'warning = "proceed"'),
        ('warning = "attention"', "warning = 1"),
        ("[checks]", "deep = " + "[" * 20_000),
        ('warning = "attention"', 'warning = ["stop"]'),
        ("bac_after_pace_failure = true", 'bac_after_pace_failure = "yes"'),
        (', unavailable = "attention" }', " }"),
        (', unavailable = "attention" }', ', unavailable = "attention", maybe = "stop" }'),
        ('failed = "stop"', 'failed = "proceed"'),
        ("[checks]", "[check]"),
        ("[checks]", "checks = 3\n[other]"),
        ("[checks]", "[checks"),
    ],
)
def test_a_policy_with_a_gap_a_surplus_or_a_wrong_word_is_refused(old: str, new: str) -> None:
    assert Policy.parse(OPERATIONAL).name == "operational"
    changed = OPERATIONAL.replace(old, new, 1)
    assert changed != OPERATIONAL
    with pytest.raises(DataError):
        Policy.parse(changed)


def test_a_policy_file_is_read_within_bounds(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(OPERATIONAL.replace('name = "operational"', 'name = "mine"'), encoding="utf-8")
    assert Policy.load(file).name == "mine"
    file.write_bytes(b"#" * 70_000)
    with pytest.raises(DataError):
        Policy.load(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(DataError):
        Policy.load(file)
    with pytest.raises(DataError):
        Policy.load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("name", ["", "nowhere", "../operational", "operational.toml"])
def test_only_shipped_policies_are_found_by_name(name: str) -> None:
    with pytest.raises(DataError):
        Policy.shipped(name)


def test_the_shipped_policy_says_every_check_and_status_once() -> None:
    for id in CheckId:
        assert len(re.findall(rf'^"{re.escape(id)}" = ', OPERATIONAL, re.MULTILINE)) == 1
