"""docs/policy.md and the policies say the same: every key is explained, the example loads, the outcomes agree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from reader.errors import DataError
from reader.inspection import CheckId, CheckStatus, Decision, Material, Policy
from reader.inspection.policies import SHIPPED
from reader.inspection.policy import POLICY_REASONS

KEY = re.compile(r"^\| `([a-z_]+)` \| \S", re.MULTILINE)
SHORT = {Decision.PROCEED: "proceed", Decision.ATTENTION: "attention", Decision.STOP: "stop"}


@pytest.fixture
def page(project_root: Path) -> str:
    return (project_root / "docs" / "policy.md").read_text(encoding="utf-8")


def keys_after(page: str, start: str) -> list[str]:
    """Return the keys of the first table after ``start``."""
    table = page[page.index(start) :].split("| key | |", 1)[1].split("\n\n", 1)[0]
    return KEY.findall(table)


def test_every_key_of_a_policy_is_explained_and_no_other(page: str, project_root: Path) -> None:
    for name in SHIPPED:
        file = project_root / "reader" / "inspection" / "policies" / f"{name}.toml"
        said: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        assert set(keys_after(page, "## Writing one")) == set(said)
        for row in said["max_age"].values():
            assert set(keys_after(page, "**`max_age`**")) == set(row)
        for entry in said["exceptions"]:
            assert set(keys_after(page, "**`exceptions`**")) == set(entry)


def test_every_word_a_policy_can_use_stands_on_the_page(page: str) -> None:
    for word in (*CheckStatus, *Material, *Decision):
        assert re.search(rf"[`\"]{word}[`\"]", page), word
    aged = [reason for reason in POLICY_REASONS if reason.startswith("trust-")]
    assert [reason for reason in aged if f"`{reason}`" not in page] == []


def test_the_example_is_a_policy(page: str) -> None:
    example = page.split("```toml\n", 1)[1].split("```", 1)[0]
    policy = Policy.parse(example)
    assert policy.name == "ward-office"
    assert policy.table[CheckId.BAC, CheckStatus.PASSED] is Decision.ATTENTION
    with pytest.raises(DataError):
        Policy.parse(example.replace("without_chip_proof", "without_proof"))


def test_every_shipped_profile_is_on_the_page_and_said_to_be_chosen_by_name(page: str) -> None:
    for name in SHIPPED:
        assert f"[`{name}`](../reader/inspection/policies/{name}.toml)" in page


def outcome_rows() -> list[str]:
    """Return the table of docs/checks.md: what each status of each check amounts to in each profile.

    The weightiest is not computed here: a cell holds what the profile writes, its exceptions beside it.
    """
    policies = [Policy.shipped(name) for name in SHIPPED]
    rows = []
    for check in CheckId:
        cells = []
        for status in CheckStatus:
            decisions = [policy.table[check, status].value for policy in policies]
            cells.append(decisions[0] if len(set(decisions)) == 1 else " / ".join(decisions))
        rows.append(f"| `{check}` | {' | '.join(cells)} |")
    return rows


def exception_rows() -> list[str]:
    """Return the list of docs/checks.md: single reasons and notes that a profile weighs otherwise."""
    rows = []
    for name in SHIPPED:
        policy = Policy.shipped(name)
        rows += [
            f"| {name} | `{check}` {status} | `{reason}` | {decision.value} |"
            for (check, status, reason), decision in policy.exceptions.items()
        ]
        rows += [f"| {name} | note | `{code}` | {decision.value} |" for code, decision in policy.notes.items()]
    return rows


def test_the_outcomes_in_the_check_reference_are_those_of_the_profiles(project_root: Path) -> None:
    """To write the tables anew: python -m tests.house.test_policy_document."""
    page = (project_root / "docs" / "checks.md").read_text(encoding="utf-8")
    section = page.split("## What a policy makes of them", 1)[1]
    told = [line for line in section.splitlines() if line.startswith("| `")]
    assert told == outcome_rows()
    others = [line for line in section.splitlines() if line.startswith(tuple(f"| {name} |" for name in SHIPPED))]
    assert others == exception_rows()
