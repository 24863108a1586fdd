"""Forgeries on one card: what signs comes before what changes afterwards, so that none undoes another."""

from __future__ import annotations

import pytest

from mock_cards.build import CardFactory
from mock_cards.chip import profile_by_name
from mock_cards.forgeries import FORGERIES, forge
from mock_cards.issuing import IssuedCard, Issuer
from mock_cards.keys import seeded_rng
from mock_cards.personas import load_all, load_persona


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer(seeded_rng("order"))


@pytest.fixture(scope="module")
def genuine(issuer: Issuer) -> IssuedCard:
    return issuer.issue(load_persona("nguyen-van-mau"), profile_by_name("vietnam-2021"))


def test_words_stay_under_a_false_signature(genuine: IssuedCard, issuer: Issuer) -> None:
    forged = forge(genuine, issuer, ("csca-self-made", "text-bidi"))
    assert "\u202e".encode() in forged.files["DG13"]
    assert forged.files["EF.SOD"] != forge(genuine, issuer, ("text-bidi",)).files["EF.SOD"]


def test_the_order_of_the_names_does_not_matter() -> None:
    """Seeded factories draw the same keys for the same card, whatever else was asked for before."""
    for names in (("dg2-changed", "sod-sha1"), ("sod-sha1", "dg2-changed")):
        forged = CardFactory("seed").build("nguyen-van-mau", names)
        assert forged.card.atr
    one, other = (
        forge(
            Issuer(seeded_rng("x")).issue(load_persona("nguyen-van-mau"), profile_by_name("vietnam-2021")),
            Issuer(seeded_rng("y")),
            names,
        ).files
        for names in (("dg2-changed", "sod-sha1"), ("sod-sha1", "dg2-changed"))
    )
    assert one == other


def test_a_name_that_there_is_not_is_named(genuine: IssuedCard, issuer: Issuer) -> None:
    with pytest.raises(KeyError, match="perfect"):
        forge(genuine, issuer, ("dg2-changed", "perfect"))


def test_every_condition_is_named_once() -> None:
    abouts = [forgery.about for forgery in FORGERIES]
    assert len(set(abouts)) == len(abouts)


@pytest.mark.parametrize("name", ["dg2-changed", "portrait-huge", "portrait-cut-short", "sm-mac-flipped"])
def test_what_is_about_a_portrait_is_refused_for_a_card_without_one(name: str) -> None:
    without = next(persona.name for persona in load_all() if persona.card.portrait == "none")
    with pytest.raises(ValueError, match="no portrait"):
        CardFactory().build(without, (name,))
