"""A policy file is whole or refused, and the refusal says what is wrong to whoever wrote it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from reader.errors import DataError
from reader.inspection import Check, CheckId, CheckStatus, Decision, Policy
from reader.inspection.policies import __path__ as policies_path
from reader.inspection.policy import MAX_POLICY_BYTES

OPERATIONAL = (Path(policies_path[0]) / "operational.toml").read_text(encoding="utf-8")
DEEP = "deep = " + "[" * 20_000


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (
            '"passive.chain" = {',
            '"passive.chains" = {',
            "checks: unknown ['passive.chains'], missing ['passive.chain']",
        ),
        ('"document.expiry" =', 'surplus = 1\n"document.expiry" =', "checks: unknown ['surplus'], missing nothing"),
        ('name = "operational"', "", "policy: unknown nothing, missing ['name']"),
        (
            'name = "operational"',
            'name = "operational"\nlenient = true',
            "policy: unknown ['lenient'], missing nothing",
        ),
        ('warning = "attention"', 'warning = "ignore"', "policy with a word that is none of proceed, attention, stop"),
        ('warning = "attention"', 'warning = "proceed"', "policy that proceeds though there is a warning"),
        ('warning = "attention"', "warning = 1", "policy with a word that is none of proceed, attention, stop"),
        ("[checks]", DEEP, "policy that is not TOML"),
        ('warning = "attention"', 'warning = ["stop"]', "policy with a word that is none of proceed, attention, stop"),
        (
            "bac_after_pace_failure = true",
            'bac_after_pace_failure = "yes"',
            "policy whose name, about or bac_after_pace_failure is of the wrong kind",
        ),
        (', unavailable = "attention" }', " }", "access.pace: unknown nothing, missing ['unavailable']"),
        (
            ', unavailable = "attention" }',
            ', unavailable = "attention", maybe = "stop" }',
            "access.pace: unknown ['maybe'], missing nothing",
        ),
        ('failed = "stop"', 'failed = "proceed"', "policy that proceeds though access.card-access-authenticity failed"),
        ("[max_age]", "[max_ages]", "policy: unknown ['max_ages'], missing ['max_age']"),
        ("revocation-lists = ", "crls = ", "max_age: unknown ['crls'], missing ['revocation-lists']"),
        ("attention = 30, ", "", "max_age.anchors: unknown nothing, missing ['attention']"),
        ("attention = 30", "attention = 0", "policy with a max_age of less than a day"),
        ("attention = 30", "attention = true", "policy with a max_age that is neither days nor 'never'"),
        ("attention = 30", 'attention = "30"', "policy with a max_age that is neither days nor 'never'"),
        (
            'attention = 30, stop = "never"',
            "attention = 30, stop = 29",
            "policy whose max_age stops before it calls for attention",
        ),
        (
            'attention = 30, stop = "never"',
            'attention = "never", stop = 90',
            "policy whose max_age stops before it calls for attention",
        ),
        ("[notes]", 'notes = "none"', "policy: unknown nothing, missing ['notes']"),
        ("[notes]", '[notes]\nno-such-note = "stop"', "notes: a note that there is not, or that is never a warning"),
        ("[notes]", '[notes]\nder-signature = "stop"', "notes: a note that there is not, or that is never a warning"),
        ("[notes]", '[notes]\nsha1-digest = "proceed"', "policy that proceeds though there is a warning"),
        (
            'check = "passive.revocation"',
            'check = "passive.revoked"',
            "exception for a check or a status that there is not",
        ),
        ('status = "inconclusive"', 'status = "undecided"', "exception for a check or a status that there is not"),
        (
            'status = "inconclusive"',
            'status = "passed"',
            "exception for a reason that passive.revocation passed does not have",
        ),
        (
            'reason = "no-revocation-list"',
            'reason = "none"',
            "exception for a reason that passive.revocation inconclusive does not have",
        ),
        ('because = "No', 'because = ""\nwhy = "No', "exceptions: unknown ['why'], missing nothing"),
        ("[checks]", "[check]", "policy: unknown ['check'], missing ['checks']"),
        ("[checks]", "checks = 3\n[other]", "policy: unknown ['other'], missing ['checks']"),
        ("[checks]", "[checks", "policy that is not TOML"),
    ],
)
def test_a_policy_with_a_gap_a_surplus_or_a_wrong_word_is_refused(old: str, new: str, what: str) -> None:
    assert Policy.parse(OPERATIONAL).name == "operational"
    changed = OPERATIONAL.replace(old, new, 1)
    assert changed != OPERATIONAL
    with pytest.raises(DataError) as refused:
        Policy.parse(changed)
    assert str(refused.value) == what


def exception(**changes: str) -> str:
    entry = {
        "check": "passive.chain",
        "status": "failed",
        "reason": "untrusted",
        "decision": "attention",
        "because": "A test wants it.",
    } | changes
    return "[[exceptions]]\n" + "".join(f'{key} = "{value}"\n' for key, value in entry.items()) + "\n"


def exceptional(*entries: str) -> str:
    return OPERATIONAL.replace("[checks]", "".join(entries) + "[checks]")


@pytest.mark.parametrize(
    ("entries", "what"),
    [
        ((exception(decision="proceed"),), "policy that proceeds though passive.chain failed"),
        ((exception(), exception()), "two exceptions for one reason of passive.chain failed"),
        ((exception(because=" "),), "exception for passive.chain failed that does not say why"),
        ((exception(decision="perhaps"),), "policy with a word that is none of proceed, attention, stop"),
        (
            (exception(check="access.bac", status="unavailable", reason="opened"),),
            "exception for a reason that access.bac unavailable does not have",
        ),
    ],
)
def test_an_exception_is_about_a_reason_there_is_and_says_why(entries: tuple[str, ...], what: str) -> None:
    with pytest.raises(DataError) as refused:
        Policy.parse(exceptional(*entries))
    assert str(refused.value) == what


def test_an_exception_weighs_one_reason_only() -> None:
    mild = Policy.parse(exceptional(exception()))
    assert mild.weigh(Check.failed(CheckId.CHAIN, "untrusted")) is Decision.ATTENTION
    assert mild.weigh(Check.failed(CheckId.CHAIN, "signer-is-authority")) is Decision.STOP
    assert mild.weigh(Check.inconclusive(CheckId.CHAIN, "untrusted")) is Decision.ATTENTION
    assert Policy.shipped().weigh(Check.failed(CheckId.CHAIN, "untrusted")) is Decision.STOP


def test_every_warning_there_is_may_be_weighed_by_itself() -> None:
    from reader.inspection import NOTES, Severity

    warnings = [code for code, severities in NOTES.items() if Severity.WARNING in severities]
    rows = "".join(f'{code} = "stop"\n' for code in warnings)
    assert set(Policy.parse(OPERATIONAL.replace("[notes]\n", f"[notes]\n{rows}")).notes) == set(warnings)


@pytest.mark.parametrize("table", ['"access.pace" = "stop"', '"access.pace" = 1', '"access.pace" = ["stop"]'])
def test_a_row_that_is_no_table_is_refused(table: str) -> None:
    lines = [table if line.startswith('"access.pace" = ') else line for line in OPERATIONAL.splitlines()]
    with pytest.raises(DataError) as refused:
        Policy.parse("\n".join(lines))
    assert str(refused.value) == "access.pace: a table is needed"


def test_exceptions_that_are_no_list_are_refused() -> None:
    without = re.sub(r"\[\[exceptions\]\]\n(?:.+\n)+", "", OPERATIONAL)
    with pytest.raises(DataError) as refused:
        Policy.parse(without.replace("\n[max_age]", "\nexceptions = 3\n[max_age]"))
    assert str(refused.value) == "exceptions: a list is needed"


def test_notes_that_are_no_table_are_refused() -> None:
    with pytest.raises(DataError) as refused:
        Policy.parse(OPERATIONAL.replace("[notes]\n", "").replace("\n[max_age]", '\nnotes = "none"\n[max_age]'))
    assert str(refused.value) == "notes: a table is needed"


def test_a_name_or_a_description_that_is_no_text_is_refused() -> None:
    for old, new in (('name = "operational"', "name = 1"), ('about = "', 'about = 1 # "')):
        with pytest.raises(DataError) as refused:
            Policy.parse(OPERATIONAL.replace(old, new, 1))
        assert str(refused.value) == "policy whose name, about or bac_after_pace_failure is of the wrong kind"


@pytest.mark.parametrize("says", [True, False])
def test_a_policy_says_whether_bac_may_step_in_and_keeps_its_text(says: bool) -> None:
    text = OPERATIONAL.replace("bac_after_pace_failure = true", f"bac_after_pace_failure = {str(says).lower()}")
    policy = Policy.parse(text)
    assert policy.bac_after_pace_failure is says
    assert policy.text == text


@pytest.mark.parametrize("failed", list(CheckId))
def test_a_policy_cannot_be_built_with_a_gap(failed: CheckId) -> None:
    policy = Policy.shipped()
    for status in CheckStatus:
        table = {key: value for key, value in policy.table.items() if key != (failed, status)}
        with pytest.raises(DataError) as refused:
            replace(policy, table=table)
        assert str(refused.value) == f"policy without an entry for {failed} {status}"
    for material in policy.max_age:
        with pytest.raises(DataError) as refused:
            replace(policy, max_age={key: value for key, value in policy.max_age.items() if key != material})
        assert str(refused.value) == f"policy without a max_age for {material}"


def test_a_policy_file_is_read_within_bounds(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    text = OPERATIONAL.replace('name = "operational"', 'name = "mine"')
    full = text + "#" * (MAX_POLICY_BYTES - len(text.encode()))
    for whole in (text, full):
        file.write_text(whole, encoding="utf-8")
        assert Policy.load(file).name == "mine"
    file.write_text(full + "#" * 10_000, encoding="utf-8")
    with pytest.raises(DataError, match=r"^policy of more than 65536 bytes$"):
        Policy.load(file)
    with pytest.raises(DataError, match=r"^policy of more than 65536 bytes$"):
        Policy.parse(full + "#")
    file.write_bytes(b"\xff\xfe")
    for unreadable in (file, tmp_path / "nowhere.toml"):
        with pytest.raises(DataError, match=r"^policy file that cannot be read$"):
            Policy.load(unreadable)


@pytest.mark.parametrize("name", ["", "nowhere", "../operational", "operational.toml"])
def test_only_shipped_policies_are_found_by_name(name: str) -> None:
    with pytest.raises(DataError, match=r"^no such policy$"):
        Policy.shipped(name)
