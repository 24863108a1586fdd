"""The shape of an action: a name, what it does, what argument it takes, and how it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mock_cards.card import EmulatedCard
from mock_cards.faults.scripted import Act

__all__ = ["Action", "CardMaker"]

CardMaker = Callable[[str], EmulatedCard]
"""Make the card of a persona, powered off; raise KeyError for no such persona."""


@dataclass(frozen=True, slots=True)
class Action:
    """Name an action: what it does, what its argument is ("" where it takes none), and how to make it.

    ``make`` takes the argument as written and raises ValueError, saying what is wanted, or KeyError for no such card.
    """

    name: str
    about: str
    argument: str
    make: Callable[[str, CardMaker], Act]
