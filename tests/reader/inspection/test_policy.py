"""The policies decide and nothing else does: each check's flip shows, a gap is refused, no failure is let through."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.inspection import (
    NOTES,
    REASONS,
    Check,
    CheckId,
    CheckStatus,
    Decision,
    Inspection,
    Material,
    MaterialUsed,
    Note,
    Policy,
    Severity,
)
from reader.inspection.policies import SHIPPED
from reader.inspection.policies import __path__ as policies_path
from reader.inspection.policy import (
    MISSING_CHECK,
    NO_CHIP_PROOF,
    POLICY_REASONS,
    TRUST_AGE_UNKNOWN,
    TRUST_AGED,
    TRUST_AHEAD,
)

FOLDER = Path(policies_path[0])
OPERATIONAL = (FOLDER / "operational.toml").read_text(encoding="utf-8")
WEIGHT = {Decision.PROCEED: 0, Decision.ATTENTION: 1, Decision.STOP: 2}
PROOFS = {CheckId.CHIP_AUTHENTICATION, CheckId.ACTIVE_AUTHENTICATION, CheckId.CHIP_MAPPING}
MOMENT = datetime(2026, 11, 1, 9, tzinfo=UTC)
FRESH = tuple(MaterialUsed(kind, "00" * 32, 1, MOMENT) for kind in Material)
OUTCOMES = [(id, status) for id in CheckId for status in CheckStatus]


def written(name: str) -> dict[str, Any]:
    """Return a shipped policy as it is written: the oracle of these tests, which no code of ours has read."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.fixture(params=SHIPPED, scope="module")
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def best() -> list[Check]:
    """Return the checks of a card that every profile lets proceed: opened with PACE, so that BAC was not needed."""
    return turned(passes(), CheckId.BAC, CheckStatus.NOT_APPLICABLE)


def decided(policy: Policy, checks: list[Check]) -> tuple[Decision, list[tuple[CheckId, str]]]:
    decision, findings = policy.decide(checks, FRESH, MOMENT)
    return decision, [(finding.check, finding.reason) for finding in findings]


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


def test_every_profile_lets_the_best_card_proceed(profile: str) -> None:
    assert decided(Policy.shipped(profile), best()) == (Decision.PROCEED, [])


@pytest.mark.parametrize(("id", "status"), OUTCOMES)
def test_each_check_turned_to_each_status_decides_as_the_profile_is_written(
    profile: str, id: CheckId, status: CheckStatus
) -> None:
    """PA-29, F17: nothing is computed and then not consumed by the verdict."""
    wanted = Decision(written(profile)["checks"][id][status])
    expected = [] if wanted is Decision.PROCEED else [(id, "turned")]
    assert decided(Policy.shipped(profile), turned(best(), id, status)) == (wanted, expected)


def test_each_reason_of_each_check_decides_as_the_profile_is_written(profile: str) -> None:
    policy, said = Policy.shipped(profile), written(profile)
    exceptions = {(one["check"], one["status"], one["reason"]): one["decision"] for one in said["exceptions"]}
    for id, by_status in REASONS.items():
        for status, reasons in by_status.items():
            for reason in reasons:
                check = Check(id, status, str(reason), (("by", "test"),))
                wanted = exceptions.pop((id, status, reason), said["checks"][id][status])
                assert decided(policy, [check if one.id is id else one for one in best()])[0] == wanted, (id, reason)
    assert exceptions == {}


def test_each_note_decides_as_the_profile_is_written(profile: str) -> None:
    policy, said = Policy.shipped(profile), written(profile)
    for code, severities in NOTES.items():
        for severity in severities:
            noted = [
                replace(check, notes=(Note(code, severity),)) if check.id is CheckId.CHAIN else check
                for check in best()
            ]
            wanted = said["notes"].get(code, said["warning"]) if severity is Severity.WARNING else Decision.PROCEED
            assert decided(policy, noted)[0] == wanted, code


def test_neither_proof_against_copying_decides_as_the_profile_is_written(profile: str) -> None:
    neither = best()
    for id in PROOFS:
        neither = turned(neither, id, CheckStatus.NOT_APPLICABLE)
    decision, findings = decided(Policy.shipped(profile), neither)
    assert decision == written(profile)["without_chip_proof"]
    assert findings == [(CheckId.CHIP_AUTHENTICATION, NO_CHIP_PROOF)]


