"""Every condition that a reader must judge has an emulated card by name, or a reason why no card can show it."""

from __future__ import annotations

import pytest

from mock_cards.catalogue import catalogue
from mock_cards.conditions import CONDITIONS


def _rows(prefix: str, last: int, *others: str) -> list[str]:
    return [*(f"{prefix}-{number:02}" for number in range(1, last + 1)), *(f"{prefix}-{other}" for other in others)]


REQUIRED = [
    *_rows("AC", 22),
    *_rows("SM", 10, "07b"),
    *_rows("LF", 9),
    *_rows("LC", 15),
    *_rows("PA", 29, "11b"),
    *_rows("CH", 20, "05b"),
    *_rows("WH", 3),
]
HOSTILE = [f"C{number}" for number in range(1, 13)]

NOT_A_CARD = {
    "AC-15": "a card would have to know the terminal's private key to bring the generator to infinity",
    "LF-09": "it is the clerk who cancels",
    "PA-11": "it is about anchors that the desk lacks",
    "PA-29": "it is about the policy",
    "CH-06": "it is about the terminal's nonce",
    "CH-18": "it is about what an inspector can show afterwards",
    "CH-19": "a card that opens DG3 without its rule needs a terminal that has rights, which no forgery brings",
    "WH-01": "it is about all of them together",
    "WH-02": "it is about what the desk writes",
    "WH-03": "it is about two readings of one card",
}


def test_there_are_111_required_verdicts() -> None:
    assert len(REQUIRED) == 111


@pytest.mark.parametrize("row", [*REQUIRED, *HOSTILE])
def test_a_condition_has_a_card_by_name_or_a_reason(row: str) -> None:
    assert (row in CONDITIONS) != (row in NOT_A_CARD)


def test_every_name_is_in_the_catalogue_and_no_row_is_invented() -> None:
    known = {entry["name"] for group in ("forgeries", "faults", "chips", "pki_defects") for entry in catalogue()[group]}
    assert {name for names in CONDITIONS.values() for name in names} <= known
    assert set(CONDITIONS) <= {*REQUIRED, *HOSTILE}
    assert all(CONDITIONS.values())


def test_the_list_hands_the_conditions_out() -> None:
    rows = {entry["id"]: entry["names"] for entry in catalogue()["conditions"]}
    assert rows == {row: list(names) for row, names in CONDITIONS.items()}
