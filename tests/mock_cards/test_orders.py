"""Orders for cards: the short form, the JSON form, and what is no order."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_cards.build import CardFactory
from mock_cards.orders import CardOrder, make_card, parse_order
from reader.errors import DataError

WHOLE = CardOrder(
    "pham-thi-mau", ("dg2-changed", "pace-stripped"), ("status:6700@ins=B0#3",), "icao-pace", "contactless-106"
)


def test_the_short_form_names_everything() -> None:
    text = (
        "persona=pham-thi-mau,forgery=dg2-changed,forgery=pace-stripped,fault=status:6700@ins=B0#3,chip=icao-pace,"
        "timing=contactless-106"
    )
    assert parse_order(text) == WHOLE
    assert WHOLE.summary == text
    assert parse_order("") == CardOrder()


@pytest.mark.parametrize(
    "text", ["persona", "persona=", "=x", "person=x", "persona=a,persona=b", "chip=a,,chip=b", "forgery=" + "x" * 5000]
)
def test_what_is_no_order_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_order(text)


def test_the_json_form_comes_back() -> None:
    assert CardOrder.from_json(WHOLE.to_json()) == WHOLE
    assert CardOrder.from_json({}) == CardOrder()


@pytest.mark.parametrize(
    "value",
    [None, [], "x", {"who": "x"}, {"persona": 1}, {"forgeries": "x"}, {"faults": [1]}, {"faults": ["x"] * 17}],
)
def test_json_that_is_no_order_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        CardOrder.from_json(value)


@given(st.text(alphabet="persona=forgery,chip0:", max_size=60))
def test_any_text_is_an_order_or_a_value_error(text: str) -> None:
    try:
        order = parse_order(text)
    except ValueError:
        return
    assert parse_order(order.summary) == order


@pytest.mark.parametrize(
    "order", [CardOrder("nobody"), CardOrder(forgeries=("no",)), CardOrder(chip="no"), CardOrder(timing="no")]
)
def test_a_name_that_there_is_not_is_named(factory: CardFactory, order: CardOrder) -> None:
    with pytest.raises(KeyError, match=r"no"):
        make_card(order, factory)


def test_a_recording_that_is_not_there_is_told_without_its_path(factory: CardFactory, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        make_card(CardOrder(replay=str(tmp_path / "secret-name")), factory)
    assert "secret-name" not in str(refused.value)


def test_a_made_card_knows_what_is_printed_on_it(factory: CardFactory) -> None:
    made = make_card(CardOrder("tran-minh-thu"), factory)
    assert made.personal_number.endswith("000007")
    assert made.mrz.startswith("IDVNM")
