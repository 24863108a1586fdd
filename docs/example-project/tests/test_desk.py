"""What the desk must say of genuine cards, of every forgery, and of cards with which something goes wrong."""

from __future__ import annotations

import pytest
from office_desk import Desk, Verdict

from mock_cards.forgeries import Forgery
from mock_cards.personas import Persona
from mock_cards.testing import CardInHand


def look_at(desk: Desk, card: CardInHand) -> Verdict:
    """Put ``card`` on the desk."""
    return desk.look_at(card, card.personal_number, card.mrz)


@pytest.mark.card(persona="all")
def test_a_genuine_card_is_accepted(desk: Desk, emulated_card: CardInHand, persona: Persona) -> None:
    verdict = look_at(desk, emulated_card)
    assert verdict.decision == "proceed"
    assert verdict.name == persona.card.full_name


@pytest.mark.card(forgery="all")
def test_every_forgery_is_found_by_the_checks_it_must_fail(
    desk: Desk, emulated_card: CardInHand, forgery: Forgery
) -> None:
    verdict = look_at(desk, emulated_card)
    assert verdict.failed == forgery.fails
    # A forgery without a decision opens nothing, so there is nothing to decide.
    assert verdict.decision == forgery.decision or (not forgery.decision and verdict.decision.startswith("unreadable"))


@pytest.mark.card(persona="pham-thi-mau", forgery="dg2-changed,clone-without-aa-key")
def test_two_forgeries_on_one_card_are_both_found(desk: Desk, emulated_card: CardInHand) -> None:
    verdict = look_at(desk, emulated_card)
    assert verdict.failed == frozenset().union(*(forgery.fails for forgery in emulated_card.forgeries))
    assert verdict.decision == "stop"


@pytest.mark.card(fault=["lost-field:10", "lost-field:40", "lost-field@time=0"])
def test_a_card_pulled_away_is_told_as_such_and_accepted_when_it_comes_back(
    desk: Desk, emulated_card: CardInHand
) -> None:
    assert look_at(desk, emulated_card).decision == "unreadable: card-removed"


@pytest.mark.card(fault="status:6700@ins=B0#3", chip=["vietnam-2021", "icao-pace"])
def test_one_odd_answer_does_not_make_a_card_a_forgery(desk: Desk, emulated_card: CardInHand) -> None:
    verdict = look_at(desk, emulated_card)
    assert not verdict.failed
    assert "status:6700@ins=B0#3" in [fault.name for fault in emulated_card.faults]


def test_the_card_of_another_issuer_is_not_accepted(emulated_card: CardInHand) -> None:
    assert look_at(Desk([]), emulated_card).decision == "attention"


def test_the_chip_tells_what_it_refused_and_by_which_clause(emulated_card: CardInHand) -> None:
    # READ BINARY of DG1 by its short identifier, before access.
    answer = emulated_card.transmit(bytes.fromhex("00B0810000"))
    assert answer.sw != 0x9000
    assert emulated_card.refusals[-1].sw == answer.sw
    assert emulated_card.refusals[-1].clause