@pytest.mark.parametrize("kind", list(Material))
def test_trust_material_ages_into_the_decision_as_the_profile_is_written(profile: str, kind: Material) -> None:
    policy, row = Policy.shipped(profile), written(profile)["max_age"][kind]
    leaning = CheckId.CHAIN if kind is Material.ANCHORS else CheckId.REVOCATION

    def at(as_of: datetime | None) -> tuple[Decision, list[tuple[CheckId, str]]]:
        others = tuple(used for used in FRESH if used.kind is not kind)
        decision, findings = policy.decide(best(), (*others, MaterialUsed(kind, "00" * 32, 1, as_of)), MOMENT)
        return decision, [(finding.check, finding.reason) for finding in findings]

    def expected(decision: str, reason: str) -> tuple[Decision, list[tuple[CheckId, str]]]:
        return Decision(decision), [] if decision == "proceed" else [(leaning, reason)]

    day, instant = timedelta(days=1), timedelta(microseconds=1)
    assert at(MOMENT) == at(MOMENT + day) == (Decision.PROCEED, [])
    assert at(MOMENT + day + instant) == expected(row["ahead"], TRUST_AHEAD)
    assert at(None) == expected(row["unknown"], TRUST_AGE_UNKNOWN)
    attention = MOMENT - row["attention"] * day
    assert at(attention + instant) == (Decision.PROCEED, [])
    assert at(attention) == expected("attention", TRUST_AGED)
    if row["stop"] == "never":
        assert at(MOMENT - 36_500 * day) == expected("attention", TRUST_AGED)
    else:
        assert at(MOMENT - row["stop"] * day + instant) == expected("attention", TRUST_AGED)
        assert at(MOMENT - row["stop"] * day) == expected("stop", TRUST_AGED)


def test_of_several_lists_the_oldest_weighs() -> None:
    old = MaterialUsed(Material.REVOCATION_LISTS, "11" * 32, 1, MOMENT - timedelta(days=40))
    policy = Policy.shipped("strict")
    assert policy.decide(best(), (*FRESH, old), MOMENT)[0] is Decision.STOP
    assert policy.decide(best(), (old, *FRESH), MOMENT)[0] is Decision.STOP


def test_trust_material_of_which_nothing_is_told_is_of_unknown_age() -> None:
    policy = Policy.shipped("strict")
    for materials, moment in (((), MOMENT), (FRESH, None)):
        _, findings = policy.decide(best(), materials, moment)
        assert [(finding.check, finding.reason) for finding in findings] == [(CheckId.CHAIN, TRUST_AGE_UNKNOWN)]


def test_the_age_of_trust_material_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        MaterialUsed(Material.ANCHORS, "00", 1, MOMENT.replace(tzinfo=None))


def test_no_profile_is_milder_than_operational_where_a_proof_is_lacking() -> None:
    """Offline nobody else vouches for the citizen; strict would rather send them elsewhere."""
    ordinary = Policy.shipped()
    for other in (Policy.shipped("strict"), Policy.shipped("offline")):
        for id in (CheckId.SOD_SIGNATURE, CheckId.CHAIN, CheckId.HASHES, *PROOFS):
            for status in CheckStatus:
                assert WEIGHT[other.table[id, status]] >= WEIGHT[ordinary.table[id, status]]
        assert other.without_chip_proof is Decision.STOP
        assert not other.bac_after_pace_failure


@pytest.mark.parametrize(
    ("name", "unknown_issuer"), [("operational", "attention"), ("strict", "stop"), ("offline", "stop")]
)
def test_a_card_whose_issuer_is_not_installed_is_weighed_by_the_profile(
    inspect_card: Callable[..., Inspection], name: str, unknown_issuer: str
) -> None:
    """PA-11b: a forged authority with a key id of its own looks like one that is not installed yet."""
    from reader.trust import TrustMaterial

    inspection = inspect_card(trust=TrustMaterial(), policy=Policy.shipped(name))
    assert inspection.check(CheckId.CHAIN).status is CheckStatus.INCONCLUSIVE
    assert (inspection.decision, inspection.policy) == (unknown_issuer, name)


def test_an_inspection_says_by_which_policy_and_which_trust_it_was_decided(
    inspect_card: Callable[..., Inspection],
) -> None:
    inspection = inspect_card(materials=FRESH)
    assert inspection.policy_digest == hashlib.sha256(OPERATIONAL.encode()).hexdigest()
    assert inspection.materials == FRESH
    assert inspection.moment == MOMENT


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


def test_a_shipped_policy_says_every_check_and_status_once_and_its_own_name(profile: str) -> None:
    text = (FOLDER / f"{profile}.toml").read_text(encoding="utf-8")
    for id in CheckId:
        assert len(re.findall(rf'^"{re.escape(id)}" = ', text, re.MULTILINE)) == 1
    assert Policy.shipped(profile).name == profile


def test_every_policy_file_that_comes_along_is_one_that_can_be_chosen() -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(SHIPPED)


def test_what_only_a_policy_says_is_no_reason_of_a_check() -> None:
    given = {str(reason) for by_status in REASONS.values() for reasons in by_status.values() for reason in reasons}
    assert set(POLICY_REASONS) & given == set()
