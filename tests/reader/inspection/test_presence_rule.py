"""What a policy says of the card's presence: by purpose, for any, or nothing."""

from __future__ import annotations

import pytest

from reader.errors import DataError
from reader.inspection import Decision, Policy
from reader.inspection.policies import SHIPPED
from reader.inspection.presence_rule import PresenceRule, rule_for

TABLE = """[presence]
any = { least = 3, below = "attention" }
land-change-registration = { least = 4, below = "stop" }

"""


def policy_with(table: str) -> Policy:
    head, mark, rest = Policy.shipped().text.partition("[max_age]")
    return Policy.parse(head + table + mark + rest)


def test_a_purpose_has_its_own_rule_else_that_of_any() -> None:
    rules = policy_with(TABLE).presence
    assert rule_for(rules, "land-change-registration") == PresenceRule(4, Decision.STOP)
    assert rule_for(rules, "citizen-information") == PresenceRule(3, Decision.ATTENTION)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_a_policy_does_not_say_is_asked_of_nobody(name: str) -> None:
    rule = rule_for(Policy.shipped(name).presence, "citizen-information")
    assert (rule, rule.allows(0)) == (PresenceRule(0, Decision.PROCEED), True)


@pytest.mark.parametrize(("level", "enough"), [(0, False), (2, False), (3, True), (4, True)])
def test_a_level_is_enough_from_the_least_on(level: int, enough: bool) -> None:
    assert PresenceRule(3, Decision.STOP).allows(level) is enough


def test_the_table_is_part_of_what_the_digest_names() -> None:
    assert policy_with(TABLE).digest != Policy.shipped().digest


@pytest.mark.parametrize(
    "table",
    [
        "presence = 4\n",
        "[presence]\nany = 4\n",
        "[presence]\nany = { least = 4 }\n",
        '[presence]\nany = { least = 5, below = "stop" }\n',
        '[presence]\nany = { least = -1, below = "stop" }\n',
        '[presence]\nany = { least = true, below = "stop" }\n',
        '[presence]\nany = { least = "4", below = "stop" }\n',
        '[presence]\nany = { least = 4, below = "warn" }\n',
        '[presence]\nany = { least = 4, below = "stop", because = "x" }\n',
    ],
)
def test_anything_else_is_refused_when_it_is_loaded(table: str) -> None:
    with pytest.raises(DataError):
        policy_with(table)
