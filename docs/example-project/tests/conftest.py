"""The desk under test, and a link to a card over PC/SC."""

from __future__ import annotations

import pytest
from office_desk import Desk

from mock_cards.build import CardFactory


@pytest.fixture
def desk(card_factory: CardFactory) -> Desk:
    """Return a desk that trusts the test issuer of this run, and nobody else."""
    return Desk(card_factory.anchors)
