"""What a seed fixes: a card is the same bytes again, whatever was built before it; without one nothing is."""

from __future__ import annotations

import pytest

from mock_cards.build import CardFactory
from reader.iso7816 import CommandAPDU

GET_NONCE = (
    CommandAPDU(0x00, 0x22, 0xC1, 0xA4, bytes.fromhex("800A04007F00070202040202830102")),
    CommandAPDU(0x10, 0x86, 0x00, 0x00, bytes.fromhex("7C00"), 256),
)


def _first_words(factory: CardFactory, persona: str, forgeries: tuple[str, ...] = ()) -> list[bytes]:
    """Return what anybody may read of a card, and the nonce that PACE begins with."""
    card = factory.build(persona, forgeries).card
    card.power_on()
    card_access = card.transmit(CommandAPDU(0x00, 0xB0, 0x9C, 0x00, ne=256))
    return [card_access.data, *(card.transmit(command).data for command in GET_NONCE)]


def _files(factory: CardFactory, persona: str, forgeries: tuple[str, ...] = ()) -> list[bytes]:
    chip = factory.build(persona, forgeries).card
    return [file.content for file in chip._image.application]


@pytest.mark.parametrize("forgeries", [(), ("csca-self-made",), ("clone-without-aa-key", "dg2-changed")])
def test_the_same_seed_gives_the_same_card_whatever_was_built_before(forgeries: tuple[str, ...]) -> None:
    one, other = CardFactory("a seed"), CardFactory("a seed")
    other.build("pham-thi-mau")
    other.build("nguyen-van-mau")
    assert one.anchors == other.anchors
    assert _files(one, "nguyen-van-mau", forgeries) == _files(other, "nguyen-van-mau", forgeries)
    assert _first_words(one, "nguyen-van-mau") == _first_words(other, "nguyen-van-mau")


@pytest.mark.parametrize("seeds", [(None, None), ("one", "other")])
def test_another_seed_or_none_gives_other_keys(seeds: tuple[str | None, str | None]) -> None:
    one, other = (CardFactory(seed) for seed in seeds)
    assert one.anchors != other.anchors
    assert _files(one, "nguyen-van-mau") != _files(other, "nguyen-van-mau")
    assert _first_words(one, "nguyen-van-mau")[-1] != _first_words(other, "nguyen-van-mau")[-1]


def test_a_forged_card_has_other_keys_than_the_genuine_one() -> None:
    factory = CardFactory("a seed")
    genuine, forged = (_files(factory, "nguyen-van-mau", names) for names in ((), ("csca-self-made",)))
    assert genuine != forged
